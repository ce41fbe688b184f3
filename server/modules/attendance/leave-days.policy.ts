import type { Half } from '@loro/contracts/leave-values';

/** A date as somebody's plan has it. */
export interface WorkDay {
  readonly date: string;
  /** 0 on days off. */
  readonly minutes: number;
  /** Whether it is a holiday, and which part of it. */
  readonly holiday: 'full' | 'am' | 'pm' | null;
}

export interface Asked {
  readonly from: string;
  readonly to: string;
  readonly firstHalf: Half | null;
  readonly lastHalf: Half | null;
  readonly minutes: number | null;
}

/** What a date of leave costs. */
export interface CountedDay {
  readonly date: string;
  readonly milliDays: number;
  readonly half: Half | null;
  readonly minutes: number | null;
  readonly mark: 'weekend' | 'holiday' | null;
}

const WHOLE = 1_000;
const HALF = 500;

/** Which parts of days cannot be asked for, in words; null where all is well. */
export function partFault(asked: Asked, unit: 'day' | 'half_day' | 'hour'): string | null {
  const { from, to, firstHalf, lastHalf, minutes } = asked;
  if (unit === 'day' && (firstHalf ?? lastHalf ?? minutes) !== null) return 'This leave is taken in whole days.';
  if (minutes !== null && unit !== 'hour') return 'This leave is not counted in hours.';
  if (minutes !== null && from !== to) return 'Hours are of one date.';
  if (minutes !== null && lastHalf !== null) return 'Name the half in `firstHalf`, if any.';
  if (from === to && firstHalf !== null && lastHalf !== null && firstHalf !== lastHalf)
    return 'Both halves of one date are a whole day.';
  if (from !== to && firstHalf === 'first') return 'The morning alone of the first day would leave a hole.';
  if (from !== to && lastHalf === 'second') return 'The afternoon alone of the last day would leave a hole.';
  return null;
}

/**
 * What leave costs, date by date (A9): days off nothing, holidays nothing unless the type counts them, halves half, hours
 * their part of what the date holds.
 */
export function leaveDays(asked: Asked, days: readonly WorkDay[], countsHolidays: boolean): CountedDay[] {
  return days
    .filter(({ date }) => date >= asked.from && date <= asked.to)
    .map((day) => countedDay(day, halfOf(asked, day.date), asked.minutes, countsHolidays));
}

function halfOf({ from, to, firstHalf, lastHalf }: Asked, date: string): Half | null {
  if (date === from && firstHalf !== null) return firstHalf;
  return date === to ? lastHalf : null;
}

function countedDay(day: WorkDay, half: Half | null, minutes: number | null, countsHolidays: boolean): CountedDay {
  const { date } = day;
  const off = { date, milliDays: 0, half, minutes: null };
  if (day.minutes === 0) return { ...off, mark: 'weekend' };
  const holiday = countsHolidays ? null : day.holiday;
  if (holiday === 'full') return { ...off, mark: 'holiday' };
  if (minutes !== null) {
    const milliDays = Math.min(WHOLE, Math.floor((2 * minutes * WHOLE + day.minutes) / (2 * day.minutes)));
    return { date, milliDays, half, minutes, mark: null };
  }
  const free = holiday === null ? null : holiday === 'am' ? 'first' : 'second';
  if (free !== null && free === half) return { ...off, mark: 'holiday' };
  if (free !== null)
    return { date, milliDays: HALF, half: free === 'first' ? 'second' : 'first', minutes: null, mark: null };
  return { date, milliDays: half === null ? WHOLE : HALF, half, minutes: null, mark: null };
}

/** Which halves of a date a request keeps to itself. */
export const halvesOf = ({ half }: Pick<CountedDay, 'half'>): Half[] => (half === null ? ['first', 'second'] : [half]);

/**
 * How many working days in a row somebody would be away around a date: days off in between join, they do not count.
 * `days` are to reach beyond the leave on both sides.
 */
export function longestRun(days: readonly WorkDay[], away: ReadonlySet<string>): number {
  let longest = 0;
  let run = 0;
  for (const { date, minutes, holiday } of days) {
    if (away.has(date)) run += 1;
    else if (minutes > 0 && holiday !== 'full') run = 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Time off for overtime: the part of a working day that it was, times its factor; halves are rounded up. */
export function timeOffMilliDays(seconds: number, scheduledSec: number, factorPpm: number): number {
  const den = BigInt(scheduledSec) * 1_000_000n;
  if (den === 0n) return 0;
  const num = BigInt(seconds) * BigInt(WHOLE) * BigInt(factorPpm);
  return Number((2n * num + den) / (2n * den));
}
