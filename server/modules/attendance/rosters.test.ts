import { configurationApi } from '@loro/contracts/configuration';
import { peopleApi } from '@loro/contracts/people';
import { Scene } from '../../testing/attendance-scene';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const scene = new Scene(hub);
const people = async () => {
  const owner = await hub.person({ role: 'owner' });
  return { owner, worker: await scene.beside(owner, 'staff'), manager: await scene.beside(owner, 'manager') };
};
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

describe('giving shifts to people', () => {
  it('refuses a second that overlaps in time, and says which and when', async () => {
    const { owner, worker } = await people();
    const day = await scene.shift(owner);
    const late = await scene.shift(owner, { startLocal: '16:00', endLocal: '22:00' });
    const give = (shiftId: string, from: string, to: string | null = null) =>
      scene.api(owner).assign({ targetType: 'user', targetId: worker.userId, shiftId, from, to });
    const first = await give(day, '2027-02-01', '2027-02-10');

    await expect(give(late, '2027-02-09')).rejects.toMatchObject({
      status: 409,
      code: 'SHIFT_OVERLAP',
      problem: { current: { assignment: { id: first.id }, date: '2027-02-09' } },
    });
    expect((await give(late, '2027-02-10')).from).toBe('2027-02-10');
    // Another target is another plan.
    await scene.api(owner).assign({ targetType: 'branch', targetId: owner.branchId, shiftId: day, from: '2027-02-01' });
  });

  it('lets one of two through that are given at once', async () => {
    const { owner, worker } = await people();
    const day = await scene.shift(owner);
    const early = await scene.shift(owner, { startLocal: '06:00', endLocal: '14:00' });

    const outcomes = await Promise.allSettled(
      [day, early].map((shiftId) =>
        scene.api(owner).assign({ targetType: 'user', targetId: worker.userId, shiftId, from: '2027-02-01' }),
      ),
    );

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await scene.api(owner).assignments({ targetId: worker.userId })).data).toHaveLength(1);
  });

  it('refuses a change of a shift or an assignment that would overlap', async () => {
    const { owner, worker } = await people();
    const early = await scene.shift(owner, { startLocal: '06:00', endLocal: '14:00' });
    const late = await scene.shift(owner, { startLocal: '14:00', endLocal: '22:00' });
    const give = (shiftId: string) =>
      scene.api(owner).assign({ targetType: 'user', targetId: worker.userId, shiftId, from: '2027-02-01' });
    const first = await give(early);
    await give(late);

    await expect(scene.api(owner).updateShift({ shiftId: early, endLocal: '15:00' }, ifMatch(1))).rejects.toMatchObject(
      { code: 'SHIFT_OVERLAP' },
    );
    await expect(
      scene.api(owner).updateAssignment({ assignmentId: first.id, shiftId: late }, ifMatch(1)),
    ).rejects.toMatchObject({ code: 'SHIFT_OVERLAP' });
    await expect(scene.api(owner).updateShift({ shiftId: early, name: 'New' }, ifMatch(7))).rejects.toMatchObject({
      status: 412,
    });
    await expect(scene.api(owner).removeShift({ shiftId: early }, ifMatch(1))).rejects.toMatchObject({
      code: 'SHIFT_IN_USE',
    });
  });

  it('is for those who plan for these people, and finds nothing of another organisation', async () => {
    const { owner, worker, manager } = await people();
    const shiftId = await scene.shift(owner);
    const stranger = await hub.person();
    const elsewhere = await hub.person({ elsewhereIn: owner });
    const give = (targetId: string) =>
      scene.api(manager).assign({ targetType: 'user', targetId, shiftId, from: '2027-02-01' });

    expect((await give(worker.userId)).targetId).toBe(worker.userId);
    await expect(give(elsewhere.userId)).rejects.toMatchObject({ status: 404 });
    await expect(give(stranger.userId)).rejects.toMatchObject({ status: 404 });
    await expect(
      scene.api(worker).createShift({ name: 'Mine', startLocal: '08:00', endLocal: '17:00' }),
    ).rejects.toMatchObject({ status: 403 });
    await expect(
      scene.api(manager).createShift({ name: 'Mine', startLocal: '08:00', endLocal: '17:00' }),
    ).rejects.toMatchObject({ status: 404 });
  });

  it('names every field that is wrong', async () => {
    const { owner } = await people();

    await expect(
      scene.api(owner).createShift({ name: 'X', startLocal: '8:00', endLocal: '25:00', minHalfDayMin: -1 }),
    ).rejects.toMatchObject({
      status: 422,
      problem: {
        errors: expect.arrayContaining(
          ['startLocal', 'endLocal', 'minHalfDayMin'].map((path) => expect.objectContaining({ path })),
        ),
      },
    });
  });
});

