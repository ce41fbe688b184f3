import { branchesApi } from '@loro/contracts/branches';
import type { Geofence, GeofenceShape } from '@loro/contracts/branches-geofences';
import { ulid } from '../../platform/ulid';
import { licensed } from '../../testing/licenses';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
const open = (person: Person) => hub.api(branchesApi, person);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const sandton = { lat: -26.107567, lng: 28.056702 };
const METRE = 1 / 111_194.926_644_559;
const circle = (radiusM = 100): GeofenceShape => ({ kind: 'circle', center: sandton, radiusM });
const polygon = (corners: { lat: number; lng: number }[]): GeofenceShape => ({ kind: 'polygon', corners });
const square = (lat: number, lng: number, half = 0.001) => [
  { lat: lat - half, lng: lng - half },
  { lat: lat - half, lng: lng + half },
  { lat: lat + half, lng: lng + half },
  { lat: lat + half, lng: lng - half },
];

describe('drawing a fence', () => {
  it('keeps what was said of it, and fills in what was not', async () => {
    const manager = await hub.person({ role: 'manager' });
    const { branchId } = manager;
    const activeHours = [{ weekday: 1, opensAt: '08:00', closesAt: '17:00' }];

    const plain = await open(manager).createGeofence({ name: 'Gate', branchId, shape: circle() });
    const whole = await open(manager).createGeofence({
      name: 'Depot',
      branchId,
      clientId: ulid(),
      shape: polygon(square(-26.1, 28)),
      bufferM: 0,
      accMaxM: 40,
      activeHours,
      timezone: 'Europe/Berlin',
      speedLimitKmh: 30,
      dwellMinutes: 15,
    });

    expect(plain).toMatchObject({
      shape: circle(),
      clientId: null,
      bufferM: null,
      accMaxM: 100,
      activeHours: null,
      timezone: 'Africa/Johannesburg',
      speedLimitKmh: null,
      dwellMinutes: null,
      version: 1,
    });
    expect(whole).toMatchObject({ bufferM: 0, accMaxM: 40, activeHours, timezone: 'Europe/Berlin', speedLimitKmh: 30 });
    expect(await open(manager).geofence({ geofenceId: whole.id })).toEqual(whole);
    const { data } = await open(manager).geofences({ branchId });
    expect(data).toEqual([whole, plain]);
    expect((await open(manager).geofences({ clientId: whole.clientId ?? '' })).data).toEqual([whole]);
  });

  it('goes page by page, by name', async () => {
    const admin = await hub.person({ role: 'admin' });
    for (const name of ['C', 'A', 'B', 'A']) await open(admin).createGeofence({ name, shape: circle() });

    const first = await open(admin).geofences({ limit: 3 });
    const second = await open(admin).geofences({ limit: 3, cursor: first.page.nextCursor ?? '' });

    expect([...first.data, ...second.data].map(({ name }) => name)).toEqual(['A', 'A', 'B', 'C']);
    expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(4);
  });

  it('refuses ten thousand corners, and names the field', async () => {
    const admin = await hub.person({ role: 'admin' });
    const corners = Array.from({ length: 10_000 }, (_, at) => {
      const angle = (at / 10_000) * 2 * Math.PI;
      return { lat: -26 + 0.01 * Math.sin(angle), lng: 28 + 0.01 * Math.cos(angle) };
    });

    const refused = open(admin).createGeofence({ name: 'Round', shape: polygon(corners) });

    await expect(refused).rejects.toMatchObject({
      status: 422,
      code: 'VALIDATION_FAILED',
      problem: { errors: [{ path: 'shape.corners', code: 'too_big' }] },
    });
    const fewer = polygon(corners.filter((_, at) => at % 50 === 0));
    const kept = await open(admin).createGeofence({ name: 'Round', shape: fewer });
    expect(kept.shape.kind === 'polygon' && kept.shape.corners.length).toBe(200);
  });

  it('refuses a line that crosses itself, that encloses nothing or reaches too far, and names the corner', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [a, b, c, d] = square(-26, 28);
    if (!a || !b || !c || !d) throw new Error('a square has four corners');
    const pathOf = async (corners: { lat: number; lng: number }[]) => {
      const refused = await open(admin)
        .createGeofence({ name: 'Wrong', shape: polygon(corners) })
        .catch((error: unknown) => error);
      return (refused as { problem: { errors: { path: string; code: string }[] } }).problem.errors.map(
        ({ path, code }) => `${path} ${code}`,
      );
    };

    expect(await pathOf([a, c, b, d])).toEqual(['shape.corners.2 crosses_itself']);
    expect(await pathOf([a, b, b, c])).toEqual(['shape.corners.2 repeats']);
    expect(await pathOf([a, { lat: a.lat + METRE, lng: a.lng }, { lat: a.lat, lng: a.lng + METRE }])).toEqual([
      'shape.corners too_small',
    ]);
    expect(await pathOf([a, b, { lat: -20, lng: 28 }])).toEqual([
      expect.stringMatching(/^shape\.corners\.\d too_large$/),
    ]);
  });

  it('names every wrong field at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const wrong = {
      name: '',
      shape: { kind: 'circle', center: { lat: 91, lng: 0 }, radiusM: 5 },
      accMaxM: 0,
      dwellMinutes: 0.5,
      colour: 'red',
    };

    const response = await fetch(`${hub.url}/api/v1/geofences`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(wrong),
    });

    const problem = (await response.json()) as { errors: { path: string }[] };
    expect(response.status).toBe(422);
    expect(problem.errors.map(({ path }) => path).toSorted()).toEqual([
      'accMaxM',
      'colour',
      'dwellMinutes',
      'name',
      'shape.center.lat',
      'shape.radiusM',
    ]);
  });

  it('over the antimeridian and around a pole is asked like any other', async () => {
    const admin = await hub.person({ role: 'admin' });
    const fiji = [
      { lat: -18.001, lng: 179.999 },
      { lat: -18.001, lng: -179.999 },
      { lat: -17.999, lng: -179.999 },
      { lat: -17.999, lng: 179.999 },
    ];
    const pole = [0, 90, 180, -90].map((lng) => ({ lat: 89.99, lng }));
    await open(admin).createGeofence({ name: 'Fiji', shape: polygon(fiji) });
    await open(admin).createGeofence({ name: 'Pole', shape: polygon(pole) });
    const insideOf = async (lat: number, lng: number) =>
      (await open(admin).testGeofences({ lat, lng })).fences
        .filter(({ decision }) => decision === 'inside')
        .map(({ name }) => name);

    expect(await insideOf(-18, 180)).toEqual(['Fiji']);
    expect(await insideOf(-18, -179.9995)).toEqual(['Fiji']);
    expect(await insideOf(-18, 179.5)).toEqual([]);
    expect(await insideOf(90, 0)).toEqual(['Pole']);
    expect(await insideOf(89.995, -135)).toEqual(['Pole']);
  });

  it('stops at a thousand a branch, also when two come at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { branchId } = admin;
    const { id } = await open(admin).createGeofence({ name: 'First', branchId, shape: circle() });
    await hub.sql(
      `INSERT INTO geofences (org_id, id, name, branch_id, lat_e7, lng_e7, radius_m, acc_max_m, timezone, version)
       SELECT g.org_id, CONCAT(LEFT(g.id, 22), LPAD(n.n, 4, '0')), g.name, g.branch_id, g.lat_e7, g.lng_e7, g.radius_m,
         g.acc_max_m, g.timezone, 1
       FROM geofences g JOIN (SELECT a.d + 10 * b.d + 100 * c.d AS n FROM ${['a', 'b', 'c']
         .map((name) => `(${Array.from({ length: 10 }, (_, d) => `SELECT ${d} AS d`).join(' UNION ALL ')}) ${name}`)
         .join(' JOIN ')}) n WHERE g.id = ? AND n.n < 998`,
      [id],
    );

    const both = await Promise.allSettled([
      open(admin).createGeofence({ name: 'Last', branchId, shape: circle() }),
      open(admin).createGeofence({ name: 'Last', branchId, shape: circle() }),
    ]);

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { status: 409, code: 'GEOFENCES_FULL' },
    });
    await open(admin).createGeofence({ name: 'Of everybody', shape: circle() });
  });
});

