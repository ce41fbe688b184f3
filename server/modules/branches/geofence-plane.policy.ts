import { distanceM } from '../../platform';

export interface LatLng {
  readonly lat: number;
  readonly lng: number;
}

/** Metres east and north of an anchor. */
export interface Flat {
  readonly x: number;
  readonly y: number;
}

/** The part of a way that lies inside a fence: shares of its length, where it enters and where it leaves. */
export interface Inside {
  readonly enter: number;
  readonly leave: number;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Azimuthal equidistant: true distance and direction from the anchor, wherever on Earth it is. */
export function flatten(anchor: LatLng, point: LatLng): Flat {
  const d = distanceM(anchor, point);
  if (d === 0) return { x: 0, y: 0 };
  const dLng = radians(point.lng - anchor.lng);
  const [from, to] = [radians(anchor.lat), radians(point.lat)];
  const east = Math.sin(dLng) * Math.cos(to);
  const north = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(dLng);
  const length = Math.hypot(east, north) || 1;
  return { x: (d * east) / length, y: (d * north) / length };
}

/** A closed line in a plane, written down for quick questions: following a track asks it for every fix. */
export class Ring {
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;

  constructor(corners: readonly Flat[]) {
    // The first corner again at the end: no edge needs a special case.
    const closed = [...corners, ...corners.slice(0, 1)];
    this.xs = Float64Array.from(closed, ({ x }) => x);
    this.ys = Float64Array.from(closed, ({ y }) => y);
  }

  /** Metres to the line, positive inside; the line itself is inside. */
  signedDistance({ x, y }: Flat): number {
    const { xs, ys } = this;
    let isInside = false;
    let least = Infinity;
    let [ax, ay] = [Number(xs[0]) - x, Number(ys[0]) - y];
    for (let at = 1; at < xs.length; at += 1) {
      const [bx, by] = [Number(xs[at]) - x, Number(ys[at]) - y];
      const [dx, dy] = [bx - ax, by - ay];
      // Half-open edges: a corner counts for one of its two edges.
      if (ay > 0 !== by > 0 && ax - (dx * ay) / dy > 0) isInside = !isInside;
      const along = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1)));
      const [nx, ny] = [ax + along * dx, ay + along * dy];
      least = Math.min(least, nx * nx + ny * ny);
      ax = bx;
      ay = by;
    }
    const distance = Math.sqrt(least);
    return isInside || distance === 0 ? distance : -distance;
  }

  /** Where a straight way between two points outside first comes in and last goes out; null where it stays outside. */
  through(from: Flat, to: Flat): Inside | null {
    const { xs, ys } = this;
    const [wx, wy] = [to.x - from.x, to.y - from.y];
    let enter = Infinity;
    let leave = -Infinity;
    for (let at = 1; at < xs.length; at += 1) {
      const [ax, ay] = [Number(xs[at - 1]), Number(ys[at - 1])];
      const [ex, ey] = [Number(xs[at]) - ax, Number(ys[at]) - ay];
      const cross = wx * ey - wy * ex;
      if (cross === 0) continue;
      const [gx, gy] = [ax - from.x, ay - from.y];
      const along = (gx * ey - gy * ex) / cross;
      const onEdge = (gx * wy - gy * wx) / cross;
      if (along < 0 || along > 1 || onEdge < 0 || onEdge > 1) continue;
      enter = Math.min(enter, along);
      leave = Math.max(leave, along);
    }
    // A way that only touches a corner has been nowhere inside.
    return enter < leave ? { enter, leave } : null;
  }
}

/** The same of a circle around the anchor. */
export function throughCircle(radiusM: number, from: Flat, to: Flat): Inside | null {
  const [wx, wy] = [to.x - from.x, to.y - from.y];
  const length = wx * wx + wy * wy;
  if (length === 0) return null;
  const middle = -(from.x * wx + from.y * wy) / length;
  const [nx, ny] = [from.x + middle * wx, from.y + middle * wy];
  const over = radiusM * radiusM - (nx * nx + ny * ny);
  if (over <= 0) return null;
  const half = Math.sqrt(over / length);
  if (middle - half < 0 || middle + half > 1) return null;
  return { enter: middle - half, leave: middle + half };
}
