import { checkInsApi } from '@loro/contracts/check-ins';
import { keepRetention } from '@loro/contracts/check-ins-live';
import { locationPrivacyApi } from '@loro/contracts/check-ins-privacy';
import { ulid } from '../../platform/ulid';
import { AT_OFFICE, checkIn, later, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { checkIns } from '.';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);
const privacy = (person: Person) => hub.api(locationPrivacyApi, person);
const DAY = 86_400_000;
const profile = { noticeVersion: 1, coarseAfterDays: 10, rawDays: 20, photoDays: 5 };
const retain = () => hub.work(keepRetention.name, { tick: hub.clock.now().toISOString() });
const room = () => hub.hub.use(checkIns);
const kept = async (id: string) =>
  (
    await hub.sql<{ place: Buffer | null; state: string; h3r7: string | null; h3r9: string | null }>(
      'SELECT place, place_state AS state, h3r7, h3r9 FROM check_in_marks WHERE id = ?',
      [id],
    )
  )[0];

/** An organisation that promised something: a worker who has read it, and who looks after it. */
async function promised(settings: Partial<typeof profile> & Record<string, unknown> = {}) {
  const worker = await officeWorker(hub);
  const admin = await hub.person({ role: 'admin', beside: worker });
  await privacy(admin).setProfile({ ...profile, ...settings });
  for (const who of [worker, admin]) await privacy(who).acknowledge({ version: '1' });
  return { worker, admin };
}

describe('acceptance: where people were', () => {
  it('is kept sealed, and a city at most stands beside it', async () => {
    const worker = await officeWorker(hub);

    const { id } = await api(worker).record(checkIn());

    const row = await kept(id);
    expect(row?.h3r7).toMatch(/^87/);
    expect(row?.place?.toString('latin1')).not.toContain('26.1');
    const [stay] = await hub.sql<object>(
      'SELECT started_lat_e7 AS lat, started_place AS place FROM check_ins WHERE id = ?',
      [id],
    );
    expect(stay).toMatchObject({ lat: null, place: expect.any(Buffer) });
    expect(await api(worker).get({ checkInId: id })).toMatchObject({ startedPlace: AT_OFFICE });
  });

  it('is shown exactly to few, who say why, and whom the person sees', async () => {
    const { worker } = await promised();
    const [manager, hr] = [await officeWorker(hub, 'manager', worker), await officeWorker(hub, 'hr', worker)];
    const { id: checkInId } = await api(worker).record(checkIn());

    const hidden = await api(manager).evidence({ checkInId });
    await expect(api(hr).evidence({ checkInId })).rejects.toMatchObject({ status: 422, code: 'REASON_REQUIRED' });
    const exact = await api(hr).evidence({ checkInId, reason: 'a complaint' });

    expect(hidden).toMatchObject({ place: null, placeState: 'hidden', cell: expect.stringMatching(/^87/) });
    expect(exact).toMatchObject({ place: AT_OFFICE, placeState: 'exact' });
    expect((await privacy(worker).looks()).data).toMatchObject([
      { viewerId: hr.userId, reason: 'a complaint', rows: 1 },
    ]);
    expect((await privacy(hr).looks()).data).toEqual([]);
  });

  it('is a city to everybody else in lists and events, once the organisation promised so', async () => {
    const { worker } = await promised();
    const manager = await officeWorker(hub, 'manager', worker);
    const heard = await hub.listen('/check-ins', manager);
    await heard.subscribe(`${worker.orgId}:branch:${worker.branchId}`);

    const own = await api(worker).start({ position: AT_OFFICE });

    const told = await heard.next<{ startedPlace: { lat: number; accuracy: number } }>('check-in:started');
    const [listed] = (await api(manager).list()).data;
    expect(own.startedPlace).toEqual(AT_OFFICE);
    expect(told.startedPlace.accuracy).toBe(1_400);
    expect(told.startedPlace.lat).not.toBeCloseTo(AT_OFFICE.lat, 4);
    expect(listed?.startedPlace).toEqual(told.startedPlace);
  });
});

