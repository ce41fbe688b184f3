import type { CarryExpiry, LeavePolicy } from '@loro/contracts/leave-values';
import { addDays } from '../../platform';

/** Dates, both included. */
export interface DateSpan {
  readonly from: string;
  readonly to: string;
}

/** What of a person accrual depends on. */
export interface Service {
  /** Null: always has been there. */
  readonly startedOn: string | null;
  readonly endedOn: string | null;
}

export type AccrualPolicy = Pick<
  LeavePolicy,
  'yearStartsOn' | 'accrual' | 'annualMilliDays' | 'proration' | 'roundingMilliDays'
>;

/** What a period gives, and from when on. */
export interface Grant {
  /** The first day of its period. */
  readonly period: string;
  readonly on: string;
  readonly milliDays: number;
}

const PERIODS = { none: 0, upfront: 1, monthly: 12, quarterly: 4, yearly: 1 } as const;
const DAY_MS = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');
const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** The same day of a month so many months later, or the last one of a shorter month. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const index = year * 12 + month - 1 + months;
  const [nextYear, nextMonth] = [Math.floor(index / 12), (index % 12) + 1];
  return `${String(nextYear).padStart(4, '0')}-${two(nextMonth)}-${two(Math.min(day, lastDay(nextYear, nextMonth)))}`;
}

/** A day such as `02-29` in a year that may not have it. */
function dayOfYear(year: number, monthDay: string): string {
  const [month = 0, day = 0] = monthDay.split('-').map(Number);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(Math.min(day, lastDay(year, month)))}`;
}

/** On which day of the year a person's leave year begins. */
const anchorOf = (
  { yearStartsOn, accrual }: Pick<AccrualPolicy, 'yearStartsOn' | 'accrual'>,
  service: Service,
): string => (accrual.on === 'anniversary' && service.startedOn !== null ? service.startedOn.slice(5) : yearStartsOn);

/** The leave year of a date. */
export function leaveYear(
  policy: Pick<AccrualPolicy, 'yearStartsOn' | 'accrual'>,
  service: Service,
  date: string,
): DateSpan {
  const anchor = anchorOf(policy, service);
  const year = Number(date.slice(0, 4));
  const first = dayOfYear(year, anchor) <= date ? year : year - 1;
  return { from: dayOfYear(first, anchor), to: addDays(dayOfYear(first + 1, anchor), -1) };
}

/** `num / den`, rounded to whole steps; half a step is rounded up. */
export const roundHalfUp = (num: number, den: number, step: number): number =>
  Math.floor((2 * num + step * den) / (2 * step * den)) * step;

const daysIn = ({ from, to }: DateSpan): number => (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;

/** Which part of a period somebody is there for. */
function servedPart(
  period: DateSpan,
  months: number,
  { proration }: AccrualPolicy,
  { startedOn }: Service,
): [number, number] {
  if (startedOn === null || startedOn <= period.from) return [1, 1];
  if (startedOn > period.to) return [0, 1];
  if (proration === 'none') return [1, 1];
  if (proration === 'by_day') return [daysIn({ from: startedOn, to: period.to }), daysIn(period)];
  const counted = Array.from({ length: months }, (_, index) => addMonths(period.from, index)).filter((first, index) => {
    if (startedOn <= first) return true;
    // The month in which he began: whole, or whole only for who began in its first fifteen days.
    if (startedOn >= addMonths(period.from, index + 1)) return false;
    return proration === 'full_month' || startedOn < addDays(first, 15);
  });
  return [counted.length, months];
}

/**
 * What a leave year gives a person, period by period (A10). Sums are rounded, not periods: what a period gives is the
 * difference of two rounded sums, so that the year adds up.
 */
export function grantsOfYear(policy: AccrualPolicy, service: Service, year: DateSpan): Grant[] {
  const count = PERIODS[policy.accrual.every];
  if (count === 0) return [];
  const months = 12 / count;
  const grants: Grant[] = [];
  // Periods served, as a fraction: at most one of them is a part.
  let [served, parts] = [0, 1];
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const from = addMonths(year.from, index * months);
    const period = {
      from,
      to: addDays(index === count - 1 ? addDays(year.to, 1) : addMonths(year.from, (index + 1) * months), -1),
    };
    const [num, den] = servedPart(period, months, policy, service);
    served = served * den + num * parts;
    parts *= den;
    const sum = roundHalfUp(policy.annualMilliDays * served, count * parts, policy.roundingMilliDays);
    if (sum > before) grants.push({ period: from, on: givenOn(policy, service, period), milliDays: sum - before });
    before = sum;
  }
  return grants;
}

function givenOn({ accrual }: AccrualPolicy, { startedOn }: Service, { from, to }: DateSpan): string {
  const first = startedOn !== null && startedOn > from ? startedOn : from;
  if (accrual.every === 'upfront' || accrual.on === 'first') return first;
  return accrual.on === 'last' ? to : addDays(to, 1);
}

/** Everything of this leave year and the one before that is due by a date. */
export function grantsDue(
  policy: AccrualPolicy,
  service: Service,
  { since, by }: { since: string; by: string },
): Grant[] {
  const current = leaveYear(policy, service, by);
  const last = leaveYear(policy, service, addDays(current.from, -1));
  const end = service.endedOn !== null && service.endedOn < by ? service.endedOn : by;
  return [last, current]
    .flatMap((year) => grantsOfYear(policy, service, year))
    .filter(({ on }) => on >= since && on <= end);
}

/** What accrual may still give under a cap of the balance: it stops there, and never takes back. */
export const underCap = (milliDays: number, balance: number, cap: number | null): number =>
  cap === null ? milliDays : Math.max(0, Math.min(milliDays, cap - balance));

/** The last day on which carried days can be taken; `from` is the first day of the new year. */
export function carryExpiresOn(from: string, rule: CarryExpiry | null): string | null {
  if (rule === null) return null;
  if ('months' in rule) return addDays(addMonths(from, rule.months), -1);
  const sameYear = dayOfYear(Number(from.slice(0, 4)), rule.date);
  return sameYear >= from ? sameYear : dayOfYear(Number(from.slice(0, 4)) + 1, rule.date);
}
