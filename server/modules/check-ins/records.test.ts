import { checkInsApi } from '@loro/contracts/check-ins';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import type { Recorded } from '@loro/contracts/check-ins-values';
import { ulid } from '../../platform/ulid';
import { AT_BORDER, AT_OFFICE, checkIn, later, NEAR_OFFICE, OFFICE, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);
const rule = async (worker: Person, type: 'office' | 'meeting', settings: object) =>
  hub.api(checkInSetupApi, await hub.person({ role: 'admin', beside: worker })).makeRule({ type, settings });
const marksOf = (person: Person) =>
  hub.sql<{ kind: string; status: string }>('SELECT kind, status FROM check_in_marks WHERE user_id = ? ORDER BY id', [
    person.userId,
  ]);
const MINUTE = 60_000;

describe('acceptance: recording a check-in', () => {
  it('says whether it was inside, by how much, and how surely', async () => {
    const worker = await officeWorker(hub);

    const recorded = await api(worker).record(checkIn());

    expect(recorded).toMatchObject({ status: 'accepted', decision: 'inside', timeSource: 'server', duplicate: false });
    expect(recorded.insideP).toBeGreaterThan(0.99);
    expect(recorded.branchId).toBe(worker.branchId);
    expect(recorded.pairId).toBe(recorded.id);
    expect(recorded.explanation).toMatch(/within the fence/);
  });

  it('outside a fence that is required is refused, and nothing is stored', async () => {
    const worker = await officeWorker(hub);

    const refused = api(worker).record(checkIn({ position: NEAR_OFFICE }));

    await expect(refused).rejects.toMatchObject({
      status: 422,
      code: 'OUTSIDE_GEOFENCE',
      problem: { current: { distanceM: 48 } },
    });
    expect(await marksOf(worker)).toEqual([]);
  });

  it('from elsewhere three times in ten minutes is told to whoever reviews, once', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const heard = await hub.listen('/check-ins', manager);
    await heard.subscribe(`${worker.orgId}:review:${worker.branchId}`);

    for (let tries = 0; tries < 4; tries += 1)
      await expect(api(worker).record(checkIn({ position: NEAR_OFFICE }))).rejects.toMatchObject({ status: 422 });

    expect(await heard.next('check-in:attempted')).toMatchObject({ userId: worker.userId, count: 3 });
    expect(heard.heard('check-in:attempted')).toHaveLength(1);
  });

  it('on the border waits for a reviewer, or for what the rule says', async () => {
    const worker = await officeWorker(hub);
    const other = await officeWorker(hub);
    await rule(other, 'office', { onUncertain: 'accept' });

    const [first, second] = [
      await api(worker).record(checkIn({ position: AT_BORDER })),
      await api(other).record(checkIn({ position: AT_BORDER })),
    ];

    expect(first).toMatchObject({ status: 'flagged', decision: 'uncertain', reasons: ['uncertain'] });
    expect(second).toMatchObject({ status: 'accepted', decision: 'uncertain' });
  });

  it('that names no branch belongs to the one whose fence holds it', async () => {
    const worker = await officeWorker(hub);
    const yard = await hub.branch(worker.orgId, { lat: -26.2, lng: 28.05, radiusM: 80 });
    await hub.sql(
      `INSERT INTO branch_memberships (org_id, id, branch_id, user_id, fte_centi, is_primary, from_date, state, open_mark)
       VALUES (?, ?, ?, ?, 50, FALSE, '2026-01-05', 'current', 1)`,
      [worker.orgId, ulid(), yard, worker.userId],
    );

    const recorded = await api(worker).record(checkIn({ position: { lat: -26.2, lng: 28.0501, accuracy: 5 } }));

    expect(recorded).toMatchObject({ branchId: yard, decision: 'inside' });
  });

  it('needs a place that is new, exact and real', async () => {
    const worker = await officeWorker(hub);
    const refused = async (fields: Record<string, unknown>, code: string) =>
      expect(api(worker).record(checkIn(fields))).rejects.toMatchObject({ status: 422, code });

    await refused({ position: undefined }, 'LOCATION_REQUIRED');
    await refused({ position: { ...AT_OFFICE, ageMs: 120_001 } }, 'LOCATION_STALE');
    await refused({ position: { ...AT_OFFICE, accuracy: 101 } }, 'LOCATION_TOO_INACCURATE');
    await refused({ position: { lat: 0, lng: 0, accuracy: 5 } }, 'LOCATION_INVALID');
    await refused({ position: { ...AT_OFFICE, mock: true } }, 'MOCK_LOCATION');
    await refused({ device: { isEmulator: true } }, 'DEVICE_UNSOUND');
    expect(
      await api(worker).record(checkIn({ position: { ...AT_OFFICE, accuracy: 101 }, forceReview: true })),
    ).toMatchObject({
      status: 'flagged',
    });
  });

  it('names every wrong field', async () => {
    const worker = await officeWorker(hub);
    const wrong = checkIn({
      clientId: 'x',
      type: 'holiday',
      position: { lat: 91, lng: 0, accuracy: -1 },
      live: false,
      extra: 1,
    });

    const { problem } = await api(worker)
      .record(wrong as never)
      .then(
        () => Promise.reject(new Error('was taken')),
        (error: { problem: { errors: { path: string }[] } }) => error,
      );

    expect(problem.errors.map(({ path }) => path).toSorted()).toEqual([
      'clientId',
      'extra',
      'position.accuracy',
      'position.lat',
      'type',
    ]);
  });

  it('a second time while in is refused; of two at once one wins', async () => {
    const worker = await officeWorker(hub);

    const outcomes = await Promise.allSettled([api(worker).record(checkIn()), api(worker).record(checkIn())]);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { status: 409, code: 'ALREADY_CHECKED_IN' } },
    ]);
    await expect(api(worker).record(checkIn())).rejects.toMatchObject({ code: 'ALREADY_CHECKED_IN' });
    expect(await marksOf(worker)).toHaveLength(1);
  });

  it('out ends the stay once, and needs one', async () => {
    const worker = await officeWorker(hub);
    await expect(api(worker).record(checkIn({ kind: 'out' }))).rejects.toMatchObject({ code: 'NOT_CHECKED_IN' });
    const begun = await api(worker).record(checkIn());

    const outcomes = await Promise.allSettled([
      api(worker).record(checkIn({ kind: 'out' })),
      api(worker).record(checkIn({ kind: 'out' })),
    ]);

    expect(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.pairId] : []))).toEqual([
      begun.id,
    ]);
    expect((await api(worker).get({ checkInId: begun.id })).endedAt).not.toBeNull();
  });

  it('of the same kind within a minute is too soon', async () => {
    const worker = await officeWorker(hub);
    await api(worker).record(checkIn({ kind: 'visit' }));

    await expect(api(worker).record(checkIn({ kind: 'visit' }))).rejects.toMatchObject({
      status: 429,
      code: 'RATE_LIMITED',
    });
    hub.clock.advance(61_000);
    await expect(api(worker).record(checkIn({ kind: 'visit' }))).resolves.toMatchObject({ status: 'accepted' });
  });

  it('a visit to a client fits into a day’s work, with the client’s own fence', async () => {
    const worker = await officeWorker(hub);
    const client = { lat: -26.15, lng: 28.1 };
    await api(worker).record(checkIn());
    await later(hub, 60 * MINUTE, worker);
    const visit = {
      type: 'client-visit',
      target: { type: 'client', id: ulid() },
      targetFence: { ...client, radiusM: 200 },
      position: { ...client, accuracy: 12 },
    };

    const came = await api(worker).record(checkIn(visit));
    const went = await api(worker).record(checkIn({ ...visit, kind: 'out', outcome: 'Ordered twelve' }));

    expect([came, went]).toMatchObject([{ decision: 'inside' }, { pairId: came.id }]);
    expect((await api(worker).list({ open: 'true', userId: worker.userId })).data).toHaveLength(1);
    expect(await api(worker).recorded({ recordId: went.id })).toMatchObject({
      outcome: 'Ordered twelve',
      type: 'client-visit',
    });
  });

  it('from home keeps the city and nothing more', async () => {
    const worker = await officeWorker(hub);

    const recorded = await api(worker).record(
      checkIn({ type: 'remote', position: { lat: -26.02, lng: 28.01, accuracy: 30 } }),
    );

    expect(recorded).toMatchObject({ status: 'accepted', decision: 'not-required', insideP: null });
    expect(
      await hub.sql('SELECT place, accuracy_m, LENGTH(h3r7) AS cell FROM check_in_marks WHERE id = ?', [recorded.id]),
    ).toEqual([{ place: null, accuracy_m: null, cell: 15 }]);
  });

  it('to a meeting is possible around its beginning, with the code that the room shows', async () => {
    const worker = await officeWorker(hub);
    await rule(worker, 'meeting', { needsCode: true });
    const id = ulid();
    const { code } = await hub.api(checkInSetupApi, worker).meetingCode({ meetingId: id });
    const attend = (minutes: number, shown?: string) =>
      checkIn({
        type: 'meeting',
        kind: 'visit',
        target: { type: 'meeting', id },
        meeting: { startsAt: new Date(hub.clock.now().getTime() + minutes * MINUTE).toISOString(), code: shown },
      });

    await expect(api(worker).record(attend(16, code))).rejects.toMatchObject({ code: 'MEETING_WINDOW' });
    await expect(api(worker).record(attend(-31, code))).rejects.toMatchObject({ code: 'MEETING_WINDOW' });
    await expect(api(worker).record(attend(5))).rejects.toMatchObject({ code: 'MEETING_CODE' });
    await expect(api(worker).record(attend(5, 'XXXXXXXXXX'))).rejects.toMatchObject({ code: 'MEETING_CODE' });
    await expect(api(worker).record(attend(5, code))).resolves.toMatchObject({ status: 'accepted' });
    hub.clock.advance(61_000);
    await expect(api(worker).record(attend(5, code))).rejects.toMatchObject({ code: 'MEETING_CODE' });
  });

  it('is told to the branch and the person, without a place, and to nobody else', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const stranger = await officeWorker(hub, 'manager');
    const [near, own, far] = await Promise.all([manager, worker, stranger].map((who) => hub.listen('/check-ins', who)));
    await near?.subscribe(`${worker.orgId}:records:${worker.branchId}`);
    await far?.subscribe(`${stranger.orgId}:records:${stranger.branchId}`);

    const reply = await own?.call<Recorded>('check-in:record', checkIn());

    const told = await near?.next('check-in:recorded');
    expect(told).toMatchObject({ id: reply?.ok && reply.data.id, userId: worker.userId, status: 'accepted' });
    expect(JSON.stringify(told)).not.toContain('26.1');
    expect(await own?.next('check-in:noted')).toEqual(told);
    expect(far?.all.filter(({ event }) => event.startsWith('check-in'))).toEqual([]);
  });

  it('500 km in five minutes waits for a reviewer, who sees why', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const at = (lat: number, lng: number, kind = 'visit') =>
      checkIn({ type: 'field-work', kind, position: { lat, lng, accuracy: 20 } });
    await api(worker).record(at(-26.2041, 28.0473));
    await later(hub, 30 * MINUTE, worker, manager);

    const { id, status } = await api(worker).record(at(-33.9249, 18.4241));

    expect(status).toBe('flagged');
    expect(await api(manager).evidence({ checkInId: id })).toMatchObject({
      spoofScore: 80,
      signals: [{ name: 'teleport', weight: 0.8 }],
    });
  });
});

describe('the fence of the office', () => {
  it('stands where the tests think it does', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const { id } = await api(worker).record(
      checkIn({ position: { lat: OFFICE.lat, lng: OFFICE.lng + 0.0005, accuracy: 5 } }),
    );

    expect(await api(manager).evidence({ checkInId: id })).toMatchObject({
      fenceId: worker.branchId,
      signedDistanceM: 50.1,
    });
  });
});
