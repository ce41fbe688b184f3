import { median } from './metric-trend.policy';

/** What is usual at an hour of the week. */
export interface Baseline {
  readonly median: number;
  /** The median distance from the median. */
  readonly mad: number;
  readonly weeks: number;
}

export const BASELINE_WEEKS = 6;
const FEWEST_WEEKS = 4;
/** Makes the distance of a normal spread its standard deviation. */
const TO_SIGMA = 1.4826;

/** @param values one of each of the last weeks, at the same hour of the week; null with fewer than four */
export function baselineOf(values: readonly number[]): Baseline | null {
  const recent = values.slice(-BASELINE_WEEKS);
  if (recent.length < FEWEST_WEEKS) return null;
  const middle = median(recent);
  return { median: middle, mad: median(recent.map((value) => Math.abs(value - middle))), weeks: recent.length };
}

/** Whether a value is further from the usual than `k` of its spreads. */
export const isUnusual = (value: number, { median: middle, mad }: Baseline, k = 4): boolean =>
  Math.abs(value - middle) > k * TO_SIGMA * mad;
