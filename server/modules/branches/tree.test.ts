import { type Branch, branchesApi } from '@loro/contracts/branches';
import { checkInsApi } from '@loro/contracts/check-ins';
import { licensingApi } from '@loro/contracts/licensing';
import { branches } from '.';
import { anAdmin, anOwner, licensed } from '../../testing/licenses';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
const opened = { timezone: 'Africa/Johannesburg' } as const;
const called = (code: string) => ({ ...opened, code, name: code });
const open = (person: Person) => hub.api(branchesApi, person);

/** A, B below A, C below B. */
async function chain(admin: Person): Promise<[Branch, Branch, Branch]> {
  const a = await open(admin).create(called('A'));
  const b = await open(admin).create({ ...called('B'), parentId: a.id });
  return [a, b, await open(admin).create({ ...called('C'), parentId: b.id })];
}

const codes = (list: { data: { code: string }[] }): string[] => list.data.map(({ code }) => code);

describe('acceptance: moving a branch', () => {
  it('is refused below itself, and rewrites the paths of everything that moves', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [a, b, c] = await chain(admin);

    const refused = open(admin).move({ branchId: a.id, parentId: c.id });
    await expect(refused).rejects.toMatchObject({ status: 409, code: 'BRANCH_CYCLE' });
    await expect(open(admin).move({ branchId: a.id, parentId: a.id })).rejects.toMatchObject({ code: 'BRANCH_CYCLE' });
    const moved = await open(admin).move({ branchId: c.id, parentId: a.id });

    expect(moved).toMatchObject({ parentId: a.id, path: `/${a.id}/${c.id}/` });
    expect((await open(admin).get({ branchId: b.id })).path).toBe(`/${a.id}/${b.id}/`);
    expect(codes(await open(admin).descendants({ branchId: a.id })).toSorted()).toEqual(['B', 'C']);
    const { branches: above } = await open(admin).ancestors({ branchId: c.id });
    expect(above.map(({ code }) => code)).toEqual(['A']);
  });

  it('takes along what stands below, up to six levels', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [a, b, c] = await chain(admin);
    let deep: string | null = null;
    for (const level of [1, 2, 3, 4]) deep = (await open(admin).create({ ...called(`D${level}`), parentId: deep })).id;

    const refused = open(admin).move({ branchId: a.id, parentId: deep });
    await expect(refused).rejects.toMatchObject({ status: 409, code: 'BRANCH_DEPTH' });
    await open(admin).move({ branchId: b.id, parentId: deep });

    const { path } = await open(admin).get({ branchId: c.id });
    expect(path.split('/')).toHaveLength(8);
    expect(path.endsWith(`/${deep}/${b.id}/${c.id}/`)).toBe(true);
  });

  it('lets a manager lose what left his part of the tree, and gain what came', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [a, b, c] = await chain(admin);
    const manager = await hub.person({ role: 'manager', beside: { orgId: admin.orgId, branchId: b.id } });
    await expect(open(manager).get({ branchId: c.id })).resolves.toMatchObject({ code: 'C' });

    await open(admin).move({ branchId: c.id, parentId: a.id });

    await within(5_000, () => expect(open(manager).get({ branchId: c.id })).rejects.toMatchObject({ status: 404 }));
    await open(admin).move({ branchId: c.id, parentId: b.id });
    await within(5_000, () => expect(open(manager).get({ branchId: c.id })).resolves.toMatchObject({ code: 'C' }));
  });

  it('makes no circle when two are moved below each other at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const a = await open(admin).create(called('A'));
    const b = await open(admin).create(called('B'));

    const outcomes = await Promise.allSettled([
      open(admin).move({ branchId: a.id, parentId: b.id }),
      open(admin).move({ branchId: b.id, parentId: a.id }),
    ]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'BRANCH_CYCLE' });
  });

  it('tells those who see the whole tree, and no other organisation', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const stranger = await hub.person({ role: 'admin' });
    const [a, , c] = await chain(admin);
    const [seer, outsider] = await Promise.all([admin, stranger].map((one) => hub.listen('/notifications', one)));
    await seer?.subscribe(`${admin.orgId}:branches:${admin.orgId}`);
    await expect(outsider?.subscribe(`${admin.orgId}:branches:${admin.orgId}`)).rejects.toThrow('not subscribed');
    const own = await hub.listen('/notifications', staff);
    await expect(own.subscribe(`${admin.orgId}:branches:${admin.orgId}`)).rejects.toThrow('not subscribed');

    const moved = await open(admin).move({ branchId: c.id, parentId: a.id });

    expect(await seer?.next('branches:changed')).toEqual({ change: 'moved', branch: moved });
    expect(outsider?.heard('branches:changed')).toEqual([]);
    expect(own.heard('branches:changed')).toEqual([]);
  });
});

