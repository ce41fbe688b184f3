import { peopleApi } from '@loro/contracts/people';
import { Conflict, ulid } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { people } from '.';

const hub = testHub();
const DAY = 86_400_000;
const version = (n: number) => ({ headers: { 'if-match': `"${n}"` } });
const address = (): string => `${ulid().toLowerCase()}@example.test`;
const newcomer = (more: object = {}) => ({ email: address(), name: 'New', roles: ['staff'], ...more });
const told: string[] = [];
const toldOf = (userId: string): string[] =>
  told.filter((line) => line.endsWith(userId)).map((line) => line.split(' ')[0] ?? '');

/** What a licence of five seats and a room of roles would do. */
const seats = new Map<string, number>();
beforeAll(() => {
  const room = hub.hub.use(people);
  room.hook({
    onInvite: async ({ user, roles }) => {
      told.push(`invite:${roles.join('+')} ${user.id}`);
      const { orgId } = user;
      const most = seats.get(orgId);
      if (most === undefined) return;
      await hub.hub.sequelize.query('SELECT id FROM organisations WHERE id = ? FOR UPDATE', { replacements: [orgId] });
      if ((await room.seatsOf(orgId)) > most) throw new Conflict('IDEMPOTENCY_IN_PROGRESS', 'No seat is free.');
    },
    onResend: async ({ user }) => void told.push(`resend ${user.id}`),
    onActivate: async (user, _after, from) => void told.push(`activate:${from} ${user.id}`),
    onLeave: async (user, _after, from) => {
      if (user.name === 'Last admin') throw new Conflict('LAST_ADMIN', 'Somebody must keep the keys.');
      told.push(`leave:${from}:${user.status} ${user.id}`);
    },
  });
});
async function owner(): Promise<Person> {
  const person = await hub.person({ role: 'owner' });
  await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [person.userId, person.orgId]);
  return person;
}

