import { ewma, mannKendall, theilSen, trendOf, twoSided } from './metric-trend.policy';

const points = (values: readonly number[]) => values.map((y, x) => ({ x, y }));

describe('acceptance: trends', () => {
  it('say up where values rise by one a step', () => {
    const values = [12, 14, 13, 15, 17, 16, 18, 21, 19, 22];
    const { s, z, p } = mannKendall(values);

    expect(s).toBe(39);
    expect(z).toBeCloseTo(3.399, 3);
    expect(p).toBeCloseTo(0.0007, 4);
    expect(trendOf(points(values))).toMatchObject({ direction: 'up', slope: 1 });
  });

  it('say nothing of values that go round in a circle', () => {
    const trend = trendOf(points([12, 11, 13, 12, 12, 11, 13, 12, 12, 13]));

    expect(trend.p).toBeCloseTo(0.43, 2);
    expect(trend.direction).toBe('flat');
  });

  it('are not made by one spike', () => {
    const trend = trendOf(points([10, 10, 10, 10, 10, 10, 10, 10, 10, 100]));

    expect(trend.p).toBeCloseTo(0.16, 2);
    expect(trend).toMatchObject({ slope: 0, direction: 'flat' });
  });

  it('are shown smoothed by three tenths', () => {
    expect(ewma([100, 102, 98, 101, 99, 130]).at(-1)).toBeCloseTo(108.875, 3);
  });
});

describe('a trend', () => {
  it('falls as surely as it rises', () => {
    const trend = trendOf(points([90, 88, 85, 86, 80, 77, 74, 70, 69]));
    expect(trend).toMatchObject({ direction: 'down', n: 9 });
    expect(trend.slope).toBeLessThan(-2);
  });

  it('needs eight values', () => {
    expect(trendOf(points([1, 2, 3, 4, 5, 6, 7])).direction).toBe('flat');
    expect(trendOf(points([1, 2, 3, 4, 5, 6, 7, 8])).direction).toBe('up');
  });

  it('is not worth a word where it changed less than a twentieth of what is usual', () => {
    expect(trendOf(points([1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007])).direction).toBe('flat');
  });

  it('knows how far apart its days are', () => {
    const gaps = [0, 1, 2, 10, 11, 12, 20, 21].map((x) => ({ x, y: 3 * x + 5 }));
    expect(theilSen(gaps)).toEqual({ slope: 3, intercept: 5 });
  });

  it('of values that are all the same is as likely as anything', () => {
    expect(mannKendall([5, 5, 5, 5, 5, 5, 5, 5])).toEqual({ s: 0, z: 0, p: 1 });
    expect(trendOf([])).toMatchObject({ direction: 'flat', n: 0, slope: 0 });
  });

  it('takes ties out of its variance', () => {
    // n 8, ties of 2, 3 and 3: (8·7·21 − 2·1·9 − 2·(3·2·11)) / 18 = 57; S = 21.
    const { s, z } = mannKendall([1, 1, 2, 2, 2, 3, 3, 3]);
    expect(s).toBe(21);
    expect(z).toBeCloseTo(20 / Math.sqrt(57), 10);
  });

  it('reads its chance from the normal curve', () => {
    expect(twoSided(0)).toBe(1);
    expect(twoSided(1.959_963_984_540_054)).toBeCloseTo(0.05, 12);
    expect(twoSided(-2.575_829_303_548_901)).toBeCloseTo(0.01, 12);
    expect(twoSided(5)).toBeCloseTo(5.733_031_437_583_878e-7, 16);
  });
});
