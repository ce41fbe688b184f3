import { insideProbability, normal } from './probability.policy';

/** The share of a round normal distribution within a circle, by adding up small squares. */
function bySquares(d: number, r: number, accuracy: number): number {
  const sigma = Math.max(3, accuracy / Math.sqrt(-2 * Math.log(0.32)));
  const step = r / 400;
  let sum = 0;
  for (let x = -r + step / 2; x < r; x += step)
    for (let y = -r + step / 2; y < r; y += step)
      if (x * x + y * y < r * r) sum += Math.exp(-((x - d) ** 2 + y * y) / (2 * sigma ** 2));
  return (sum * step * step) / (2 * Math.PI * sigma ** 2);
}

describe('how surely a reading lies inside a circle of 100 m', () => {
  it.each([
    [60, 35, 0.958],
    [80, 35, 0.806],
    [150, 35, 0.016],
    [90, 10, 0.934],
    [95, 10, 0.775],
    [97, 4, 0.841],
    [103, 4, 0.159],
    [105, 4, 0.048],
  ])('%s m from its middle, known to %s m', (d, accuracy, p) => {
    expect(insideProbability(100 - d, 100, accuracy)).toBeCloseTo(p, 3);
  });
});

describe('a reading that is known worse than the fence is wide', () => {
  it('is inside a circle of 50 m with 0.248 in its very middle, not with 0.775', () => {
    expect(insideProbability(50, 50, 100)).toBeCloseTo(0.248, 3);
  });

  it.each([
    [0, 50, 100],
    [30, 50, 60],
    [75, 50, 60],
    [200, 50, 150],
    [10, 10, 30],
    [0, 10, 5_000],
  ])('counts by the exact share: %s m away, radius %s m, known to %s m', (d, r, accuracy) => {
    expect(insideProbability(r - d, r, accuracy)).toBeCloseTo(bySquares(d, r, accuracy), 3);
  });
});

describe('the normal distribution', () => {
  it('is the known one', () => {
    expect(normal(0)).toBe(0.5);
    expect(normal(1.96)).toBeCloseTo(0.9750021, 7);
    expect(normal(-3)).toBeCloseTo(0.0013499, 7);
    expect(normal(12)).toBe(1);
    expect(normal(-12)).toBe(0);
  });
});
