import { checkInsApi } from '@loro/contracts/check-ins';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { checkIn, NEAR_OFFICE, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);
const rule = async (worker: Person, type: 'office' | 'field-work', settings: object) =>
  hub.api(checkInSetupApi, await hub.person({ role: 'admin', beside: worker })).makeRule({ type, settings });
const marksOf = (person: Person) => hub.sql('SELECT id FROM check_in_marks WHERE user_id = ?', [person.userId]);
const MINUTE = 60_000;
const earlier = (minutes: number) => ({ live: false, wallMs: hub.clock.now().getTime() - minutes * MINUTE });

describe('acceptance: what was recorded offline', () => {
  it('is taken once, however often it is handed in', async () => {
    const worker = await officeWorker(hub);
    const items = [
      checkIn(earlier(300)),
      checkIn({ ...earlier(200), type: 'field-work', kind: 'visit' }),
      checkIn({ ...earlier(100), kind: 'out' }),
    ];

    const first = await api(worker).recordBatch({ items });
    const second = await api(worker).recordBatch({ items });

    expect(first.results.map(({ ok, recorded }) => [ok, recorded?.duplicate])).toEqual(Array(3).fill([true, false]));
    expect(second.results.map(({ recorded }) => recorded?.duplicate)).toEqual([true, true, true]);
    expect(second.results.map(({ recorded }) => recorded?.id)).toEqual(
      first.results.map(({ recorded }) => recorded?.id),
    );
    expect(await marksOf(worker)).toHaveLength(3);
  });

  it('and was changed since is refused', async () => {
    const worker = await officeWorker(hub);
    const item = checkIn();
    await api(worker).record(item);

    await expect(api(worker).record({ ...item, note: 'changed' })).rejects.toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_MISMATCH',
    });
  });

  it('twice at the same moment is one', async () => {
    const worker = await officeWorker(hub);
    const items = [checkIn(earlier(30))];

    const both = await Promise.all([1, 2, 3].map(() => api(worker).recordBatch({ items })));

    const ids = both.flatMap(({ results }) => results.map(({ recorded }) => recorded?.id));
    expect(new Set(ids).size).toBe(1);
    expect(await marksOf(worker)).toHaveLength(1);
  });

  it('has a bad item among good ones, which is answered for itself', async () => {
    const worker = await officeWorker(hub);
    const items = [{ clientId: 'no' }, checkIn(earlier(73 * 60)), checkIn(earlier(10)), 'nothing'];

    const { results } = await api(worker).recordBatch({ items });

    expect(results.map(({ ok, error }) => error?.code ?? ok)).toEqual([
      'VALIDATION_FAILED',
      'CHECKIN_TOO_OLD',
      true,
      'VALIDATION_FAILED',
    ]);
    expect(results[0]).toMatchObject({ clientId: 'no' });
  });

  it('is not taken in batches of more than 500', async () => {
    const worker = await officeWorker(hub);

    const refused = api(worker).recordBatch({ items: Array.from({ length: 501 }, () => ({})) });

    await expect(refused).rejects.toMatchObject({ status: 413, code: 'BATCH_TOO_LARGE' });
  });

  it('a second in is kept and flagged, and the first one counts', async () => {
    const worker = await officeWorker(hub);
    const first = await api(worker).record(checkIn(earlier(65)));

    const second = await api(worker).record(checkIn(earlier(60)));

    expect(second).toMatchObject({ status: 'flagged', pairId: null });
    expect(second.reasons).toContain('double_in');
    expect(await api(worker).get({ checkInId: first.id })).toMatchObject({ endedAt: null });
    await expect(api(worker).get({ checkInId: second.id })).rejects.toMatchObject({ status: 404 });
  });

  it('an out without an in, or before it, is kept for somebody to look at', async () => {
    const worker = await officeWorker(hub);
    const alone = await api(worker).record(checkIn({ ...earlier(90), kind: 'out' }));
    await api(worker).record(checkIn(earlier(60)));
    const before = await api(worker).record(checkIn({ ...earlier(70), kind: 'out' }));

    expect(alone.reasons).toContain('no_in');
    expect(before.reasons).toContain('out_before_in');
    expect([alone.status, before.status]).toEqual(['flagged', 'flagged']);
  });

  it('outside of the fence is kept as rejected, for the person cannot go back', async () => {
    const worker = await officeWorker(hub);

    const recorded = await api(worker).record(checkIn({ ...earlier(60), position: NEAR_OFFICE }));

    expect(recorded).toMatchObject({ status: 'rejected', reasons: expect.arrayContaining(['outside']) });
    expect((await api(worker).list({ userId: worker.userId })).data).toEqual([]);
  });

  it('may not lie ahead', async () => {
    const worker = await officeWorker(hub);

    await expect(api(worker).record(checkIn(earlier(-3)))).rejects.toMatchObject({ code: 'CHECKIN_IN_FUTURE' });
  });

  it('keeps the date of its place: the branch’s for the office, the phone’s elsewhere', async () => {
    const worker = await officeWorker(hub);
    const late = Date.parse('2026-11-24T22:30:00Z') - hub.clock.now().getTime();
    const when = { live: false, wallMs: hub.clock.now().getTime() + (late < 0 ? late : late - 86_400_000) };
    await rule(worker, 'office', { offlineMaxHours: 720 });
    await rule(worker, 'field-work', { offlineMaxHours: 720 });

    const office = await api(worker).record(checkIn({ ...when, tz: 'Europe/London' }));
    const abroad = await api(worker).record(
      checkIn({ ...when, type: 'field-work', kind: 'visit', tz: 'Europe/London' }),
    );

    const dates = await Promise.all([office, abroad].map(({ id }) => api(worker).recorded({ recordId: id })));
    const utc = new Date(when.wallMs).toISOString().slice(0, 10);
    expect(dates.map(({ tz }) => tz)).toEqual(['Africa/Johannesburg', 'Europe/London']);
    expect(dates[1]?.localDate).toBe(utc);
    expect(dates[0]?.localDate).toBe(new Date(when.wallMs + 2 * 3_600_000).toISOString().slice(0, 10));
  });
});
