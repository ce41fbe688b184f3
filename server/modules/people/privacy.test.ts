import { peopleApi } from '@loro/contracts/people';
import { type Person, testHub } from '../../testing/test-hub';
import { people } from '.';

const hub = testHub();
const apiOf = (who: Person) => hub.api(peopleApi, who);
const version = (n: number) => ({ headers: { 'if-match': `"${n}"` } });

describe('a copy of what is kept about oneself', () => {
  it('holds the person, his profile, his teams and what other rooms keep', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    await apiOf(staff).updateMe({ birthday: '1990-02-28' }, version(1));
    const team = await apiOf(hr).createTeam({ name: 'Ice', leadId: hr.userId });
    await apiOf(hr).setMembers({ teamId: team.id, members: [{ userId: staff.userId }] }, version(1));
    hub.hub.use(people).hook({ onExport: async ({ id }) => ({ visits: id === staff.userId ? [1, 2] : [] }) });

    const copy = await apiOf(staff).dataExport();

    expect(copy).toMatchObject({
      user: { id: staff.userId, email: staff.email, profile: { birthday: '1990-02-28' } },
      teams: [{ teamId: team.id, name: 'Ice', to: null }],
      rooms: { visits: [1, 2] },
    });
  });
});

describe('asking to be forgotten', () => {
  it('waits for somebody of hr; then what is personal is gone everywhere, and the person cannot come back', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    await apiOf(staff).updateMe({ phone: '+27821234567', skills: ['forklift'] }, version(1));
    const told: string[] = [];
    hub.hub.use(people).hook({
      onErase: async (user) => void (user.id === staff.userId && told.push(`erase ${user.email}`)),
      onLeave: async (user) => void (user.id === staff.userId && told.push('leave')),
    });

    const request = await apiOf(staff).requestErasure({ reason: 'I left' });
    expect((await apiOf(hr).erasures({ status: 'open' })).data).toEqual([request]);
    expect(await apiOf(hr).approveErasure({ erasureId: request.id })).toMatchObject({
      status: 'approved',
      reason: null,
      decidedBy: hr.userId,
    });

    expect(told).toEqual(['leave', `erase ${staff.email}`]);
    const left = await apiOf(hr).get({ userId: staff.userId });
    expect(left).toMatchObject({ status: 'deactivated', phone: null, profile: { skills: [] } });
    const traces = JSON.stringify(await hub.sql('SELECT * FROM users WHERE id = ?', [staff.userId]));
    for (const gone of [staff.email, staff.name, '+27821234567']) expect(traces).not.toContain(gone);
    expect(await hub.hub.use(people).byEmail(staff.email)).toEqual([]);
    expect(await hub.mails(staff.email)).toHaveLength(1);
    await expect(apiOf(hr).reactivate({ userId: staff.userId })).rejects.toMatchObject({ code: 'USER_STATE_INVALID' });
    await expect(apiOf(hr).refuseErasure({ erasureId: request.id, answer: 'No' })).rejects.toMatchObject({
      code: 'ERASURE_DECIDED',
    });
  });

  it('is decided once, whatever two of hr do at once', async () => {
    const one = await hub.person({ role: 'hr' });
    const two = await hub.person({ role: 'hr', beside: one });
    const staff = await hub.person({ beside: one });
    const { id: erasureId } = await apiOf(staff).requestErasure();

    const outcomes = await Promise.allSettled([
      apiOf(one).approveErasure({ erasureId }),
      apiOf(two).refuseErasure({ erasureId, answer: 'Bookkeeping' }),
    ]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('can be refused with a reason or taken back, and there is one request at a time', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const ask = () => apiOf(staff).requestErasure();

    const outcomes = await Promise.allSettled([ask(), ask()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await apiOf(staff).withdrawErasure()).toMatchObject({ status: 'withdrawn' });
    await expect(apiOf(staff).withdrawErasure()).rejects.toMatchObject({ status: 404 });

    const { id: erasureId } = await ask();
    expect(await apiOf(hr).refuseErasure({ erasureId, answer: 'Still employed' })).toMatchObject({
      status: 'refused',
      answer: 'Still employed',
    });
    expect(await apiOf(hr).get({ userId: staff.userId })).toMatchObject({ status: 'active', name: staff.name });
  });

  it('is nothing one decides for oneself, nothing for the owner, and nobody else’s business', async () => {
    const hr = await hub.person({ role: 'hr' });
    const boss = await hub.person({ role: 'owner', beside: hr });
    await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [boss.userId, boss.orgId]);
    const stranger = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const { id: erasureId } = await apiOf(hr).requestErasure();

    await expect(apiOf(boss).requestErasure()).rejects.toMatchObject({ code: 'OWNER_IMMUTABLE' });
    await expect(apiOf(hr).approveErasure({ erasureId })).rejects.toMatchObject({ status: 403 });
    await expect(apiOf(staff).approveErasure({ erasureId })).rejects.toMatchObject({ status: 403 });
    await expect(apiOf(stranger).approveErasure({ erasureId })).rejects.toMatchObject({ status: 404 });
    expect((await apiOf(stranger).erasures({})).data).toEqual([]);
  });
});
