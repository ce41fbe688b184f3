import { trackingApi } from '@loro/contracts/tracking';
import { type Person, testHub } from '../../testing/test-hub';
import { bare, dice, from, madeTrack, north, shuffled } from './generated-tracks';
import type { TrackFix } from './sieve.policy';
import { addUp, batchesOf, handIn, numbered, ownTrackable, phone, shifted, yesterdayAtEight } from './track-reports';

const hub = testHub();
const morning = () => yesterdayAtEight(hub.clock.now());
const span = () => ({
  from: new Date(morning() - 86_400_000).toISOString(),
  to: new Date(morning() + 2 * 86_400_000).toISOString(),
});

/** Everything that a person’s days say, without what counts how they came to say it. */
async function told(person: Person) {
  const api = hub.api(trackingApi, person);
  const trackableId = await ownTrackable(hub, person);
  const bareOf = <T extends { id: string; trackableId: string }>({ id: _id, trackableId: _of, ...rest }: T) => rest;
  const dates = { from: span().from.slice(0, 10), to: span().to.slice(0, 10) };
  const { days } = await api.days({ trackableId, ...dates });
  const { days: fenceDays } = await api.fenceDays({ trackableId, ...dates });
  return {
    trips: (await api.trips({ ...span(), trackableId, limit: 200 })).data
      .map(bareOf)
      .map(({ version: _version, state: _state, driverId: _driver, ...trip }) => trip),
    stops: (await api.stops({ ...span(), trackableId, limit: 200 })).data.map(bareOf),
    gaps: (await api.gaps({ ...span(), trackableId, limit: 200 })).data.map(bareOf),
    speedings: (await api.speedings({ ...span(), trackableId, limit: 200 })).data.map(bareOf),
    days: days.map(({ revision: _revision, trackableId: _of, ...day }) => day),
    visits: fenceDays.map(({ date, visits }) => ({ date, visits })),
  };
}

const stopDriveStop = (startAt: number): TrackFix[] => [
  ...Array.from({ length: 11 }, (_, index) => bare(startAt + index * 30_000, from((index % 3) - 1, 0), 8)).with(
    10,
    bare(startAt + 300_000, north(0), 8),
  ),
  ...Array.from({ length: 9 }, (_, index) => bare(startAt + 320_000 + index * 20_000, from(0, 200 * (index + 1)), 8)),
  ...Array.from({ length: 13 }, (_, index) =>
    bare(startAt + 500_000 + index * 30_000, from(index === 6 ? 300 : 0, 2_000), 8),
  ),
];

describe('a day in the field', () => {
  it('is two stops and the trip between them, on record and on the manager’s screen', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const stranger = await hub.person({ role: 'manager', elsewhereIn: driver });
    const [screen, elsewhere] = [await hub.listen('/tracking', manager), await hub.listen('/tracking', stranger)];
    await screen.subscribe(`${driver.orgId}:yard:${driver.branchId}`);
    await elsewhere.subscribe(`${driver.orgId}:yard:${stranger.branchId}`);

    await handIn(hub, driver, phone(), [numbered(stopDriveStop(morning()))]);
    await addUp(hub);

    const { trips, stops, days } = await told(driver);
    const at = (seconds: number) => new Date(morning() + seconds * 1_000).toISOString();
    expect(stops).toMatchObject([
      { startAt: at(0), endAt: at(300), fixes: 11, isOpen: false },
      { startAt: at(500), endAt: at(860), fixes: 12, isOpen: false },
    ]);
    expect(trips).toMatchObject([
      { startAt: at(300), endAt: at(500), distanceM: 2_000, avgKmh: 36, purpose: 'unknown', precision: 'exact' },
    ]);
    expect(trips[0]?.polyline).toMatch(/^.{8,}$/);
    expect(days).toMatchObject([{ distanceM: 2_000, trips: 1, stops: 2, gaps: 0, leftOut: 1 }]);
    await screen.next('stop:started');
    expect(screen.heard('trip:ended')).toMatchObject([{ name: driver.name, endAt: at(500), distanceM: 2_000 }]);
    expect(screen.heard('stop:ended')).toHaveLength(2);
    expect(screen.heard('trip:recomputed')).toEqual([]);
    expect(elsewhere.heard('trip:ended')).toEqual([]);
  });

  it('shows a trip while it goes on, and ends it once', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const screen = await hub.listen('/tracking', manager);
    await screen.subscribe(`${driver.orgId}:yard:${driver.branchId}`);
    const start = hub.clock.now().getTime() - 900_000;
    const track = numbered(stopDriveStop(start));
    const ids = phone();

    for (const part of batchesOf(track, 4)) {
      await handIn(hub, driver, ids, [part]);
      await hub.work('tracking.compute-day');
    }

    await screen.next('trip:ended');
    expect(screen.heard('trip:started')).toMatchObject([
      { endAt: null, startAt: new Date(start + 300_000).toISOString() },
    ]);
    expect(screen.heard('trip:ended')).toHaveLength(1);
    expect(screen.heard('stop:started')).toHaveLength(2);
    const { data } = await hub.api(trackingApi, manager).stops(spanAround(start));
    expect(data.map(({ isOpen }) => isOpen)).toEqual([false, true]);
  });

  it('that a late batch changes is told anew, with what it became', async () => {
    const driver = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: driver });
    const screen = await hub.listen('/tracking', manager);
    await screen.subscribe(`${driver.orgId}:yard:${driver.branchId}`);
    const whole = stopDriveStop(morning());
    // Five fixes in the middle of the way show a detour, and come last.
    const detour = whole.slice(11, 16).map((fix) => ({ ...fix, ...from(500, (fix.lng - 28) * 111_194.926_644_559) }));
    const track = numbered([...whole.slice(0, 11), ...detour, ...whole.slice(16)]);
    const ids = phone();
    await handIn(hub, driver, ids, [track.slice(0, 11), track.slice(16)]);
    await addUp(hub);
    const [before] = (await told(driver)).trips;

    await handIn(hub, driver, ids, [track.slice(11, 16).toReversed()]);
    await addUp(hub);

    const recomputed = await screen.next<{ revision: number; trips: unknown[]; gone: unknown[] }>('trip:recomputed');
    expect(before).toMatchObject({ distanceM: 2_000 });
    expect(recomputed).toMatchObject({ revision: 1, gone: [], trips: [{ distanceM: 2_677 }] });
    expect((await told(driver)).trips).toMatchObject([{ startAt: before?.startAt, distanceM: 2_677 }]);
    expect(screen.heard('trip:ended')).toHaveLength(1);
  });

  it('keeps what somebody said of a trip when late fixes change it', async () => {
    const driver = await hub.person();
    const track = numbered(stopDriveStop(morning()));
    const ids = phone();
    const api = hub.api(trackingApi, driver);
    await handIn(hub, driver, ids, [track.filter((_, index) => index < 11 || index % 2 === 0 || index > 19)]);
    await addUp(hub);
    const [trip] = (await api.trips(span())).data;
    await api.classify(
      { tripId: trip?.id ?? '', purpose: 'business', note: 'Visit to Acme' },
      { headers: { 'if-match': `"${trip?.version}"` } },
    );

    await handIn(hub, driver, ids, [track]);
    await addUp(hub);

    expect((await api.trips(span())).data).toMatchObject([
      { id: trip?.id, purpose: 'business', note: 'Visit to Acme', distanceM: 2_000 },
    ]);
  });

  const spanAround = (start: number) => ({
    from: new Date(start - 3_600_000).toISOString(),
    to: new Date(start + 7_200_000).toISOString(),
  });
});

