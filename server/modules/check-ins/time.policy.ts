import type { TimeSource } from '@loro/contracts/check-ins-values';

const MINUTE = 60_000;
/** Longer doubt than this about the moment waits for a reviewer. */
const SURE_ENOUGH_MS = 10 * MINUTE;
const SKEWED_MS = 2 * MINUTE;
const AHEAD_MS = 2 * MINUTE;
const LATE_MS = 15 * MINUTE;

/** The newest comparison of clocks within one boot of a phone. */
export interface BootSync {
  readonly serverMs: number;
  readonly monoMs: number;
}

export interface TimeFacts {
  readonly live: boolean;
  readonly receivedMs: number;
  /** What the phone's clock said. */
  readonly claimMs: number | null;
  /** Its steady clock at the moment, and the comparison in the same boot. */
  readonly monoMs: number | null;
  readonly sync: BootSync | null;
  /** The phone signed what it says: only then its steady clock is proof. */
  readonly isSigned: boolean;
  /** The last trusted time of an earlier boot, and the first of a later one. */
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  /** Phone clock less hub clock, when they were last compared. */
  readonly clockOffsetMs: number;
  readonly offlineMaxHours: number;
}

export interface Moment {
  readonly occurredMs: number;
  readonly source: TimeSource;
  readonly claimMs: number | null;
  /** Claim less the moment. */
  readonly skewMs: number | null;
  readonly uncertaintyMs: number;
  readonly isSkewed: boolean;
  readonly isUnsure: boolean;
  /** Handed in more than a quarter of an hour later. */
  readonly isLate: boolean;
  readonly refusal: 'CHECKIN_IN_FUTURE' | 'CHECKIN_TOO_OLD' | null;
}

/** When something happened, by the hub's clock and never by the phone's word alone. */
export function momentOf(facts: TimeFacts): Moment {
  const { receivedMs, claimMs } = facts;
  const { occurredMs, source, uncertaintyMs } = placed(facts);
  const ageMs = receivedMs - occurredMs;
  const skewMs = claimMs === null ? null : claimMs - occurredMs;
  return {
    occurredMs,
    source,
    claimMs,
    skewMs,
    uncertaintyMs,
    isSkewed: skewMs !== null && Math.abs(skewMs) > SKEWED_MS,
    isUnsure: source === 'bounded' && uncertaintyMs > SURE_ENOUGH_MS,
    isLate: source !== 'server' && ageMs > LATE_MS,
    refusal:
      ageMs < -AHEAD_MS ? 'CHECKIN_IN_FUTURE' : ageMs > facts.offlineMaxHours * 60 * MINUTE ? 'CHECKIN_TOO_OLD' : null,
  };
}

function placed(facts: TimeFacts): { occurredMs: number; source: TimeSource; uncertaintyMs: number } {
  const { live, receivedMs, claimMs, monoMs, sync, isSigned } = facts;
  if (live) return { occurredMs: receivedMs, source: 'server', uncertaintyMs: 0 };
  if (sync && monoMs !== null && isSigned)
    return { occurredMs: Math.round(sync.serverMs + (monoMs - sync.monoMs)), source: 'trusted', uncertaintyMs: 0 };
  return bounded(facts, (claimMs ?? receivedMs) - facts.clockOffsetMs);
}

/** The claim, put right by the last known error of the clock, and kept within what must be true. */
function bounded({ receivedMs, beforeMs, afterMs, offlineMaxHours }: TimeFacts, correctedMs: number) {
  const latest = Math.min(receivedMs, afterMs ?? receivedMs);
  const widest = offlineMaxHours * 60 * MINUTE;
  const earliest = Math.min(latest, beforeMs ?? receivedMs - widest);
  // Too far ahead or behind is refused as what it claims to be, not moved into the window and taken.
  const isAbsurd = correctedMs > receivedMs + AHEAD_MS || correctedMs < receivedMs - widest;
  const occurredMs = isAbsurd ? correctedMs : Math.min(latest, Math.max(earliest, correctedMs));
  return {
    occurredMs: Math.round(occurredMs),
    source: 'bounded' as const,
    uncertaintyMs: Math.round(latest - earliest),
  };
}
