import type { Circle, Fence, Outline } from '@loro/contracts/branches';
import { distanceM, EARTH_RADIUS_M } from '../../platform';
import { type Flat, flatten, type Inside, type LatLng, Ring, throughCircle } from './geofence-plane.policy';
import { insideProbability } from './probability.policy';

/** No corner lies farther from the middle: what is larger is no fence around a branch, and no plane. */
const MOST_REACH_M = 100_000;
/** As far from its middle as this the plane around it is true to two parts in ten thousand. */
const OWN_PLANE_UP_TO_M = 2 * MOST_REACH_M;
/** Farther away than this a plane is no help, and the nearest corner says enough. */
const FLAT_UP_TO_M = 1_000_000;
const LEAST_AREA_M2 = 10;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

export type OutlineFault =
  | { readonly kind: 'crosses-itself' | 'too-large' | 'repeats'; readonly corner: number }
  | { readonly kind: 'too-small' };

/** A fence ready to be asked. `radiusM` of an outline is that of the circle of the same area. */
export interface Shape {
  readonly center: LatLng;
  readonly radiusM: number;
  readonly areaM2: number;
  /** No point of the border lies farther from the middle. */
  readonly reachM: number;
  /** Metres to the border, positive inside; the border itself is inside. */
  readonly signedDistanceM: (point: LatLng) => number;
  /** The part of a short straight way that lies inside, where both its ends are outside. */
  readonly through: (from: LatLng, to: LatLng) => Inside | null;
  /** How likely the true place of a reading lies inside; `accuracyM` is the radius that holds 68 % of readings. */
  readonly insideProbability: (point: LatLng, accuracyM: number) => number;
}

type Border = Omit<Shape, 'insideProbability'>;

export const isOutline = (fence: Fence): fence is Outline => 'corners' in fence;

export function shapeOf(fence: Fence): Shape {
  const border = isOutline(fence) ? outlineBorder(fence) : circleBorder(fence);
  const { radiusM, signedDistanceM } = border;
  return {
    ...border,
    insideProbability: (point, accuracyM) => insideProbability(signedDistanceM(point), radiusM, accuracyM),
  };
}

const circleBorder = ({ center, radiusM }: Circle): Border => ({
  center,
  radiusM,
  areaM2: Math.PI * radiusM ** 2,
  reachM: radiusM,
  signedDistanceM: (point) => radiusM - distanceM(center, point),
  through: (from, to) => throughCircle(radiusM, flatten(center, from), flatten(center, to)),
});

function outlineBorder({ corners }: Outline): Border {
  const center = middleOf(corners);
  const flat = corners.map((corner) => flatten(center, corner));
  const areaM2 = Math.abs(areaOf(flat));
  const ring = new Ring(flat);
  return {
    center,
    areaM2,
    radiusM: Math.sqrt(areaM2 / Math.PI),
    reachM: Math.max(...flat.map(({ x, y }) => Math.hypot(x, y))),
    signedDistanceM: (point) => {
      const at = flatten(center, point);
      return Math.hypot(at.x, at.y) <= OWN_PLANE_UP_TO_M ? ring.signedDistance(at) : farDistance(corners, point);
    },
    through: (from, to) => ring.through(flatten(center, from), flatten(center, to)),
  };
}

/**
 * The same outline in one way of writing: without its first corner again at the end, counter-clockwise. Distances to
 * the middle make it independent of the antimeridian and of the poles.
 */
export function normalOutline({ corners }: Outline): Outline | OutlineFault {
  const ring = withoutClosing(corners);
  if (ring.length < 3) return { kind: 'too-small' };
  const center = middleOf(ring);
  const far = ring.findIndex((corner) => distanceM(center, corner) > MOST_REACH_M);
  if (far >= 0) return { kind: 'too-large', corner: far };
  const flat = ring.map((corner) => flatten(center, corner));
  const repeated = flat.findIndex((corner, at) => isSame(corner, flat[(at + 1) % flat.length]));
  if (repeated >= 0) return { kind: 'repeats', corner: (repeated + 1) % ring.length };
  const crossing = firstCrossing(flat);
  if (crossing !== null) return { kind: 'crosses-itself', corner: crossing };
  const area = areaOf(flat);
  if (Math.abs(area) < LEAST_AREA_M2) return { kind: 'too-small' };
  return { corners: area > 0 ? ring : ring.toReversed() };
}

