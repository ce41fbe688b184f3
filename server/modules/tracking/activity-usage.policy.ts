import { addDays } from '../../platform';

export interface UsageDay {
  readonly date: string;
  /** Different people on that local day, and in the 7 and 30 days that end with it. */
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  /** `daily / monthly`, in parts of a whole; null where there was nobody. */
  readonly stickiness: number | null;
}

export const MONTH_DAYS = 30;
const WEEK_DAYS = 7;

/** @param active who did something on which date; dates before the span count for its first windows */
export function usageDays(
  active: readonly { readonly date: string; readonly userId: string }[],
  { from, to }: { readonly from: string; readonly to: string },
): UsageDay[] {
  const byDate = new Map<string, Set<string>>();
  for (const { date, userId } of active) byDate.set(date, (byDate.get(date) ?? new Set()).add(userId));
  const within = (date: string, days: number): number => {
    const people = new Set<string>();
    for (let back = 0; back < days; back += 1)
      for (const userId of byDate.get(addDays(date, -back)) ?? []) people.add(userId);
    return people.size;
  };
  const days: UsageDay[] = [];
  for (let date = from; date < to; date = addDays(date, 1)) {
    const [daily, weekly, monthly] = [within(date, 1), within(date, WEEK_DAYS), within(date, MONTH_DAYS)];
    days.push({ date, daily, weekly, monthly, stickiness: monthly === 0 ? null : daily / monthly });
  }
  return days;
}

export type RankBand = 'top' | 'upper' | 'lower' | 'bottom';
/** Among fewer people a band would say who somebody is. */
export const FEWEST_RANKED = 5;

/**
 * The quarter of all that somebody stands in, never the place itself; those who are equal stand equally.
 * @returns null among fewer than five, and for somebody without a value
 */
export function rankBand(values: readonly number[], own: number | null, direction: 'up' | 'down'): RankBand | null {
  if (own === null || values.length < FEWEST_RANKED) return null;
  const better = values.filter((value) => (direction === 'up' ? value > own : value < own)).length;
  const part = better / values.length;
  if (part < 0.25) return 'top';
  if (part < 0.5) return 'upper';
  return part < 0.75 ? 'lower' : 'bottom';
}