describe('the notice', () => {
  it('has to be read before anything is recorded, anew when it changes', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    expect(await room().windowRule(worker.orgId)).toBeNull();
    expect(await room().hasRead(worker.orgId, worker.userId)).toBe(true);
    await privacy(admin).setProfile({ ...profile, noticeText: 'We note where you check in.' });

    await expect(api(worker).record(checkIn())).rejects.toMatchObject({ status: 403, code: 'NOTICE_REQUIRED' });
    await expect(api(worker).start({ position: AT_OFFICE })).rejects.toMatchObject({ code: 'NOTICE_REQUIRED' });
    expect(await privacy(worker).notice()).toMatchObject({ version: 1, acknowledgedAt: null });
    await expect(privacy(worker).acknowledge({ version: '2' })).rejects.toMatchObject({ code: 'NOTICE_UNKNOWN' });
    await privacy(worker).acknowledge({ version: '1' });
    await expect(api(worker).record(checkIn())).resolves.toMatchObject({ status: 'accepted' });

    expect(await room().windowRule(worker.orgId)).toEqual({ trackOnlyOnShift: true, noticeVersion: 1 });
    await privacy(admin).setProfile({ ...profile, noticeVersion: 2 });
    expect(await room().hasRead(worker.orgId, worker.userId)).toBe(false);
    await expect(privacy(admin).setProfile(profile)).rejects.toMatchObject({ status: 422 });
    await expect(privacy(worker).setProfile(profile)).rejects.toMatchObject({ status: 403 });
  });

  it('of another node counts here as soon as it is heard of', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    const other = await hub.secondNode();
    expect(await other.hub.use(checkIns).windowRule(worker.orgId)).toBeNull();

    await privacy(admin).setProfile({ ...profile, trackOnlyOnShift: false });

    await within(5_000, async () =>
      expect(await other.hub.use(checkIns).windowRule(worker.orgId)).toEqual({
        trackOnlyOnShift: false,
        noticeVersion: 1,
      }),
    );
  });
});