describe('a branch of another organisation', () => {
  it('is no parent, no target, no heir, and no branch to change', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person({ role: 'admin' });
    const own = await open(admin).create(called('OWN'));
    const foreign = stranger.branchId;
    const absent = { status: 404, code: 'NOT_FOUND' };

    await expect(open(admin).create({ ...called('X'), parentId: foreign })).rejects.toMatchObject(absent);
    await expect(open(admin).move({ branchId: own.id, parentId: foreign })).rejects.toMatchObject(absent);
    await expect(open(admin).move({ branchId: foreign, parentId: own.id })).rejects.toMatchObject(absent);
    const closing = open(admin).setStatus({ branchId: own.id, status: 'closed', reassignTo: foreign });
    await expect(closing).rejects.toMatchObject(absent);
    await expect(open(admin).setStatus({ branchId: foreign, status: 'closed' })).rejects.toMatchObject(absent);
    await expect(open(admin).descendants({ branchId: foreign })).rejects.toMatchObject(absent);
    await expect(open(admin).create({ ...called('Y'), managerId: stranger.userId })).rejects.toMatchObject(absent);
  });
});

describe('acceptance: a plan for three branches', () => {
  const limited = async (limit: number): Promise<Person> => {
    const owner = await anOwner(hub);
    const seller = await anAdmin(hub);
    const { orgId } = owner;
    const { id: licenseId, version } = await licensed(hub, orgId, { type: 'subscription', plan: 'starter' }, seller);
    const overrides = [{ kind: 'limit', limit: 'branches', value: limit, reason: 'test' } as const];
    const asRead = { headers: { 'if-match': `"${version}"` } };
    await hub.api(licensingApi, seller).overrides({ orgId, licenseId, overrides }, asRead);
    return owner;
  };

  it('refuses a fourth that works, not one that is planned, and not before that one is opened', async () => {
    const admin = await limited(3);
    for (const code of ['ONE', 'TWO']) await open(admin).create(called(code));
    const full = { status: 402, code: 'LICENSE_LIMIT_REACHED', problem: { current: { limit: 3, used: 3 } } };

    await expect(open(admin).create(called('THREE'))).rejects.toMatchObject(full);
    const planned = await open(admin).create({ ...called('THREE'), status: 'planned' });
    expect(planned).toMatchObject({ status: 'planned', openedOn: null });
    const opening = open(admin).setStatus({ branchId: planned.id, status: 'active' });
    await expect(opening).rejects.toMatchObject(full);
  });

  it('counts a suspended branch, and not a closed one', async () => {
    const admin = await limited(2);
    const { id: branchId } = await open(admin).create(called('TWO'));

    await open(admin).setStatus({ branchId, status: 'suspended' });
    await expect(open(admin).create(called('THREE'))).rejects.toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });
    await open(admin).setStatus({ branchId, status: 'closed' });
    await open(admin).create(called('THREE'));
    await expect(open(admin).setStatus({ branchId, status: 'active' })).rejects.toMatchObject({ status: 402 });
  });

  it('gives the last one to one of two that ask at once', async () => {
    const admin = await limited(3);
    await open(admin).create(called('TWO'));

    const outcomes = await Promise.allSettled([open(admin).create(called('X')), open(admin).create(called('Y'))]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });
  });
});

