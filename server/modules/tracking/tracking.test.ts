import { type FixesMoved, type FixesTaken, type Trackable, trackingApi } from '@loro/contracts/tracking';
import { ulid } from '../../platform/ulid';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const phone = () => ({ device: ulid(), boot: ulid() });
const fixAt = (n: number, change: Record<string, unknown> = {}) => ({
  n,
  at: hub.clock.now().toISOString(),
  lat: -26.1,
  lng: 28.05,
  accuracy: 5,
  ...change,
});
const stored = ({ orgId }: Person) =>
  hub.sql<{ n: number; lat_e7: number; lng_e7: number; flags: number }>(
    'SELECT n, lat_e7, lng_e7, flags FROM fixes WHERE org_id = ? ORDER BY n',
    [orgId],
  );

describe('handing in fixes', () => {
  it('is acknowledged once they are in MySQL, over a socket and over HTTP alike', async () => {
    const person = await hub.person();
    const socket = await hub.listen('/tracking', person);
    const batch = { ...phone(), fixes: [fixAt(1), fixAt(2)] };

    const bySocket = await socket.call<FixesTaken>('fix:report', batch);
    const byHttp = await hub.api(trackingApi, person).report({ ...batch, fixes: [fixAt(3)] });

    expect(bySocket).toEqual({ ok: true, data: { upTo: 2, rejected: [], pace: expect.any(Object) } });
    expect(byHttp).toEqual({ upTo: 3, rejected: [] });
    expect((await stored(person)).map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  it('twice, in any order and at once stores each once', async () => {
    const person = await hub.person();
    const api = hub.api(trackingApi, person);
    const fixes = Array.from({ length: 200 }, (_, index) => fixAt(index + 1));
    const { device, boot } = phone();

    await Promise.all([
      api.report({ device, boot, fixes }),
      api.report({ device, boot, fixes: fixes.toReversed() }),
      api.report({ device, boot, fixes: fixes.slice(50, 150) }),
    ]);

    expect((await stored(person)).map(({ n }) => n)).toEqual(fixes.map(({ n }) => n));
  });

  it('names every wrong path of a bad one and stores its neighbours', async () => {
    const person = await hub.person();
    const fixes = [
      fixAt(1),
      fixAt(2, { lat: 200, lng: 'x', accuracy: -1 }),
      fixAt(3),
      'nonsense',
      { ...fixAt(5), at: '0001-01-01T00:00:00Z' },
    ];

    const answer = await hub.api(trackingApi, person).report({ ...phone(), fixes });

    expect(answer.upTo).toBe(5);
    expect(answer.rejected.map(({ index, n, errors }) => [index, n, errors.map(({ path }) => path)])).toEqual([
      [1, 2, ['lat', 'lng', 'accuracy']],
      [3, null, ['']],
      [4, 5, ['at']],
    ]);
    expect((await stored(person)).map(({ n }) => n)).toEqual([1, 3]);
  });

  it('keeps and marks what is odd: tomorrow, 1970, out of order, zero and zero', async () => {
    const person = await hub.person();
    const tomorrow = new Date(hub.clock.now().getTime() + 86_400_000).toISOString();
    const fixes = [
      fixAt(1, { at: tomorrow }),
      fixAt(2, { at: '1970-01-01T00:00:00Z', lat: 0, lng: -122.4 }),
      fixAt(3, { lat: 0, lng: 0 }),
    ];

    await hub.api(trackingApi, person).report({ ...phone(), fixes });

    const { data } = await hub.api(trackingApi, person).positions();
    expect(await stored(person)).toMatchObject([
      { n: 1, flags: 0b1000 },
      { n: 2, lat_e7: 0, lng_e7: -1_224_000_000, flags: 0b110000 },
      { n: 3, flags: 0b1000000 },
    ]);
    // Tomorrow's fix is kept, and never becomes the newest position.
    expect(data).toMatchObject([{ lat: 0, lng: 0, flags: ['null_island'] }]);
  });

  it('never moves the newest position back', async () => {
    const person = await hub.person();
    const api = hub.api(trackingApi, person);
    const ids = phone();
    const earlier = new Date(hub.clock.now().getTime() - 10_000).toISOString();

    await api.report({ ...ids, fixes: [fixAt(2, { lat: -26.2 })] });
    await api.report({ ...ids, fixes: [fixAt(1, { lat: -26.3, at: earlier })] });

    expect((await api.positions()).data).toMatchObject([{ lat: -26.2 }]);
  });

  it.each([
    ['no fixes', { fixes: [] }],
    ['501 fixes', { fixes: Array.from({ length: 501 }, (_, n) => ({ n })) }],
    ['a device that is no ULID', { device: 'my-phone' }],
    ['a field nobody knows', { batch: 1 }],
  ])('refuses %s as a whole', async (_what, change) => {
    const person = await hub.person();

    const refused = hub.api(trackingApi, person).report({ ...phone(), fixes: [fixAt(1)], ...change });

    await expect(refused).rejects.toMatchObject({ status: 422 });
    expect(await stored(person)).toEqual([]);
  });
});

describe('a device', () => {
  it('belongs to the first who reports with it', async () => {
    const person = await hub.person();
    const { device } = phone();
    await hub.api(trackingApi, person).report({ device, boot: ulid(), fixes: [fixAt(1)] });
    const colleague = await hub.person({ beside: person });
    const stranger = await hub.person();
    const batch = { device, boot: ulid(), fixes: [fixAt(1)] };

    await expect(hub.api(trackingApi, colleague).report(batch)).rejects.toMatchObject({ code: 'DEVICE_NOT_YOURS' });
    await expect(hub.api(trackingApi, stranger).report(batch)).rejects.toMatchObject({ status: 404 });
    expect(await stored(stranger)).toEqual([]);
  });

  it('is enrolled once, though its first ten reports race', async () => {
    const person = await hub.person();
    const { device, boot } = phone();

    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        hub.api(trackingApi, person).report({ device, boot, fixes: [fixAt(index + 1)] }),
      ),
    );

    expect(await hub.sql('SELECT id FROM devices WHERE org_id = ?', [person.orgId])).toHaveLength(1);
    expect(await hub.sql('SELECT id FROM trackables WHERE org_id = ?', [person.orgId])).toHaveLength(1);
    expect(await stored(person)).toHaveLength(10);
  });
});

describe('watching a fleet', () => {
  it('shows the newest fix of everybody of the branch, packed, and nobody else', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const stranger = await hub.person({ role: 'manager' });
    const [here, elsewhere] = [await hub.listen('/tracking', manager), await hub.listen('/tracking', stranger)];
    await here.subscribe(`${driver.orgId}:fleet:${driver.branchId}`);
    await elsewhere.subscribe(`${stranger.orgId}:fleet:${stranger.branchId}`);

    await hub.api(trackingApi, driver).report({ ...phone(), fixes: [fixAt(1, { speed: 12.34, heading: 90 })] });

    const keyed = await here.next<{ trackables: Trackable[] }>('trackable:keyed');
    const moved = await here.next<FixesMoved>('fixes:moved');
    expect(keyed.trackables).toMatchObject([{ userId: driver.userId, key: moved.fixes[0]?.[0] }]);
    expect(moved.fixes[0]?.slice(2)).toEqual([-261_000_000, 280_500_000, 5, 1_234, 90]);
    expect(elsewhere.all.map(({ event }) => event)).toEqual(['session:ready']);
  });

  it('begins with the last value of every key', async () => {
    const driver = await hub.person();
    await hub.api(trackingApi, driver).report({ ...phone(), fixes: [fixAt(1)] });
    const manager = await hub.person({ role: 'manager', beside: driver });
    const socket = await hub.listen('/tracking', manager);

    const { events } = await socket.subscribe(`${driver.orgId}:fleet:${driver.branchId}`);

    expect(events.map(([name]) => name)).toEqual(['trackable:keyed', 'fixes:moved']);
    expect(events[1]?.[1]).toMatchObject({
      fixes: [[expect.any(Number), expect.any(Number), -261_000_000, 280_500_000, 5, -1, -1]],
    });
  });

  it('does not show what is half a minute old as moving', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const socket = await hub.listen('/tracking', manager);
    await socket.subscribe(`${driver.orgId}:fleet:${driver.branchId}`);
    const old = new Date(hub.clock.now().getTime() - 31_000).toISOString();
    const ids = phone();

    await hub.api(trackingApi, driver).report({ ...ids, fixes: [fixAt(1, { at: old })] });
    await hub.api(trackingApi, driver).report({ ...ids, fixes: [fixAt(2, { lat: -26.2 })] });

    await socket.next<FixesMoved>('fixes:moved');
    expect((socket.heard('fixes:moved') as FixesMoved[]).flatMap(({ fixes }) => fixes.map(([, , lat]) => lat))).toEqual(
      [-262_000_000],
    );
  });

  it('is refused to those who may only see themselves', async () => {
    const driver = await hub.person();
    const socket = await hub.listen('/tracking', driver);

    const reply = await socket.call('stream:subscribe', {
      streams: [{ stream: `${driver.orgId}:fleet:${driver.branchId}` }],
    });

    expect(reply).toMatchObject({ ok: true, data: { streams: [{ error: { code: 'NOT_FOUND', status: 404 } }] } });
  });
});

