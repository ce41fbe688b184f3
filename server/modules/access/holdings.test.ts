import { accessApi } from '@loro/contracts/access';
import type { HeldRoles, RoleKey } from '@loro/contracts/access-roles';
import { branchesApi } from '@loro/contracts/branches';
import { ulid } from '../../platform/ulid';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';

/** How long rights may outlive their end, on every node. */
const BOUND_MS = 2_000;
const MINUTE_MS = 60_000;

const hub = testHub();
let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
});

const api = (who: { token: string }, at?: TestNode) => hub.api(accessApi, who, at);
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
const grant = (by: Person, to: Person, role: { role: RoleKey; branchId?: string; expiresAt?: string }) =>
  api(by).grantRole({ userId: to.userId, ...role });

async function revoke({ token }: Person, { userId }: Person, query: string): Promise<string> {
  const answer = await fetch(`${hub.url}/api/v1/users/${userId}/roles?${query}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  return answer.status === 204 ? 'done' : ((await answer.json()) as { code: string }).code;
}

async function below(parent: Person): Promise<string> {
  const id = await hub.branch(parent.orgId);
  await hub.sql('UPDATE branches SET parent_id = ?, path = ? WHERE org_id = ? AND id = ?', [
    parent.branchId,
    `/${parent.branchId}/${id}/`,
    parent.orgId,
    id,
  ]);
  return id;
}

describe('giving a role', () => {
  it('opens what it holds at the branch that it was given for, and below it, and nowhere else', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ elsewhereIn: admin });
    const [inside, outside] = [await below(admin), await hub.branch(admin.orgId)];

    const { roles } = await grant(admin, person, { role: 'manager', branchId: admin.branchId });
    await hub.hub.changes.read();
    const rename = (branchId: string) =>
      codeOf(hub.api(branchesApi, person).update({ branchId, name: 'Renamed' }, { headers: { 'If-Match': '"1"' } }));

    expect(roles.map(({ role, branchId, grantedBy }) => [role, branchId, grantedBy])).toEqual([
      ['staff', null, null],
      ['manager', admin.branchId, admin.userId],
    ]);
    expect(await rename(admin.branchId)).toBe('done');
    expect(await rename(inside)).toBe('done');
    expect(await rename(outside)).toBe('NOT_FOUND');
    expect(await rename(person.branchId)).toBe('NOT_FOUND');
  });

  it('may give one role at several branches, and takes each away by itself', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const [a, b] = [await hub.branch(admin.orgId), await hub.branch(admin.orgId)];
    for (const branchId of [a, b]) await grant(admin, person, { role: 'manager', branchId });
    // The same once more changes nothing.
    await grant(admin, person, { role: 'manager', branchId: a });

    expect(await revoke(admin, person, `role=manager&branchId=${a}`)).toBe('done');
    expect(await revoke(admin, person, `role=manager&branchId=${a}`)).toBe('NOT_FOUND');

    const { roles } = await api(admin).rolesOf({ userId: person.userId });
    expect(roles.map(({ role, branchId }) => [role, branchId])).toEqual([
      ['staff', null],
      ['manager', b],
    ]);
  });

  it('is not for one’s own rights, for more than one holds, or for the owner’s place', async () => {
    const owner = await hub.person({ role: 'owner' });
    const [admin, person] = [await hub.person({ role: 'admin', beside: owner }), await hub.person({ beside: owner })];
    const keeper = await hub.person({ beside: owner });
    const { id } = await api(owner).makeRole({
      name: 'Keeper',
      permissions: [{ permission: 'roles.manage', scope: 'org' }],
    });
    await grant(owner, keeper, { role: id });
    await hub.hub.changes.read();

    expect(await codeOf(grant(admin, admin, { role: 'hr' }))).toBe('FORBIDDEN');
    expect(await revoke(admin, admin, 'role=admin')).toBe('FORBIDDEN');
    expect(await codeOf(grant(admin, person, { role: 'owner' }))).toBe('OWNER_IMMUTABLE');
    expect(await revoke(admin, owner, 'role=owner')).toBe('OWNER_IMMUTABLE');
    // It would see the nodes of the hub, and so everybody's.
    expect(await codeOf(grant(admin, person, { role: 'platform_admin' }))).toBe('FORBIDDEN');
    expect(await codeOf(grant(keeper, person, { role: 'manager' }))).toBe('FORBIDDEN');
    expect(await revoke(keeper, admin, 'role=admin')).toBe('FORBIDDEN');
    expect(await codeOf(grant(person, keeper, { role: 'staff' }))).toBe('FORBIDDEN');
    expect(await codeOf(grant(keeper, person, { role: id }))).toBe('done');
  });

  it('knows nobody, no branch and no role of another organisation', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const person = await hub.person({ beside: admin });
    const theirs = await api(stranger).makeRole({ name: 'Theirs' });

    expect(await codeOf(grant(admin, stranger, { role: 'staff' }))).toBe('NOT_FOUND');
    expect(await codeOf(api(admin).rolesOf({ userId: stranger.userId }))).toBe('NOT_FOUND');
    expect(await codeOf(grant(admin, person, { role: 'manager', branchId: stranger.branchId }))).toBe('NOT_FOUND');
    expect(await codeOf(grant(admin, person, { role: theirs.id }))).toBe('NOT_FOUND');
    expect(await codeOf(grant(admin, person, { role: ulid() }))).toBe('NOT_FOUND');
    expect((await api(stranger).rolesOf({ userId: stranger.userId })).roles).toHaveLength(1);
  });

  it('tells the person, and nobody else', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const [own, admins] = [
      await hub.listen('/notifications', person, other),
      await hub.listen('/notifications', admin),
    ];

    await grant(admin, person, { role: 'hr' });

    const told = await own.next<HeldRoles>('roles:changed');
    expect(told.roles.map(({ role }) => role)).toEqual(['staff', 'hr']);
    expect(admins.heard('roles:changed')).toEqual([]);
  });
});

describe('a role with an end', () => {
  it('opens calls and streams until that instant, on every node, and is then removed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const stream = `${admin.orgId}:branch:${admin.branchId}`;
    const until = new Date(hub.clock.now().getTime() + 5 * MINUTE_MS);
    await grant(admin, person, { role: 'manager', expiresAt: until.toISOString() });
    for (const node of [hub, other]) await node.hub.changes.read();
    const listeners = [await hub.listen('/check-ins', person), await hub.listen('/check-ins', person, other)];
    for (const listener of listeners) await listener.subscribe(stream);
    const rename = (at?: TestNode) =>
      codeOf(
        hub
          .api(branchesApi, person, at)
          .update({ branchId: admin.branchId, name: 'Renamed' }, { headers: { 'If-Match': '"99"' } }),
      );
    expect(await rename(other)).toBe('VERSION_CONFLICT');

    hub.clock.advance(5 * MINUTE_MS);

    expect(await rename()).toBe('FORBIDDEN');
    expect(await rename(other)).toBe('FORBIDDEN');
    await within(BOUND_MS, () => {
      for (const listener of listeners) expect(listener.heard('stream:ended')).toEqual([{ stream, code: 'FORBIDDEN' }]);
    });
    expect((await api(admin).rolesOf({ userId: person.userId })).roles.map(({ role }) => role)).toEqual(['staff']);
    await hub.work('access.end-expired-roles', { tick: hub.clock.now().toISOString() });
    const [left] = await hub.sql<{ n: number }>('SELECT COUNT(*) AS n FROM role_grants WHERE user_id = ?', [
      person.userId,
    ]);
    expect(left?.n).toBe(1);
  });

  it('does not begin in the past', async () => {
    const admin = await hub.person({ role: 'admin' });
    const expiresAt = hub.clock.now().toISOString();

    await expect(grant(admin, await hub.person({ beside: admin }), { role: 'hr', expiresAt })).rejects.toMatchObject({
      status: 422,
      problem: { errors: [{ path: 'expiresAt' }] },
    });
  });
});

describe('the administrators of an organisation', () => {
  it('are never none: of two who remove each other at once, one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const one = await hub.person({ role: 'admin' });
      const two = await hub.person({ role: 'admin', beside: one });

      const answers = await Promise.all([revoke(one, two, 'role=admin'), revoke(two, one, 'role=admin')]);

      const [left] = await hub.sql<{ n: number }>(
        "SELECT COUNT(*) AS n FROM role_grants WHERE org_id = ? AND role = 'admin'",
        [one.orgId],
      );
      expect(left?.n).toBe(1);
      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
    }
  });

  it('lose nobody to somebody who has just lost the right himself, even where others remain', async () => {
    const owner = await hub.person({ role: 'owner' });
    const one = await hub.person({ role: 'admin', beside: owner });
    const two = await hub.person({ role: 'admin', beside: owner });

    const answers = await Promise.all([revoke(one, two, 'role=admin'), revoke(two, one, 'role=admin')]);

    expect(answers.toSorted()).toEqual(['FORBIDDEN', 'done']);
  });

  it('cannot be given up for one whose role ends', async () => {
    const one = await hub.person({ role: 'admin' });
    const two = await hub.person({ beside: one });
    const expiresAt = new Date(hub.clock.now().getTime() + 5 * MINUTE_MS).toISOString();
    await grant(one, two, { role: 'admin', expiresAt });
    await hub.hub.changes.read();

    expect(await revoke(two, one, 'role=admin')).toBe('LAST_ADMIN');
  });

  it('have one owner among them: the table takes no second', async () => {
    const owner = await hub.person({ role: 'owner' });

    await expect(hub.person({ role: 'owner', beside: owner })).rejects.toThrow(/one_owner/);
  });
});
