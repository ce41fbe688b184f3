import { type Fix, fixFlags, type LastPosition, type PackedFix } from '@loro/contracts/tracking';
import { distanceM } from '../../platform';

type Flag = (typeof fixFlags)[number];

const COARSE_M = 100;
const FUTURE_MS = 2 * 60_000;
const LATE_MS = 5 * 60_000;
const ANCIENT_MS = 30 * 86_400_000;
/** Faster than anybody drives, in metres a second. */
const JUMP_MPS = 70;
const ANCHOR_AGE_MS = 10 * 60_000;
/** Older than this is stored, and not shown as moving. */
export const LIVE_MS = 30_000;

/** Where somebody was, as far as a next fix is compared with it. */
export interface Anchor {
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
}

/** A fix that may be shown: `at` in milliseconds since 1970, degrees, metres, metres a second. */
export interface LiveFix extends Anchor {
  readonly speed: number | null;
  readonly heading: number | null;
}

export const bitOf = (flag: Flag): number => 1 << fixFlags.indexOf(flag);
export const flagsOf = (bits: number): Flag[] => fixFlags.filter((flag) => (bits & bitOf(flag)) !== 0);
export const FUTURE = bitOf('future');

/**
 * What is odd about a fix. Odd ones are stored with a mark, never dropped: what looks wrong today may be the evidence
 * tomorrow. `anchor` is the fix before it in time, `nowMs` the server's clock.
 */
export function annotate(fix: Fix, anchor: Anchor | undefined, nowMs: number): number {
  const at = Date.parse(fix.at);
  let bits = 0;
  if (fix.accuracy > COARSE_M) bits |= bitOf('coarse');
  if (fix.mock) bits |= bitOf('mock');
  if (at > nowMs + FUTURE_MS) bits |= bitOf('future');
  if (at < nowMs - LATE_MS) bits |= bitOf('late');
  if (at < nowMs - ANCIENT_MS) bits |= bitOf('ancient');
  if (fix.lat === 0 && fix.lng === 0) bits |= bitOf('null_island');
  if (anchor && isJump(fix, at, anchor)) bits |= bitOf('jump');
  return bits;
}

// A speed needs a second to be measured in, and says nothing against an anchor from long ago.
function isJump(fix: Fix, at: number, anchor: Anchor): boolean {
  const ms = at - anchor.at;
  if (ms < 1_000 || ms > ANCHOR_AGE_MS) return false;
  const certain = Math.max(0, distanceM(anchor, fix) - anchor.accuracy - fix.accuracy);
  return certain / (ms / 1_000) > JUMP_MPS;
}

/** Packs a fix for `fixes:moved`; `tickMs` is the packet's `at`. */
export function pack(
  key: number,
  at: number,
  tickMs: number,
  fix: Omit<LastPosition, 'at' | 'receivedAt' | 'flags' | 'battery' | 'trackableId' | 'key'>,
): PackedFix {
  return [
    key,
    tickMs - at,
    Math.round(fix.lat * 1e7),
    Math.round(fix.lng * 1e7),
    Math.round(fix.accuracy),
    fix.speed === null ? -1 : Math.round(fix.speed * 100),
    fix.heading === null ? -1 : Math.round(fix.heading),
  ];
}
