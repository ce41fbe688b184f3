import type { WallInterval } from '@loro/contracts/branches-hours';
import { addDays, wallTime, weekdayOf } from '../../platform';
import type { Calendar } from './zones.policy';

export interface DayException {
  readonly intervals: readonly WallInterval[];
  readonly cutTail: boolean;
}

/** Everything that decides when a branch is open. */
export interface Plan {
  readonly weekly: readonly (WallInterval & { readonly weekday: number })[];
  readonly exceptions: ReadonlyMap<string, DayException>;
  /** Dates on which the hours of the weekday do not count. */
  readonly holidays: ReadonlySet<string>;
  readonly calendar: Calendar;
}

/** Half-open, in milliseconds since 1970. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

export type Reason = 'hours' | 'exception' | 'holiday' | 'no-hours';

export interface Opening {
  readonly isOpen: boolean;
  readonly closesAt: Date | null;
  readonly opensAt: Date | null;
  readonly localDate: string;
  readonly reason: Reason;
}

/** How far a next opening or closing is looked for. */
const LOOK_AHEAD_DAYS = 370;
const DAY_MINUTES = 1_440;

/** Whether a branch is open at an instant, and what comes next. */
export function openingAt(plan: Plan, at: Date): Opening {
  const ms = at.getTime();
  const localDate = plan.calendar.dateOf(at);
  const closed = { isOpen: false, closesAt: null, localDate, reason: reasonOf(plan, localDate) };
  if (hasNoHours(plan)) return { ...closed, opensAt: null, reason: 'no-hours' };
  const last = addDays(localDate, LOOK_AHEAD_DAYS);
  for (const { start, end } of stretches(plan, addDays(localDate, -2), last)) {
    if (end <= ms) continue;
    if (start > ms) return { ...closed, opensAt: new Date(start) };
    const isForever = plan.calendar.dateOf(new Date(end)) >= last;
    const closesAt = isForever ? null : new Date(end);
    return { isOpen: true, closesAt, opensAt: null, localDate, reason: reasonOf(plan, localDate) };
  }
  return { ...closed, opensAt: null };
}

function reasonOf({ exceptions, holidays }: Plan, date: string): Reason {
  if (exceptions.has(date)) return 'exception';
  return holidays.has(date) ? 'holiday' : 'hours';
}

function hasNoHours({ weekly, exceptions }: Plan): boolean {
  return weekly.length === 0 && [...exceptions.values()].every(({ intervals }) => intervals.length === 0);
}

/** What is open from one date to another, in order; stretches that touch are one. */
function* stretches(plan: Plan, from: string, to: string): Generator<Stretch> {
  let open: Stretch | undefined;
  for (let date = from; date <= to; date = addDays(date, 1))
    for (const next of stretchesOf(plan, date)) {
      if (open && next.start <= open.end) {
        open = { start: Math.min(open.start, next.start), end: Math.max(open.end, next.end) };
        continue;
      }
      if (open) yield open;
      open = next;
    }
  if (open) yield open;
}

/** What a date opens, beyond its midnight too. */
function stretchesOf(plan: Plan, date: string): Stretch[] {
  const { calendar } = plan;
  const zone = calendar.zoneOf(date);
  const tomorrow = addDays(date, 1);
  const cutAt = plan.exceptions.get(tomorrow)?.cutTail ? calendar.startOf(tomorrow).getTime() : Infinity;
  return wallIntervalsOf(plan, date)
    .map(({ opensAt, closesAt }) => ({
      start: wallTime(date, opensAt, zone).getTime(),
      end: Math.min(wallTime(closesAt > opensAt ? date : tomorrow, closesAt, zone).getTime(), cutAt),
    }))
    .filter(({ start, end }) => start < end)
    .toSorted((a, b) => a.start - b.start);
}

function wallIntervalsOf({ weekly, exceptions, holidays }: Plan, date: string): readonly WallInterval[] {
  const exception = exceptions.get(date);
  if (exception) return exception.intervals;
  if (holidays.has(date)) return [];
  const weekday = weekdayOf(date);
  return weekly.filter((interval) => interval.weekday === weekday);
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Start and end in minutes from the beginning of the day; the end lies behind the start. */
const minutes = ({ opensAt, closesAt }: WallInterval): Stretch => {
  const start = minutesOf(opensAt);
  const end = minutesOf(closesAt);
  return { start, end: end > start ? end : end + DAY_MINUTES };
};

/** Positions of intervals that cover what an earlier one of the week covers; the week is a circle. */
export function overlapsInWeek(weekly: Plan['weekly']): number[] {
  const week = 7 * DAY_MINUTES;
  const placed = weekly.map((interval, index) => {
    const { start, end } = minutes(interval);
    const base = (interval.weekday - 1) * DAY_MINUTES;
    return { index, start: base + start, end: base + end };
  });
  return overlapping([
    ...placed,
    ...placed.map(({ index, start, end }) => ({ index, start: start + week, end: end + week })),
  ]);
}

/** The same within one date. */
export const overlapsInDay = (intervals: readonly WallInterval[]): number[] =>
  overlapping(intervals.map((interval, index) => ({ index, ...minutes(interval) })));

function overlapping(placed: readonly (Stretch & { readonly index: number })[]): number[] {
  const wrong = new Set<number>();
  let until = -Infinity;
  for (const { index, start, end } of placed.toSorted((a, b) => a.start - b.start || a.index - b.index)) {
    if (start < until) wrong.add(index);
    until = Math.max(until, end);
  }
  return [...wrong].toSorted((a, b) => a - b);
}
