import type { CheckInRecord, CheckInType, ReviewReason } from '@loro/contracts/check-ins-values';

export const typeTitles: Readonly<Record<CheckInType, string>> = {
  office: 'At the office',
  remote: 'From elsewhere',
  'client-visit': 'With a client',
  'field-work': 'On the way',
  meeting: 'In a meeting',
};
export const types = [
  'office',
  'remote',
  'client-visit',
  'field-work',
  'meeting',
] as const satisfies readonly CheckInType[];

export const kindTitles: Readonly<Record<CheckInRecord['kind'], string>> = { in: 'In', out: 'Out', visit: 'Visit' };

export const decisionTitles: Readonly<Record<CheckInRecord['decision'], string>> = {
  inside: 'Inside the fence',
  outside: 'Outside the fence',
  uncertain: 'Inside or not, nobody can tell',
  'not-required': 'No fence is asked about',
};

/** Why a check-in waits for a look, for the person who looks. */
export const reasonTitles: Readonly<Record<ReviewReason, string>> = {
  uncertain: 'The place is not certain',
  spoof: 'The place looks made up',
  late_upload: 'It came long after it happened',
  clock_skew: 'The clock of the phone is wrong',
  unsure_time: 'The time is not sure',
  double_in: 'In twice, without an out',
  no_in: 'An out without an in',
  out_before_in: 'The out is before the in',
  outside: 'Outside the fence',
  period_locked: 'Its time sheet is locked',
  inaccurate: 'The reading is not exact enough',
  photo_missing: 'The photo is missing',
  photo_mismatch: 'The photo does not fit',
  photo_duplicate: 'The photo was seen before',
  challenge_missed: 'Did not answer where he is',
  auto_closed: 'Ended by the hub, not by the person',
  not_on_roster: 'Not on the roster',
  code_missing: 'The code of the meeting is missing',
};

/** `frozen-position` reads as "Frozen position". */
export function plain(name: string): string {
  const words = name.replaceAll(/[_.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
