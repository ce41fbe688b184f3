import { type FixesMoved, trackingApi } from '@loro/contracts/tracking';
import { testHub } from '../../testing/test-hub';
import { ulid } from '../../platform/ulid';
import { bare, from, north } from './generated-tracks';
import { addUp, handIn, numbered, ownTrackable, phone, setOf, yesterdayAtEight } from './track-reports';

const hub = testHub();
const lone = (change: Record<string, unknown> = {}) => ({
  n: 1,
  at: hub.clock.now().toISOString(),
  lat: -26.1,
  lng: 28.05,
  accuracy: 5,
  ...change,
});
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

describe('tracking a vehicle', () => {
  it('is begun by its manager, changed under its version, and ended', async () => {
    const manager = await hub.person({ role: 'manager' });
    const api = hub.api(trackingApi, manager);

    const made = await api.addTrackable({
      kind: 'vehicle',
      name: 'Van 7',
      branchId: manager.branchId,
      speedLimitKmh: 100,
    });
    const changed = await api.changeTrackable({ trackableId: made.id, name: 'Van 8', speedLimitKmh: null }, ifMatch(1));
    const stale = api.changeTrackable({ trackableId: made.id, name: 'Van 9' }, ifMatch(1));

    expect(made).toMatchObject({ kind: 'vehicle', userId: null, speedLimitKmh: 100, mode: 'move', version: 1 });
    expect(changed).toMatchObject({ name: 'Van 8', speedLimitKmh: null, version: 2 });
    await expect(stale).rejects.toMatchObject({ status: 412, code: 'VERSION_CONFLICT' });
    await api.dropTrackable({ trackableId: made.id });
    expect((await api.trackables()).data).toEqual([]);
  });

  it('is not for staff, nor for another branch, nor seen from another organisation', async () => {
    const manager = await hub.person({ role: 'manager' });
    const staff = await hub.person({ beside: manager });
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: manager });
    const stranger = await hub.person({ role: 'owner' });
    const van = { kind: 'vehicle', name: 'Van', branchId: manager.branchId } as const;
    const made = await hub.api(trackingApi, manager).addTrackable(van);

    await expect(hub.api(trackingApi, staff).addTrackable(van)).rejects.toMatchObject({ status: 403 });
    await expect(hub.api(trackingApi, elsewhere).addTrackable(van)).rejects.toMatchObject({ status: 404 });
    await expect(hub.api(trackingApi, stranger).addTrackable(van)).rejects.toMatchObject({ status: 404 });
    await expect(hub.api(trackingApi, stranger).trackable({ trackableId: made.id })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('once for each thing that another list keeps, though two begin at once', async () => {
    const manager = await hub.person({ role: 'manager' });
    const van = { kind: 'vehicle', name: 'Van', branchId: manager.branchId, refId: ulid() } as const;

    const both = await Promise.allSettled([1, 2].map(() => hub.api(trackingApi, manager).addTrackable(van)));

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'TRACKABLE_EXISTS' } });
  });

  it('takes the fixes of its own device, sent by whom it was enrolled for, and moves on the map', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    const api = hub.api(trackingApi, manager);
    const van = await api.addTrackable({ kind: 'vehicle', name: 'Van', branchId: manager.branchId });
    const ids = phone();
    await api.enrolDevice({ trackableId: van.id, deviceId: ids.device, userId: driver.userId });
    const screen = await hub.listen('/tracking', manager);
    await screen.subscribe(`${manager.orgId}:fleet:${manager.branchId}`);

    await hub.api(trackingApi, driver).report({ ...ids, fixes: [lone()] });

    expect((await screen.next<FixesMoved>('fixes:moved')).fixes[0]?.[0]).toBe(van.key);
    expect((await api.positions()).data).toMatchObject([{ trackableId: van.id, lat: -26.1 }]);
    await api.dropDevice({ trackableId: van.id, deviceId: ids.device });
    expect((await api.devices({ trackableId: van.id })).devices).toEqual([]);
  });

  it('gives its trips to whoever drove when they began', async () => {
    const manager = await hub.person({ role: 'manager' });
    const [first, second] = [await hub.person({ beside: manager }), await hub.person({ beside: manager })];
    const api = hub.api(trackingApi, manager);
    const van = await api.addTrackable({ kind: 'vehicle', name: 'Van', branchId: manager.branchId });
    const ids = phone();
    await api.enrolDevice({ trackableId: van.id, deviceId: ids.device, userId: first.userId });
    await api.setDriver({ trackableId: van.id, userId: first.userId });
    const start = hub.clock.now().getTime() + 1_000;
    hub.clock.advance(450_000);
    await api.setDriver({ trackableId: van.id, userId: second.userId });
    const drive = Array.from({ length: 21 }, (_, index) => bare(start + index * 20_000, north(index * 200), 8));

    await handIn(hub, first, ids, [numbered(drive)]);
    await addUp(hub);

    const span = { from: new Date(start - 60_000).toISOString(), to: new Date(start + 3_600_000).toISOString() };
    expect((await hub.api(trackingApi, first).trips(span)).data).toMatchObject([
      { driverId: first.userId, distanceM: 4_000 },
    ]);
    expect((await hub.api(trackingApi, second).trips(span)).data).toEqual([]);
  });
});

