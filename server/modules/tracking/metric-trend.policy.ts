/** A value of one day, or of any even step; `x` counts the steps, so that a missing day leaves a gap. */
export interface TrendPoint {
  readonly x: number;
  readonly y: number;
}

export interface MannKendall {
  readonly s: number;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
}

export interface Trend {
  readonly direction: 'up' | 'down' | 'flat';
  readonly n: number;
  readonly p: number;
  /** By step, after Theil and Sen. */
  readonly slope: number;
  readonly intercept: number;
  readonly median: number;
}

/** With fewer values than this nothing is said. */
export const FEWEST_POINTS = 8;
const SURE = 0.05;
/** What changed over the whole span must be more than this part of the median. */
const NOTABLE = 0.05;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Whether values rise or fall more often than chance lets them; ties are taken out of the variance. */
export function mannKendall(values: readonly number[]): MannKendall {
  const n = values.length;
  let s = 0;
  for (let i = 0; i < n; i += 1) for (let j = i + 1; j < n; j += 1) s += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const spread = (count: number) => count * (count - 1) * (2 * count + 5);
  const tied = [...ties.values()].reduce((sum, count) => sum + spread(count), 0);
  const variance = (spread(n) - tied) / 18;
  const z = variance <= 0 || s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, z, p: twoSided(z) };
}

/** The median of the slopes between any two points: no single point bends it. */
export function theilSen(points: readonly TrendPoint[]): { slope: number; intercept: number } {
  const slopes: number[] = [];
  for (const [at, a] of points.entries())
    for (const b of points.slice(at + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  const slope = slopes.length === 0 ? 0 : median(slopes);
  return { slope, intercept: points.length === 0 ? 0 : median(points.map(({ x, y }) => y - slope * x)) };
}

/** Up or down where the order says so surely and the change is worth a word; flat otherwise. One spike makes no trend. */
export function trendOf(points: readonly TrendPoint[]): Trend {
  const ordered = points.toSorted((a, b) => a.x - b.x);
  const values = ordered.map(({ y }) => y);
  const n = values.length;
  const middle = n === 0 ? 0 : median(values);
  const { p } = mannKendall(values);
  const { slope, intercept } = theilSen(ordered);
  const isNotable = Math.abs(slope * n) > NOTABLE * Math.abs(middle);
  const isTrend = n >= FEWEST_POINTS && p < SURE && isNotable;
  const direction = !isTrend ? 'flat' : slope > 0 ? 'up' : 'down';
  return { direction, n, p, slope, intercept, median: middle };
}

/** What one is shown instead of a restless line: newer values count more. */
export function ewma(values: readonly number[], alpha = 0.3): number[] {
  let last: number | undefined;
  return values.map((value) => (last = last === undefined ? value : alpha * value + (1 - alpha) * last));
}

/** The chance that a normal value is as far from zero as `z`, on either side. */
export function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  // The complement of the error function after Abramowitz and Stegun 7.1.26 is off by 1e-7; a continued fraction and a
  // series between them are good to the last digits.
  return x < 2 ? 1 - erfSeries(x) : erfcFraction(x);
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n += 1) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function erfcFraction(x: number): number {
  let fraction = 0;
  for (let n = 60; n >= 1; n -= 1) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}
