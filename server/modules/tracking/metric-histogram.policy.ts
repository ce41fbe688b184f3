/**
 * Counts of values in buckets whose width grows with the value, by a number of the bucket. Two of them are merged by
 * adding, and whatever is read of the whole is off by at most a quarter of a percent.
 */
export type ValueHistogram = ReadonlyMap<number, number>;

const GROWTH = 1.005;
const LOG_GROWTH = Math.log(GROWTH);
/** Keeps the number of a bucket of positive values positive, of the smallest ones too. */
const OFFSET = 200_000;
/** More buckets than this are not kept: the lowest ones fall together. */
const MOST_BUCKETS = 4_096;

export function bucketOf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.ceil(Math.log(Math.abs(value)) / LOG_GROWTH);
  return Math.sign(value) * (exponent + OFFSET);
}

/** What stands for all values of a bucket. */
export function valueOf(bucket: number): number {
  if (bucket === 0) return 0;
  return (Math.sign(bucket) * 2 * GROWTH ** (Math.abs(bucket) - OFFSET)) / (GROWTH + 1);
}

export function histogramOf(values: Iterable<number>): ValueHistogram {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
  return counts;
}

export function mergeHistograms(histograms: Iterable<ValueHistogram>): ValueHistogram {
  const counts = new Map<number, number>();
  for (const histogram of histograms)
    for (const [bucket, count] of histogram) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  return counts;
}

/**
 * The smallest value that so large a part of all values does not exceed.
 * @param bounds the smallest and largest value there was, where they are known: no answer lies outside
 */
export function percentile(
  histogram: ValueHistogram,
  part: number,
  bounds: { readonly min: number; readonly max: number } = { min: -Infinity, max: Infinity },
): number | null {
  const buckets = [...histogram].toSorted(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(part * total - 1e-9));
  const found = buckets.find(([, count]) => (left -= count) <= 0);
  return Math.min(bounds.max, Math.max(bounds.min, valueOf(found?.[0] ?? 0)));
}

/** As it is stored: steps between buckets and counts, each in as few bytes as it needs. */
export function encodeHistogram(histogram: ValueHistogram): Buffer {
  const bytes: number[] = [];
  let last = 0;
  for (const [bucket, count] of collapsed(histogram)) {
    writeNumber(bytes, zigzag(bucket - last));
    writeNumber(bytes, count);
    last = bucket;
  }
  return Buffer.from(bytes);
}

export function decodeHistogram(bytes: Buffer): ValueHistogram {
  const counts = new Map<number, number>();
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  for (let bucket = 0; at < bytes.length;) {
    bucket += unzigzag(read());
    counts.set(bucket, read());
  }
  return counts;
}

function collapsed(histogram: ValueHistogram): [number, number][] {
  const buckets = [...histogram].toSorted(([a], [b]) => a - b);
  const over = buckets.slice(0, Math.max(0, buckets.length - MOST_BUCKETS));
  const kept = buckets.slice(over.length);
  const [lowest] = kept;
  if (lowest) lowest[1] += over.reduce((sum, [, count]) => sum + count, 0);
  return kept;
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2);

function writeNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
