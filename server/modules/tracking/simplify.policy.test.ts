import { dice, from, north } from './generated-tracks';
import { polylineOf, simplified } from './simplify.policy';

describe('making a line simpler', () => {
  it('keeps both ends, and what is further off than it may be', () => {
    const line = [north(0), from(100, 4), north(200), from(300, 30), north(400)];

    expect(simplified(line, 5)).toEqual([0, 2, 3, 4]);
    expect(simplified(line, 40)).toEqual([0, 4]);
    expect(simplified(line, 0)).toEqual([0, 1, 2, 3, 4]);
  });

  it('knows a loop by its furthest point', () => {
    expect(simplified([north(0), from(500, 500), north(1)], 10)).toEqual([0, 1, 2]);
  });

  it('takes a hundred thousand points across the antimeridian', () => {
    const random = dice(7);
    const line = Array.from({ length: 100_000 }, (_, index) => ({
      lat: random() * 1e-6,
      lng: ((179 + index * 2e-5 + 180) % 360) - 180,
    }));

    expect(simplified(line, 5)).toEqual([0, 99_999]);
  });
});

describe('a line as text', () => {
  it.each([
    ['the example every map knows', [[38.5, -120.2], [40.7, -120.95], [43.252, -126.453]], '_p~iF~ps|U_ulLnnqC_mqNvxq`@'], // prettier-ignore
    ['nothing', [], ''],
    ['south and west', [[-0.00001, -180]], '@~fsia@'],
  ] as const)('of %s', (_what, points, text) => {
    expect(polylineOf(points.map(([lat, lng]) => ({ lat, lng })))).toBe(text);
  });
});
