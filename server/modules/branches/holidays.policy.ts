import type { Holiday } from '@loro/contracts/branches-holidays';
import { addDays, weekdayOf } from '../../platform';

/** What of a holiday decides whether it is one for somebody. */
export type Counted = Pick<Holiday, 'date' | 'name' | 'portion' | 'kind' | 'observedForDate' | 'isPaid'>;

const SATURDAY = 6;
const isWeekend = (date: string): boolean => weekdayOf(date) >= SATURDAY;

/**
 * Those that free people from work: not the optional ones, and of a Saturday or Sunday and the day that is observed for
 * it only the latter, unless both are set paid.
 */
export function countedHolidays<H extends Counted>(holidays: readonly H[]): H[] {
  const substitutes = new Map<string, H>();
  for (const holiday of holidays)
    if (holiday.observedForDate !== null && holiday.kind !== 'optional')
      substitutes.set(holiday.observedForDate, holiday);
  return holidays.filter(({ date, kind, isPaid }) => {
    if (kind === 'optional') return false;
    const substitute = substitutes.get(date);
    return substitute === undefined || !isWeekend(date) || (isPaid && substitute.isPaid);
  });
}

/** What the library says of a day. */
export interface LibraryDay {
  /** Local time of the country, `2026-12-24 14:00:00`. */
  readonly date: string;
  readonly start: Date;
  readonly end: Date;
  readonly name: string;
  readonly type: string;
  readonly rule: string;
  readonly substitute?: boolean;
}

const DAY_MS = 86_400_000;
const NOON = '12:00:00';
const LONGEST_NAME = 120;
const FAR_DAYS = 7;

const isSubstitute = ({ substitute, rule }: LibraryDay): boolean =>
  substitute === true || rule.startsWith('substitutes ');

/** Days of some years as a calendar keeps them, one a date: of two the public one, then the first. */
export function holidaysOfLibrary(days: readonly LibraryDay[], years: readonly number[]): Counted[] {
  const found = new Map<string, Counted>();
  const ordered = days.toSorted((a, b) => rankOf(a) - rankOf(b));
  for (const day of ordered)
    for (const holiday of datesOf(day, days))
      if (years.includes(Number(holiday.date.slice(0, 4))) && !found.has(holiday.date))
        found.set(holiday.date, holiday);
  return [...found.values()].toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

const RANKS = ['public', 'bank'];
const rankOf = ({ type }: LibraryDay): number => (RANKS.includes(type) ? RANKS.indexOf(type) : RANKS.length);

function datesOf(day: LibraryDay, all: readonly LibraryDay[]): Counted[] {
  const { name, type, start, end } = day;
  const [first = '', time = ''] = day.date.split(' ');
  const lengthMs = end.getTime() - start.getTime();
  // A day on which the clocks change is an hour longer or shorter.
  const dates = Math.max(1, Math.round(lengthMs / DAY_MS));
  const portion = time >= NOON && lengthMs < DAY_MS / 2 + 1 ? 'pm' : 'full';
  return Array.from({ length: dates }, (_, index) => ({
    date: addDays(first, index),
    name: name.slice(0, LONGEST_NAME),
    portion,
    kind: type === 'public' || type === 'bank' ? 'public' : 'optional',
    observedForDate: index === 0 && isSubstitute(day) ? originalOf(first, day.rule, all) : null,
    isPaid: false,
  }));
}

/** The weekend day that a substitute stands for: the date its rule names, or else the nearest. */
function originalOf(date: string, rule: string, all: readonly LibraryDay[]): string | null {
  const near = all
    .filter((other) => !isSubstitute(other) && other.type === 'public')
    .map((other) => ({ rule: other.rule, date: other.date.slice(0, 10) }))
    .filter((other) => isWeekend(other.date) && distance(other.date, date) <= FAR_DAYS)
    .toSorted((a, b) => distance(a.date, date) - distance(b.date, date));
  const named = /\b(\d{2}-\d{2})\b/.exec(rule)?.[1];
  return (
    near.find((other) => other.date.slice(5) === named)?.date ??
    near.find((other) => other.rule === rule)?.date ??
    near[0]?.date ??
    null
  );
}

const distance = (a: string, b: string): number => Math.abs(Date.parse(a) - Date.parse(b)) / DAY_MS;
