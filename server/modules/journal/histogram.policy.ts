/** How often each bucket was met. Buckets grow by a tenth, so that a percentile is off by a twentieth at most. */
export type Histogram = Map<number, number>;

const GROWTH = Math.log(1.1);

export const bucketOf = (ms: number): number => (ms <= 1 ? 0 : Math.ceil(Math.log(ms) / GROWTH));
/** The middle of a bucket. */
const valueOf = (bucket: number): number => Math.max(1, Math.round(Math.exp((bucket - 0.5) * GROWTH)));

export const countOf = (histogram: Histogram): number => [...histogram.values()].reduce((sum, n) => sum + n, 0);

/** Whole milliseconds below which this part of the values lies. */
export function percentile(histogram: Histogram, part: number): number {
  const rank = Math.ceil(part * countOf(histogram));
  let seen = 0;
  for (const [bucket, count] of [...histogram].toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return valueOf(bucket);
  }
  return 0;
}

export function merge(histograms: readonly Histogram[]): Histogram {
  const sum: Histogram = new Map();
  for (const histogram of histograms)
    for (const [bucket, count] of histogram) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  return sum;
}