describe('inviting somebody', () => {
  it('acceptance: of two admins who invite one address at once, one succeeds, and one mail leaves', async () => {
    const one = await hub.person({ role: 'admin' });
    const two = await hub.person({ role: 'hr', beside: one });
    seats.set(one.orgId, 100);
    const email = address();

    const outcomes = await Promise.allSettled(
      [one, two].map((who) =>
        hub.api(peopleApi, who).invite(newcomer({ email: who === one ? email : email.toUpperCase() })),
      ),
    );

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
      status: 409,
      code: 'EMAIL_TAKEN',
    });
    expect(await hub.mails(email)).toHaveLength(1);
  });

  it('acceptance: one address in two organisations is two people', async () => {
    const [one, two] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const email = address();

    const here = await hub.api(peopleApi, one).invite(newcomer({ email }));
    const there = await hub.api(peopleApi, two).invite(newcomer({ email }));

    expect(here.id).not.toBe(there.id);
    expect((await hub.hub.use(people).byEmail(email.toUpperCase())).map(({ user }) => user.id).toSorted()).toEqual(
      [here.id, there.id].toSorted(),
    );
    const api = hub.api(peopleApi, one);
    for (const call of [
      () => api.get({ userId: there.id }),
      () => api.reports({ userId: there.id }),
      () => api.resendInvite({ userId: there.id }),
      () => api.suspend({ userId: there.id }),
      () => api.reactivate({ userId: there.id }),
      () => api.deactivate({ userId: there.id }),
      () => api.invite(newcomer({ managerId: there.id })),
      () => api.update({ userId: there.id, name: 'Mine' }, version(1)),
    ])
      await expect(call()).rejects.toMatchObject({ status: 404 });
  });

  it('acceptance: with five of five seats taken nobody comes in until one is free, whatever two invites at once try', async () => {
    const admin = await hub.person({ role: 'admin' });
    const api = hub.api(peopleApi, admin);
    const team = [];
    for (let n = 0; n < 4; n += 1) team.push(await hub.person({ beside: admin }));
    seats.set(admin.orgId, 5);

    await expect(api.invite(newcomer())).rejects.toMatchObject({ status: 409 });
    await api.deactivate({ userId: team[0]?.userId ?? '' });
    const outcomes = await Promise.allSettled([api.invite(newcomer()), api.invite(newcomer())]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await hub.hub.use(people).seatsOf(admin.orgId)).toBe(5);
  });

  it('tells the branch what colleagues may see, and another branch nothing', async () => {
    const hr = await hub.person({ role: 'hr' });
    const far = await hub.person({ elsewhereIn: hr });
    const [hears, deaf] = [await hub.listen('/notifications', hr), await hub.listen('/notifications', far)];

    const user = await hub.api(peopleApi, hr).invite(newcomer({ branchId: hr.branchId, roles: ['staff', 'sales'] }));
    const visible = await hears.next('user:invited');
    const other = await hub.api(peopleApi, hr).invite(newcomer({ branchId: far.branchId }));
    await deaf.next('user:invited');

    expect(visible).toMatchObject({ id: user.id, name: 'New', homeBranchId: hr.branchId });
    expect(visible).not.toHaveProperty('email');
    expect(toldOf(user.id)).toEqual(['invite:staff+sales']);
    expect(deaf.heard('user:invited')).toEqual([expect.objectContaining({ id: other.id })]);
  });

  it('is not for staff, and invites no owner, no unknown branch or manager, and no number twice', async () => {
    const hr = await hub.person({ role: 'hr' });
    const stranger = await hub.person();
    const api = hub.api(peopleApi, hr);
    await api.invite(newcomer({ employeeNo: 'E-1' }));

    await expect(hub.api(peopleApi, stranger).invite(newcomer())).rejects.toMatchObject({ status: 403 });
    await expect(api.invite(newcomer({ roles: ['owner'] }))).rejects.toMatchObject({ code: 'OWNER_IMMUTABLE' });
    await expect(api.invite(newcomer({ employeeNo: 'e-1' }))).rejects.toMatchObject({ code: 'EMPLOYEE_NO_TAKEN' });
    for (const foreign of [{ branchId: stranger.branchId }, { managerId: stranger.userId }])
      await expect(api.invite(newcomer(foreign))).rejects.toMatchObject({ status: 404 });
  });

  it('stands in the journal, and who was invited is readable only under that person’s key', async () => {
    const hr = await hub.person({ role: 'hr' });
    const { id, email } = await hub.api(peopleApi, hr).invite(newcomer({ name: 'Nomvula', phone: '+27821234567' }));

    const rows = await hub.sql<{ action: string; data: string }>(
      "SELECT action, data FROM journal_entries WHERE org_id = ? AND entity_id = ? AND action = 'user.invited'",
      [hr.orgId, id],
    );

    expect(rows).toHaveLength(1);
    for (const value of [email, 'Nomvula', '+27821234567']) expect(rows[0]?.data).not.toContain(value);
  });

  it('can be sent again, once a minute, as long as it was not accepted', async () => {
    const hr = await hub.person({ role: 'hr' });
    const api = hub.api(peopleApi, hr);
    const { id: userId, email } = await api.invite(newcomer());

    await expect(api.resendInvite({ userId })).rejects.toMatchObject({ status: 429 });
    hub.clock.advance(60_000);
    await api.resendInvite({ userId });
    await hub.hub.transact((after) => hub.hub.use(people).activate(hr.orgId, userId, after, 'Called otherwise'));

    expect(await hub.mails(email)).toHaveLength(2);
    expect(await api.get({ userId })).toMatchObject({ status: 'active', name: 'Called otherwise' });
    expect(toldOf(userId)).toEqual(['invite:staff', 'resend', 'activate:invited']);
    await expect(api.resendInvite({ userId })).rejects.toMatchObject({ code: 'USER_STATE_INVALID' });
    await expect(
      hub.hub.transact((after) => hub.hub.use(people).activate(hr.orgId, userId, after)),
    ).rejects.toMatchObject({ code: 'USER_STATE_INVALID' });
  });
});