describe('acceptance: what time does to places', () => {
  it('makes them coarse, then takes them; decisions stay, and sums are the same', async () => {
    const { worker } = await promised();
    const { id } = await api(worker).record(checkIn());
    await api(worker).record(checkIn({ kind: 'out' }));
    hub.clock.advance(9 * DAY);
    await retain();
    expect(await kept(id)).toMatchObject({ state: 'exact', place: expect.any(Buffer) });

    await later(hub, 2 * DAY, worker);
    await retain();
    expect(await kept(id)).toMatchObject({ state: 'coarse', place: null, h3r9: expect.stringMatching(/^89/) });
    expect(await api(worker).get({ checkInId: id })).toMatchObject({ startedPlace: null, endedPlace: null });

    hub.clock.advance(10 * DAY);
    await retain();
    expect(await kept(id)).toMatchObject({ state: 'redacted', place: null, h3r9: null, h3r7: null });
    const [mark] = await hub.sql<object>('SELECT decision, status, inside_p AS p FROM check_in_marks WHERE id = ?', [
      id,
    ]);
    expect(mark).toMatchObject({ decision: 'inside', status: 'accepted' });
  });

  it('destroys the key of a month that is over, and nothing opens what it sealed', async () => {
    const { worker } = await promised();
    const { id } = await api(worker).record(checkIn());
    const before = await kept(id);
    hub.clock.advance(75 * DAY);

    await retain();

    const keys = await hub.sql<object>('SELECT wrapped, destroyed_at AS at FROM location_keys WHERE user_id = ?', [
      worker.userId,
    ]);
    expect(keys).toMatchObject([{ wrapped: null, at: expect.any(Date) }]);
    // A copy of the row from a backup is nothing but noise now.
    await hub.sql("UPDATE check_in_marks SET place = ?, place_state = 'exact' WHERE id = ?", [before?.place, id]);
    const hr = await officeWorker(hub, 'hr', worker);
    expect(await api(hr).evidence({ checkInId: id, reason: 'looking' })).toMatchObject({
      place: null,
      placeState: 'erased',
    });
  });

  it('does nothing to whom a case is about', async () => {
    const { worker, admin } = await promised();
    const { id } = await api(worker).record(checkIn());
    const hold = await privacy(admin).hold({ userId: worker.userId, reason: 'an accident' });
    await expect(privacy(admin).hold({ userId: worker.userId, reason: 'again' })).rejects.toMatchObject({
      code: 'LOCATION_HELD',
    });
    await later(hub, 75 * DAY, admin);
    await retain();
    expect(await kept(id)).toMatchObject({ state: 'exact', place: expect.any(Buffer) });

    await privacy(admin).release({ locationHoldId: hold.id });
    await retain();

    expect(await kept(id)).toMatchObject({ state: 'redacted', place: null });
  });

  it('seals what was recorded before places were sealed', async () => {
    const { worker } = await promised();
    const id = ulid(hub.clock.now().getTime());
    await hub.sql(
      `INSERT INTO check_ins (org_id, id, branch_id, user_id, started_at, started_lat_e7, started_lng_e7, ended_at, ended_lat_e7, ended_lng_e7)
       VALUES (?, ?, ?, ?, ?, -262041000, 280473000, ?, -262041000, 280473000)`,
      [worker.orgId, id, worker.branchId, worker.userId, hub.clock.now(), hub.clock.now()],
    );

    await retain();

    expect(
      await hub.sql('SELECT started_lat_e7 AS lat, ended_lng_e7 AS lng FROM check_ins WHERE id = ?', [id]),
    ).toEqual([{ lat: null, lng: null }]);
    expect(await api(worker).get({ checkInId: id })).toMatchObject({ startedPlace: { lat: -26.2041, lng: 28.0473 } });
    expect(await kept(id)).toMatchObject({ state: 'exact' });
  });
});

describe('requests', () => {
  it('give a person a copy of everything, exact places too', async () => {
    const worker = await officeWorker(hub);
    const other = await officeWorker(hub, 'staff', worker);
    await api(worker).record(checkIn({ note: 'hello' }));

    const { id: requestId, state } = await privacy(worker).ask({ kind: 'export' });

    expect(state).toBe('done');
    expect(await privacy(worker).copy({ requestId })).toMatchObject({
      checkIns: [{ note: 'hello', place: AT_OFFICE }],
    });
    await expect(privacy(other).copy({ requestId })).rejects.toMatchObject({ status: 404 });
  });

  it('erase where somebody was, for good, when it is granted', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    const stranger = await hub.person({ role: 'admin' });
    const { id } = await api(worker).record(checkIn());
    const { id: requestId } = await privacy(worker).ask({ kind: 'erase', reason: 'I leave' });
    await expect(privacy(worker).ask({ kind: 'erase' })).rejects.toMatchObject({ code: 'REQUEST_OPEN' });
    const answer = { requestId, decision: 'done', answer: 'as you wish' } as const;
    await expect(privacy(stranger).answer(answer)).rejects.toMatchObject({ status: 404 });
    const { id: locationHoldId } = await privacy(admin).hold({ userId: worker.userId, reason: 'a case' });
    await expect(privacy(admin).answer(answer)).rejects.toMatchObject({ code: 'LOCATION_HELD' });
    await privacy(admin).release({ locationHoldId });

    const outcomes = await Promise.allSettled([privacy(admin).answer(answer), privacy(admin).answer(answer)]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await kept(id)).toMatchObject({ place: null, h3r7: null });
    expect(await api(worker).get({ checkInId: id })).toMatchObject({ startedPlace: null });
    expect((await privacy(worker).asked()).data).toMatchObject([{ state: 'done', answer: 'as you wish' }]);
  });
});