describe('following tracks', () => {
  const office = { lat: -26.107567, lng: 28.056702 };
  const north = (metres: number) => ({ lat: office.lat + metres / 111_194.93, lng: office.lng });

  const start = Date.now() - 120_000;

  async function drive(
    driver: Person,
    ids: { device: string; boot: string },
    from: number,
    steps: [seconds: number, metres: number][],
  ) {
    const fixes = steps.map(([seconds, metres], index) =>
      fixAt(from + index, { at: new Date(start + seconds * 1_000).toISOString(), ...north(metres) }),
    );
    await hub.api(trackingApi, driver).report({ ...ids, fixes });
  }

  it('tells once who came into a branch’s circle and who left it', async () => {
    const manager = await hub.person({ role: 'owner' });
    const branchId = await hub.branch(manager.orgId, { ...office, radiusM: 100 });
    const driver = await hub.person({ beside: { orgId: manager.orgId, branchId } });
    const socket = await hub.listen('/tracking', manager);
    await socket.subscribe(`${manager.orgId}:yard:${branchId}`);
    const ids = phone();

    await drive(driver, ids, 1, [
      [0, 500],
      [10, 40],
      [20, 300],
    ]);
    await hub.work('tracking.follow-tracks');
    await drive(driver, ids, 4, [
      [30, 320],
      [40, 600],
    ]);
    await hub.work('tracking.follow-tracks');
    await hub.work('tracking.follow-tracks');

    const exited = await socket.next<{ at: string; confirmedAt: string }>('geofence:exited');
    expect(socket.heard('geofence:entered')).toMatchObject([{ branchId, name: driver.name }]);
    expect(socket.heard('geofence:exited')).toHaveLength(1);
    expect(Date.parse(exited.confirmedAt) - Date.parse(exited.at)).toBe(10_000);
    expect(socket.metas('geofence:exited')[0]?.n).toBe((socket.metas('geofence:entered')[0]?.n ?? 0) + 1);
  });

  it('declares lost who was silent for five minutes, and found who reports again', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const socket = await hub.listen('/tracking', manager);
    await socket.subscribe(`${driver.orgId}:yard:${driver.branchId}`);
    const ids = phone();
    await hub.api(trackingApi, driver).report({ ...ids, fixes: [fixAt(1)] });
    await hub.work('tracking.sweep-silent', { tick: hub.clock.now().toISOString() });
    expect(socket.heard('trackable:lost')).toEqual([]);

    hub.clock.advance(5 * 60_000 + 1_000);
    await hub.work('tracking.sweep-silent', { tick: hub.clock.now().toISOString() });
    await hub.work('tracking.sweep-silent', { tick: hub.clock.now().toISOString() });
    const lost = await socket.next<Trackable>('trackable:lost');
    await hub.api(trackingApi, driver).report({ ...ids, fixes: [fixAt(2)] });
    await hub.work('tracking.follow-tracks');

    expect(lost.lostAt).not.toBeNull();
    expect(await socket.next('trackable:found')).toMatchObject({ userId: driver.userId, lostAt: null });
    expect(socket.heard('trackable:lost')).toHaveLength(1);
  });
});
