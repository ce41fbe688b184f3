import { branchesApi } from '@loro/contracts/branches';
import type { FenceCrossing, FenceDwelling, FencePassing, GeofenceShape } from '@loro/contracts/branches-geofences';
import type { FenceDay } from '@loro/contracts/tracking-fences';
import { trackingApi } from '@loro/contracts/tracking';
import { tracking } from '.';
import { ulid } from '../../platform/ulid';
import { type Person, testHub } from '../../testing/test-hub';
import type { Point } from './fence.policy';

const hub = testHub();
const office = { lat: -26.107567, lng: 28.056702 };
const METRE = 1 / 111_194.926_644_559;
const circle = (radiusM: number, northM = 0): GeofenceShape => ({
  kind: 'circle',
  center: { lat: office.lat + northM * METRE, lng: office.lng },
  radiusM,
});
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });

interface Given {
  readonly n: number;
  readonly at: string;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
}
const startMs = Math.floor(Date.now() / 1_000) * 1_000 - 2 * 3_600_000;
const fix = (n: number, seconds: number, northM: number, accuracy = 5): Given => ({
  n,
  at: new Date(startMs + seconds * 1_000).toISOString(),
  lat: office.lat + northM * METRE,
  lng: office.lng,
  accuracy,
});
const after = (seconds: number): string => new Date(startMs + seconds * 1_000).toISOString();

async function drive(driver: Person, fixes: readonly Given[], ids = { device: ulid(), boot: ulid() }): Promise<void> {
  await hub.api(trackingApi, driver).report({ ...ids, fixes: [...fixes] });
  await hub.work('tracking.follow-tracks');
}

/** A manager, and somebody who drives for the same branch. */
async function crew() {
  const admin = await hub.person({ role: 'admin' });
  const driver = await hub.person({ beside: admin });
  const yard = await hub.listen('/tracking', admin);
  await yard.subscribe(`${admin.orgId}:yard:${admin.branchId}`);
  return { admin, driver, yard, api: hub.api(branchesApi, admin) };
}

describe('following a track through fences of their own', () => {
  it('tells entering, dwelling and leaving on the yard of the fence’s branch and to the person', async () => {
    const { admin, driver, yard, api } = await crew();
    const own = await hub.listen('/notifications', driver);
    const fence = await api.createGeofence({
      name: 'Depot',
      branchId: admin.branchId,
      shape: circle(100),
      dwellMinutes: 10,
    });

    await drive(driver, [
      fix(1, 0, 900),
      fix(2, 60, 0),
      fix(3, 600, 10),
      fix(4, 700, 5),
      fix(5, 900, 600),
      fix(6, 910, 700),
    ]);

    await yard.next<FenceCrossing>('geofence:exited');
    const base = { fenceId: fence.id, fenceName: 'Depot', branchId: admin.branchId, name: driver.name };
    expect(yard.heard('geofence:entered')).toMatchObject([{ ...base, at: after(60), confirmedAt: after(60) }]);
    expect(yard.heard('geofence:dwelled') as FenceDwelling[]).toMatchObject([
      { ...base, at: after(660), since: after(60), confirmedAt: after(700) },
    ]);
    expect(yard.heard('geofence:exited')).toMatchObject([{ ...base, at: after(900), confirmedAt: after(910) }]);
    await own.next('geofence:exited');
    expect(own.heard('geofence:entered')).toMatchObject([base]);
  });

  it('tells the way through a fence between two fixes, though they come in two batches', async () => {
    const { driver, yard, api } = await crew();
    await api.createGeofence({ name: 'Of everybody', shape: circle(100) });
    const ids = { device: ulid(), boot: ulid() };

    await drive(driver, [fix(1, 0, -1_000)], ids);
    await drive(driver, [fix(2, 100, 1_000)], ids);

    const passing = await yard.next<FencePassing>('geofence:crossed');
    expect(passing).toMatchObject({
      at: after(45),
      leftAt: after(55),
      confirmedAt: after(100),
      branchId: driver.branchId,
    });
    expect(yard.heard('geofence:entered')).toEqual([]);
  });

  it('tells nothing twice, of a repeat or of what comes late', async () => {
    const { driver, yard, api } = await crew();
    await api.createGeofence({ name: 'Gate', shape: circle(100) });
    const ids = { device: ulid(), boot: ulid() };
    const fixes = [fix(1, 0, 0), fix(3, 120, 600), fix(4, 140, 700)];

    await drive(driver, fixes, ids);
    await drive(driver, fixes, ids);
    await drive(driver, [fix(2, 60, 300)], ids);
    await drive(driver, [fix(5, 200, 900)], ids);

    await yard.next('geofence:exited');
    expect(yard.heard('geofence:entered')).toHaveLength(1);
    expect(yard.heard('geofence:exited')).toMatchObject([{ at: after(120) }]);
  });

  it('forgets who was inside a fence that is taken away, and another organisation hears nothing', async () => {
    const { driver, yard, api } = await crew();
    const { yard: elsewhere, api: otherApi } = await crew();
    await otherApi.createGeofence({ name: 'Same place', shape: circle(100) });
    const fence = await api.createGeofence({ name: 'Gate', shape: circle(100) });
    const ids = { device: ulid(), boot: ulid() };
    await drive(driver, [fix(1, 0, 0)], ids);
    await yard.next('geofence:entered');
    await api.removeGeofence({ geofenceId: fence.id }, asRead(fence));

    await drive(driver, [fix(2, 120, 600), fix(3, 140, 700)], ids);

    expect(await hub.sql('SELECT * FROM geofence_states WHERE org_id = ?', [driver.orgId])).toEqual([]);
    expect(yard.heard('geofence:exited')).toEqual([]);
    expect(elsewhere.heard('geofence:entered')).toEqual([]);
  });
});

