import { distanceM } from '../../platform';
import { normalOutline, shapeOf } from './fences.policy';

const METRE = 180 / (Math.PI * 6_371_008.8);
type LatLng = { lat: number; lng: number };

/** A place so many metres east and north of another. */
const off = ({ lat, lng }: LatLng, east: number, north: number): LatLng => {
  const turned = lng + (east * METRE) / Math.cos((lat * Math.PI) / 180);
  return { lat: lat + north * METRE, lng: turned > 180 ? turned - 360 : turned < -180 ? turned + 360 : turned };
};
const square = (at: LatLng, half: number): LatLng[] => [
  off(at, -half, -half),
  off(at, half, -half),
  off(at, half, half),
  off(at, -half, half),
];

describe.each([
  ['Johannesburg', { lat: -26.1076, lng: 28.0567 }],
  ['an island that the antimeridian crosses', { lat: -18.1, lng: 179.9999 }],
  ['the equator', { lat: 0, lng: 0 }],
  ['Spitsbergen', { lat: 78.2, lng: 15.6 }],
])('an outline in %s', (_, at) => {
  const shape = shapeOf({ corners: square(at, 100) });

  it.each([
    ['the middle', 0, 0, 100],
    ['near an edge', 90, 0, 10],
    ['near a corner', 95, 95, 5],
    ['outside an edge', 150, 0, -50],
    ['outside a corner', 130, 140, -50],
  ])('measures %s in metres to its border', (_place, east, north, signed) => {
    expect(shape.signedDistanceM(off(at, east, north))).toBeCloseTo(signed, 0);
  });

  it('has the area of its sides, and the radius of the circle of that area', () => {
    expect(shape.areaM2 / 40_000).toBeCloseTo(1, 3);
    expect(shape.radiusM).toBeCloseTo(Math.sqrt(40_000 / Math.PI), 0);
  });

  it('is written counter-clockwise, without its first corner twice', () => {
    const corners = square(at, 100);
    const clockwise = corners.toReversed();

    expect(normalOutline({ corners: [...clockwise, ...clockwise.slice(0, 1)] })).toEqual({ corners });
    expect(normalOutline({ corners })).toEqual({ corners });
  });
});

describe('an outline around a pole', () => {
  it('holds the pole, and not what lies beyond its edge', () => {
    const shape = shapeOf({ corners: [0, 90, 180, -90].map((lng) => ({ lat: 89.5, lng })) });

    expect(shape.signedDistanceM({ lat: 90, lng: 0 })).toBeGreaterThan(39_000);
    expect(shape.signedDistanceM({ lat: 89.4, lng: 45 })).toBeLessThan(0);
    expect(shape.areaM2 / (2 * distanceM({ lat: 90, lng: 0 }, { lat: 89.5, lng: 0 }) ** 2)).toBeCloseTo(1, 3);
  });
});

describe('an outline with a dent', () => {
  it('does not hold what lies in the dent', () => {
    const at = { lat: -26.1, lng: 28 };
    const corners = [off(at, -100, -100), off(at, 100, -100), off(at, 100, 100), off(at, 0, -50), off(at, -100, 100)];
    const shape = shapeOf({ corners });

    expect(normalOutline({ corners })).toEqual({ corners });
    expect(shape.signedDistanceM(off(at, 0, 50))).toBeLessThan(-30);
    expect(shape.signedDistanceM(off(at, 80, 0))).toBeGreaterThan(0);
  });
});

describe('what is no outline', () => {
  const at = { lat: -26.1, lng: 28 };
  const [a, b, c, d] = [off(at, 0, 0), off(at, 100, 0), off(at, 100, 100), off(at, 0, 100)] as const;

  it.each([
    ['crosses itself', [a, c, b, d], 'crosses-itself'],
    ['runs back over itself', [a, b, c, b, d], 'crosses-itself'],
    ['repeats a corner', [a, a, b, c], 'repeats'],
    ['encloses nothing', [a, b, a], 'too-small'],
    ['is larger than any branch', [a, b, { lat: -20, lng: 28 }], 'too-large'],
    ['spans the whole world', [-170, 0, 170].map((lng) => ({ lat: 0, lng })), 'too-large'],
  ])('is refused where it %s', (_, corners, kind) => {
    expect(normalOutline({ corners: [...corners] })).toMatchObject({ kind });
  });
});

describe('a circle', () => {
  it('is asked the same way', () => {
    const center = { lat: -26.107567, lng: 28.056702 };
    const shape = shapeOf({ center, radiusM: 100 });

    expect(shape.signedDistanceM({ lat: -26.107567, lng: 28.057702 })).toBeCloseTo(0.15, 2);
    expect(shape.signedDistanceM({ lat: -26.1089, lng: 28.056702 })).toBeCloseTo(-48.22, 2);
    expect(shape.signedDistanceM({ lat: -26.1095, lng: 28.056702 })).toBeCloseTo(-114.94, 2);
  });
});
