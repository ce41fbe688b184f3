import { mergeHistograms, type ValueHistogram } from './metric-histogram.policy';

/** What a metric came to in a minute, an hour, a local day, or any other time. */
export interface Bucket {
  readonly n: number;
  readonly total: number;
  readonly den: number;
  readonly least: number;
  readonly most: number;
  readonly newest: number;
  readonly newestAt: Date;
  readonly histogram: ValueHistogram | null;
}

/** Several times or places as one; null for none. */
export function mergeBuckets(buckets: readonly Bucket[]): Bucket | null {
  const [first] = buckets;
  if (!first) return null;
  let [n, total, den, least, most] = [0, 0, 0, Infinity, -Infinity];
  let last = first;
  const histograms: ValueHistogram[] = [];
  for (const bucket of buckets) {
    n += bucket.n;
    total += bucket.total;
    den += bucket.den;
    least = Math.min(least, bucket.least);
    most = Math.max(most, bucket.most);
    if (bucket.newestAt >= last.newestAt) last = bucket;
    if (bucket.histogram) histograms.push(bucket.histogram);
  }
  return {
    n,
    total,
    den,
    least,
    most,
    newest: last.newest,
    newestAt: last.newestAt,
    histogram: histograms.length === 0 ? null : mergeHistograms(histograms),
  };
}
