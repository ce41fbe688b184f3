import { checkInsApi } from '@loro/contracts/check-ins';
import { dutyApi } from '@loro/contracts/check-ins-duty';
import { reportDay, sweepDuty } from '@loro/contracts/check-ins-live';
import { checkInSetupApi } from '@loro/contracts/check-ins-setup';
import { ulid } from '../../platform/ulid';
import { AT_OFFICE, checkIn, later, officeWorker } from '../../testing/check-in-people';
import { type Person, testHub } from '../../testing/test-hub';
import { checkIns } from '.';

const hub = testHub();
const api = (person: Person) => hub.api(checkInsApi, person);
const duty = (person: Person) => hub.api(dutyApi, person);
const MINUTE = 60_000;
const sweep = () => hub.work(sweepDuty.name, { tick: hub.clock.now().toISOString() });
const follow = async (person: Person) => {
  const heard = await hub.listen('/check-ins', person);
  await heard.subscribe(`${person.orgId}:records:${person.branchId}`);
  return heard;
};
const minutesOnDuty = async ({ orgId, userId }: Person): Promise<number[]> => {
  const now = hub.clock.now();
  const spans = await hub.hub.use(checkIns).dutyOf(orgId, [userId], new Date(now.getTime() - 86_400_000), now);
  return (spans.get(userId) ?? []).map(({ from, to }) => Math.round(((to ?? now).getTime() - from.getTime()) / MINUTE));
};

describe('duty', () => {
  it('begins and ends with check-ins, and has breaks', async () => {
    const worker = await officeWorker(hub);
    expect(await duty(worker).mine()).toMatchObject({ state: 'off' });
    await api(worker).record(checkIn());
    await later(hub, 60 * MINUTE, worker);
    expect(await duty(worker).set({ state: 'break' })).toMatchObject({ state: 'break' });
    await later(hub, 15 * MINUTE, worker);
    await duty(worker).set({ state: 'on' });
    await later(hub, 30 * MINUTE, worker);

    await api(worker).record(checkIn({ kind: 'out' }));

    expect(await duty(worker).mine()).toMatchObject({ state: 'off' });
    expect(await minutesOnDuty(worker)).toEqual([60, 30]);
  });

  it('goes on while a visit within it begins and ends', async () => {
    const worker = await officeWorker(hub);
    await api(worker).record(checkIn());
    const visit = { type: 'client-visit', target: { type: 'client', id: ulid() } };
    await api(worker).record(checkIn(visit));
    await later(hub, 20 * MINUTE, worker);

    await api(worker).record(checkIn({ ...visit, kind: 'out' }));

    expect(await duty(worker).mine()).toMatchObject({ state: 'on' });
    expect(await minutesOnDuty(worker)).toEqual([20]);
  });

  it('of the past is put in where it belongs when it is handed in later', async () => {
    const worker = await officeWorker(hub);
    const at = (minutes: number) => ({ live: false, wallMs: hub.clock.now().getTime() - minutes * MINUTE });

    await api(worker).recordBatch({ items: [checkIn(at(240)), checkIn({ ...at(120), kind: 'out' })] });

    expect(await minutesOnDuty(worker)).toEqual([120]);
    expect(await duty(worker).mine()).toMatchObject({ state: 'off' });
  });

  it('is told to the branch, and to rooms that remember it', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const stranger = await officeWorker(hub, 'manager');
    const [heard, far] = [await follow(manager), await follow(stranger)];
    const forgotten: string[] = [];
    hub.hub.use(checkIns).onDuty((_orgId, userId) => forgotten.push(userId));

    await api(worker).start({ position: AT_OFFICE });

    expect(await heard.next('duty:changed')).toMatchObject({
      userId: worker.userId,
      state: 'on',
      unreachableSince: null,
    });
    expect(forgotten).toContain(worker.userId);
    expect(far.heard('duty:changed')).toEqual([]);
  });

  it('is heard of on other nodes too', async () => {
    const worker = await officeWorker(hub);
    const other = await hub.secondNode();
    const told = new Promise<string>((resolve) => {
      other.hub.use(checkIns).onDuty((_orgId, userId) => void (userId === worker.userId && resolve(userId)));
    });

    await api(worker).record(checkIn());

    expect(await told).toBe(worker.userId);
  });

  it('of a silent device is unreachable after 90 s, until it is heard again', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const heard = await follow(manager);
    await api(worker).record(checkIn());
    hub.clock.advance(80_000);
    await sweep();
    expect(await duty(worker).mine()).toMatchObject({ unreachableSince: null });

    hub.clock.advance(20_000);
    await sweep();
    expect(await duty(worker).mine()).toMatchObject({ state: 'on', unreachableSince: expect.any(String) });
    await heard.next('duty:changed', (told: { unreachableSince: string | null }) => told.unreachableSince !== null);

    await hub.hub.use(checkIns).heard(worker.orgId, worker.userId);
    await sweep();
    expect(await duty(worker).mine()).toMatchObject({ unreachableSince: null });
  });
});

