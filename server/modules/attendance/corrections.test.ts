import { Scene } from '../../testing/attendance-scene';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const scene = new Scene(hub);
const MONDAY = '2027-02-01';

beforeAll(() => scene.setClock('2027-02-02', '09:00'));

const people = async () => {
  const owner = await hub.person({ role: 'owner' });
  return { owner, worker: await scene.beside(owner, 'staff'), manager: await scene.beside(owner, 'manager') };
};

describe('correcting a day', () => {
  it('makes the proposed punches the day’s once somebody else approves them', async () => {
    const { owner, worker, manager } = await people();
    await scene.roster(owner, worker.userId);
    await scene.punch(owner, worker.userId, MONDAY, 'in 08:00', 'out 12:00');
    await scene.compute(worker, MONDAY);
    const [day] = await scene.day(worker, worker.userId, MONDAY);
    const punches = [
      { direction: 'in' as const, at: scene.at(MONDAY, '08:00') },
      { direction: 'out' as const, at: scene.at(MONDAY, '17:00') },
    ];

    const asked = await scene.api(worker).correct({ dayId: day?.id ?? '', punches, reason: 'The reader was broken.' });

    await expect(scene.api(worker).correct({ dayId: day?.id ?? '', punches, reason: 'Again.' })).rejects.toMatchObject({
      status: 409,
    });
    await expect(
      scene.api(manager).correct({ dayId: day?.id ?? '', punches, reason: 'Not mine.' }),
    ).rejects.toMatchObject({ status: 404 });
    await expect(scene.api(worker).approveCorrection({ correctionId: asked.id })).rejects.toMatchObject({
      status: 403,
    });
    const decided = await scene.api(manager).approveCorrection({ correctionId: asked.id, note: 'Seen.' });
    expect(decided).toMatchObject({ state: 'approved', decidedBy: manager.userId });
    const [after] = await scene.day(worker, worker.userId, MONDAY);
    expect(after).toMatchObject({ status: 'present', workedSec: 32_400, version: 2 });
    const { data } = await scene.api(worker).punches({ from: MONDAY });
    expect(
      data.map(({ source, voidedAt }) => `${source} ${voidedAt === null ? 'counts' : 'is void'}`).toSorted(),
    ).toEqual(['device counts', 'device is void', 'manual counts']);
    await expect(scene.api(manager).rejectCorrection({ correctionId: asked.id })).rejects.toMatchObject({
      status: 409,
      code: 'STATE_INVALID',
    });
  });

  it('can be taken back or refused, and changes nothing then', async () => {
    const { owner, worker, manager } = await people();
    await scene.roster(owner, worker.userId);
    const ask = () =>
      scene.api(worker).correct({
        date: MONDAY,
        punches: [{ direction: 'in', at: scene.at(MONDAY, '08:00') }],
        reason: 'I was there.',
      });

    const first = await ask();
    expect((await scene.api(worker).withdrawCorrection({ correctionId: first.id })).state).toBe('withdrawn');
    const second = await ask();
    expect((await scene.api(manager).rejectCorrection({ correctionId: second.id, note: 'You were not.' })).state).toBe(
      'rejected',
    );
    expect((await scene.api(worker).punches({ from: MONDAY })).data).toEqual([]);
  });

  it('lets a manager decide his own nowhere', async () => {
    const { manager } = await people();
    const asked = await scene.api(manager).correct({ date: MONDAY, punches: [], reason: 'Mine.' });

    await expect(scene.api(manager).approveCorrection({ correctionId: asked.id })).rejects.toMatchObject({
      status: 403,
      code: 'SELF_APPROVAL',
    });
  });
});

describe('excusing somebody', () => {
  it('turns an absence into an excuse, and back', async () => {
    const { owner, worker, manager } = await people();
    await scene.roster(owner, worker.userId);
    await scene.compute(worker, MONDAY);
    const [absent] = await scene.day(worker, worker.userId, MONDAY);
    const hr = await scene.beside(owner, 'hr');

    await expect(scene.api(manager).excuse({ dayId: absent?.id ?? '', reason: 'ill' })).rejects.toMatchObject({
      status: 403,
    });
    expect(absent?.status).toBe('absent');
    expect((await scene.api(hr).excuse({ dayId: absent?.id ?? '', reason: 'ill' })).status).toBe('excused');
    expect((await scene.api(hr).unexcuse({ dayId: absent?.id ?? '', reason: 'was not' })).status).toBe('absent');
    await expect(scene.api(hr).unexcuse({ dayId: absent?.id ?? '', reason: 'twice' })).rejects.toMatchObject({
      code: 'STATE_INVALID',
    });
  });
});
