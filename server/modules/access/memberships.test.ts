import { accessApi } from '@loro/contracts/access';
import { peopleApi } from '@loro/contracts/people';
import { type Person, testHub } from '../../testing/test-hub';
import { people } from '../people';

const hub = testHub();
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
const rolesOf = async (by: Person, userId: string) =>
  (await hub.api(accessApi, by).rolesOf({ userId })).roles.map(({ role }) => role);
const invite = (by: Person, email: string, roles: string[], branchId = by.branchId) =>
  hub.api(peopleApi, by).invite({ email, name: 'New Colleague', roles, branchId });

describe('an invitation', () => {
  it('keeps its roles until it is accepted', async () => {
    const admin = await hub.person({ role: 'admin' });
    const role = await hub.api(accessApi, admin).makeRole({ name: 'Gardener' });
    const { id } = await invite(admin, 'one@new.test', ['manager', role.id]);

    await hub.hub.transact((after) => hub.hub.use(people).activate(admin.orgId, id, after));

    expect((await rolesOf(admin, id)).toSorted()).toEqual(['manager', role.id].toSorted());
  });

  it('gives nobody more than whoever invites holds, nor the owner’s place, nor a role that there is not', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [hr, stranger] = [await hub.person({ role: 'hr', beside: admin }), await hub.person({ role: 'admin' })];
    const theirs = await hub.api(accessApi, stranger).makeRole({ name: 'Theirs' });

    expect(await codeOf(invite(hr, 'a@new.test', ['admin']))).toBe('FORBIDDEN');
    expect(await codeOf(invite(admin, 'b@new.test', ['platform_admin']))).toBe('FORBIDDEN');
    expect(await codeOf(invite(admin, 'c@new.test', ['owner']))).toBe('OWNER_IMMUTABLE');
    expect(await codeOf(invite(admin, 'd@new.test', ['wizard']))).toBe('VALIDATION_FAILED');
    expect(await codeOf(invite(admin, 'e@new.test', [theirs.id]))).toBe('NOT_FOUND');

    const { data } = await hub.api(peopleApi, admin).list({ q: 'New Colleague' });
    expect(data).toEqual([]);
  });
});

describe('leaving', () => {
  it('is not for the last administrator', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ role: 'hr', beside: admin });

    expect(await codeOf(hub.api(peopleApi, colleague).deactivate({ userId: admin.userId }))).toBe('LAST_ADMIN');

    await hub.api(accessApi, admin).grantRole({ userId: colleague.userId, role: 'admin' });
    await hub.hub.changes.read();
    expect(await codeOf(hub.api(peopleApi, colleague).deactivate({ userId: admin.userId }))).toBe('done');
  });

  it('leaves one of two administrators who send each other away at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const one = await hub.person({ role: 'admin' });
      const two = await hub.person({ role: 'admin', beside: one });

      const answers = await Promise.all([
        codeOf(hub.api(peopleApi, one).suspend({ userId: two.userId })),
        codeOf(hub.api(peopleApi, two).suspend({ userId: one.userId })),
      ]);

      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
      const active = await hub.sql("SELECT id FROM users WHERE org_id = ? AND status = 'active'", [one.orgId]);
      expect(active).toHaveLength(1);
    }
  });
});

describe('handing over an organisation', () => {
  it('makes one owner of another, and an administrator of the former', async () => {
    const owner = await hub.person({ role: 'owner' });
    const heir = await hub.person({ role: 'manager', beside: owner });
    await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [owner.userId, owner.orgId]);

    const transfer = await hub.api(peopleApi, owner).transferOwnership({ toUserId: heir.userId });
    await hub.api(peopleApi, heir).acceptOwnership({ transferId: transfer.id });
    await hub.hub.changes.read();

    expect(await rolesOf(heir, heir.userId)).toEqual(['manager', 'owner']);
    expect(await rolesOf(heir, owner.userId)).toEqual(['admin']);
  });
});

describe('finding people by a role', () => {
  it('lists those who hold it now', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', beside: admin });

    const { data } = await hub.api(peopleApi, admin).list({ role: 'manager' });

    expect(data.map(({ id }) => id)).toEqual([manager.userId]);
  });
});
