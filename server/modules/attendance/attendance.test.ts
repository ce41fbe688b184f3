import { streamName } from '@loro/contracts/kit/live';
import { ulid } from '../../platform';
import { Scene } from '../../testing/attendance-scene';
import { testHub } from '../../testing/test-hub';
import { attendance } from '.';

const hub = testHub();
const scene = new Scene(hub);
const MONDAY = '2027-02-01';
const TUESDAY = '2027-02-02';

beforeAll(() => scene.setClock(TUESDAY, '09:00'));

const people = async () => {
  const owner = await hub.person({ role: 'owner' });
  return { owner, worker: await scene.beside(owner, 'staff'), manager: await scene.beside(owner, 'manager') };
};

describe('handing in punches', () => {
  it('makes a day of them, and tells the person and the branch once each', async () => {
    const { owner, worker, manager } = await people();
    await scene.roster(owner, worker.userId);
    const own = await hub.listen('/check-ins', worker);
    const branch = await hub.listen('/check-ins', manager);
    const stranger = await hub.listen('/check-ins', await hub.person({ role: 'owner' }));
    await branch.subscribe(streamName(owner.orgId, 'attendance', owner.branchId));

    const taken = await scene.punch(owner, worker.userId, MONDAY, 'in 08:00', 'out 17:00');
    await scene.compute(worker, MONDAY);

    expect(taken).toMatchObject({ accepted: 2, duplicates: 0, refused: 0 });
    const [day] = await scene.day(worker, worker.userId, MONDAY);
    expect(day).toMatchObject({
      status: 'present',
      workedSec: 32_400,
      regularSec: 32_400,
      lateSec: 0,
      flags: [],
      version: 1,
    });
    await own.next('attendance:day-updated');
    await branch.next('attendance:day-updated');
    await scene.compute(worker, MONDAY);
    const told = { userId: worker.userId, workDate: MONDAY, status: 'present', workedSec: 32_400, version: 1 };
    expect(own.heard('attendance:day-updated')).toEqual([expect.objectContaining(told)]);
    expect(branch.heard('attendance:day-updated').filter((data) => JSON.stringify(data).includes(MONDAY))).toEqual([
      expect.objectContaining(told),
    ]);
    expect(stranger.heard('attendance:day-updated')).toEqual([]);
  });

  it('takes each once, however often and in whatever order they come', async () => {
    const { owner, worker } = await people();
    await scene.roster(owner, worker.userId);
    const punches = [
      { sourceId: ulid(), userId: worker.userId, at: scene.at(MONDAY, '17:00'), direction: 'out' as const },
      { sourceId: ulid(), userId: worker.userId, at: scene.at(MONDAY, '08:00'), direction: 'in' as const },
    ];

    const [first] = await Promise.all([scene.api(owner).punch({ punches }), scene.api(owner).punch({ punches })]);
    const again = await scene.api(owner).punch({ punches: punches.toReversed() });

    expect(first.accepted + first.duplicates).toBe(2);
    expect(again).toMatchObject({ accepted: 0, duplicates: 2 });
    const { data } = await scene.api(worker).punches({ from: MONDAY });
    expect(data.map(({ direction, at }) => [direction, at])).toEqual([
      ['in', scene.at(MONDAY, '08:00')],
      ['out', scene.at(MONDAY, '17:00')],
    ]);
  });

  it('lets a bad one stop none of the others, and refuses where all are bad', async () => {
    const { owner, worker } = await people();
    const stranger = await hub.person();
    const said = (userId: string, at: string) => ({ sourceId: ulid(), userId, at });
    const soon = new Date(hub.clock.now().getTime() + 180_000).toISOString();

    const taken = await scene.api(owner).punch({
      punches: [
        said(worker.userId, scene.at(MONDAY, '08:00')),
        said(worker.userId, soon),
        said(worker.userId, '2026-11-01T08:00:00.000Z'),
        said(stranger.userId, scene.at(MONDAY, '08:00')),
      ],
    });

    expect(taken.results.map(({ result, code }) => [result, code])).toEqual([
      ['accepted', null],
      ['refused', 'PUNCH_IN_FUTURE'],
      ['refused', 'PUNCH_TOO_OLD'],
      ['refused', 'NOT_FOUND'],
    ]);
    await expect(scene.api(owner).punch({ punches: [said(worker.userId, soon)] })).rejects.toMatchObject({
      status: 422,
      code: 'PUNCH_IN_FUTURE',
    });
    await expect(scene.api(owner).punch({ punches: [said(stranger.userId, soon)] })).rejects.toMatchObject({
      status: 404,
    });
    await expect(scene.api(worker).punch({ punches: [said(worker.userId, soon)] })).rejects.toMatchObject({
      status: 403,
    });
  });

  it('takes at most 500 at once', async () => {
    const { owner, worker } = await people();
    const punches = Array.from({ length: 501 }, () => ({
      sourceId: ulid(),
      userId: worker.userId,
      at: scene.at(MONDAY, '08:00'),
    }));

    await expect(scene.api(owner).punch({ punches })).rejects.toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
  });
});

