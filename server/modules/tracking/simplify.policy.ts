import { EARTH_RADIUS_M } from '../../platform';

interface LatLng {
  readonly lat: number;
  readonly lng: number;
}

const RADIANS = Math.PI / 180;

/**
 * Indices of the points that a line keeps when it may be off by at most so many metres (Douglas and Peucker's way,
 * without recursion: a track of a hundred thousand points is no reason to run out of stack).
 */
export function simplified(points: readonly LatLng[], toleranceM: number): number[] {
  if (points.length <= 2 || toleranceM <= 0) return points.map((_, index) => index);
  const keep = new Uint8Array(points.length);
  keep[0] = 1;
  keep[points.length - 1] = 1;
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    const { index, metres } = farthest(points, from, to);
    if (metres <= toleranceM) continue;
    keep[index] = 1;
    spans.push([from, index], [index, to]);
  }
  return points.flatMap((_, index) => (keep[index] === 1 ? [index] : []));
}

function farthest(points: readonly LatLng[], from: number, to: number): { index: number; metres: number } {
  const a = points[from];
  const b = points[to];
  let index = from;
  let metres = -1;
  if (!a || !b) return { index, metres };
  for (let at = from + 1; at < to; at += 1) {
    const point = points[at];
    const off = point ? offLine(point, a, b) : 0;
    if (off > metres) [index, metres] = [at, off];
  }
  return { index, metres };
}

/** Metres between a point and a line, in the plane that touches the Earth at the line’s beginning. */
function offLine(point: LatLng, a: LatLng, b: LatLng): number {
  const scale = Math.cos(a.lat * RADIANS);
  const flat = ({ lat, lng }: LatLng): [number, number] => [
    shortest(lng - a.lng) * RADIANS * scale * EARTH_RADIUS_M,
    (lat - a.lat) * RADIANS * EARTH_RADIUS_M,
  ];
  const [bx, by] = flat(b);
  const [px, py] = flat(point);
  const length2 = bx * bx + by * by;
  const along = length2 === 0 ? 0 : Math.max(0, Math.min(1, (px * bx + py * by) / length2));
  return Math.hypot(px - along * bx, py - along * by);
}

const shortest = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;

const PRECISION = 1e5;

/** A line as text, as maps read it: differences of degrees × 10⁵, five bits a character. */
export function polylineOf(points: readonly LatLng[]): string {
  let [lat, lng] = [0, 0];
  let text = '';
  for (const point of points) {
    const [nextLat, nextLng] = [Math.round(point.lat * PRECISION), Math.round(point.lng * PRECISION)];
    text += signed(nextLat - lat) + signed(nextLng - lng);
    [lat, lng] = [nextLat, nextLng];
  }
  return text;
}

function signed(value: number): string {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let text = '';
  for (; rest >= 32; rest = Math.floor(rest / 32)) text += String.fromCodePoint(32 + (rest % 32) + 63);
  return text + String.fromCodePoint(rest + 63);
}
