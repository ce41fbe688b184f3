import type { Position } from 'geojson';
import type { Box } from './graticule';

export function boundsOf(points: readonly Position[]): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const [lng = 0, lat = 0] of points) {
    box.west = Math.min(box.west, lng);
    box.east = Math.max(box.east, lng);
    box.south = Math.min(box.south, lat);
    box.north = Math.max(box.north, lat);
  }
  return box;
}

/**
 * The atlas draws on a sphere: where one of its lines steps over the 180th meridian, it goes on beyond it here, instead
 * of running back around the whole earth.
 */
export function unwrap(points: readonly Position[]): Position[] {
  let turn = 0;
  let before = points[0]?.[0] ?? 0;
  return points.map(([lng = 0, lat = 0]) => {
    if (lng - before > 180) turn -= 360;
    if (lng - before < -180) turn += 360;
    before = lng;
    return [lng + turn, lat];
  });
}

/** The same for rings; one that goes around a pole is closed along it. */
export function unwrapRing(ring: readonly Position[]): Position[] {
  const points = unwrap(ring);
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || Math.abs((first[0] ?? 0) - (last[0] ?? 0)) < 180) return points;
  const pole = (first[1] ?? 0) < 0 ? -89.9 : 89.9;
  return [...points, [last[0] ?? 0, pole], [first[0] ?? 0, pole], first];
}

/** A thing beyond the 180th meridian is also to be found on the other side. */
export function onBothSides<T extends { box: Box }>(things: readonly T[], shift: (thing: T, byLng: number) => T): T[] {
  return things.flatMap((thing) => {
    if (thing.box.east > 180) return [thing, shift(thing, -360)];
    return thing.box.west < -180 ? [thing, shift(thing, 360)] : [thing];
  });
}

export const shifted = (points: readonly Position[], byLng: number): Position[] =>
  points.map(([lng = 0, lat = 0]) => [lng + byLng, lat]);

export const overlaps = (a: Box, b: Box): boolean =>
  a.west <= b.east && a.east >= b.west && a.south <= b.north && a.north >= b.south;

export const contains = (outer: Box, inner: Box): boolean =>
  outer.west <= inner.west && outer.east >= inner.east && outer.south <= inner.south && outer.north >= inner.north;

/** The parts of polygons within the window; their cut edges run along its border. */
export function clipPolygons(polygons: readonly { rings: Position[][]; box: Box }[], window: Box): Position[][][] {
  return polygons.flatMap(({ rings, box }) => {
    if (!overlaps(box, window)) return [];
    if (contains(window, box)) return [rings];
    const [outer = [], ...holes] = rings.map((ring) => clipRing(ring, window));
    return outer.length < 4 ? [] : [[outer, ...holes.filter((hole) => hole.length >= 4)]];
  });
}

/** Runs of points within the window, each with one neighbour beyond it. */
export function clipLines(lines: readonly { points: Position[]; box: Box }[], window: Box): Position[][] {
  return lines.flatMap(({ points, box }) => {
    if (!overlaps(box, window)) return [];
    const runs: Position[][] = [];
    let run: Position[] = [];
    for (const [index, point] of points.entries()) {
      const isWanted = [points[index - 1], point, points[index + 1]].some((near) => near && isInside(near, window));
      if (isWanted) run.push(point);
      if (!isWanted || index === points.length - 1) {
        if (run.length > 1) runs.push(run);
        run = [];
      }
    }
    return runs;
  });
}

const isInside = ([lng = 0, lat = 0]: Position, { west, south, east, north }: Box): boolean =>
  lng >= west && lng <= east && lat >= south && lat <= north;

/** Sutherland–Hodgman: the ring is cut by one side of the window after the other. */
function clipRing(ring: readonly Position[], { west, south, east, north }: Box): Position[] {
  let points = ring.slice(0, -1);
  points = cut(points, 0, west, 1);
  points = cut(points, 0, east, -1);
  points = cut(points, 1, south, 1);
  points = cut(points, 1, north, -1);
  const [first] = points;
  return first ? [...points, first] : [];
}

function cut(points: readonly Position[], axis: 0 | 1, limit: number, sign: 1 | -1): Position[] {
  const kept: Position[] = [];
  const depth = (point: Position): number => sign * ((point[axis] ?? 0) - limit);
  for (const [index, point] of points.entries()) {
    const before = points.at(index - 1) ?? point;
    if (depth(before) >= 0 !== depth(point) >= 0) kept.push(crossing(before, point, depth(before), depth(point)));
    if (depth(point) >= 0) kept.push(point);
  }
  return kept;
}

function crossing([ax = 0, ay = 0]: Position, [bx = 0, by = 0]: Position, depthA: number, depthB: number): Position {
  const share = depthA / (depthA - depthB);
  return [ax + (bx - ax) * share, ay + (by - ay) * share];
}