describe('the presence board', () => {
  it('has a row for everybody of the branch, with the newest check-in', async () => {
    const worker = await officeWorker(hub);
    const idle = await officeWorker(hub, 'staff', worker);
    const manager = await officeWorker(hub, 'manager', worker);
    const stranger = await officeWorker(hub, 'manager');
    const { id } = await api(worker).record(checkIn());

    const { data } = await duty(manager).board({ branchId: worker.branchId });
    const first = await duty(manager).board({ branchId: worker.branchId, limit: 2 });
    const rest = await duty(manager).board({
      branchId: worker.branchId,
      limit: 2,
      cursor: first.page.nextCursor ?? '',
    });

    const byPerson = new Map(data.map((row) => [row.userId, row]));
    expect(byPerson.get(worker.userId)).toMatchObject({ state: 'on', last: { id, type: 'office', kind: 'in' } });
    expect(byPerson.get(idle.userId)).toMatchObject({ state: 'off', since: null, last: null });
    expect([...first.data, ...rest.data]).toEqual(data);
    expect((await duty(manager).board({ branchId: worker.branchId, state: 'on' })).data).toHaveLength(1);
    await expect(duty(stranger).board({ branchId: worker.branchId })).rejects.toMatchObject({ status: 404 });
    await expect(duty(worker).board({ branchId: worker.branchId })).rejects.toMatchObject({ status: 404 });
  });
});

describe('asking where somebody is', () => {
  it('is answered within five minutes, once, with a new reading', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const own = await hub.listen('/check-ins', worker);
    await expect(duty(manager).challenge({ userId: worker.userId })).rejects.toMatchObject({ status: 404 });
    await api(worker).record(checkIn());

    const { id: challengeId } = await duty(manager).challenge({ userId: worker.userId });

    expect(await own.next('challenge:asked')).toMatchObject({ id: challengeId, state: 'open' });
    await expect(duty(manager).challenge({ userId: worker.userId })).rejects.toMatchObject({ status: 409 });
    const stale = duty(worker).answer({ challengeId, position: { ...AT_OFFICE, ageMs: 121_000 } });
    await expect(stale).rejects.toMatchObject({ code: 'LOCATION_STALE' });
    await expect(duty(manager).answer({ challengeId, position: AT_OFFICE })).rejects.toMatchObject({ status: 404 });
    expect(await own.call('challenge:answer', { challengeId, position: AT_OFFICE })).toMatchObject({
      data: { state: 'answered' },
    });
    await expect(duty(worker).answer({ challengeId, position: AT_OFFICE })).rejects.toMatchObject({
      code: 'CHALLENGE_OVER',
    });
  });

  it('that is not answered stands beside the check-in, and the reviewers are told', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    const heard = await hub.listen('/check-ins', manager);
    await heard.subscribe(`${worker.orgId}:review:${worker.branchId}`);
    const { id } = await api(worker).record(checkIn());
    const { id: challengeId } = await duty(manager).challenge({ userId: worker.userId });
    hub.clock.advance(5 * MINUTE + 1);

    const late = duty(worker).answer({ challengeId, position: AT_OFFICE });
    await expect(late).rejects.toMatchObject({ code: 'CHALLENGE_OVER' });
    await sweep();
    await sweep();

    expect(await heard.next('challenge:missed')).toMatchObject({ id: challengeId, state: 'missed' });
    expect((await api(worker).recorded({ recordId: id })).reasons).toEqual(['challenge_missed']);
    expect(heard.heard('challenge:missed')).toHaveLength(1);
  });

  it('happens by chance as often in a shift as the rule says', async () => {
    const worker = await officeWorker(hub);
    const admin = await hub.person({ role: 'admin', beside: worker });
    await hub.api(checkInSetupApi, admin).makeRule({ type: 'office', settings: { challengesPerShift: 2 } });
    await api(worker).record(checkIn());

    for (let quarter = 0; quarter < 40; quarter += 1) {
      hub.clock.advance(15 * MINUTE);
      await sweep();
    }

    const asked = await hub.sql('SELECT id FROM duty_challenges WHERE user_id = ?', [worker.userId]);
    expect(asked).toHaveLength(2);
  });
});