function withoutClosing(corners: readonly LatLng[]): LatLng[] {
  const first = corners[0];
  const last = corners.at(-1);
  const isClosed = corners.length > 1 && first?.lat === last?.lat && first?.lng === last?.lng;
  return isClosed ? corners.slice(0, -1) : [...corners];
}

/** The direction in which all corners together lie, seen from the middle of the Earth. */
function middleOf(corners: readonly LatLng[]): LatLng {
  let [x, y, z] = [0, 0, 0];
  for (const { lat, lng } of corners) {
    x += Math.cos(radians(lat)) * Math.cos(radians(lng));
    y += Math.cos(radians(lat)) * Math.sin(radians(lng));
    z += Math.sin(radians(lat));
  }
  return { lat: degrees(Math.atan2(z, Math.hypot(x, y))), lng: degrees(Math.atan2(y, x)) };
}

/** Positive counter-clockwise. */
function areaOf(ring: readonly Flat[]): number {
  return edgesOf(ring).reduce((sum, [a, b]) => sum + a.x * b.y - b.x * a.y, 0) / 2;
}

const isSame = (a: Flat, b: Flat | undefined): boolean => b !== undefined && Math.hypot(a.x - b.x, a.y - b.y) < 0.01;

const edgesOf = (ring: readonly Flat[]): (readonly [Flat, Flat])[] =>
  ring.flatMap((a, at) => {
    const b = ring[(at + 1) % ring.length];
    return b ? [[a, b] as const] : [];
  });

/** @returns the corner at which an edge begins that crosses or touches another one which is not its neighbour */
function firstCrossing(ring: readonly Flat[]): number | null {
  const edges = edgesOf(ring);
  for (const [at, [a, b]] of edges.entries())
    for (let other = at + 1; other < edges.length; other += 1) {
      const [c, d] = edges[other] ?? [a, b];
      const isNext = other === at + 1;
      const isLast = at === 0 && other === edges.length - 1;
      // Neighbours share a corner; they are wrong only where one runs back over the other.
      if (isNext || isLast ? runsBack(isNext ? [a, b, d] : [b, a, c]) : meets(a, b, c, d)) return other;
    }
  return null;
}

const turn = (a: Flat, b: Flat, c: Flat): number => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);

/** Whether the way from the shared corner goes back over the way to it. */
function runsBack([from, shared, to]: readonly [Flat, Flat, Flat]): boolean {
  const [ux, uy] = [from.x - shared.x, from.y - shared.y];
  const [vx, vy] = [to.x - shared.x, to.y - shared.y];
  const isInLine = Math.abs(ux * vy - uy * vx) < 1e-6 * Math.hypot(ux, uy) * Math.hypot(vx, vy);
  return isInLine && ux * vx + uy * vy > 0;
}

function meets(a: Flat, b: Flat, c: Flat, d: Flat): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (abc * abd < 0 && cda * cdb < 0) return true;
  return (
    (abc === 0 && isBetween(a, b, c)) ||
    (abd === 0 && isBetween(a, b, d)) ||
    (cda === 0 && isBetween(c, d, a)) ||
    (cdb === 0 && isBetween(c, d, b))
  );
}

const isBetween = (a: Flat, b: Flat, p: Flat): boolean =>
  p.x >= Math.min(a.x, b.x) && p.x <= Math.max(a.x, b.x) && p.y >= Math.min(a.y, b.y) && p.y <= Math.max(a.y, b.y);

/** In a plane around the point itself, where distances to it are true. */
function farDistance(corners: readonly LatLng[], point: LatLng): number {
  const nearest = Math.min(...corners.map((corner) => distanceM(corner, point)));
  if (nearest > FLAT_UP_TO_M) return -nearest;
  return new Ring(corners.map((corner) => flatten(point, corner))).signedDistance({ x: 0, y: 0 });
}

/** Half the height, in degrees of latitude, of a box that holds a circle. */
export const latitudeReach = (radiusM: number): number => degrees(radiusM / EARTH_RADIUS_M);

/** Half the width in degrees of longitude; 180 where the circle holds a pole. */
export function longitudeReach(lat: number, radiusM: number): number {
  const angle = radiusM / EARTH_RADIUS_M;
  const reach = Math.abs(radians(lat)) + angle;
  if (reach >= Math.PI / 2) return 180;
  return degrees(Math.asin(Math.min(1, Math.sin(angle) / Math.cos(radians(lat)))));
}