describe('the roster', () => {
  it('goes by override, person, team, branch and the usual hours, in this order', async () => {
    const { owner, worker, manager } = await people();
    const [ofBranch, ofTeam, ofUser, ofDate] = await Promise.all(
      ['05:00', '06:00', '07:00', '09:00'].map((startLocal) => scene.shift(owner, { startLocal })),
    );
    const team = await hub
      .api(peopleApi, owner)
      .createTeam({ name: 'A team', leadId: owner.userId, branchId: owner.branchId });
    await hub
      .api(peopleApi, owner)
      .setMembers(
        { teamId: team.id, members: [{ userId: worker.userId, from: '2026-01-01T00:00:00.000Z' }] },
        ifMatch(team.version),
      );
    const starts = async () => {
      const { people: shown } = await scene.api(worker).rosters({ from: '2027-02-01', to: '2027-02-02' });
      const [day] = shown[0]?.days ?? [];
      return [day?.source, day?.shifts.map(({ startsAt }) => startsAt.slice(11, 16))];
    };
    const give = (targetType: 'branch' | 'team' | 'user', targetId: string, shiftId = '') =>
      scene.api(owner).assign({ targetType, targetId, shiftId, from: '2027-02-01' });

    expect(await starts()).toEqual(['none', []]);
    await give('branch', owner.branchId, ofBranch);
    expect(await starts()).toEqual(['branch', ['03:00']]);
    await give('team', team.id, ofTeam);
    expect(await starts()).toEqual(['team', ['04:00']]);
    await give('user', worker.userId, ofUser);
    expect(await starts()).toEqual(['user', ['05:00']]);
    const override = await scene
      .api(manager)
      .createOverride({ userId: worker.userId, date: '2027-02-01', shiftId: ofDate ?? null });
    expect(await starts()).toEqual(['override', ['07:00']]);
    await expect(
      scene.api(manager).createOverride({ userId: worker.userId, date: '2027-02-01', shiftId: null }),
    ).rejects.toMatchObject({ code: 'OVERRIDE_EXISTS' });
    await scene.api(manager).updateOverride({ overrideId: override.id, shiftId: null }, ifMatch(1));
    expect(await starts()).toEqual(['override', []]);
    await scene.api(manager).removeOverride({ overrideId: override.id }, ifMatch(2));
    expect(await starts()).toEqual(['user', ['05:00']]);
  });

  it('repeats a cycle of four days on and two off', async () => {
    const { owner, worker } = await people();
    const shiftId = await scene.shift(owner);
    await scene.api(owner).assign({
      targetType: 'user',
      targetId: worker.userId,
      shiftId,
      from: '2027-01-01',
      cycle: { anchoredOn: '2027-02-01', days: ['on', 'on', 'on', 'on', 'off', 'off'] },
    });

    const { people: shown } = await scene.api(worker).rosters({ from: '2027-01-30', to: '2027-02-09' });

    expect(shown[0]?.days.map(({ isOff }) => isOff)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('shows staff themselves, and managers their branch', async () => {
    const { owner, worker, manager } = await people();
    await hub.person({ elsewhereIn: owner });
    const of = async (person: typeof worker) =>
      (await scene.api(person).rosters({ from: '2027-02-01', branchId: owner.branchId })).people
        .map(({ userId }) => userId)
        .toSorted();

    expect(await of(worker)).toEqual([worker.userId]);
    expect(await of(manager)).toEqual([owner.userId, worker.userId, manager.userId].toSorted());
    await expect(scene.api(manager).rosters({ from: '2027-02-01', to: '2027-04-10' })).rejects.toMatchObject({
      status: 400,
    });
  });

  it('lets the usual hours of an organisation expect people of whom no plan says anything', async () => {
    const { owner, worker } = await people();
    const hours = { weekdays: [1, 2, 3, 4, 5], startLocal: '08:30', endLocal: '16:30' };
    await hub
      .api(configurationApi, owner)
      .setForOrganisation({ ownerId: owner.orgId, key: 'attendance.default-hours', value: hours }, ifMatch(0));
    const days = (await scene.api(worker).rosters({ from: '2027-02-05', to: '2027-02-07' })).people[0]?.days ?? [];

    expect(days.map(({ source, isOff, shifts }) => [source, isOff, shifts.map(({ startsAt }) => startsAt)])).toEqual([
      ['organisation', false, ['2027-02-05T06:30:00.000Z']],
      ['organisation', true, []],
    ]);
  });
});
