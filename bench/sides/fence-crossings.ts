import { branches } from '../../server/modules/branches';
import { FenceWalk } from '../../server/modules/tracking/fence-walk.policy';
import type { Hub } from '../../server/platform/boot';
import { ulid } from '../../server/platform/ulid';

export interface Crossed {
  readonly cpuUs: number;
  readonly fences: number;
  readonly crossings: number;
}

export interface CrossingPlan {
  readonly orgId: string;
  readonly branchId: string;
  readonly fences: number;
  readonly tracks: number;
  readonly count: number;
}

const CITY = { lat: -26.2, lng: 28.04 };
/** Half the side of the square that the fences and the tracks share. */
const REACH_M = 12_000;
const METRE = 1 / 111_194.93;
const CORNERS = 60;
const STEP_S = 5;

/** What each fix of a fleet costs that drives among the fences of its branch: index, distances, state machine. */
export async function cross(hub: Hub, { orgId, branchId, fences, tracks, count }: CrossingPlan): Promise<Crossed> {
  await drawFences(hub, { orgId, branchId, fences });
  const index = await hub.use(branches).fenceIndex(orgId);
  const random = randomOf(7);
  const cars = Array.from({ length: tracks }, () => ({
    walk: new FenceWalk(index),
    north: (random() * 2 - 1) * REACH_M,
    east: (random() * 2 - 1) * REACH_M,
    heading: random() * 2 * Math.PI,
  }));
  let crossings = 0;
  let at = Date.parse('2026-11-24T08:00:00Z');
  const drive = (fixes: number): void => {
    for (let fix = 0; fix < fixes; fix += 1) {
      const car = cars[fix % cars.length];
      if (!car) return;
      if (fix % cars.length === 0) at += STEP_S * 1_000;
      car.heading += (random() - 0.5) * 0.6;
      car.north = turned(car.north + Math.cos(car.heading) * 14 * STEP_S);
      car.east = turned(car.east + Math.sin(car.heading) * 14 * STEP_S);
      const place = placeOf(car.north, car.east);
      crossings += car.walk.next({ at, ...place, accuracy: 5 + random() * 10 }).length;
    }
  };
  // Compiled by then.
  drive(20_000);
  const before = process.cpuUsage();
  drive(count);
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, fences: index.fences.length, crossings };
}

/** Half of them circles, half polygons of many corners; some overlap. */
async function drawFences(
  hub: Hub,
  { orgId, branchId, fences }: { orgId: string; branchId: string; fences: number },
): Promise<void> {
  const random = randomOf(3);
  const rows = Array.from({ length: fences }, (_, number) => {
    const { lat, lng } = placeOf((random() * 2 - 1) * REACH_M, (random() * 2 - 1) * REACH_M);
    const radiusM = 60 + random() * 240;
    const isCircle = number % 2 === 0;
    const corners = JSON.stringify(isCircle ? null : cornersOf(lat, lng, radiusM));
    return isCircle
      ? [orgId, ulid(), `Fence ${number}`, branchId, Math.round(lat * 1e7), Math.round(lng * 1e7), radiusM, null]
      : [orgId, ulid(), `Fence ${number}`, branchId, null, null, null, corners];
  });
  await hub.pool.query('DELETE FROM geofences WHERE org_id = ?', [orgId]);
  await hub.pool.query(
    `INSERT INTO geofences (org_id, id, name, branch_id, lat_e7, lng_e7, radius_m, corners, acc_max_m, timezone) VALUES
     ${rows.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, 100, 'UTC')").join(', ')}`,
    rows.flat(),
  );
  await hub.pool.query('INSERT INTO fence_marks (org_id, n) VALUES (?, 1) ON DUPLICATE KEY UPDATE n = n + 1', [orgId]);
}

const cornersOf = (lat: number, lng: number, radiusM: number): number[] =>
  Array.from({ length: CORNERS }, (_, index) => {
    const angle = (index / CORNERS) * 2 * Math.PI;
    const metres = radiusM * (index % 2 === 0 ? 1 : 0.8);
    const north = Math.sin(angle) * metres;
    const east = Math.cos(angle) * metres;
    return [
      Math.round((lat + north * METRE) * 1e7),
      Math.round((lng + (east * METRE) / Math.cos((lat * Math.PI) / 180)) * 1e7),
    ];
  }).flat();

const placeOf = (north: number, east: number) => ({
  lat: CITY.lat + north * METRE,
  lng: CITY.lng + (east * METRE) / Math.cos((CITY.lat * Math.PI) / 180),
});

/** Who drives out of the square comes in on the other side. */
const turned = (metres: number): number => (Math.abs(metres) > REACH_M ? -metres : metres);

/** Park and Miller: every round drives the same way. */
function randomOf(seed: number): () => number {
  let state = seed * 7_919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
