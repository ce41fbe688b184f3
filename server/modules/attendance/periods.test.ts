import { addDays } from '../../platform';
import { Scene } from '../../testing/attendance-scene';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const scene = new Scene(hub);
const MONDAY = '2027-02-01';
const FEBRUARY = { from: '2027-02-01', to: '2027-03-01' };

beforeAll(() => scene.setClock('2027-02-08', '09:00'));

const people = async () => {
  const owner = await hub.person({ role: 'owner' });
  const worker = await scene.beside(owner, 'staff');
  await scene.roster(owner, worker.userId);
  return { owner, worker, manager: await scene.beside(owner, 'manager'), hr: await scene.beside(owner, 'hr') };
};

describe('periods', () => {
  it('are handed in, approved and locked, each by who may, and opened again with a reason', async () => {
    const { owner, worker, manager, hr } = await people();
    const { id: periodId } = await scene.api(hr).openPeriod({ ...FEBRUARY, userId: worker.userId });

    await expect(
      scene.api(hr).openPeriod({ from: '2027-02-20', to: '2027-03-20', userId: worker.userId }),
    ).rejects.toMatchObject({ code: 'PERIOD_OVERLAP' });
    await expect(scene.api(manager).approvePeriod({ periodId })).rejects.toMatchObject({
      status: 409,
      code: 'STATE_INVALID',
    });
    expect((await scene.api(worker).submitPeriod({ periodId })).state).toBe('submitted');
    await expect(scene.api(worker).approvePeriod({ periodId })).rejects.toMatchObject({ status: 403 });
    expect((await scene.api(manager).approvePeriod({ periodId })).state).toBe('approved');
    await expect(scene.api(manager).lockPeriod({ periodId })).rejects.toMatchObject({ status: 403 });
    expect(await scene.api(hr).lockPeriod({ periodId })).toMatchObject({ state: 'locked', lockedBy: hr.userId });
    await expect(scene.api(hr).reopenPeriod({ periodId, reason: 'wrong' })).rejects.toMatchObject({ status: 403 });
    expect(await scene.api(owner).reopenPeriod({ periodId, reason: 'A reader was wrong' })).toMatchObject({
      state: 'open',
      reopenReason: 'A reader was wrong',
    });
    const colleague = await scene.beside(owner, 'staff');
    await expect(scene.api(colleague).period({ periodId })).rejects.toMatchObject({ status: 404 });
    await expect(scene.api(await hub.person({ role: 'owner' })).lockPeriod({ periodId })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('let one of two be opened that overlap', async () => {
    const { hr } = await people();

    const outcomes = await Promise.allSettled(
      [0, 5].map((days) => scene.api(hr).openPeriod({ from: addDays(MONDAY, days), to: addDays(MONDAY, days + 28) })),
    );

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('keep days as they are once they are locked: what comes later opens a correction, and counts after a reopening', async () => {
    const { owner, worker, manager, hr } = await people();
    await scene.punch(owner, worker.userId, MONDAY, 'in 08:00', 'out 12:00');
    await scene.compute(worker, MONDAY);
    const [day] = await scene.day(worker, worker.userId, MONDAY);
    const dayId = day?.id ?? '';
    const { id: periodId } = await scene.api(hr).openPeriod({ ...FEBRUARY, branchId: owner.branchId });
    await scene.api(manager).submitPeriod({ periodId });
    await scene.api(hr).approvePeriod({ periodId });
    const waiting = await scene.api(worker).correct({ dayId, punches: [], reason: 'Wrong' });
    await expect(scene.api(hr).lockPeriod({ periodId })).rejects.toMatchObject({
      code: 'PERIOD_UNSETTLED',
      problem: { current: { corrections: 1, claims: 0 } },
    });
    await scene.api(manager).rejectCorrection({ correctionId: waiting.id });
    await scene.api(hr).lockPeriod({ periodId });

    await expect(scene.api(worker).correct({ dayId, punches: [], reason: 'Late' })).rejects.toMatchObject({
      status: 423,
      code: 'PERIOD_LOCKED',
    });
    await expect(scene.api(hr).excuse({ dayId, reason: 'ill' })).rejects.toMatchObject({ status: 423 });
    await expect(scene.api(worker).request({ date: MONDAY, minutes: 30, reason: 'Late' })).rejects.toMatchObject({
      status: 423,
    });
    await scene.punch(owner, worker.userId, MONDAY, 'in 13:00', 'out 17:00');
    await scene.compute(worker, MONDAY);
    await scene.compute(worker, MONDAY);
    expect(await scene.day(worker, worker.userId, MONDAY)).toEqual([
      expect.objectContaining({ workedSec: 14_400, version: 1 }),
    ]);
    const { data: late } = await scene.api(manager).corrections({ state: 'pending' });
    expect(late).toEqual([
      expect.objectContaining({
        kind: 'late-fact',
        workDate: MONDAY,
        punches: expect.arrayContaining([expect.objectContaining({ direction: 'in' })]),
      }),
    ]);
    await expect(scene.api(manager).approveCorrection({ correctionId: late[0]?.id ?? '' })).rejects.toMatchObject({
      status: 423,
    });

    await scene.api(owner).reopenPeriod({ periodId, reason: 'A reader was late' });
    await hub.work('attendance.recompute', {
      orgId: owner.orgId,
      userIds: [worker.userId],
      from: FEBRUARY.from,
      to: '2027-02-28',
    });

    expect(await scene.day(worker, worker.userId, MONDAY)).toEqual([
      expect.objectContaining({ workedSec: 28_800, lockedAt: null, version: 2 }),
    ]);
    expect((await scene.api(manager).corrections({ state: 'pending' })).data).toEqual([]);
  });
});

describe('reports', () => {
  const read = async (token: string, path: string) =>
    fetch(`${hub.url}/api/v1/attendance/reports/${path}`, { headers: { authorization: `Bearer ${token}` } });

  it('tell who was there, late and absent, as JSON and as files, as far as somebody sees', async () => {
    const { owner, worker, manager } = await people();
    const elsewhere = await hub.person({ elsewhereIn: owner });
    await scene.punch(owner, worker.userId, MONDAY, 'in 08:30', 'out 17:00');
    await scene.punch(owner, elsewhere.userId, MONDAY, 'in 08:00', 'out 17:00');
    for (const date of [MONDAY, '2027-02-02']) await scene.compute(worker, date);
    await scene.compute(elsewhere, MONDAY);
    const json = async (kind: string, token = manager.token) =>
      (await (await read(token, `${kind}?from=2027-02-01&to=2027-02-03`)).json()) as {
        data: Record<string, unknown>[];
      };

    expect((await json('daily')).data.map(({ userId, date, status }) => [userId, date, status])).toEqual([
      [worker.userId, MONDAY, 'present'],
      [worker.userId, '2027-02-02', 'absent'],
    ]);
    expect((await json('late')).data).toEqual([expect.objectContaining({ userId: worker.userId, lateSec: 1_800 })]);
    expect((await json('absence')).data).toEqual([expect.objectContaining({ date: '2027-02-02' })]);
    expect((await json('timesheet', owner.token)).data).toHaveLength(3);
    expect((await json('payroll')).data).toEqual([
      expect.objectContaining({ bucket: 'regular', seconds: 30_600, factorPpm: 1_000_000 }),
    ]);
    expect((await json('overtime')).data).toEqual([]);

    const csv = await read(manager.token, 'daily?from=2027-02-01&format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect((await csv.text()).trim().split('\n')).toHaveLength(2);
    expect((await read(manager.token, 'timesheet?from=2027-02-01&format=xlsx')).headers.get('content-type')).toContain(
      'spreadsheetml',
    );
    expect((await read(manager.token, 'timesheet?from=2027-02-01&format=pdf')).headers.get('content-type')).toBe(
      'application/pdf',
    );
    expect((await read(worker.token, 'daily?from=2027-02-01')).status).toBe(403);
    expect((await read(manager.token, `daily?from=2027-02-01&branchId=${elsewhere.branchId}`)).status).toBe(404);
    expect((await read(manager.token, 'daily?from=2027-02-03&to=2027-02-01')).status).toBe(400);
  });
});
