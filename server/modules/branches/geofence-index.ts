import Flatbush from 'flatbush';
import { latitudeReach, longitudeReach, type Shape } from './fences.policy';
import type { ActiveHours } from './geofence-hours.policy';
import type { LatLng } from './geofence-plane.policy';

/** A fence that tracks and check-ins are held against: a branch's own one, or one of `/geofences`. */
export interface WatchedFence extends Shape {
  /** Of the geofence; of the branch, where it is the branch’s own. */
  readonly id: string;
  readonly isBranch: boolean;
  readonly branchId: string | null;
  readonly clientId: string | null;
  readonly name: string;
  /** Metres beyond the border that do not count as outside yet. */
  readonly bufferM: number;
  readonly accMaxM: number;
  readonly hours: ActiveHours | null;
  readonly speedLimitKmh: number | null;
  readonly dwellMs: number | null;
}

/** Degrees; a west beyond the east crosses the antimeridian. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

type Box = readonly [west: number, south: number, east: number, north: number];

/** A short way on the ground is bent by less than this, in degrees. */
const BEND = 0.0002;
const POLAR = 80;

/** The buffer of a fence that names none. */
export const usualBufferM = (radiusM: number): number => Math.max(20, 0.2 * radiusM);

/** Every fence of an organisation, found by place. */
export class FenceIndex {
  private readonly tree: Flatbush | null;
  /** The fence of each box of the tree; one that crosses the antimeridian has two. */
  private readonly ofBox: readonly WatchedFence[];
  private readonly isSplit: boolean;
  private readonly byIds: ReadonlyMap<string, WatchedFence>;

  constructor(readonly fences: readonly WatchedFence[]) {
    this.byIds = new Map(fences.map((fence) => [fence.id, fence]));
    const boxes = fences.flatMap((fence) => circleBoxes(fence.center, fence.reachM).map((box) => ({ fence, box })));
    this.ofBox = boxes.map(({ fence }) => fence);
    this.isSplit = boxes.length > fences.length;
    this.tree = boxes.length > 0 ? new Flatbush(boxes.length) : null;
    for (const { box } of boxes) this.tree?.add(...box);
    this.tree?.finish();
  }

  byId(id: string): WatchedFence | undefined {
    return this.byIds.get(id);
  }

  /** Those that can reach into the bounds. */
  near({ west, south, east, north }: Bounds): WatchedFence[] {
    const found =
      west <= east
        ? this.search([west, south, east, north])
        : [...this.search([west, south, 180, north]), ...this.search([-180, south, east, north])];
    return this.isSplit ? unique(found) : found;
  }

  /** Those that can hold a point. */
  at({ lat, lng }: LatLng): WatchedFence[] {
    return this.search([lng, lat, lng, lat]);
  }

  /** Those whose border can lie within so many metres of a point. */
  around(point: LatLng, metres: number): WatchedFence[] {
    return unique(circleBoxes(point, metres).flatMap((box) => this.search(box)));
  }

  /** Those that a short way from one point to another can touch. */
  along(from: LatLng, to: LatLng): WatchedFence[] {
    const south = Math.min(from.lat, to.lat);
    const north = Math.max(from.lat, to.lat);
    // Meridians lie so close there that a box of degrees says little.
    if (north > POLAR || south < -POLAR)
      return this.near({ west: -180, south: south - BEND, east: 180, north: north + BEND });
    const [west, east] = from.lng < to.lng ? [from.lng, to.lng] : [to.lng, from.lng];
    const crosses = east - west > 180;
    return this.near({
      west: crosses ? east : west,
      south: south - BEND,
      east: crosses ? west : east,
      north: north + BEND,
    });
  }

  private search([west, south, east, north]: Box): WatchedFence[] {
    if (!this.tree) return [];
    const found: WatchedFence[] = [];
    for (const box of this.tree.search(west, south, east, north)) {
      const fence = this.ofBox[box];
      if (fence) found.push(fence);
    }
    return found;
  }
}

const unique = (fences: readonly WatchedFence[]): WatchedFence[] => [...new Set(fences)];

/** Boxes of degrees that together hold a circle on the ground. */
function circleBoxes({ lat, lng }: LatLng, radiusM: number): Box[] {
  const high = latitudeReach(radiusM);
  const wide = longitudeReach(lat, radiusM);
  const [south, north] = [Math.max(-90, lat - high), Math.min(90, lat + high)];
  if (wide >= 180) return [[-180, south, 180, north]];
  const [west, east] = [lng - wide, lng + wide];
  if (west < -180)
    return [
      [west + 360, south, 180, north],
      [-180, south, east, north],
    ];
  if (east > 180)
    return [
      [west, south, 180, north],
      [-180, south, east - 360, north],
    ];
  return [[west, south, east, north]];
}