describe('keeping somebody out', () => {
  it('acceptance: who is deactivated with three sockets on two nodes loses all three within two seconds', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const node = await hub.secondNode();
    const hears = await hub.listen('/notifications', hr);
    const sockets = [
      await hub.listen('/notifications', staff),
      await hub.listen('/notifications', staff, node),
      await hub.listen('/tracking', staff, node),
    ];

    await hub.api(peopleApi, hr).deactivate({ userId: staff.userId });

    await within(2_000, () => {
      for (const socket of sockets) expect(socket.heard('session:ended')).toHaveLength(1);
    });
    await Promise.all(sockets.map((socket) => socket.closed));
    await expect(hub.api(peopleApi, staff).me()).rejects.toMatchObject({ status: 401 });
    expect(await hears.next('user:deactivated')).toMatchObject({ id: staff.userId });
    expect(hears.heard('session:ended')).toEqual([]);
    expect(toldOf(staff.userId)).toEqual(['leave:active:deactivated']);
  });

  it('suspends and lets in again, and tells the branch', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const api = hub.api(peopleApi, hr);
    const hears = await hub.listen('/notifications', hr);

    expect(await api.suspend({ userId: staff.userId })).toMatchObject({ status: 'suspended', version: 2 });
    expect(await api.reactivate({ userId: staff.userId })).toMatchObject({ status: 'active', version: 3 });

    for (const event of ['user:suspended', 'user:activated'])
      expect(await hears.next(event)).toMatchObject({ id: staff.userId });
    expect(toldOf(staff.userId)).toEqual(['leave:active:suspended', 'activate:suspended']);
  });

  it('can take a deactivation back for thirty days; who never accepted is invited again', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const api = hub.api(peopleApi, hr);
    const invited = await api.invite(newcomer());

    for (const userId of [staff.userId, invited.id]) {
      expect(await api.deactivate({ userId })).toMatchObject({ status: 'deactivated' });
      await expect(api.deactivate({ userId })).rejects.toMatchObject({ code: 'USER_STATE_INVALID' });
      await expect(api.suspend({ userId })).rejects.toMatchObject({ code: 'USER_STATE_INVALID' });
    }
    expect(await api.reactivate({ userId: invited.id })).toMatchObject({ status: 'invited', deactivatedAt: null });
    expect(toldOf(invited.id)).toEqual(['invite:staff', 'leave:invited:deactivated', 'invite:']);
    await hub.sql('UPDATE users SET deactivated_at = ? WHERE id = ?', [
      new Date(hub.clock.now().getTime() - 30 * DAY),
      staff.userId,
    ]);
    await expect(api.reactivate({ userId: staff.userId })).rejects.toMatchObject({ status: 409, code: 'TOO_LATE' });
  });

  it('keeps the address for as long as it can be undone, and then lets it be invited anew', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const api = hub.api(peopleApi, hr);
    const again = () => api.invite(newcomer({ email: staff.email }));
    await api.deactivate({ userId: staff.userId });

    await expect(again()).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
    await hub.sql('UPDATE users SET deactivated_at = ? WHERE id = ?', [
      new Date(hub.clock.now().getTime() - 30 * DAY),
      staff.userId,
    ]);
    const outcomes = await Promise.allSettled([again(), again()]);

    const [invited] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(invited).toMatchObject({ email: staff.email, status: 'invited' });
    expect(invited?.id).not.toBe(staff.userId);
    expect(await api.get({ userId: staff.userId })).toMatchObject({ name: staff.name, status: 'deactivated' });
  });

  it('is nothing one does to oneself or to the owner, and the last admin stays', async () => {
    const boss = await owner();
    const hr = await hub.person({ role: 'hr', beside: boss });
    const last = await hub.person({ role: 'admin', beside: boss });
    await hub.sql("UPDATE users SET name = 'Last admin' WHERE id = ?", [last.userId]);
    const api = hub.api(peopleApi, hr);

    await expect(api.deactivate({ userId: hr.userId })).rejects.toMatchObject({ status: 403 });
    for (const step of [api.deactivate, api.suspend]) {
      await expect(step({ userId: boss.userId })).rejects.toMatchObject({ code: 'OWNER_IMMUTABLE' });
      await expect(step({ userId: last.userId })).rejects.toMatchObject({ code: 'LAST_ADMIN' });
    }
    expect(await api.get({ userId: last.userId })).toMatchObject({ status: 'active' });
  });
});
