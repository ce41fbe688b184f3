import { accessApi } from '@loro/contracts/access';
import { branchesApi } from '@loro/contracts/branches';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (who: { token: string }) => hub.api(accessApi, who);
const match = (version: number) => ({ headers: { 'If-Match': `"${version}"` } });

describe('roles of an organisation’s own', () => {
  it('stand beside the built-in ones, page by page, and are nobody else’s', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const made = await api(admin).makeRole({
      name: 'Night porter',
      permissions: [{ permission: 'branches.read', scope: 'branch' }],
    });

    const names: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { data, page } = await api(admin).roles({ limit: 5, ...(cursor !== undefined && { cursor }) });
      names.push(...data.map(({ name }) => name));
      cursor = page.nextCursor;
    }

    expect(names).toEqual([
      'platform_admin',
      'owner',
      'admin',
      'hr',
      'finance',
      'manager',
      'sales',
      'warehouse',
      'staff',
      'reseller',
      'client',
      'auditor',
      'Night porter',
    ]);
    expect((await api(stranger).roles({ limit: 200 })).data.map(({ name }) => name)).not.toContain('Night porter');
    await expect(api(stranger).role({ roleId: made.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(api(stranger).removeRole({ roleId: made.id }, match(1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await api(admin).role({ roleId: 'manager' })).permissions).toContainEqual({
      permission: 'branches.update',
      scope: 'subtree',
    });
  });

  it('cannot hold a permission that does not exist, is named twice, or reaches beyond the organisation', async () => {
    const admin = await hub.person({ role: 'admin' });

    const refused = await api(admin)
      .makeRole({
        name: 'Too much',
        permissions: [
          { permission: 'branches.read', scope: 'org' },
          { permission: 'branches.read', scope: 'own' },
          { permission: 'platform.observe', scope: 'org' },
          { permission: 'made.up', scope: 'org' },
        ],
      })
      .catch((error: { problem: unknown }) => error.problem);

    expect(refused).toMatchObject({
      status: 422,
      code: 'VALIDATION_FAILED',
      errors: [
        { path: 'permissions.1.permission' },
        { path: 'permissions.2.permission' },
        { path: 'permissions.3.permission' },
      ],
    });
  });

  it('cannot hold what their maker lacks, or hold it further than he does', async () => {
    const admin = await hub.person({ role: 'admin' });
    const keeper = await hub.person({ beside: admin });
    const { id } = await api(admin).makeRole({
      name: 'Keeper of roles',
      permissions: [
        { permission: 'roles.manage', scope: 'org' },
        { permission: 'roles.read', scope: 'org' },
      ],
    });
    await api(admin).grantRole({ userId: keeper.userId, role: id });
    await hub.hub.changes.read();
    const make = (permission: string, scope: 'own' | 'branch' | 'org') =>
      api(keeper).makeRole({ name: `${permission} ${scope}`, permissions: [{ permission, scope }] });

    // Staff see their own branch.
    await expect(make('branches.read', 'branch')).resolves.toMatchObject({ version: 1 });
    await expect(make('branches.read', 'org')).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' });
    await expect(make('branches.manage', 'own')).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });

  it('are changed by the version that was read, keep their names apart, and go when nobody holds them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const one = await api(admin).makeRole({ name: 'One' });
    await api(admin).makeRole({ name: 'Two' });

    await expect(api(admin).makeRole({ name: 'One' })).rejects.toMatchObject({ code: 'ROLE_NAME_TAKEN' });
    await expect(api(admin).changeRole({ roleId: one.id, name: 'Two' }, match(1))).rejects.toMatchObject({
      code: 'ROLE_NAME_TAKEN',
    });
    const renamed = await api(admin).changeRole({ roleId: one.id, name: 'Uno' }, match(1));
    await expect(api(admin).changeRole({ roleId: one.id, name: 'Ein' }, match(1))).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      problem: { current: { name: 'Uno', version: 2 } },
    });
    await expect(api(admin).changeRole({ roleId: 'manager', name: 'Boss' }, match(0))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await api(admin).grantRole({ userId: person.userId, role: one.id });
    await expect(api(admin).removeRole({ roleId: one.id }, match(2))).rejects.toMatchObject({ code: 'ROLE_IN_USE' });
    await revoke(admin, person.userId, `role=${one.id}`);
    await api(admin).removeRole({ roleId: one.id }, match(2));

    expect(renamed).toMatchObject({ name: 'Uno', version: 2 });
    await expect(api(admin).role({ roleId: one.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('take their permissions from everybody who holds them as soon as they lose them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [person, colleague] = [await hub.person({ beside: admin }), await hub.person({ beside: admin })];
    const role = await api(admin).makeRole({
      name: 'Opener',
      permissions: [{ permission: 'branches.manage', scope: 'org' }],
    });
    for (const { userId } of [person, colleague]) await api(admin).grantRole({ userId, role: role.id });
    const open = (who: { token: string }, code: string) =>
      hub.api(branchesApi, who).create({ code, name: code, kind: 'branch', timezone: 'Africa/Cairo', parentId: null });
    await hub.hub.changes.read();
    await open(person, 'OPENED-1');

    await api(admin).setRolePermissions({ roleId: role.id, permissions: [] }, match(1));
    await hub.hub.changes.read();

    for (const who of [person, colleague])
      await expect(open(who, 'OPENED-2')).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });

  it('are not changed by whoever holds them: nobody changes his own rights', async () => {
    const owner = await hub.person({ role: 'owner' });
    const admin = await hub.person({ role: 'admin', beside: owner });
    const role = await api(owner).makeRole({ name: 'Extra' });
    await api(owner).grantRole({ userId: admin.userId, role: role.id });

    const changed = api(admin).setRolePermissions(
      { roleId: role.id, permissions: [{ permission: 'people.read', scope: 'org' }] },
      match(1),
    );

    await expect(changed).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });

  it('are made, changed and removed before the eyes of the journal', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id } = await api(admin).makeRole({ name: 'Seen' });
    await api(admin).setRolePermissions(
      { roleId: id, permissions: [{ permission: 'people.read', scope: 'org' }] },
      match(1),
    );
    await api(admin).removeRole({ roleId: id }, match(2));

    const noted = await hub.sql<{ action: string }>(
      'SELECT action FROM journal_entries WHERE org_id = ? AND entity_id = ? ORDER BY id',
      [admin.orgId, id],
    );

    expect(noted.map(({ action }) => action)).toEqual(['role.made', 'role.permissions-set', 'role.removed']);
  });
});

async function revoke({ token }: { token: string }, userId: string, query: string): Promise<number> {
  const { status } = await fetch(`${hub.url}/api/v1/users/${userId}/roles?${query}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  return status;
}
