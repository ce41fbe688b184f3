import type { CheckInState, PlaceDecision, ReviewReason } from '@loro/contracts/check-ins-values';

const because: Readonly<Record<ReviewReason, string>> = {
  uncertain: 'nobody can tell whether it was inside the fence',
  spoof: 'something about the phone or the place looks wrong',
  late_upload: 'it was handed in later',
  clock_skew: 'the phone’s clock is wrong',
  unsure_time: 'the moment is not known well enough',
  double_in: 'you were checked in already',
  no_in: 'there was nothing to check out of',
  out_before_in: 'it lies before the check-in that it would end',
  outside: 'it was outside the fence',
  period_locked: 'the period is closed',
  inaccurate: 'the place is not known well enough',
  photo_missing: 'the photo is still to come',
  photo_mismatch: 'the photo was taken elsewhere, or at another time',
  photo_duplicate: 'the photo was used before',
  challenge_missed: 'you did not answer where you were',
  auto_closed: 'nobody checked out',
  not_on_roster: 'you are not planned to work from home',
  code_missing: 'the code of the room is missing',
};
const harmless: ReadonlySet<ReviewReason> = new Set(['late_upload', 'clock_skew']);

interface Explained {
  readonly status: CheckInState;
  readonly decision: PlaceDecision;
  readonly signedDistanceM: number | null;
  readonly reasons: readonly ReviewReason[];
}

/** What the person is told. */
export function explain({ status, decision, signedDistanceM, reasons }: Explained): string {
  const why = reasons.filter((reason) => !harmless.has(reason)).map((reason) => because[reason]);
  if (status === 'flagged') return `Somebody has to look at it: ${why.join(', and ')}.`;
  if (status === 'rejected') return `It does not count: ${why.join(', and ')}.`;
  const distance = Math.round(Math.abs(signedDistanceM ?? 0));
  if (decision === 'inside') return `Recorded, ${distance} m within the fence.`;
  if (decision === 'outside') return `Recorded, ${distance} m outside the fence.`;
  return 'Recorded.';
}
