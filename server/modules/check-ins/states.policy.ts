import type { CheckInState } from '@loro/contracts/check-ins-values';

export type CheckInStep =
  | 'accept'
  | 'flag'
  | 'reject'
  | 'review-accept'
  | 'review-reject'
  | 'supersede'
  | 'void'
  | 'redact';

const steps: Readonly<Record<CheckInStep, { readonly from: readonly CheckInState[]; readonly to: CheckInState }>> = {
  accept: { from: ['received'], to: 'accepted' },
  flag: { from: ['received', 'accepted'], to: 'flagged' },
  reject: { from: ['received'], to: 'rejected' },
  'review-accept': { from: ['flagged', 'rejected'], to: 'accepted' },
  'review-reject': { from: ['flagged'], to: 'rejected' },
  supersede: { from: ['accepted', 'flagged'], to: 'superseded' },
  void: { from: ['accepted', 'flagged', 'rejected'], to: 'voided' },
  redact: { from: ['accepted', 'flagged', 'rejected', 'superseded', 'voided'], to: 'redacted' },
};

/** Where a step leads from a state; null where there is no such way. */
export const stepFrom = (state: CheckInState, step: CheckInStep): CheckInState | null =>
  steps[step].from.includes(state) ? steps[step].to : null;

/** Whether it makes a punch: accepted ones do, flagged ones where the rule says so. */
export const counts = (state: CheckInState, paysWhileFlagged: boolean): boolean =>
  state === 'accepted' || (state === 'flagged' && paysWhileFlagged);

/** So long a reviewer has; then the rule decides. */
export const REVIEW_MS = 7 * 86_400_000;