describe('help', () => {
  it('is called for, told to the branch, and ended by the person or a manager', async () => {
    const worker = await officeWorker(hub);
    const [manager, other] = [await officeWorker(hub, 'manager', worker), await officeWorker(hub, 'staff', worker)];
    const heard = await follow(manager);

    const { id: alarmId } = await duty(worker).panic({ position: AT_OFFICE });

    expect(await heard.next('alarm:raised')).toMatchObject({ id: alarmId, userId: worker.userId, kind: 'panic' });
    await expect(duty(other).endAlarm({ alarmId })).rejects.toMatchObject({ status: 404 });
    expect(await duty(manager).endAlarm({ alarmId })).toMatchObject({ endedAt: expect.any(String) });
    await expect(duty(worker).endAlarm({ alarmId })).rejects.toMatchObject({ code: 'ALARM_OVER' });
  });

  it('comes for who works alone and did not say that all is well', async () => {
    const [worker, safe] = [await officeWorker(hub), await officeWorker(hub)];
    for (const who of [worker, safe]) {
      await api(who).record(checkIn());
      await duty(who).aliveUntil({ minutes: 30 });
    }
    await later(hub, 29 * MINUTE, safe);
    await duty(safe).aliveUntil({ minutes: 30 });
    hub.clock.advance(2 * MINUTE);
    const heard = await follow(await officeWorker(hub, 'manager', worker));

    await sweep();
    await sweep();

    expect(await heard.next('alarm:raised')).toMatchObject({ userId: worker.userId, kind: 'lone-worker' });
    const raised = await hub.sql('SELECT user_id AS userId FROM duty_alarms WHERE user_id IN (?)', [
      [worker.userId, safe.userId],
    ]);
    expect(raised).toEqual([{ userId: worker.userId }]);
  });
});

describe('the day of a branch', () => {
  it('is summed up once, when it is over', async () => {
    const worker = await officeWorker(hub);
    const manager = await officeWorker(hub, 'manager', worker);
    await api(worker).record(checkIn());
    for (const who of [worker, manager])
      await api(who).record(checkIn({ type: 'client-visit', kind: 'visit', target: { type: 'client', id: ulid() } }));
    const tick = () => hub.work(reportDay.name, { tick: hub.clock.now().toISOString() });
    await tick();
    await later(hub, 25 * 60 * MINUTE, manager);
    const heard = await follow(manager);

    await tick();
    await tick();

    const report = await heard.next('check-ins:summed-up');
    expect(report).toMatchObject({
      branchId: worker.branchId,
      people: 2,
      checkIns: 3,
      visits: 2,
      flagged: 0,
      stillIn: 1,
    });
    // Two people are too few to be shown on a map.
    expect(report).toMatchObject({ byType: { office: 1, 'client-visit': 2 }, cells: [] });
    expect(heard.heard('check-ins:summed-up')).toHaveLength(1);
  });
});