describe('acceptance: any order and any repetition of batches', () => {
  it.each([1, 2, 3, 4, 5, 6])('gives the same trips, stops, silences and mileage (track %s)', async (seed) => {
    const owner = await hub.person({ role: 'owner' });
    const fence = await hub.branch(owner.orgId, { ...north(0), radiusM: 400 });
    const beside = { orgId: owner.orgId, branchId: fence };
    const [orderly, unruly] = [await hub.person({ beside }), await hub.person({ beside })];
    const track = numbered(shifted(madeTrack(seed, { fixes: 500 }), morning()));
    const random = dice(seed + 77);
    const ids = phone();
    const batches = batchesOf(track, 40);

    await handIn(hub, orderly, phone(), batches);
    await addUp(hub);
    const mixed = shuffled([...batches, ...batches.slice(0, 5)], random).map((batch) => shuffled(batch, random));
    for (const [index, batch] of mixed.entries()) {
      await handIn(hub, unruly, ids, [batch]);
      if (index % 4 === 0) await hub.work('tracking.compute-day');
    }
    await addUp(hub);

    const expected = await told(orderly);
    expect(await told(unruly)).toEqual(expected);
    expect(expected.trips.length + expected.stops.length).toBeGreaterThan(2);
  });
});

describe('reading trips', () => {
  it('is of one’s own, of one’s branch, and of nobody else’s organisation', async () => {
    const driver = await hub.person();
    await handIn(hub, driver, phone(), [numbered(stopDriveStop(morning()))]);
    await addUp(hub);
    const manager = await hub.person({ role: 'manager', beside: driver });
    const colleague = await hub.person({ beside: driver });
    const stranger = await hub.person({ role: 'owner' });
    const [trip] = (await hub.api(trackingApi, driver).trips(span())).data;

    const seen = async (who: Person) => (await hub.api(trackingApi, who).trips(span())).data.length;

    expect([await seen(driver), await seen(manager), await seen(colleague), await seen(stranger)]).toEqual([
      1, 1, 0, 0,
    ]);
    await expect(hub.api(trackingApi, stranger).trip({ tripId: trip?.id ?? '' })).rejects.toMatchObject({
      status: 404,
    });
    await expect(hub.api(trackingApi, colleague).trip({ tripId: trip?.id ?? '' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('goes page by page, and refuses a time that is too long or none', async () => {
    const driver = await hub.person();
    const twice = [stopDriveStop(morning()), stopDriveStop(morning() + 7_200_000)].flat();
    await handIn(hub, driver, phone(), [numbered(twice)]);
    await addUp(hub);
    const api = hub.api(trackingApi, driver);

    const first = await api.stops({ ...span(), limit: 3 });
    const second = await api.stops({ ...span(), limit: 3, cursor: first.page.nextCursor ?? '' });

    expect([...first.data, ...second.data].map(({ fixes }) => fixes)).toEqual([11, 12, 11, 12]);
    expect((await api.gaps(span())).data).toMatchObject([{ reason: 'silent', isEstimated: true }]);
    await expect(api.trips({ from: '2025-01-01T00:00:00Z', to: '2026-03-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'RANGE_TOO_LONG',
    });
    await expect(api.trips({ from: span().to, to: span().from })).rejects.toMatchObject({ code: 'BAD_QUERY' });
  });
});
