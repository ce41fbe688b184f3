import { streamName } from '@loro/contracts/kit/live';
import { addDays } from '../../platform';
import { Scene } from '../../testing/attendance-scene';
import { type Person, testHub } from '../../testing/test-hub';
import { attendance } from '.';

// The branches of every file that shares the database begin their days here too.
jest.setTimeout(180_000);

const hub = testHub();
const scene = new Scene(hub);
let date = '2027-03-01';

/** A weekday of its own for each test, for the clock only goes forward. */
const nextDay = (): string => (date = addDays(date, 7));

const people = async () => {
  const owner = await hub.person({ role: 'owner' });
  const worker = await scene.beside(owner, 'staff');
  await scene.roster(owner, worker.userId);
  return { owner, worker };
};
const branchListener = async (owner: Person) => {
  const listener = await hub.listen('/check-ins', await scene.beside(owner, 'manager'));
  await listener.subscribe(streamName(owner.orgId, 'attendance', owner.branchId));
  return listener;
};
const plan = ({ orgId, branchId }: Person, day: string) =>
  hub.work('attendance.plan-branch', { orgId, branchId, date: day });

describe('acceptance: a day that passes', () => {
  it('tells of who does not come 45 minutes after the beginning, and withdraws that when he was there after all (H1)', async () => {
    const day = nextDay();
    scene.setClock(day, '00:05');
    const { owner, worker } = await people();
    await plan(owner, day);
    scene.setClock(day, '08:44');
    await scene.tick();
    scene.setClock(day, '08:46');
    const early = await branchListener(owner);
    await scene.tick();
    await scene.tick();
    await early.next('attendance:absent');
    expect(early.heard('attendance:absent')).toEqual([
      expect.objectContaining({ userId: worker.userId, workDate: day }),
    ]);

    scene.setClock(day, '11:30');
    const boss = await scene.beside(owner, 'admin');
    const [branch, other] = [await branchListener(owner), await branchListener(owner)];
    await scene.punch(boss, worker.userId, day, 'in 08:02');
    await scene.compute(worker, day);
    await scene.compute(worker, day);

    for (const listener of [branch, other]) {
      await listener.next('attendance:absence-withdrawn');
      await listener.next('attendance:day-updated');
      expect(listener.heard('attendance:day-updated')).toHaveLength(1);
    }
    expect(await scene.day(boss, worker.userId, day)).toEqual([
      expect.objectContaining({ status: 'present', lateSec: 0, flags: ['in_progress'] }),
    ]);
  });

  it('closes what is open at the last sign of life, and opens it again when the out arrives (14)', async () => {
    const day = nextDay();
    const { owner, worker } = await (scene.setClock(day, '07:50'), people());
    hub.hub.use(attendance).supply({
      evidence: async (_orgId, userId, from, to) => {
        const sign = new Date(scene.at(day, '15:20'));
        return userId === worker.userId && sign > from && sign <= to ? sign : null;
      },
    });
    scene.setClock(day, '08:00');
    await scene.punch(await scene.beside(owner, 'admin'), worker.userId, day, 'in 08:00');
    await scene.compute(worker, day);
    scene.setClock(day, '21:00');
    await scene.tick();
    const boss = await scene.beside(owner, 'admin');
    expect(await scene.day(boss, worker.userId, day)).toEqual([
      expect.objectContaining({
        status: 'incomplete',
        workedSec: 26_400,
        flags: ['auto_closed', 'missing_out'],
        lastOut: scene.at(day, '15:20'),
      }),
    ]);

    scene.setClock(day, '22:10');
    const late = await scene.beside(owner, 'admin');
    const branch = await branchListener(owner);
    await scene.punch(late, worker.userId, day, 'out 17:05');
    await scene.compute(worker, day);
    await branch.next('attendance:day-updated');

    expect(await scene.day(late, worker.userId, day)).toEqual([
      expect.objectContaining({ status: 'present', workedSec: 32_700, flags: [], lastOut: scene.at(day, '17:05') }),
    ]);
    expect(branch.heard('attendance:day-updated')).toHaveLength(1);
  });

  it('makes an absence half an hour after the window, and a weekend of a day without a shift', async () => {
    const day = nextDay();
    scene.setClock(day, '00:10');
    const { owner, worker } = await people();
    await plan(owner, day);
    const status = async () => (await scene.day(await scene.beside(owner, 'admin'), worker.userId, day))[0]?.status;

    scene.setClock(day, '21:20');
    await scene.tick();
    expect(await status()).toBeUndefined();
    scene.setClock(day, '21:31');
    await scene.tick();
    expect(await status()).toBe('absent');
  });

  it('begins each local date of a branch once, also when two look, and through a change of its zone (H4)', async () => {
    const day = nextDay();
    scene.setClock(day, '00:30');
    const { owner } = await people();
    const asked = async () => {
      const rows = await hub.sql<{ payload: string }>(
        "SELECT payload FROM outbox_jobs WHERE name = 'attendance.plan-branch'",
      );
      return rows
        .map(({ payload }) => JSON.parse(payload) as { branchId: string; date: string })
        .filter(({ branchId }) => branchId === owner.branchId)
        .map((run) => run.date);
    };

    await Promise.all([scene.tick(), scene.tick()]);
    expect(await asked()).toEqual([day]);
    // Cairo is an hour ahead in winter and in this season one behind or level: each date begins once all the same.
    await hub.sql('UPDATE branches SET timezone = ? WHERE id = ?', ['Africa/Cairo', owner.branchId]);
    await hub.sql(
      'INSERT INTO branch_zones (org_id, branch_id, from_date, timezone) VALUES (?, ?, ?, ?), (?, ?, ?, ?)',
      [
        owner.orgId,
        owner.branchId,
        '1000-01-01',
        'Africa/Johannesburg',
        owner.orgId,
        owner.branchId,
        addDays(day, 1),
        'Africa/Cairo',
      ],
    );
    for (const time of ['12:00', '23:30', '23:59']) {
      scene.setClock(day, time);
      await scene.tick();
    }
    for (const time of ['00:30', '01:30', '12:00']) {
      scene.setClock(addDays(day, 1), time);
      await scene.tick();
    }
    expect(await asked()).toEqual([day, addDays(day, 1)]);
  });
});

