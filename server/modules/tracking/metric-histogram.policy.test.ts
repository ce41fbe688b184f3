import { decodeHistogram, encodeHistogram, histogramOf, mergeHistograms, percentile } from './metric-histogram.policy';

const times = (count: number, value: number) => Array.from({ length: count }, () => value);
const exact = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(part * values.length) - 1] ?? 0;

describe('percentiles of several services', () => {
  // Ninety-five calls of 150 ms and five of 200 by one, nine of 1 000 and one of 5 000 by the other.
  const quick = [...times(94, 150), ...times(6, 200)];
  const slow = [...times(9, 1_000), 5_000];

  it('are read from the merged counts and not from the means of percentiles', () => {
    const merged = mergeHistograms([histogramOf(quick), histogramOf(slow)]);
    const p95 = percentile(merged, 0.95) ?? 0;

    expect(exact([...quick, ...slow], 0.95)).toBe(1_000);
    expect(Math.abs(p95 - 1_000) / 1_000).toBeLessThan(0.0026);
    const mean = ((percentile(histogramOf(quick), 0.95) ?? 0) + (percentile(histogramOf(slow), 0.95) ?? 0)) / 2;
    expect(mean).toBeGreaterThan(2_500);
  });

  it('are the same in whichever order and grouping they are merged', () => {
    const parts = Array.from({ length: 7 }, (_, part) =>
      Array.from({ length: 90 }, (__, n) => (n * 37 + part * 91) % 613),
    );
    const one = mergeHistograms(parts.map(histogramOf));
    const other = mergeHistograms([
      mergeHistograms(parts.slice(4).toReversed().map(histogramOf)),
      mergeHistograms(parts.slice(0, 4).map(histogramOf)),
    ]);
    for (const part of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) expect(percentile(other, part)).toBe(percentile(one, part));
  });
});

describe('a histogram', () => {
  it('is off by a quarter of a percent at most, from thousandths to billions, below zero too', () => {
    const values = Array.from({ length: 2_000 }, (_, n) => (n % 3 === 0 ? -1 : 1) * 1.011 ** (n - 700) * 0.9);
    const histogram = histogramOf(values);
    for (const part of [0.05, 0.25, 0.5, 0.75, 0.95, 0.999]) {
      const right = exact(values, part);
      expect(Math.abs(((percentile(histogram, part) ?? 0) - right) / right)).toBeLessThan(0.0026);
    }
  });

  it('comes back from the bytes as it was', () => {
    const histogram = histogramOf([0, 0, -3.5, 1e-9, 17, 17, 17, 4e12, ...times(100_000, 250)]);
    const stored = encodeHistogram(histogram);

    const sorted = (one: ReadonlyMap<number, number>) => [...one].toSorted(([a], [b]) => a - b);
    expect(sorted(decodeHistogram(stored))).toEqual(sorted(histogram));
    expect(stored.length).toBeLessThan(40);
  });

  it('says nothing where there is nothing, and nothing outside what there was', () => {
    expect(percentile(new Map(), 0.5)).toBeNull();
    expect(percentile(histogramOf([201, 201, 201]), 0.5, { min: 201, max: 201 })).toBe(201);
    expect(percentile(histogramOf([0, 0, 5]), 0.5)).toBe(0);
  });
});
