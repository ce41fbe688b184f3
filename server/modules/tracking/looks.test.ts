import { accessApi } from '@loro/contracts/access';
import { trackingApi } from '@loro/contracts/tracking';
import { type Person, testHub } from '../../testing/test-hub';
import { ownTrackable, phone, setOf } from './track-reports';

const hub = testHub();

async function seen(): Promise<{ driver: Person; manager: Person; trackableId: string }> {
  const driver = await hub.person();
  const manager = await hub.person({ role: 'manager', beside: driver });
  const fix = { n: 1, at: hub.clock.now().toISOString(), lat: -26.10757, lng: 28.0567, accuracy: 5, speed: 3 };
  await hub.api(trackingApi, driver).report({ ...phone(), fixes: [fix] });
  return { driver, manager, trackableId: await ownTrackable(hub, driver) };
}

describe('looking at where exactly somebody is', () => {
  it('is kept for him to read, and looking at oneself is not', async () => {
    const { driver, manager, trackableId } = await seen();

    await hub.api(trackingApi, manager).track({ trackableId, reason: 'Customer waits' });
    await hub.api(trackingApi, manager).positions();
    await hub.api(trackingApi, driver).track({ trackableId });

    const { data } = await hub.api(trackingApi, driver).looks({ trackableId });
    // Newest first.
    expect(data.map(({ viewerId, what, reason, times }) => [viewerId, what, reason, times])).toEqual([
      [manager.userId, 'position', null, 1],
      [manager.userId, 'track', 'Customer waits', 1],
    ]);
    const stranger = await hub.person({ role: 'owner' });
    await expect(hub.api(trackingApi, stranger).looks({ trackableId })).rejects.toMatchObject({ status: 404 });
  });

  it('of a live map is kept for everybody of the branch', async () => {
    const { driver, manager, trackableId } = await seen();
    const screen = await hub.listen('/tracking', manager);

    await screen.subscribe(`${driver.orgId}:fleet:${driver.branchId}`);

    const { data } = await hub.api(trackingApi, driver).looks({ trackableId });
    expect(data).toMatchObject([{ viewerId: manager.userId, branchId: driver.branchId, what: 'live' }]);
  });

  it('needs a reason where the organisation wants one; without it cells are shown', async () => {
    const { driver, manager, trackableId } = await seen();
    await setOf(hub, driver, 'tracking.reason-required', true);
    const api = hub.api(trackingApi, manager);

    const vague = (await api.positions()).data[0];
    const refused = api.positions({ precision: 'exact' });
    const exact = (await api.positions({ reason: 'Customer waits' })).data[0];

    expect(vague).toMatchObject({ precision: 'cell', accuracy: 200, speed: null, cell: expect.stringMatching(/^89/) });
    expect(Math.abs((vague?.lat ?? 0) - -26.10757)).toBeGreaterThan(0);
    expect(Math.abs((vague?.lat ?? 0) - -26.10757)).toBeLessThan(0.003);
    await expect(refused).rejects.toMatchObject({ status: 422, code: 'LOOK_REASON_REQUIRED' });
    expect(exact).toMatchObject({ lat: -26.10757, speed: 3 });
    expect((await hub.api(trackingApi, driver).positions()).data).toMatchObject([{ lat: -26.10757 }]);
    expect((await hub.api(trackingApi, driver).looks({ trackableId })).data).toMatchObject([
      { reason: 'Customer waits' },
    ]);
  });

  it('opens the live map for an hour once the reason is given', async () => {
    const { driver, manager, trackableId } = await seen();
    await setOf(hub, driver, 'tracking.reason-required', true);
    const screen = await hub.listen('/tracking', manager);
    const stream = `${driver.orgId}:trackable:${trackableId}`;
    const subscribe = () => screen.call('stream:subscribe', { streams: [{ stream }] });

    const before = await subscribe();
    await hub.api(trackingApi, manager).look({ trackableId, reason: 'Overdue at the site' });
    const after = await subscribe();

    expect(before).toMatchObject({ data: { streams: [{ error: { code: 'NOT_FOUND' } }] } });
    expect(after).toMatchObject({ data: { streams: [{ class: 'latest' }] } });
    await hub.api(trackingApi, manager).endLook();
    expect(await subscribe()).toMatchObject({ data: { streams: [{ error: { code: 'NOT_FOUND' } }] } });
  });

  it('is refused to whoever may only see cells, who has a stream of them', async () => {
    const { driver, trackableId } = await seen();
    const owner = await hub.person({ role: 'owner', beside: driver });
    const watcher = await hub.person({ role: 'client', beside: driver });
    await giveRole(owner, watcher);
    const api = hub.api(trackingApi, watcher);
    const screen = await hub.listen('/tracking', watcher);

    const joined = await screen.subscribe(`${driver.orgId}:cells:${driver.branchId}`);

    expect((await api.positions()).data).toMatchObject([{ trackableId, precision: 'cell', accuracy: 200 }]);
    await expect(api.positions({ precision: 'exact' })).rejects.toMatchObject({
      status: 403,
      code: 'PRECISION_DENIED',
    });
    await expect(api.track({ trackableId, precision: 'exact' })).rejects.toMatchObject({ code: 'PRECISION_DENIED' });
    const cells = joined.events.find(([name]) => name === 'cells:moved')?.[1];
    expect(cells).toMatchObject({ cells: [[expect.any(Number), expect.any(Number), expect.stringMatching(/^89/)]] });
    const refused = await screen.call('stream:subscribe', {
      streams: [{ stream: `${driver.orgId}:fleet:${driver.branchId}` }],
    });
    expect(refused).toMatchObject({ data: { streams: [{ error: { status: 403 } }] } });
  });
});

async function giveRole(owner: Person, to: Person): Promise<void> {
  const api = hub.api(accessApi, owner);
  const permissions = [{ permission: 'tracking.read', scope: 'org' }] as const;
  const { id: role } = await api.makeRole({ name: 'Watcher', permissions: [...permissions] });
  await api.grantRole({ userId: to.userId, role });
}
