import { checkInsApi } from '@loro/contracts/check-ins';
import { sweepReviews, watchVisits } from '@loro/contracts/check-ins-live';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { ulid } from '../../platform/ulid';
import { AT_BORDER, AT_OFFICE, checkIn, later, NEAR_OFFICE, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';
import { checkIns } from '.';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);
const DAY = 86_400_000;
const MINUTE = 60_000;
const tick = () => ({ tick: hub.clock.now().toISOString() });
const doubtful = (person: Person) => api(person).record(checkIn({ position: AT_BORDER }));
const evidenceOf = (person: Person, id: string) => hub.hub.use(checkIns).evidenceOf(person.orgId, id);

describe('reviewing', () => {
  it('brings what is doubtful to whoever may decide, and to nobody else', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const stranger = await officeWorker(hub, 'manager');
    const heard = await hub.listen('/check-ins', manager);
    await heard.subscribe(`${worker.orgId}:review:${worker.branchId}`);

    const { id } = await doubtful(worker);

    expect(await heard.next('check-in:flagged')).toMatchObject({ id, reasons: ['uncertain'], score: 0 });
    expect((await api(manager).reviewQueue()).data.map((item) => item.id)).toEqual([id]);
    expect((await api(stranger).reviewQueue()).data).toEqual([]);
    await expect(api(worker).reviewQueue()).rejects.toMatchObject({ status: 403 });
    for (const who of [stranger]) {
      await expect(api(who).evidence({ checkInId: id })).rejects.toMatchObject({ status: 404 });
      const decided = api(who).review({ checkInId: id, decision: 'accepted', reason: 'saw him' });
      await expect(decided).rejects.toMatchObject({ status: 404 });
    }
  });

  it('lets one of two at once decide, with a reason, and tells the person', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const own = await hub.listen('/check-ins', worker);
    const { id: checkInId } = await doubtful(worker);
    expect(await evidenceOf(worker, checkInId)).toMatchObject({ counts: false, verification: 'unverified' });

    const outcomes = await Promise.allSettled(
      (['accepted', 'rejected'] as const).map((decision) =>
        api(manager).review({ checkInId, decision, reason: 'I was there' }),
      ),
    );

    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.status] : []));
    expect(won).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'CHECK_IN_STATE' } },
    ]);
    expect(await own.next('check-in:noted', (told: { status: string }) => told.status !== 'flagged')).toMatchObject({
      status: won[0],
    });
    expect(await evidenceOf(worker, checkInId)).toMatchObject({ counts: won[0] === 'accepted' });
  });

  it('is nobody’s to do for himself', async () => {
    const manager = await officeWorker(hub, 'manager');
    const { id: checkInId } = await doubtful(manager);

    expect((await api(manager).reviewQueue()).data).toEqual([]);
    const own = api(manager).review({ checkInId, decision: 'accepted', reason: 'trust me' });
    await expect(own).rejects.toMatchObject({ status: 403, code: 'SELF_REVIEW' });
  });

  it('decides once: what was accepted is not decided again', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const { id: checkInId } = await doubtful(worker);
    await api(manager).review({ checkInId, decision: 'accepted', reason: 'saw him' });

    const again = api(manager).review({ checkInId, decision: 'rejected', reason: 'no, I did not' });

    await expect(again).rejects.toMatchObject({ status: 409, code: 'CHECK_IN_STATE' });
    expect(await evidenceOf(worker, checkInId)).toMatchObject({ counts: true, status: 'accepted' });
  });

  it('that rejects an in leaves nobody checked in, nor on duty', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const { id: checkInId } = await doubtful(worker);

    await api(manager).review({ checkInId, decision: 'rejected', reason: 'the car park is not the office' });

    expect(await api(worker).get({ checkInId })).toMatchObject({ endedAt: expect.any(String) });
    const now = hub.clock.now();
    const duty = await hub.hub.use(checkIns).dutyOf(worker.orgId, [worker.userId], new Date(0), now);
    expect(duty.get(worker.userId)).toEqual([]);
    hub.clock.advance(61_000);
    await expect(api(worker).record(checkIn())).resolves.toMatchObject({ status: 'accepted' });
  });

  it('may accept what was rejected offline, and then it is a stay', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const offline = { live: false, wallMs: hub.clock.now().getTime() - 60 * MINUTE, position: NEAR_OFFICE };
    const { id: checkInId } = await api(worker).record(checkIn(offline));

    await api(manager).review({ checkInId, decision: 'accepted', reason: 'he was at the gate' });

    expect(await api(worker).get({ checkInId })).toMatchObject({ endedAt: null });
    expect(await evidenceOf(worker, checkInId)).toMatchObject({ counts: true, pairId: checkInId });
  });

  it('that nobody did for seven days is done by the rule', async () => {
    const worker = await officeWorker(hub);
    const strict = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: strict });
    await hub.api(checkInSetupApi, admin).makeRule({ type: 'office', settings: { afterSevenDays: 'reject' } });
    const [first, second] = [await doubtful(worker), await doubtful(strict)];
    hub.clock.advance(7 * DAY - MINUTE);
    await hub.work(sweepReviews.name, tick());
    expect(await statusOf(first.id)).toBe('flagged');

    hub.clock.advance(2 * MINUTE);
    await hub.work(sweepReviews.name, tick());

    expect([await statusOf(first.id), await statusOf(second.id)]).toEqual(['accepted', 'rejected']);
  });

  it('pays meanwhile where the rule says so', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    await hub.api(checkInSetupApi, admin).makeRule({ type: 'office', settings: { payWhileFlagged: true } });

    const { id } = await doubtful(worker);

    expect(await evidenceOf(worker, id)).toMatchObject({ status: 'flagged', counts: true });
  });
});

