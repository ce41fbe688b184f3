import { trackingApi } from '@loro/contracts/tracking';
import { testHub } from '../../testing/test-hub';
import { ownTrackable, phone } from './track-reports';

const hub = testHub();
const inMinutes = (minutes: number) => new Date(hub.clock.now().getTime() + minutes * 60_000).toISOString();

async function shared(minutesAgo = 0) {
  const driver = await hub.person();
  const manager = await hub.person({ role: 'manager', beside: driver });
  const ids = phone();
  let n = 0;
  const moveTo = async (lat: number, at = inMinutes(0)) => {
    n += 1;
    await hub.api(trackingApi, driver).report({ ...ids, fixes: [{ n, at, lat, lng: 28.0567, accuracy: 5, speed: 9 }] });
  };
  await moveTo(-26.1, inMinutes(-minutesAgo));
  return { driver, manager, moveTo, trackableId: await ownTrackable(hub, driver) };
}

describe('sharing where somebody is', () => {
  it('shows the newest position to whoever has the address, and no id', async () => {
    const { driver, manager, moveTo, trackableId } = await shared();
    const share = await hub
      .api(trackingApi, manager)
      .makeShareLink({ name: 'Delivery', trackableIds: [trackableId], expiresAt: inMinutes(60) });
    await moveTo(-26.2);

    const answer = await hub.api(trackingApi).openShareLink({ token: share.token });

    expect(answer).toMatchObject({ name: 'Delivery', precision: 'exact' });
    expect(answer.positions).toEqual([expect.objectContaining({ key: 1, name: driver.name, lat: -26.2, speed: 9 })]);
    expect(JSON.stringify(answer)).not.toContain(trackableId);
    const [kept] = await hub.sql<{ token_hash: string }>('SELECT token_hash FROM position_shares WHERE id = ?', [
      share.id,
    ]);
    expect(kept?.token_hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await hub.api(trackingApi, manager).shareLinks()).data).toMatchObject([{ id: share.id, opens: 1 }]);
    expect((await hub.api(trackingApi, driver).looks({ trackableId })).data).toMatchObject([{ what: 'share' }]);
  });

  it('shows cells where that was meant, and nothing from long before', async () => {
    const { manager, moveTo, trackableId } = await shared(20);
    const share = await hub.api(trackingApi, manager).makeShareLink({
      name: 'Round',
      trackableIds: [trackableId],
      precision: 'cell',
      expiresAt: inMinutes(60),
    });

    const before = await hub.api(trackingApi).openShareLink({ token: share.token });
    await moveTo(-26.3);
    const after = await hub.api(trackingApi).openShareLink({ token: share.token });

    expect(before.positions).toEqual([]);
    expect(after.positions).toMatchObject([{ accuracy: 200, speed: null }]);
    expect(after.positions[0]?.lat).not.toBe(-26.3);
  });

  it('ends by itself, and at once when it is taken back', async () => {
    const { manager, trackableId } = await shared();
    const api = hub.api(trackingApi, manager);
    const make = () => api.makeShareLink({ name: 'Now', trackableIds: [trackableId], expiresAt: inMinutes(30) });
    const [short, taken] = [await make(), await make()];

    await api.endShareLink({ shareId: taken.id });
    const open = (token: string) => hub.api(trackingApi).openShareLink({ token });

    await expect(open(taken.token)).rejects.toMatchObject({ status: 410, code: 'POSITION_SHARE_ENDED' });
    await expect(open(short.token)).resolves.toMatchObject({ name: 'Now' });
    hub.clock.advance(30 * 60_000 + 1_000);
    await expect(open(short.token)).rejects.toMatchObject({ code: 'POSITION_SHARE_ENDED' });
    await expect(open(`${manager.orgId}.${'A'.repeat(43)}`)).rejects.toMatchObject({ status: 404 });
  });

  it('lasts a day at most, and is not made by staff or for others’ people', async () => {
    const { driver, manager, trackableId } = await shared();
    const stranger = await hub.person({ role: 'owner' });
    const make = (person: typeof driver, minutes: number) =>
      hub
        .api(trackingApi, person)
        .makeShareLink({ name: 'X', trackableIds: [trackableId], expiresAt: inMinutes(minutes) });

    await expect(make(manager, 24 * 60 + 1)).rejects.toMatchObject({ code: 'SHARE_TOO_LONG' });
    await expect(make(manager, -1)).rejects.toMatchObject({ code: 'SHARE_TOO_LONG' });
    await expect(make(driver, 60)).rejects.toMatchObject({ status: 403 });
    await expect(make(stranger, 60)).rejects.toMatchObject({ status: 404 });
  });
});
