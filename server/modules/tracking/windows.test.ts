import { dutyApi } from '@loro/contracts/check-ins-duty';
import { locationPrivacyApi } from '@loro/contracts/check-ins-privacy';
import { type FixesTaken, trackingApi } from '@loro/contracts/tracking';
import { type Person, testHub } from '../../testing/test-hub';
import { phone, setOf } from './track-reports';

const hub = testHub();
const minutesAgo = (minutes: number) => new Date(hub.clock.now().getTime() - minutes * 60_000).toISOString();
const fixAt = (n: number, at: string) => ({ n, at, lat: -26.1, lng: 28.05, accuracy: 5 });
const stored = ({ orgId }: Person) =>
  hub.sql<{ n: number }>('SELECT n FROM fixes WHERE org_id = ? ORDER BY n', [orgId]);

async function promised(trackOnlyOnShift = true): Promise<Person> {
  const driver = await hub.person();
  const owner = await hub.person({ role: 'owner', beside: driver });
  await hub.api(locationPrivacyApi, owner).setProfile({ noticeVersion: 1, trackOnlyOnShift });
  return driver;
}
const reads = (driver: Person) => hub.api(locationPrivacyApi, driver).acknowledge({ version: '1' });
const says = (driver: Person, state: 'on' | 'break' | 'off') => hub.api(dutyApi, driver).set({ state });

describe('when somebody may be tracked', () => {
  it('is not before he has read the notice', async () => {
    const driver = await promised(false);
    const report = () => hub.api(trackingApi, driver).report({ ...phone(), fixes: [fixAt(1, minutesAgo(0))] });

    await expect(report()).rejects.toMatchObject({ status: 403, code: 'NOTICE_REQUIRED' });
    expect(await stored(driver)).toEqual([]);
    await reads(driver);
    await expect(report()).resolves.toMatchObject({ upTo: 1 });
  });

  it('is on duty; what lies outside is acknowledged, counted and never stored', async () => {
    const driver = await promised();
    await reads(driver);
    const before = minutesAgo(0);
    hub.clock.advance(60_000);
    await says(driver, 'on');
    hub.clock.advance(60_000);
    const during = minutesAgo(0);
    hub.clock.advance(60_000);
    await says(driver, 'off');
    hub.clock.advance(60_000);
    const after = minutesAgo(0);
    const fixes = [fixAt(1, before), fixAt(2, during), fixAt(3, after)];
    const socket = await hub.listen('/tracking', driver);

    const byHttp = await hub.api(trackingApi, driver).report({ ...phone(), fixes });
    const bySocket = await socket.call<FixesTaken>('fix:report', { ...phone(), fixes: fixes.slice(2) });

    expect(byHttp).toMatchObject({ upTo: 3, offWindow: 2, rejected: [] });
    expect(bySocket).toMatchObject({ ok: true, data: { upTo: 3, offWindow: 1 } });
    expect(await stored(driver)).toMatchObject([{ n: 2 }]);
    expect((await hub.api(trackingApi, driver).positions()).data).toMatchObject([{ at: during }]);
  });

  it('begins with the first fix after he said so, though he was off a moment ago', async () => {
    const driver = await promised();
    await reads(driver);
    const ids = phone();
    const api = hub.api(trackingApi, driver);

    const off = await api.report({ ...ids, fixes: [fixAt(1, minutesAgo(0))] });
    await says(driver, 'on');
    const on = await api.report({ ...ids, fixes: [fixAt(2, minutesAgo(0))] });
    await says(driver, 'off');
    hub.clock.advance(1_000);
    const offAgain = await api.report({ ...ids, fixes: [fixAt(3, minutesAgo(0))] });

    expect([off.offWindow, on.offWindow, offAgain.offWindow]).toEqual([1, undefined, 1]);
    expect(await stored(driver)).toMatchObject([{ n: 2 }]);
  });

  it('is always, for what has no person, and where nothing was promised', async () => {
    const driver = await promised();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const api = hub.api(trackingApi, manager);
    const van = await api.addTrackable({ kind: 'vehicle', name: 'Van', branchId: driver.branchId });
    const ids = phone();
    await api.enrolDevice({ trackableId: van.id, deviceId: ids.device, userId: driver.userId });
    const free = await hub.person();

    const ofVan = await hub.api(trackingApi, driver).report({ ...ids, fixes: [fixAt(1, minutesAgo(0))] });
    const ofFree = await hub.api(trackingApi, free).report({ ...phone(), fixes: [fixAt(1, minutesAgo(0))] });

    expect([ofVan.offWindow, ofFree.offWindow]).toEqual([undefined, undefined]);
    expect([await stored(driver), await stored(free)]).toMatchObject([[{ n: 1 }], [{ n: 1 }]]);
  });
});

describe('keeping oneself dark', () => {
  it('is allowed where the organisation says so, to the person alone', async () => {
    const driver = await hub.person();
    const ids = phone();
    const api = hub.api(trackingApi, driver);
    await api.report({ ...ids, fixes: [fixAt(1, minutesAgo(0))] });
    const trackableId = (await api.trackables()).data[0]?.id ?? '';
    await expect(api.pause({ trackableId, minutes: 30 })).rejects.toMatchObject({ code: 'PAUSE_NOT_ALLOWED' });
    await setOf(hub, driver, 'tracking.may-pause', true);
    hub.clock.advance(6_000);

    const paused = await api.pause({ trackableId, minutes: 30 });
    hub.clock.advance(60_000);
    const dark = await api.report({ ...ids, fixes: [fixAt(2, minutesAgo(0))] });
    await api.resume({ trackableId });
    hub.clock.advance(60_000);
    const seen = await api.report({ ...ids, fixes: [fixAt(3, minutesAgo(0)), fixAt(4, minutesAgo(1.5))] });

    expect(paused.pausedUntil).not.toBeNull();
    expect([dark.offWindow, seen.offWindow]).toEqual([1, 1]);
    expect((await stored(driver)).map(({ n }) => n)).toEqual([1, 3]);
    const manager = await hub.person({ role: 'manager', beside: driver });
    await expect(hub.api(trackingApi, manager).pause({ trackableId, minutes: 5 })).rejects.toMatchObject({
      status: 404,
    });
  });
});