describe('voiding', () => {
  it('makes a check-in not count; only HR may, and nobody his own', async () => {
    const worker = await officeWorker(hub);
    const [manager, hr] = [await officeWorker(hub, 'manager', worker), await officeWorker(hub, 'hr', worker)];
    const { id: checkInId } = await api(worker).record(checkIn());

    await expect(api(manager).void({ checkInId, reason: 'x' })).rejects.toMatchObject({ status: 403 });
    const voided = await api(hr).void({ checkInId, reason: 'wrong person' });

    expect(voided).toMatchObject({ status: 'voided', reviewReason: 'wrong person' });
    expect(await evidenceOf(worker, checkInId)).toMatchObject({ counts: false, verification: 'failed' });
    await expect(api(hr).void({ checkInId, reason: 'again' })).rejects.toMatchObject({ code: 'CHECK_IN_STATE' });
    const own = await api(hr).record(checkIn());
    await expect(api(hr).void({ checkInId: own.id, reason: 'x' })).rejects.toMatchObject({ code: 'SELF_REVIEW' });
  });

  it('may name what stands in its place, of the same person', async () => {
    const worker = await officeWorker(hub);
    const other = await officeWorker(hub, 'staff', worker);
    const hr = await officeWorker(hub, 'hr', worker);
    const [wrong, right] = [
      await api(worker).record(checkIn({ kind: 'visit' })),
      await api(worker).record(checkIn({ type: 'field-work', kind: 'visit' })),
    ];
    const others = await api(other).record(checkIn());

    const replace = (supersededBy: string) => api(hr).void({ checkInId: wrong.id, reason: 'twice', supersededBy });
    await expect(replace(others.id)).rejects.toMatchObject({ status: 404 });
    await expect(replace(ulid())).rejects.toMatchObject({ status: 404 });

    expect(await replace(right.id)).toMatchObject({ status: 'superseded' });
  });
});

describe('what nobody ended', () => {
  it('is a visit that is reminded of after an hour, once, and ended after six', async () => {
    const worker = await officeWorker(hub);
    const visit = { type: 'client-visit', target: { type: 'client', id: ulid() }, position: AT_OFFICE };
    const { id: checkInId } = await api(worker).record(checkIn(visit));

    await later(hub, 61 * MINUTE, worker);
    const own = await hub.listen('/check-ins', worker);
    await hub.work(watchVisits.name, tick());
    await hub.work(watchVisits.name, tick());
    expect(await own.next('check-in:reminded')).toMatchObject({ id: checkInId });
    await later(hub, 300 * MINUTE, worker);
    await hub.work(watchVisits.name, tick());
    await hub.work(watchVisits.name, tick());

    const [out, ...more] = (await api(worker).records({ kind: 'out' })).data;
    expect(more).toEqual([]);
    expect(out).toMatchObject({ pairId: checkInId, status: 'flagged', reasons: ['auto_closed'] });
    const { startedAt, endedAt } = await api(worker).get({ checkInId });
    expect(Date.parse(endedAt ?? '') - Date.parse(startedAt)).toBe(360 * MINUTE);
    expect(own.heard('check-in:reminded')).toHaveLength(1);
  });

  it('is ended when its fence is left, where a rule says so', async () => {
    const [worker, other] = [await officeWorker(hub), await officeWorker(hub)];
    const admin = await hub.person({ role: 'admin', beside: worker });
    await hub.api(checkInSetupApi, admin).makeRule({ type: 'office', settings: { autoCheckOut: true } });
    const [mine] = [await api(worker).record(checkIn()), await api(other).record(checkIn())];
    await later(hub, 30 * MINUTE, worker);
    const left = ({ orgId, userId, branchId }: Person, fence = branchId) =>
      hub.hub.use(checkIns).leftFence(orgId, userId, fence, hub.clock.now());

    expect([await left(worker, ulid()), await left(other), await left(worker), await left(worker)]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect((await api(worker).get({ checkInId: mine.id })).endedAt).not.toBeNull();
    expect((await api(worker).records({ kind: 'out' })).data).toMatchObject([{ status: 'accepted', pairId: mine.id }]);
  });
});

async function statusOf(id: string): Promise<string | undefined> {
  const [row] = await hub.sql<{ status: string }>('SELECT status FROM check_in_marks WHERE id = ?', [id]);
  return row?.status;
}
