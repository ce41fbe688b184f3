import { DAY_MS } from './licensing.policy';

/** Half-open, and both ends at midnight UTC where it is a period of a quota. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

export type Interval =
  | { readonly unit: 'month' | 'year' }
  /** So many days, whatever the calendar says. */
  | { readonly unit: 'days'; readonly days: number };

export type RenewalBasis = 'from_expiry' | 'from_now' | 'from_now_if_expired';

const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** That day of that month, or the last one of a month that is too short. Counted from the anchor, it cannot drift. */
function anchored(year: number, month: number, anchorDay: number): Date {
  const at = new Date(Date.UTC(year, month, 1));
  const [y, m] = [at.getUTCFullYear(), at.getUTCMonth()];
  return new Date(Date.UTC(y, m, Math.min(anchorDay, lastDay(y, m))));
}

/** The month, from the anchor's day to the next one, that an instant lies in. */
export function monthOf(anchorDay: number, at: Date): Period {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const here = anchored(year, month, anchorDay);
  return here <= at
    ? { start: here, end: anchored(year, month + 1, anchorDay) }
    : { start: anchored(year, month - 1, anchorDay), end: here };
}

export function dayOf(at: Date): Period {
  const start = new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
  return { start, end: new Date(start.getTime() + DAY_MS) };
}

/** One interval later, at the same time of day; months and years by the anchor. */
export function intervalAfter(at: Date, interval: Interval, anchorDay: number): Date {
  if (interval.unit === 'days') return new Date(at.getTime() + interval.days * DAY_MS);
  const months = interval.unit === 'month' ? 1 : 12;
  const day = anchored(at.getUTCFullYear(), at.getUTCMonth() + months, anchorDay);
  return new Date(day.getTime() + (at.getTime() % DAY_MS));
}

/** A term that ends on the anchor's day goes on by it; any other by the day that it ends on. */
const termDay = (expiresAt: Date, anchorDay: number): number => {
  const day = anchored(expiresAt.getUTCFullYear(), expiresAt.getUTCMonth(), anchorDay).getUTCDate();
  return expiresAt.getUTCDate() === day ? anchorDay : expiresAt.getUTCDate();
};

/** The term that a renewal begins. */
export function renewed(
  { expiresAt, basis, anchorDay }: { expiresAt: Date; basis: RenewalBasis; anchorDay: number },
  now: Date,
  interval: Interval,
): Period & { readonly anchorDay: number } {
  const fromNow = basis === 'from_now' || (basis === 'from_now_if_expired' && now >= expiresAt);
  const start = fromNow ? now : expiresAt;
  const day = fromNow ? now.getUTCDate() : termDay(expiresAt, anchorDay);
  return { start, end: intervalAfter(start, interval, day), anchorDay: fromNow ? day : anchorDay };
}

/** A day before the end, then at it and after it, in days. */
const ATTEMPT_DAYS = [-1, 0, 1, 3, 7, 14];

export interface Attempt {
  readonly n: number;
  readonly at: Date;
}

/** When a renewal is tried: once before the end, and again for as long as the grace lasts. */
export function attemptsOf(expiresAt: Date, graceDays: number): Attempt[] {
  return ATTEMPT_DAYS.map((days, n) => ({ n, days, at: new Date(expiresAt.getTime() + days * DAY_MS) }))
    .filter(({ days }) => days <= 0 || days < graceDays)
    .map(({ n, at }) => ({ n, at }));
}

/** The try that is due: the newest one, since tries that were missed would all come at once. */
export const attemptDue = (expiresAt: Date, graceDays: number, lastTried: number | null, now: Date): Attempt | null =>
  attemptsOf(expiresAt, graceDays).findLast(({ n, at }) => at <= now && n > (lastTried ?? -1)) ?? null;
