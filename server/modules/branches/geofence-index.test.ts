import type { Fence } from '@loro/contracts/branches';
import { shapeOf } from './fences.policy';
import { FenceIndex, usualBufferM, type WatchedFence } from './geofence-index';

const METRE = 180 / (Math.PI * 6_371_008.8);

function fence(id: string, shape: Fence): WatchedFence {
  const made = shapeOf(shape);
  return {
    ...made,
    id,
    isBranch: false,
    branchId: null,
    clientId: null,
    name: id,
    bufferM: usualBufferM(made.radiusM),
    accMaxM: 100,
    hours: null,
    speedLimitKmh: null,
    dwellMs: null,
  };
}
const circle = (id: string, lat: number, lng: number, radiusM: number) => fence(id, { center: { lat, lng }, radiusM });
const idsOf = (fences: readonly WatchedFence[]): string[] => fences.map(({ id }) => id).toSorted();

describe('finding fences by place', () => {
  it('finds every one that holds a point, among a thousand', () => {
    const fences = Array.from({ length: 1_000 }, (_, at) =>
      circle(`f${at}`, -26 + Math.floor(at / 40) * 0.02, 28 + (at % 40) * 0.02, 300 + (at % 7) * 400),
    );
    const index = new FenceIndex(fences);

    for (let at = 0; at < 500; at += 1) {
      const point = { lat: -26.1 + (at % 25) * 0.027, lng: 27.9 + (at % 31) * 0.031 };
      const holding = fences.filter((one) => one.signedDistanceM(point) >= 0);
      expect(idsOf(index.at(point))).toEqual(expect.arrayContaining(idsOf(holding)));
    }
  });

  it('finds those on the antimeridian from both sides, once each', () => {
    const index = new FenceIndex([circle('east', -18, 179.9995, 200), circle('west', -18, -179.9995, 200)]);

    expect(idsOf(index.at({ lat: -18, lng: 180 }))).toEqual(['east', 'west']);
    expect(idsOf(index.at({ lat: -18, lng: -180 }))).toEqual(['east', 'west']);
    expect(idsOf(index.near({ west: 179, south: -19, east: -179, north: -17 }))).toEqual(['east', 'west']);
    expect(idsOf(index.near({ west: -180, south: -90, east: 180, north: 90 }))).toEqual(['east', 'west']);
    expect(idsOf(index.along({ lat: -18, lng: 179.99 }, { lat: -18, lng: -179.99 }))).toEqual(['east', 'west']);
  });

  it('finds those that hold a pole from every longitude', () => {
    const index = new FenceIndex([circle('north', 89.99, 10, 5_000)]);

    for (const lng of [-180, -75, 0, 10, 120, 180])
      expect(idsOf(index.along({ lat: 89.98, lng }, { lat: 89.97, lng }))).toEqual(['north']);
  });

  it('finds those that a way leads through, though both its ends lie outside', () => {
    const index = new FenceIndex([circle('on', 0, 30, 100), circle('off', 0.1, 30, 100)]);

    expect(idsOf(index.along({ lat: -0.01, lng: 30 }, { lat: 0.01, lng: 30.0001 }))).toEqual(['on']);
  });

  it('finds nothing where there is nothing', () => {
    const index = new FenceIndex([]);

    expect(index.at({ lat: 0, lng: 0 })).toEqual([]);
    expect(index.around({ lat: 0, lng: 0 }, 1_000)).toEqual([]);
    expect(index.byId('x')).toBeUndefined();
  });
});

describe('an outline far from its middle', () => {
  it('knows the distance to its border within centimetres, near it and beyond the plane around its middle', () => {
    const half = 1_000;
    const corner = (x: number, y: number) => ({
      lat: 50 + y * METRE,
      lng: 10 + (x * METRE) / Math.cos((50 * Math.PI) / 180),
    });
    const square = shapeOf({
      corners: [corner(-half, -half), corner(half, -half), corner(half, half), corner(-half, half)],
    });
    const north = (metres: number) => ({ lat: 50 + metres * METRE, lng: 10 });

    expect(square.signedDistanceM(north(900))).toBeCloseTo(100, 0);
    expect(square.signedDistanceM(north(1_500))).toBeCloseTo(-500, 0);
    expect(square.signedDistanceM(north(300_000)) / -299_000).toBeCloseTo(1, 3);
    expect(square.reachM).toBeGreaterThan(half * Math.SQRT2 - 1);
  });
});
