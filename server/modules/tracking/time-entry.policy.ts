import { addDays, dateIn, nextDate, startOfDay, weekdayOf } from '../../platform';

/** `[start, end)`; one that still runs has no end. */
export interface Interval {
  readonly start: Date;
  readonly end: Date | null;
}

export interface DayPart {
  readonly date: string;
  readonly sec: number;
}

/** How times are shown to whoever reads a report; what is kept stays as it was. */
export interface Rounding {
  /** To whole multiples of so many minutes; 0 leaves them. */
  readonly minutes: number;
  readonly mode: 'up' | 'down' | 'nearest';
}

/** Two that touch do not overlap, and one without length overlaps nothing. */
export function overlaps(a: Interval, b: Interval): boolean {
  const end = ({ end: at }: Interval) => at?.getTime() ?? Infinity;
  if (end(a) <= a.start.getTime() || end(b) <= b.start.getTime()) return false;
  return a.start.getTime() < end(b) && b.start.getTime() < end(a);
}

/** What of it lies on which local date; a day has as many hours as its clocks show. */
export function splitByDay({ start, end }: { start: Date; end: Date }, timeZone: string): DayPart[] {
  const parts: DayPart[] = [];
  let from = start.getTime();
  for (let date = dateIn(start, timeZone); from < end.getTime(); date = nextDate(date)) {
    const to = Math.min(end.getTime(), startOfDay(nextDate(date), timeZone).getTime());
    parts.push({ date, sec: (to - from) / 1_000 });
    from = to;
  }
  return parts.map(({ date, sec }) => ({ date, sec: Math.round(sec) }));
}

export function rounded(sec: number, { minutes, mode }: Rounding): number {
  if (minutes === 0) return sec;
  const step = minutes * 60;
  const steps = sec / step;
  if (mode === 'up') return Math.ceil(steps) * step;
  if (mode === 'down') return Math.floor(steps) * step;
  return Math.floor(steps + 0.5) * step;
}

/** The Monday of a date's week. */
export const weekOf = (date: string): string => addDays(date, 1 - weekdayOf(date));

/** The weeks, by their Mondays, that an interval lies in. */
export function weeksOf({ start, end }: Interval, timeZone: string, now: Date): string[] {
  const last = end ?? (now > start ? now : start);
  // The instant at which it ends is not part of it.
  const lastDate = dateIn(new Date(Math.max(start.getTime(), last.getTime() - 1)), timeZone);
  const weeks: string[] = [];
  for (let week = weekOf(dateIn(start, timeZone)); week <= lastDate; week = addDays(week, 7)) weeks.push(week);
  return weeks;
}

/** Sums by date and by kind of what was split; rounding comes last and piece by piece, as whoever pays counts. */
export function sumsOf<K extends string>(
  entries: readonly { readonly kind: K; readonly start: Date; readonly end: Date }[],
  timeZone: string,
  rounding: Rounding,
): { date: string; kind: K; rawSec: number; sec: number }[] {
  const sums = new Map<string, { date: string; kind: K; rawSec: number; sec: number }>();
  for (const entry of entries)
    for (const { date, sec } of splitByDay(entry, timeZone)) {
      const key = `${date} ${entry.kind}`;
      const sum = sums.get(key) ?? { date, kind: entry.kind, rawSec: 0, sec: 0 };
      sums.set(key, { ...sum, rawSec: sum.rawSec + sec, sec: sum.sec + rounded(sec, rounding) });
    }
  return [...sums.values()].toSorted((a, b) => (a.date + a.kind < b.date + b.kind ? -1 : 1));
}
