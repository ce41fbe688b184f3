import { peopleApi } from '@loro/contracts/people';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const version = (n: number) => ({ headers: { 'if-match': `"${n}"` } });
const MINUTE = 60_000;

describe('teams', () => {
  it('are made, renamed and removed, each name once, and the branch hears of it', async () => {
    const hr = await hub.person({ role: 'hr' });
    const lead = await hub.person({ beside: hr });
    const api = hub.api(peopleApi, hr);
    const hears = await hub.listen('/notifications', lead);

    const outcomes = await Promise.allSettled(
      [1, 2].map(() => api.createTeam({ name: 'Ice', branchId: hr.branchId, leadId: lead.userId })),
    );
    const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const [team] = made;
    if (!team) throw new Error('no team was made');

    expect(made).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
      code: 'TEAM_NAME_TAKEN',
    });
    expect(await hears.next('team:changed')).toMatchObject({ team, isRemoved: false });
    expect(await api.updateTeam({ teamId: team.id, name: 'Snow' }, version(1))).toMatchObject({
      name: 'Snow',
      version: 2,
    });
    await expect(api.removeTeam({ teamId: team.id }, version(1))).rejects.toMatchObject({ status: 412 });
    await api.removeTeam({ teamId: team.id }, version(2));
    expect(await hears.next<{ isRemoved: boolean }>('team:changed', ({ isRemoved }) => isRemoved)).toBeDefined();
    await expect(api.team({ teamId: team.id })).rejects.toMatchObject({ status: 404 });
  });

  it('know who belonged when: who is left out ends now, and comes back without a gap in what was', async () => {
    const hr = await hub.person({ role: 'hr' });
    const [one, two] = [await hub.person({ beside: hr }), await hub.person({ beside: hr })];
    const api = hub.api(peopleApi, hr);
    const { id: teamId } = await api.createTeam({ name: 'Shift', leadId: hr.userId });
    const idsOf = ({ members }: { members: { userId: string }[] }) => members.map(({ userId }) => userId).toSorted();

    const first = await api.setMembers(
      { teamId, members: [{ userId: one.userId }, { userId: two.userId }] },
      version(1),
    );
    const then = hub.clock.now().toISOString();
    hub.clock.advance(MINUTE);
    const second = await api.setMembers({ teamId, members: [{ userId: two.userId }] }, version(2));

    expect(idsOf(first)).toEqual([one.userId, two.userId].toSorted());
    expect(idsOf(second)).toEqual([two.userId]);
    expect(second.members[0]?.from).toBe(first.members.find(({ userId }) => userId === two.userId)?.from);
    expect(idsOf(await api.members({ teamId, at: then }))).toEqual([one.userId, two.userId].toSorted());
    const overlapping = [{ userId: two.userId }, { userId: one.userId, from: then }];
    await expect(api.setMembers({ teamId, members: overlapping }, version(3))).rejects.toMatchObject({
      status: 422,
      problem: { errors: [expect.objectContaining({ path: 'members.1.from', code: 'overlaps' })] },
    });
    const twice = [{ userId: two.userId }, { userId: two.userId }];
    await expect(api.setMembers({ teamId, members: twice }, version(3))).rejects.toMatchObject({ status: 422 });
    const list = await api.list({ teamId });
    expect(list.data.map(({ id }) => id)).toEqual([two.userId]);
  });

  it('let a manager lead his own people only, so that nobody looks into other branches by way of a team', async () => {
    const manager = await hub.person({ role: 'manager' });
    const own = await hub.person({ beside: manager });
    const far = await hub.person({ elsewhereIn: manager });
    const api = hub.api(peopleApi, manager);

    await expect(api.createTeam({ name: 'All', leadId: manager.userId })).rejects.toMatchObject({ status: 404 });
    const here = { branchId: manager.branchId, leadId: manager.userId };
    const { id: teamId } = await api.createTeam({ name: 'Mine', ...here });
    const put = (userId: string) => api.setMembers({ teamId, members: [{ userId }] }, version(1));

    await expect(put(far.userId)).rejects.toMatchObject({ status: 404 });
    expect((await put(own.userId)).members.map(({ userId }) => userId)).toEqual([own.userId]);
    await expect(api.updateTeam({ teamId, branchId: far.branchId }, version(2))).rejects.toMatchObject({ status: 404 });
  });

  it('are nobody else’s organisation’s, and not for staff to make', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const stranger = await hub.person({ role: 'hr' });
    const { id: teamId } = await hub.api(peopleApi, hr).createTeam({ name: 'Ours', leadId: hr.userId });
    const api = hub.api(peopleApi, stranger);

    for (const call of [
      () => api.team({ teamId }),
      () => api.members({ teamId }),
      () => api.updateTeam({ teamId, name: 'Theirs' }, version(1)),
      () => api.setMembers({ teamId, members: [] }, version(1)),
      () => api.removeTeam({ teamId }, version(1)),
      () => api.createTeam({ name: 'New', leadId: hr.userId }),
    ])
      await expect(call()).rejects.toMatchObject({ status: 404 });
    expect((await api.teams({})).data).toEqual([]);
    expect((await hub.api(peopleApi, staff).teams({})).data.map(({ id }) => id)).toEqual([teamId]);
    await expect(hub.api(peopleApi, staff).createTeam({ name: 'Mine', leadId: staff.userId })).rejects.toMatchObject({
      status: 403,
    });
  });
});