describe('a device', () => {
  it('that reports already is taken, and a person’s cannot be enrolled', async () => {
    const manager = await hub.person({ role: 'manager' });
    const driver = await hub.person({ beside: manager });
    const { device, boot } = phone();
    await hub.api(trackingApi, driver).report({ device, boot, fixes: [lone()] });
    const api = hub.api(trackingApi, manager);
    const van = await api.addTrackable({ kind: 'vehicle', name: 'Van', branchId: manager.branchId });
    const person = await ownTrackable(hub, driver);

    const enrol = (trackableId: string, deviceId: string) =>
      api.enrolDevice({ trackableId, deviceId, userId: driver.userId });

    await expect(enrol(van.id, device)).rejects.toMatchObject({ status: 409, code: 'DEVICE_TAKEN' });
    await expect(enrol(person, ulid())).rejects.toMatchObject({ status: 409, code: 'TRACKABLE_OF_PERSON' });
  });

  it('with a low battery is asked to record less often', async () => {
    const driver = await hub.person();
    const api = hub.api(trackingApi, driver);
    const ids = phone();
    const socket = await hub.listen('/tracking', driver);
    const paceOf = async (n: number, battery: number) => {
      const reply = await socket.call<{ pace?: { intervalMs: number } }>('fix:report', {
        ...ids,
        fixes: [lone({ n, battery })],
      });
      return reply.ok ? reply.data.pace?.intervalMs : undefined;
    };

    const [full, low, still, charged] = [
      await paceOf(1, 0.8),
      await paceOf(2, 0.19),
      await paceOf(3, 0.18),
      await paceOf(4, 0.5),
    ];

    expect([full, low, still, charged]).toEqual([60_000, 300_000, undefined, 60_000]);
    expect((await api.positions()).data).toHaveLength(1);
  });
});

describe('finding what is tracked on a map', () => {
  it('asks for a box, and for one across the antimeridian', async () => {
    const owner = await hub.person({ role: 'owner' });
    const [near, far] = [await hub.person({ beside: owner }), await hub.person({ beside: owner })];
    await hub.api(trackingApi, near).report({ ...phone(), fixes: [lone()] });
    await hub.api(trackingApi, far).report({ ...phone(), fixes: [lone({ lat: -17, lng: -179.5 })] });
    await hub.work('tracking.follow-tracks');
    const api = hub.api(trackingApi, owner);
    const found = async (bbox: string) => (await api.trackables({ bbox })).data.map(({ userId }) => userId);

    expect(await found('28,-27,29,-26')).toEqual([near.userId]);
    expect(await found('179,-18,-179,-16')).toEqual([far.userId]);
    expect(await found('0,0,1,1')).toEqual([]);
    await expect(api.trackables({ bbox: '0,10,1,5' })).rejects.toMatchObject({ code: 'BAD_QUERY' });
  });
});

describe('driving too fast', () => {
  it('is told against the lowest limit of the fences, else the vehicle’s, else the organisation’s', async () => {
    const manager = await hub.person({ role: 'owner' });
    await setOf(hub, manager, 'tracking.speed-limit-kmh', 120);
    const api = hub.api(trackingApi, manager);
    const screen = await hub.listen('/tracking', manager);
    await screen.subscribe(`${manager.orgId}:yard:${manager.branchId}`);
    const van = await api.addTrackable({ kind: 'vehicle', name: 'Van', branchId: manager.branchId, speedLimitKmh: 80 });
    const ids = phone();
    await api.enrolDevice({ trackableId: van.id, deviceId: ids.device, userId: manager.userId });
    const start = yesterdayAtEight(hub.clock.now());
    const drive = Array.from({ length: 13 }, (_, index) =>
      bare(start + index * 10_000, from(0, index * 250), 5, { speed: index === 12 ? 10 : 25, speedAccuracy: 1 }),
    );

    await handIn(hub, manager, ids, [numbered(drive)]);
    await addUp(hub);

    const span = { from: new Date(start).toISOString(), to: new Date(start + 3_600_000).toISOString() };
    expect((await api.speedings(span)).data).toMatchObject([
      { limitKmh: 80, source: 'vehicle', maxKmh: 90, isOpen: false },
    ]);
    expect(await screen.next('speed:alert')).toMatchObject({ name: 'Van', limitKmh: 80, maxKmh: 90 });
  });
});
