import type { Approver, LeaveType } from '@loro/contracts/leave-values';
import { addDays, HubError } from '../../platform';
import { type CountedDay, longestRun, type WorkDay } from './leave-days.policy';
import type { LeavePerson } from './leave-people.store';
import { addMonths } from './leave-year.policy';

interface Wanted {
  readonly type: LeaveType;
  readonly person: LeavePerson;
  readonly days: readonly CountedDay[];
  readonly documentIds: readonly string[];
  readonly today: string;
  /** Home branch and those above it. */
  readonly branchIds: readonly string[];
  /** Plan around the leave, and other dates on which the person is away by leave of this type. */
  readonly around: readonly WorkDay[];
  readonly away: ReadonlySet<string>;
  /** Somebody who decides entered it: he knows how late it is. */
  readonly isEntered: boolean;
}

/** The rules of a type, in the order in which a person would ask. @throws HubError */
export function mustFollowRules(wanted: Wanted): void {
  const { type, person, days } = wanted;
  const costing = days.filter(({ milliDays }) => milliDays > 0);
  const from = days[0]?.date ?? '';
  if (costing.length === 0) throw new HubError('LEAVE_NO_WORKDAY', 'These are days off already.');
  mustBeEligible(wanted, from);
  if (person.startedOn !== null && type.probationDays > 0) {
    const first = addDays(person.startedOn, type.probationDays);
    if (from < first) throw new HubError('LEAVE_PROBATION', `This leave can be taken from ${first} on.`);
  }
  if (!wanted.isEntered && type.minNoticeDays > 0 && from < addDays(wanted.today, type.minNoticeDays))
    throw new HubError('LEAVE_NOTICE', `This leave is asked for ${type.minNoticeDays} days before it begins.`);
  const total = costing.reduce((sum, { milliDays }) => sum + milliDays, 0);
  if (type.documentsAfterDays !== null && total > type.documentsAfterDays * 1_000 && wanted.documentIds.length === 0)
    throw new HubError('LEAVE_DOCUMENT_MISSING', `Longer than ${type.documentsAfterDays} days needs a document.`, {
      errors: [{ path: 'documentIds', code: 'too_small', message: 'names no document' }],
    });
  const { maxConsecutiveDays } = type;
  if (maxConsecutiveDays === null) return;
  const run = longestRun(wanted.around, new Set([...wanted.away, ...costing.map(({ date }) => date)]));
  if (run > maxConsecutiveDays)
    throw new HubError('LEAVE_TOO_LONG', `At most ${maxConsecutiveDays} days in a row; these would be ${run}.`);
}

function mustBeEligible({ type, person, branchIds }: Wanted, from: string): void {
  const { eligibility } = type;
  const { startedOn, jobTitle, userId } = person;
  const title = jobTitle?.trim().toLowerCase();
  const fits =
    (eligibility.branchIds?.some((id) => branchIds.includes(id)) ?? true) &&
    (eligibility.jobTitles?.some((one) => one.toLowerCase() === title) ?? true) &&
    (eligibility.userIds?.includes(userId) ?? true) &&
    (eligibility.minServiceMonths === undefined ||
      startedOn === null ||
      addMonths(startedOn, eligibility.minServiceMonths) <= from);
  if (!fits) throw new HubError('LEAVE_NOT_ELIGIBLE', `${type.name} is not for this person, or not yet.`);
}

/** Whether the rule lets somebody accrue at all: without a date, by what does not depend on one. */
export const accruesFor = ({ eligibility }: LeaveType, person: LeavePerson, branchIds: readonly string[]): boolean =>
  (eligibility.branchIds?.some((id) => branchIds.includes(id)) ?? true) &&
  (eligibility.jobTitles?.some((one) => one.toLowerCase() === person.jobTitle?.trim().toLowerCase()) ?? true) &&
  (eligibility.userIds?.includes(person.userId) ?? true);

/**
 * The chain after somebody agreed: a manager agrees for those below him too, who may decide for the whole organisation
 * for everybody, anybody else for whoever is next.
 */
export function agreed(chain: readonly Approver[], by: string, reachesAll: boolean, at: string): Approver[] {
  const own = chain.findIndex(({ userId }) => userId === by);
  const next = chain.findIndex(({ state }) => state === 'waiting');
  const through = reachesAll ? chain.length - 1 : Math.max(own, next);
  return chain.map((approver, index) =>
    index <= through && approver.state === 'waiting' ? { ...approver, state: 'approved', at } : approver,
  );
}

export const nextApprover = (chain: readonly Approver[]): string | null =>
  chain.find(({ state }) => state === 'waiting')?.userId ?? null;