describe('reading days', () => {
  it('shows people their own, managers those of their branch, and nobody another organisation’s', async () => {
    const { owner, worker, manager } = await people();
    const colleague = await scene.beside(owner, 'staff');
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: owner });
    await scene.punch(owner, worker.userId, MONDAY, 'in 08:00', 'out 12:00');
    await scene.compute(worker, MONDAY);

    const [day] = await scene.day(manager, worker.userId, MONDAY);
    const dayId = day?.id ?? '';

    expect(day).toMatchObject({ status: 'half_day', flags: ['unscheduled'], workedSec: 14_400 });
    expect(await scene.day(colleague, worker.userId, MONDAY)).toEqual([]);
    await expect(scene.api(colleague).day({ dayId })).rejects.toMatchObject({ status: 404 });
    await expect(scene.api(elsewhere).explain({ dayId })).rejects.toMatchObject({ status: 404 });
    await expect(scene.api(await hub.person({ role: 'owner' })).day({ dayId })).rejects.toMatchObject({ status: 404 });
    expect((await scene.api(worker).day({ dayId })).id).toBe(dayId);
  });

  it('explains each pair, break, rounding and rule', async () => {
    const { owner, worker } = await people();
    await scene.roster(owner, worker.userId, {
      breaks: [{ afterMin: 360, lengthMin: 30 }],
      rounding: { mode: 'nearest', stepMin: 15, applyTo: 'punch' },
    });
    await scene.punch(owner, worker.userId, MONDAY, 'in 08:07', 'break_start 12:00', 'break_end 12:20', 'out 17:08');
    await scene.compute(worker, MONDAY);
    const [day] = await scene.day(worker, worker.userId, MONDAY);

    const said = await scene.api(worker).explain({ dayId: day?.id ?? '' });

    expect(said.pairs).toEqual([
      expect.objectContaining({
        in: scene.at(MONDAY, '08:07'),
        countsFrom: scene.at(MONDAY, '08:00'),
        countsTo: scene.at(MONDAY, '17:15'),
        closedBy: 'punch',
        breaks: [{ from: scene.at(MONDAY, '12:00'), to: scene.at(MONDAY, '12:20') }],
      }),
    ]);
    expect(said.breaks).toEqual({ punchedSec: 1_200, automaticSec: 600, paidSec: 0 });
    expect(said.day.workedSec).toBe(525 * 60);
    expect(said.punches).toHaveLength(4);
    expect(said.rules.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['A1 occurrence', 'A5 rounding', 'I.2 status']),
    );
    expect(said.byDate).toEqual([{ date: MONDAY, seconds: 525 * 60 }]);
  });

  it('tells somebody how the day is going', async () => {
    const { owner, worker } = await people();
    await scene.roster(owner, worker.userId);
    await scene.punch(owner, worker.userId, TUESDAY, 'in 08:30');
    await scene.compute(worker, TUESDAY);

    const today = await scene.api(worker).today();

    expect(today).toMatchObject({
      date: TUESDAY,
      openSince: scene.at(TUESDAY, '08:30'),
      timezone: 'Africa/Johannesburg',
    });
    expect(today.workedSec).toBeGreaterThanOrEqual(1_800);
    expect(today.days).toEqual([
      expect.objectContaining({ status: 'present', flags: ['in_progress'], lateSec: 1_800 }),
    ]);
    expect(today.roster.shifts).toHaveLength(1);
  });
});

it('follows a check-in as it is now: makes, keeps or voids its punch, whatever comes first', async () => {
  const { owner, worker } = await people();
  await scene.roster(owner, worker.userId);
  const { punches } = hub.hub.use(attendance);
  const checkInId = ulid();
  const evidence = {
    checkInId,
    userId: worker.userId,
    branchId: worker.branchId,
    type: 'office' as const,
    kind: 'in' as const,
    at: new Date(scene.at(MONDAY, '08:02')),
    counts: true,
    verification: 'unverified' as const,
  };
  const shown = async () =>
    (await scene.api(worker).punches({ from: MONDAY })).data.filter(({ voidedAt }) => voidedAt === null);

  await punches.follow(owner.orgId, checkInId, evidence);
  await punches.follow(owner.orgId, checkInId, { ...evidence, verification: 'verified' });
  expect(await shown()).toEqual([expect.objectContaining({ checkInId, source: 'checkin', verification: 'verified' })]);
  await punches.follow(owner.orgId, checkInId, { ...evidence, counts: false });
  expect(await shown()).toEqual([]);
  await punches.follow(owner.orgId, checkInId, { ...evidence, at: new Date(scene.at(MONDAY, '08:05')) });
  expect(await shown()).toEqual([expect.objectContaining({ at: scene.at(MONDAY, '08:05') })]);
  await punches.follow(owner.orgId, checkInId, null);
  expect(await shown()).toEqual([]);
});
