import type { ActiveInterval } from '@loro/contracts/branches-geofences';
import { addDays, dateIn, wallTime, weekdayOf } from '../../platform';

/** Half-open, in milliseconds since 1970. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;
/** What goes on from one week into the next has no end. */
const WEEK_DAYS = 9;
const DAYS_KEPT = 8;

/** When a fence is in force, by the wall time of its zone. */
export class ActiveHours {
  /** By the day in UTC: the stretches around it, for tracks ask in order. */
  private readonly days = new Map<number, readonly Stretch[]>();

  constructor(
    private readonly intervals: readonly ActiveInterval[],
    private readonly timezone: string,
  ) {}

  isActive(at: number): boolean {
    return this.stretchAt(at) !== undefined;
  }

  /** When the stretch that holds this instant ends: Infinity where it never does, the instant itself where none holds it. */
  endOf(at: number): number {
    return this.stretchAt(at)?.to ?? at;
  }

  private stretchAt(at: number): Stretch | undefined {
    return this.around(at).find(({ from, to }) => from <= at && at < to);
  }

  private around(at: number): readonly Stretch[] {
    const day = Math.floor(at / DAY_MS);
    const known = this.days.get(day);
    if (known) return known;
    const stretches = this.stretches(day * DAY_MS);
    if (this.days.size >= DAYS_KEPT) this.days.clear();
    this.days.set(day, stretches);
    return stretches;
  }

  /** Those of the days around an instant, in order; what touches is one. */
  private stretches(at: number): Stretch[] {
    const first = addDays(dateIn(new Date(at), this.timezone), -2);
    const last = addDays(first, WEEK_DAYS + 3);
    const merged: Stretch[] = [];
    for (let date = first; date <= last; date = addDays(date, 1))
      for (const next of this.of(date)) {
        const before = merged.at(-1);
        if (before && next.from <= before.to)
          merged[merged.length - 1] = { ...before, to: Math.max(before.to, next.to) };
        else merged.push(next);
      }
    return merged.map(({ from, to }) => ({ from, to: to - from >= WEEK_DAYS * DAY_MS ? Infinity : to }));
  }

  private of(date: string): Stretch[] {
    const weekday = weekdayOf(date);
    return this.intervals
      .filter((interval) => interval.weekday === weekday)
      .map(({ opensAt, closesAt }) => ({
        from: wallTime(date, opensAt, this.timezone).getTime(),
        to: wallTime(closesAt > opensAt ? date : addDays(date, 1), closesAt, this.timezone).getTime(),
      }))
      .toSorted((a, b) => a.from - b.from);
  }
}