describe('the visits of a stored day', () => {
  const trackableOf = async ({ orgId, userId }: Person) => {
    const [row] = await hub.sql<{ id: string; name: string; branchId: string }>(
      'SELECT id, name, branch_id AS branchId FROM trackables WHERE org_id = ? AND user_id = ?',
      [orgId, userId],
    );
    if (!row) throw new Error('nothing was reported yet');
    return row;
  };
  const date = new Date(startMs + 2 * 3_600_000).toISOString().slice(0, 10);

  /** What the job of a day does: all its fixes, in their one order. */
  async function remake(driver: Person): Promise<void> {
    const trackable = await trackableOf(driver);
    const rows = await hub.sql<{ at: Date; lat: number; lng: number; accuracy: number }>(
      `SELECT at, lat_e7 * 1e-7 AS lat, lng_e7 * 1e-7 AS lng, accuracy_m AS accuracy FROM fixes
       WHERE org_id = ? AND trackable_id = ? ORDER BY at, device_id, boot, n`,
      [driver.orgId, trackable.id],
    );
    const fixes: Point[] = rows.map(({ at, lat, lng, accuracy }) => ({
      at: at.getTime(),
      lat,
      lng,
      accuracy,
    }));
    await hub.hub.transact((effects) =>
      hub.hub.use(tracking).fenceVisits.take({ orgId: driver.orgId, trackable, date, fixes, isAnew: true }, effects),
    );
  }
  const day = async (driver: Person): Promise<FenceDay | undefined> => {
    const { id } = await trackableOf(driver);
    const { days } = await hub.api(trackingApi, driver).fenceDays({ trackableId: id, from: date, to: date });
    return days[0];
  };

  const route: readonly (readonly [seconds: number, northM: number, accuracy?: number])[] = [
    [0, -1_500],
    [60, -800],
    [120, 0],
    [400, 20],
    [700, 600],
    [712, 640],
    [760, 1_000],
    [800, 2_100],
    [830, 3_000],
    [900, 3_020],
    [1_100, 3_010, 400],
    [1_400, 3_900],
    [1_405, 3_950],
    [1_500, 4_200],
    [2_200, 0],
    [2_230, 700],
    [2_236, 0],
    [2_700, 10],
  ];

  it('are the same rows whatever order, pieces and repetitions the fixes came in', async () => {
    const { admin, api } = await crew();
    for (const [name, shape] of [
      ['Start', circle(150)],
      ['Gate', circle(100, 1_500)],
      ['Depot', circle(200, 3_000)],
    ] as const)
      await api.createGeofence({ name, shape, dwellMinutes: 4 });
    const fixes = route.map(([seconds, northM, accuracy], at) => fix(at + 1, seconds, northM, accuracy));
    const told: (FenceDay['visits'] | undefined)[] = [];

    for (const seed of [0, 1, 2, 3, 4, 5]) {
      const driver = await hub.person({ beside: admin });
      const ids = { device: ulid(), boot: ulid() };
      for (const batch of batchesOf(fixes, seed)) {
        await hub.api(trackingApi, driver).report({ ...ids, fixes: batch });
        await remake(driver);
      }
      told.push((await day(driver))?.visits);
    }

    expect(told[0]?.map(({ fenceName, kind, enteredAt, leftAt }) => [fenceName, kind, enteredAt, leftAt])).toEqual([
      ['Start', 'stayed', after(120), after(700)],
      ['Gate', 'crossed', expect.any(String), expect.any(String)],
      ['Depot', 'stayed', after(830), after(1_400)],
      ['Start', 'stayed', after(2_200), null],
    ]);
    for (const visits of told) expect(visits).toEqual(told[0]);
  });

  it('say with a revision that late fixes told another story, and not that a day went on', async () => {
    const { driver, yard, api } = await crew();
    await api.createGeofence({ name: 'Start', shape: circle(150) });
    const ids = { device: ulid(), boot: ulid() };
    const report = async (...fixes: Given[]) => {
      await hub.api(trackingApi, driver).report({ ...ids, fixes });
      await remake(driver);
    };

    await report(fix(1, 0, 0));
    await report(fix(2, 100, 10), fix(3, 200, 600), fix(4, 220, 700));
    await report(fix(5, 900, 0));
    expect(await day(driver)).toMatchObject({ revision: 0, visits: [{ leftAt: after(200) }, { leftAt: null }] });
    expect(yard.heard('geofence:corrected')).toEqual([]);

    // The tunnel ends: between the two fixes outside, somebody was inside again.
    await report(fix(6, 210, 0));

    const corrected = await yard.next<FenceDay & { name: string }>('geofence:corrected');
    expect(corrected).toMatchObject({
      revision: 1,
      name: driver.name,
      date,
      visits: [{ enteredAt: after(0), leftAt: null }],
    });
    expect(await day(driver)).toMatchObject({ revision: 1 });
    await remake(driver);
    expect(await day(driver)).toMatchObject({ revision: 1 });
  });

  it('stay as they were for a fence that was taken away', async () => {
    const { driver, api } = await crew();
    const fence = await api.createGeofence({ name: 'Start', shape: circle(150) });
    const ids = { device: ulid(), boot: ulid() };
    await hub.api(trackingApi, driver).report({ ...ids, fixes: [fix(1, 0, 0), fix(2, 200, 600), fix(3, 220, 700)] });
    await remake(driver);
    await api.removeGeofence({ geofenceId: fence.id }, asRead(fence));

    await hub.api(trackingApi, driver).report({ ...ids, fixes: [fix(4, 100, 0)] });
    await remake(driver);

    expect(await day(driver)).toMatchObject({ visits: [{ fenceName: 'Start', leftAt: after(200) }] });
  });

  it('are for those who may see the trackable', async () => {
    const { admin, driver, api } = await crew();
    await api.createGeofence({ name: 'Start', shape: circle(150) });
    await hub.api(trackingApi, driver).report({ device: ulid(), boot: ulid(), fixes: [fix(1, 0, 0)] });
    await remake(driver);
    const { id: trackableId } = await trackableOf(driver);
    const colleague = await hub.person({ beside: driver });
    const stranger = await hub.person({ role: 'admin' });
    const range = { trackableId, from: date, to: date };

    expect((await hub.api(trackingApi, admin).fenceDays(range)).days).toMatchObject([{ visits: [{ leftAt: null }] }]);
    for (const other of [colleague, stranger])
      await expect(hub.api(trackingApi, other).fenceDays(range)).rejects.toMatchObject({ status: 404 });
    const tooLong = hub.api(trackingApi, admin).fenceDays({ trackableId, from: '2026-01-01', to: '2026-12-31' });
    await expect(tooLong).rejects.toMatchObject({ status: 400, code: 'BAD_QUERY' });
  });
});

/** Seed 0: as they were recorded. Else mixed, in pieces, some of them twice. */
function batchesOf(fixes: readonly Given[], seed: number): Given[][] {
  if (seed === 0) return [[...fixes]];
  let state = seed * 7_919;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const mixed = fixes
    .map((one) => ({ one, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ one }) => one);
  const batches: Given[][] = [];
  for (let from = 0; from < mixed.length;) {
    const size = 1 + Math.floor(random() * 6);
    batches.push(mixed.slice(from, from + size));
    from += size;
  }
  return [...batches, ...batches.filter(() => random() < 0.4)];
}