describe('acceptance: closing a branch', () => {
  it('needs an heir for its four people, who then belong there, with their past', async () => {
    const admin = await hub.person({ role: 'admin' });
    const closing = await open(admin).create(called('OLD'));
    const child = await open(admin).create({ ...called('CHILD'), parentId: closing.id });
    const heir = await open(admin).create(called('NEW'));
    const people = await Promise.all(
      [1, 2, 3, 4].map(() => hub.person({ beside: { orgId: admin.orgId, branchId: closing.id } })),
    );

    const refused = open(admin).setStatus({ branchId: closing.id, status: 'closed' });
    await expect(refused).rejects.toMatchObject({
      status: 409,
      code: 'BRANCH_NOT_EMPTY',
      problem: { current: { members: 4, children: 1 } },
    });
    expect((await open(admin).blockers({ branchId: closing.id })).blockers).toMatchObject({ members: 4, children: 1 });
    const closed = await open(admin).setStatus({ branchId: closing.id, status: 'closed', reassignTo: heir.id });

    expect(closed).toMatchObject({ status: 'closed', closedOn: expect.any(String) as string });
    const now = await open(admin).members({ branchId: heir.id });
    expect(now.data.map(({ userId }) => userId).toSorted()).toEqual(people.map(({ userId }) => userId).toSorted());
    const before = await open(admin).members({ branchId: closing.id, history: 'true' });
    expect(before.data).toHaveLength(4);
    expect(before.data.every(({ to }) => to === now.data[0]?.from)).toBe(true);
    expect(await open(admin).get({ branchId: child.id })).toMatchObject({ parentId: heir.id });
    // Where they check in follows where they belong.
    const [one] = people;
    if (!one) throw new Error('nobody');
    await within(5_000, async () => {
      const checkIns = hub.api(checkInsApi, one);
      const { branchId, id } = await checkIns.start({ position: { lat: 1, lng: 2 } });
      await checkIns.end({ checkInId: id, position: { lat: 1, lng: 2 } });
      expect(branchId).toBe(heir.id);
    });
  });

  it('undoes everything where another room will not let go', async () => {
    const admin = await hub.person({ role: 'admin' });
    const closing = await open(admin).create(called('OLD'));
    const heir = await open(admin).create(called('NEW'));
    await hub.person({ beside: { orgId: admin.orgId, branchId: closing.id } });
    const counts = new Map([[closing.id, 2]]);
    hub.hub.use(branches).closingBlockers({ name: 'vaults', count: async (_, id) => counts.get(id) ?? 0 });

    const refused = open(admin).setStatus({ branchId: closing.id, status: 'closed', reassignTo: heir.id });
    await expect(refused).rejects.toMatchObject({
      code: 'BRANCH_NOT_EMPTY',
      problem: { current: { members: 0, vaults: 2 } },
    });
    expect((await open(admin).members({ branchId: closing.id })).data).toHaveLength(1);
    counts.clear();
    await open(admin).setStatus({ branchId: closing.id, status: 'closed', reassignTo: heir.id });
  });

  it('allows only the steps there are', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: branchId } = await open(admin).create({ ...called('P'), status: 'planned' });
    const step = (status: 'active' | 'suspended' | 'closed') => open(admin).setStatus({ branchId, status });
    const invalid = { status: 409, code: 'BRANCH_STATE_INVALID' };

    await expect(step('suspended')).rejects.toMatchObject(invalid);
    await expect(step('closed')).rejects.toMatchObject(invalid);
    await step('active');
    await expect(step('active')).rejects.toMatchObject(invalid);
    await step('suspended');
    await step('closed');
    await expect(step('suspended')).rejects.toMatchObject(invalid);
    expect(await step('active')).toMatchObject({ status: 'active', closedOn: null });
  });

  it('opens nothing below what is closed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const above = await open(admin).create(called('ABOVE'));
    const below = await open(admin).create({ ...called('BELOW'), parentId: above.id });
    const other = await open(admin).create(called('OTHER'));
    await open(admin).setStatus({ branchId: below.id, status: 'closed' });
    await open(admin).setStatus({ branchId: above.id, status: 'closed' });
    const closed = { status: 409, code: 'BRANCH_CLOSED' };

    await expect(open(admin).setStatus({ branchId: below.id, status: 'active' })).rejects.toMatchObject(closed);
    await expect(open(admin).create({ ...called('X'), parentId: above.id })).rejects.toMatchObject(closed);
    await expect(open(admin).move({ branchId: other.id, parentId: above.id })).rejects.toMatchObject(closed);
  });
});

describe('taking a branch away', () => {
  it('is for what was only planned', async () => {
    const admin = await hub.person({ role: 'admin' });
    const planned = await open(admin).create({ ...called('P'), status: 'planned' });
    const asRead = { headers: { 'if-match': `"${planned.version}"` } };

    await expect(
      open(admin).remove({ branchId: admin.branchId }, { headers: { 'if-match': '"1"' } }),
    ).rejects.toMatchObject({ code: 'BRANCH_STATE_INVALID' });
    await open(admin).remove({ branchId: planned.id }, asRead);
    await expect(open(admin).get({ branchId: planned.id })).rejects.toMatchObject({ status: 404 });
  });
});

describe('the tree', () => {
  it('is shown from the top, siblings by code, with how many belong to each', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [a, b] = await chain(admin);
    await open(admin).create({ ...called('AA'), parentId: a.id });
    await hub.person({ beside: { orgId: admin.orgId, branchId: b.id } });
    const manager = await hub.person({ role: 'manager', beside: { orgId: admin.orgId, branchId: b.id } });

    const { nodes } = await open(admin).tree({});
    const mine = await open(manager).tree({});

    const drawn = nodes.map(({ code, depth, members }) => `${code} ${depth} ${members}`);
    expect(drawn.slice(drawn.indexOf('A 1 0'), drawn.indexOf('A 1 0') + 4)).toEqual([
      'A 1 0',
      'AA 2 0',
      'B 2 2',
      'C 3 0',
    ]);
    expect(mine.nodes.map(({ code }) => code)).toEqual(['B', 'C']);
    const figures = await open(admin).figures({ branchId: a.id, subtree: 'true' });
    expect(figures).toMatchObject({ isSubtree: true, branches: 4, members: 2 });
  });
});
