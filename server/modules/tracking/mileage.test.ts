import { trackingApi } from '@loro/contracts/tracking';
import { type Person, testHub } from '../../testing/test-hub';
import { bare, from } from './generated-tracks';
import { addUp, handIn, numbered, ownTrackable, phone, setOf } from './track-reports';

const hub = testHub();
const DAY_MS = 86_400_000;

/** The third of last month at eight, Johannesburg. */
const lastMonth = (): { at: number; month: string } => {
  const now = hub.clock.now();
  const at = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 3, 6);
  return { at, month: new Date(at).toISOString().slice(0, 7) };
};

async function drove(driver: Person, at: number, metres: number, odometer: number | null): Promise<void> {
  const steps = 20;
  const track = Array.from({ length: steps + 1 }, (_, index) =>
    bare(at + index * 30_000, from(0, (metres * index) / steps), 8, {
      odometer: odometer === null ? null : odometer + (metres * index) / steps,
    }),
  );
  await handIn(hub, driver, phone(), [numbered(track)]);
}

async function monthOf(driver: Person) {
  const { at, month } = lastMonth();
  await drove(driver, at, 10_000, 5_000_000);
  await drove(driver, at + DAY_MS, 4_000, null);
  await addUp(hub);
  const trackableId = await ownTrackable(hub, driver);
  const api = hub.api(trackingApi, driver);
  const span = { from: new Date(at - DAY_MS).toISOString(), to: new Date(at + 5 * DAY_MS).toISOString() };
  const trips = (await api.trips({ ...span, trackableId })).data;
  return { month, trackableId, api, trips };
}

describe('a month’s mileage', () => {
  it('lists trips with their purpose and counter, and sums them', async () => {
    const driver = await hub.person();
    const { month, trackableId, api, trips } = await monthOf(driver);
    const [first] = trips;
    await api.classify(
      { tripId: first?.id ?? '', purpose: 'business' },
      { headers: { 'if-match': `"${first?.version}"` } },
    );

    const mileage = await api.mileage({ trackableId, month });

    expect(
      mileage.lines.map(({ km, purpose, driver: by, odometerStartKm, odometerEndKm }) => [
        km,
        purpose,
        by,
        odometerStartKm,
        odometerEndKm,
      ]),
    ).toEqual([
      [10, 'business', driver.name, 5_000, 5_010],
      [4, 'unknown', driver.name, 5_010, 5_014],
    ]);
    expect(mileage).toMatchObject({ km: { business: 10, private: 0, total: 14 }, closedAt: null });
  });

  it('is closed once, and nothing in it changes any more', async () => {
    const driver = await hub.person();
    const { month, trackableId, api, trips } = await monthOf(driver);
    const manager = await hub.person({ role: 'manager', beside: driver });
    const boss = hub.api(trackingApi, manager);

    const both = await Promise.allSettled([1, 2].map(() => boss.closeMileage({ trackableId, month })));
    await drove(driver, lastMonth().at + 2 * DAY_MS, 7_000, null);
    await addUp(hub);

    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'MILEAGE_CLOSED' } });
    const after = await api.mileage({ trackableId, month });
    expect(after).toMatchObject({ km: { total: 14 }, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const [first] = trips;
    const classify = api.classify(
      { tripId: first?.id ?? '', purpose: 'private' },
      { headers: { 'if-match': `"${first?.version}"` } },
    );
    await expect(classify).rejects.toMatchObject({ code: 'MILEAGE_CLOSED' });
    expect((await boss.mileageCloses()).data).toMatchObject([
      { trackableId, month, trips: 2, closedBy: manager.userId },
    ]);
  });

  it('cannot be closed while it is not over, nor by the driver', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    await drove(driver, hub.clock.now().getTime() - 900_000, 3_000, null);
    const trackableId = await ownTrackable(hub, driver);
    const month = hub.clock.now().toISOString().slice(0, 7);

    const close = (person: Person, of: string) => hub.api(trackingApi, person).closeMileage({ trackableId, month: of });

    await expect(close(manager, month)).rejects.toMatchObject({ code: 'MONTH_NOT_OVER' });
    await expect(close(driver, lastMonth().month)).rejects.toMatchObject({ status: 403 });
  });

  it('closes by itself on the tenth, where the organisation wants that', async () => {
    const [driver, other] = [await hub.person(), await hub.person()];
    await setOf(hub, driver, 'tracking.close-mileage-by-itself', true);
    const { month, trackableId, api } = await monthOf(driver);
    const untouched = await monthOf(other);
    const now = hub.clock.now();
    // The tenth is over on the day this is read, or is waited for.
    if (now.getUTCDate() < 10) hub.clock.advance((10 - now.getUTCDate()) * DAY_MS);

    await hub.work('tracking.mileage-close', { tick: hub.clock.now().toISOString() });
    await hub.work('tracking.mileage-close', { tick: hub.clock.now().toISOString() });

    expect(await api.mileage({ trackableId, month })).toMatchObject({ closedAt: expect.any(String) });
    expect(await untouched.api.mileage({ trackableId: untouched.trackableId, month })).toMatchObject({
      closedAt: null,
    });
  });

  it('leaves as CSV, and as a spreadsheet', async () => {
    const driver = await hub.person();
    const { month, trackableId } = await monthOf(driver);
    const file = (format: string) =>
      fetch(`${hub.url}/api/v1/tracking/trackables/${trackableId}/mileage/${month}/file?format=${format}`, {
        headers: { authorization: `Bearer ${driver.token}` },
      });

    const csv = await (await file('csv')).text();
    const xlsx = Buffer.from(await (await file('xlsx')).arrayBuffer());

    expect(csv).toContain('Odometer at start');
    expect(csv.trim().split('\r\n')).toHaveLength(3);
    expect(xlsx.subarray(0, 2).toString()).toBe('PK');
  });
});