describe('acceptance: a branch that moves to another zone (H4)', () => {
  it('keeps the days before, and has neither a double nor a missing one', async () => {
    const day = nextDay();
    scene.setClock(addDays(day, 5), '12:00');
    const { owner, worker } = await people();
    await hub.sql(
      'INSERT INTO branch_zones (org_id, branch_id, from_date, timezone) VALUES (?, ?, ?, ?), (?, ?, ?, ?)',
      [
        owner.orgId,
        owner.branchId,
        '1000-01-01',
        'Africa/Johannesburg',
        owner.orgId,
        owner.branchId,
        addDays(day, 2),
        'Asia/Kathmandu',
      ],
    );

    await hub.work('attendance.recompute', {
      orgId: owner.orgId,
      userIds: [worker.userId],
      from: day,
      to: addDays(day, 4),
    });

    const { data } = await scene.api(owner).days({ userId: worker.userId, from: day, to: addDays(day, 4) });
    expect(
      data.map(({ workDate, timezone, scheduledStart }) => [workDate, timezone, scheduledStart?.slice(11, 16)]),
    ).toEqual([
      [day, 'Africa/Johannesburg', '06:00'],
      [addDays(day, 1), 'Africa/Johannesburg', '06:00'],
      [addDays(day, 2), 'Asia/Kathmandu', '02:15'],
      [addDays(day, 3), 'Asia/Kathmandu', '02:15'],
    ]);
  });
});

describe('the reports of a branch', () => {
  it('come half an hour after it opens and after it closes, with what stands then', async () => {
    const day = nextDay();
    scene.setClock(day, '00:10');
    const { owner, worker } = await people();
    for (const weekday of [1, 2, 3, 4, 5, 6, 7])
      await hub.sql(
        "INSERT INTO branch_hours (org_id, branch_id, kind, weekday, opens_at, closes_at) VALUES (?, ?, 'public', ?, '08:00', '17:00')",
        [owner.orgId, owner.branchId, weekday],
      );
    await plan(owner, day);
    const asked = async (job: string) =>
      (await hub.sql<{ payload: string }>('SELECT payload FROM outbox_jobs WHERE name = ?', [job])).filter(
        ({ payload }) => payload.includes(owner.branchId),
      ).length;

    scene.setClock(day, '08:29');
    await scene.tick();
    expect(await asked('attendance.morning-report')).toBe(0);
    scene.setClock(day, '08:31');
    await Promise.all([scene.tick(), scene.tick()]);
    expect([await asked('attendance.morning-report'), await asked('attendance.evening-report')]).toEqual([1, 0]);
    const branch = await branchListener(owner);
    await hub.work('attendance.morning-report', { orgId: owner.orgId, branchId: owner.branchId, date: day });
    expect(await branch.next('attendance:morning-reported')).toMatchObject({ expected: 1, present: 0, absent: 0 });
    scene.setClock(day, '17:31');
    await scene.punch(await scene.beside(owner, 'admin'), worker.userId, day, 'in 08:00', 'out 17:00');
    await scene.compute(worker, day);
    await scene.tick();
    expect(await asked('attendance.evening-report')).toBe(1);
    const evening = await branchListener(owner);
    await hub.work('attendance.evening-report', { orgId: owner.orgId, branchId: owner.branchId, date: day });
    expect(await evening.next('attendance:evening-reported')).toMatchObject({ present: 1, workedSec: 32_400, late: 0 });
  });
});
