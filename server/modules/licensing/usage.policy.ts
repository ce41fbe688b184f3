import { DAY_MS } from './licensing.policy';
import type { Period } from './periods.policy';

export interface Forecast {
  readonly elapsedDays: number;
  readonly periodDays: number;
  /** What will be used at the end of the period, if it goes on so. */
  readonly expected: number;
  /** The day of the period, with hundredths, on which the limit is used up; null: not by any use so far. */
  readonly exhaustedOnDay: number | null;
  readonly exhaustedAt: Date | null;
}

/** `used / elapsed · period`. */
export function forecast(used: number, limit: number | null, { start, end }: Period, now: Date): Forecast {
  const periodMs = end.getTime() - start.getTime();
  const elapsedMs = Math.min(Math.max(now.getTime() - start.getTime(), 0), periodMs);
  const days = (ms: number) => Math.round((ms / DAY_MS) * 100) / 100;
  const expected = elapsedMs === 0 ? used : Math.round((used * periodMs) / elapsedMs);
  const exhaustedMs = limit === null || used === 0 || elapsedMs === 0 ? null : (limit * elapsedMs) / used;
  return {
    elapsedDays: days(elapsedMs),
    periodDays: days(periodMs),
    expected,
    exhaustedOnDay: exhaustedMs === null ? null : days(exhaustedMs),
    exhaustedAt:
      exhaustedMs === null || exhaustedMs > periodMs ? null : new Date(start.getTime() + Math.round(exhaustedMs)),
  };
}

/** Hundredths of percent would be false precision for a share of people. */
export const adoption = (users: number, seats: number): number => (seats === 0 ? 0 : Math.round((users * 100) / seats));
