import { trackingApi } from '@loro/contracts/tracking';
import { testHub } from '../../testing/test-hub';
import { tracking } from '../tracking';
import { bare, from } from './generated-tracks';
import { addUp, handIn, numbered, ownTrackable, phone, setOf } from './track-reports';

const hub = testHub();
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => (Math.floor(hub.clock.now().getTime() / DAY_MS) - days) * DAY_MS + 6 * 3_600_000;
const drive = (at: number) =>
  Array.from({ length: 21 }, (_, index) => bare(at + index * 30_000, from(33, index * 200), 8));
const night = () => hub.work('tracking.retention', { tick: hub.clock.now().toISOString() });

describe('how long tracks are kept', () => {
  it('exact places of people become cells, then fixes go; trips and distances stay', async () => {
    const driver = await hub.person();
    for (const days of [25, 15, 5]) await handIn(hub, driver, phone(), [numbered(drive(daysAgo(days)))]);
    await addUp(hub);
    const trackableId = await ownTrackable(hub, driver);
    const api = hub.api(trackingApi, driver);
    const span = { from: new Date(daysAgo(30)).toISOString(), to: new Date(daysAgo(0)).toISOString() };
    const before = (await api.trips({ ...span, trackableId })).data;
    await setOf(hub, driver, 'tracking.precise-days', 10);
    await setOf(hub, driver, 'tracking.raw-days', 20);

    await night();
    await night();

    const fixes = await hub.sql<{ day: number; n: number; accuracy: number }>(
      `SELECT TO_DAYS(at) AS day, COUNT(*) AS n, MIN(accuracy_m) AS accuracy FROM fixes WHERE org_id = ? GROUP BY 1 ORDER BY 1`,
      [driver.orgId],
    );
    expect(fixes.map(({ n, accuracy }) => [n, accuracy])).toEqual([[21, 200], [21, 8]]); // prettier-ignore
    const after = (await api.trips({ ...span, trackableId })).data;
    expect(after.map(({ distanceM }) => distanceM)).toEqual(before.map(({ distanceM }) => distanceM));
    expect(after.map(({ polyline }) => polyline === null)).toEqual([false, true, false]);
    expect(after[1]?.start.position).not.toEqual(before[1]?.start.position);
  });

  it('a late fix does not spoil a day whose fixes are cells by now', async () => {
    const driver = await hub.person();
    await setOf(hub, driver, 'tracking.precise-days', 10);
    const ids = phone();
    const track = numbered(drive(daysAgo(15)));
    await handIn(hub, driver, ids, [track.filter(({ n }) => n !== 7)]);
    await addUp(hub);
    await night();

    await handIn(hub, driver, ids, [track.filter(({ n }) => n === 7)]);
    await addUp(hub);

    const span = { from: new Date(daysAgo(30)).toISOString(), to: new Date(daysAgo(0)).toISOString() };
    expect((await hub.api(trackingApi, driver).trips(span)).data).toMatchObject([{ distanceM: 4_000 }]);
  });

  it('makes room for the months to come and drops none that somebody keeps', async () => {
    await hub.work('tracking.tend-partitions', { tick: hub.clock.now().toISOString() });

    const rows = await hub.sql<{ name: string }>(
      "SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'fixes'",
    );
    const month = hub.clock.now().toISOString().slice(0, 7).replace('-', '');
    expect(rows.map(({ name }) => name)).toContain(`m${month}`);
  });
});

describe('what other rooms ask of tracks', () => {
  it('is the last sign of life of a person, and how far he went', async () => {
    const driver = await hub.person();
    await handIn(hub, driver, phone(), [numbered(drive(daysAgo(1)))]);
    await addUp(hub);
    const door = hub.hub.use(tracking);
    const date = new Date(daysAgo(1)).toISOString().slice(0, 10);
    const between = (since: number, until: number) =>
      door.evidenceBetween(driver.orgId, driver.userId, new Date(since), new Date(until));

    expect(await between(daysAgo(1), daysAgo(0))).toEqual(new Date(daysAgo(1) + 600_000));
    expect(await between(daysAgo(1), daysAgo(1) + 595_000)).toEqual(new Date(daysAgo(1) + 570_000));
    expect(await between(daysAgo(3), daysAgo(2))).toBeNull();
    expect(await door.distanceOf(driver.orgId, driver.userId, date, date)).toBe(4_000);
  });
});
