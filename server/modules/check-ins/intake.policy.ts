import type { PlaceDecision, ReviewReason, TimeSource } from '@loro/contracts/check-ins-values';
import type { RuleSettings } from '@loro/contracts/check-ins-setup';

/** Up to here a score says nothing, from the second on the rule decides. */
const FLAGGED_FROM = 30;
const DECIDED_FROM = 60;
export const FRESH_MS = 120_000;

export type Refusal =
  | 'LOCATION_REQUIRED'
  | 'LOCATION_STALE'
  | 'LOCATION_TOO_INACCURATE'
  | 'LOCATION_INVALID'
  | 'OUTSIDE_GEOFENCE'
  | 'MOCK_LOCATION'
  | 'DEVICE_UNSOUND'
  | 'CHECKIN_IN_FUTURE'
  | 'CHECKIN_TOO_OLD';

interface Spot {
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
  readonly ageMs: number;
}

/** Whether a reading may be used at all. Offline nobody can take another, so what is merely poor is left to the reviewer. */
export function refusalOfReading(
  reading: Spot | null,
  { fence, maxAccuracyM }: Pick<RuleSettings, 'fence' | 'maxAccuracyM'>,
  { live, forceReview }: { live: boolean; forceReview: boolean },
): Refusal | null {
  if (!reading) return fence === 'none' ? null : 'LOCATION_REQUIRED';
  if (reading.lat === 0 && reading.lng === 0) return 'LOCATION_INVALID';
  if (reading.ageMs > FRESH_MS) return 'LOCATION_STALE';
  if (live && !forceReview && fence !== 'none' && reading.accuracy > maxAccuracyM) return 'LOCATION_TOO_INACCURATE';
  return null;
}

/** Inside, outside, or nobody knows. */
export function decide(
  insideP: number | null,
  { fence, acceptP, rejectP }: Pick<RuleSettings, 'fence' | 'acceptP' | 'rejectP'>,
): PlaceDecision {
  if (fence === 'none' || insideP === null) return 'not-required';
  if (insideP >= acceptP) return 'inside';
  return insideP <= rejectP ? 'outside' : 'uncertain';
}

export interface IntakeFacts {
  readonly live: boolean;
  readonly source: TimeSource;
  readonly isUnsure: boolean;
  readonly isLate: boolean;
  readonly isSkewed: boolean;
  readonly timeRefusal: 'CHECKIN_IN_FUTURE' | 'CHECKIN_TOO_OLD' | null;
  readonly decision: PlaceDecision;
  /** The rule wants a fence, and there is none to be asked. */
  readonly hasNoFence: boolean;
  readonly isInaccurate: boolean;
  readonly score: number;
  readonly plainSign: 'mock' | 'device' | null;
  readonly isPeriodLocked: boolean;
  /** What else stands against it: no pair, a second in. */
  readonly doubts: readonly ReviewReason[];
}

export type IntakeRule = Pick<RuleSettings, 'fence' | 'onUncertain' | 'onSpoof' | 'hardBlock'>;

export type Verdict =
  | { readonly refused: Refusal }
  | { readonly status: 'accepted' | 'flagged' | 'rejected'; readonly reasons: readonly ReviewReason[] };

/**
 * What becomes of a check-in: the first of these that holds says it, and what is offline or in doubt never beats a
 * refusal. Nothing is lost that the person cannot do again: what was done offline is stored, rejected or flagged.
 */
export function intake(facts: IntakeFacts, rule: IntakeRule): Verdict {
  const { live, decision, score, plainSign, timeRefusal } = facts;
  const isElsewhere = decision === 'outside' && rule.fence === 'required';
  if (timeRefusal) return { refused: timeRefusal };
  if (live && isElsewhere) return { refused: 'OUTSIDE_GEOFENCE' };
  const said = remarks(facts);
  if (plainSign !== null) {
    if (rule.hardBlock) return { refused: plainSign === 'mock' ? 'MOCK_LOCATION' : 'DEVICE_UNSOUND' };
    return { status: 'rejected', reasons: [...said, 'spoof'] };
  }
  if (score >= DECIDED_FROM && rule.onSpoof === 'reject') return { status: 'rejected', reasons: [...said, 'spoof'] };
  const doubts = doubtsOf(facts, rule);
  if (score >= FLAGGED_FROM) return { status: 'flagged', reasons: [...said, ...doubts] };
  // The person cannot do it again at that moment, so it is kept for somebody to look at.
  if (isElsewhere) return { status: 'rejected', reasons: [...said, 'outside'] };
  if (live && decision === 'uncertain' && rule.onUncertain === 'reject') return { refused: 'OUTSIDE_GEOFENCE' };
  return doubts.length > 0
    ? { status: 'flagged', reasons: [...said, ...doubts] }
    : { status: 'accepted', reasons: said };
}

/** What a reviewer must look at before it counts. */
function doubtsOf(facts: IntakeFacts, rule: IntakeRule): ReviewReason[] {
  const { live, score, isUnsure, decision, isInaccurate, hasNoFence, isPeriodLocked, doubts } = facts;
  const isUncertain = hasNoFence || (decision === 'uncertain' && (!live || rule.onUncertain !== 'accept'));
  const held: readonly (readonly [boolean, ReviewReason])[] = [
    [score >= FLAGGED_FROM, 'spoof'],
    [isUnsure, 'unsure_time'],
    [isUncertain, 'uncertain'],
    [isInaccurate, 'inaccurate'],
    [isPeriodLocked, 'period_locked'],
  ];
  return [...held.flatMap(([holds, reason]) => (holds ? [reason] : [])), ...doubts];
}

/** What is worth knowing and changes nothing. */
const remarks = ({ isLate, isSkewed }: IntakeFacts): ReviewReason[] => [
  ...(isLate ? (['late_upload'] as const) : []),
  ...(isSkewed ? (['clock_skew'] as const) : []),
];