describe('changing a fence', () => {
  it('needs the version that was read, and shows the one that stands', async () => {
    const admin = await hub.person({ role: 'admin' });
    const first = await open(admin).createGeofence({ name: 'Gate', shape: circle() });
    const geofenceId = first.id;

    const second = await open(admin).updateGeofence({ geofenceId, name: 'North gate' }, asRead(first));
    const stale = open(admin).updateGeofence({ geofenceId, shape: circle(200) }, asRead(first));
    await expect(stale).rejects.toMatchObject({ status: 412, problem: { current: { name: 'North gate' } } });
    const third = await open(admin).updateGeofence({ geofenceId, shape: polygon(square(-26, 28)) }, asRead(second));

    expect(third).toMatchObject({ name: 'North gate', shape: { kind: 'polygon' }, version: 3 });
    await expect(open(admin).updateGeofence({ geofenceId }, asRead(third))).rejects.toMatchObject({ status: 422 });
    await open(admin).removeGeofence({ geofenceId }, asRead(third));
    await expect(open(admin).geofence({ geofenceId })).rejects.toMatchObject({ status: 404 });
    await expect(open(admin).removeGeofence({ geofenceId }, asRead(third))).rejects.toMatchObject({ status: 404 });
  });

  it('is told to those who follow its branch, and to nobody of another', async () => {
    const admin = await hub.person({ role: 'admin' });
    const other = await hub.person({ role: 'manager', elsewhereIn: admin });
    const stranger = await hub.person({ role: 'admin' });
    const [here, there, away] = [
      await hub.listen('/notifications', admin),
      await hub.listen('/notifications', other),
      await hub.listen('/notifications', stranger),
    ];
    await here.subscribe(`${admin.orgId}:branches:${admin.orgId}`);
    const { branchId } = admin;

    const made = await open(admin).createGeofence({ name: 'Gate', branchId, shape: circle() });
    const moved = await open(admin).updateGeofence({ geofenceId: made.id, branchId: other.branchId }, asRead(made));
    await open(admin).removeGeofence({ geofenceId: made.id }, asRead(moved));

    const isLast = ({ change }: { change: string }) => change === 'removed';
    await there.next('geofence:changed', isLast);
    await here.next('geofences:changed', isLast);
    expect(there.heard('geofence:changed')).toMatchObject([{ change: 'updated' }, { change: 'removed' }]);
    expect(here.heard('geofence:changed')).toMatchObject([
      { change: 'created', geofence: { id: made.id } },
      { change: 'updated', geofence: { branchId: other.branchId } },
    ]);
    expect((here.heard('geofences:changed') as { change: string }[]).map(({ change }) => change)).toEqual([
      'created',
      'updated',
      'removed',
    ]);
    expect(away.heard('geofence:changed')).toEqual([]);
  });

  it('is for managers, in their own branches; everybody sees those of the whole organisation', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', elsewhereIn: admin });
    const staff = await hub.person({ beside: manager });
    const stranger = await hub.person({ role: 'admin' });
    const ofAll = await open(admin).createGeofence({ name: 'All', shape: circle() });
    const elsewhere = await open(admin).createGeofence({ name: 'There', branchId: admin.branchId, shape: circle() });
    const own = await open(manager).createGeofence({ name: 'Here', branchId: manager.branchId, shape: circle() });
    const seenBy = async (person: Person) => (await open(person).geofences()).data.map(({ name }: Geofence) => name);

    expect(await seenBy(staff)).toEqual(['All', 'Here']);
    expect(await seenBy(stranger)).toEqual([]);
    const here = { name: 'X', branchId: staff.branchId, shape: circle() };
    await expect(open(staff).createGeofence(here)).rejects.toMatchObject({ status: 403 });
    const orgWide = open(manager).createGeofence({ name: 'X', shape: circle() });
    await expect(orgWide).rejects.toMatchObject({ status: 404 });
    const there = open(manager).createGeofence({ name: 'X', branchId: admin.branchId, shape: circle() });
    await expect(there).rejects.toMatchObject({ status: 404 });
    for (const { id } of [ofAll, elsewhere])
      await expect(open(manager).updateGeofence({ geofenceId: id, name: 'Mine' }, asRead(ofAll))).rejects.toMatchObject(
        { status: 404 },
      );
    const away = open(manager).updateGeofence({ geofenceId: own.id, branchId: admin.branchId }, asRead(own));
    await expect(away).rejects.toMatchObject({ status: 404 });
    for (const geofenceId of [ofAll.id, own.id])
      await expect(open(stranger).geofence({ geofenceId })).rejects.toMatchObject({ status: 404 });
    const foreign = open(stranger).createGeofence({ name: 'X', branchId: admin.branchId, shape: circle() });
    await expect(foreign).rejects.toMatchObject({ status: 404 });
    expect((await open(stranger).testGeofences(sandton)).fences).toEqual([]);
  });

  it('needs a plan with fences; taking one away does not', async () => {
    const admin = await hub.person({ role: 'admin' });
    const fence = await open(admin).createGeofence({ name: 'Gate', shape: circle() });
    await withoutFences(admin);

    const another = () => open(admin).createGeofence({ name: 'Gate', shape: circle() });

    const refusal = { status: 403, code: 'FEATURE_NOT_LICENSED' };
    await within(2_000, () => expect(another()).rejects.toMatchObject(refusal));
    await open(admin).removeGeofence({ geofenceId: fence.id }, asRead(fence));
  });
});

async function withoutFences({ orgId }: Person): Promise<void> {
  await licensed(hub, orgId, { type: 'perpetual', plan: 'starter' });
}
