import { baselineOf, isUnusual } from './alert-baseline.policy';

describe('what is usual at an hour of the week', () => {
  it('is the median of six weeks, and how far from it they are', () => {
    expect(baselineOf([100, 104, 98, 101, 99, 200])).toEqual({ median: 100.5, mad: 2, weeks: 6 });
    expect(baselineOf([5, 5, 900, 100, 104, 98, 101, 99, 200])?.median).toBe(100.5);
  });

  it('is not known from fewer than four weeks', () => {
    expect(baselineOf([1, 2, 3])).toBeNull();
    expect(baselineOf([1, 2, 3, 4])).toMatchObject({ median: 2.5, mad: 1, weeks: 4 });
  });

  it('lets a value be four spreads away, on either side', () => {
    const usual = { median: 100, mad: 2, weeks: 6 };
    // 4 · 1.4826 · 2 = 11.8608
    expect(isUnusual(111.86, usual)).toBe(false);
    expect(isUnusual(111.87, usual)).toBe(true);
    expect(isUnusual(88.13, usual)).toBe(true);
    expect(isUnusual(105, usual, 1)).toBe(true);
  });
});
