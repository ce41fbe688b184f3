import { type Branch, branchesApi } from '@loro/contracts/branches';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const opened = { name: 'Cape Town', timezone: 'Africa/Johannesburg', fence: null } as const;
const coded = (code: string) => ({ ...opened, code });

describe('opening a branch', () => {
  it('puts it below another, at most six levels deep', async () => {
    const admin = await hub.person({ role: 'admin' });
    const api = hub.api(branchesApi, admin);

    let parentId: string | null = null;
    for (let level = 1; level <= 6; level += 1) {
      const branch: Branch = await api.create({ ...coded(`L${level}`), parentId });
      expect(branch).toMatchObject({ parentId, status: 'active', version: 1 });
      parentId = branch.id;
    }
    await expect(api.create({ ...coded('L7'), parentId })).rejects.toMatchObject({ status: 409, code: 'BRANCH_DEPTH' });
  });

  it('gives a code to one of two that ask for it at once', async () => {
    const api = hub.api(branchesApi, await hub.person({ role: 'admin' }));

    const outcomes = await Promise.allSettled([api.create(coded('CPT')), api.create(coded('CPT'))]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({ code: 'CODE_TAKEN' });
  });

  it('is for those who may manage branches, and names every wrong field', async () => {
    const staff = await hub.person();
    const admin = await hub.person({ role: 'admin' });
    const wrong = {
      code: 'lower case',
      name: '',
      timezone: 'Mars/Olympus',
      fence: { center: { lat: 91, lng: 0 }, radiusM: 0 },
    };

    await expect(hub.api(branchesApi, staff).create(coded('X'))).rejects.toMatchObject({ status: 403 });
    const refused = hub.api(branchesApi, admin).create(wrong);
    await expect(refused).rejects.toMatchObject({
      status: 422,
      problem: {
        errors: expect.arrayContaining(
          ['code', 'name', 'timezone', 'fence.center.lat'].map((path) => expect.objectContaining({ path }) as object),
        ) as object[],
      },
    });
  });
});

describe('changing a branch', () => {
  it('needs the version that was read, and tells the branch what changed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const api = hub.api(branchesApi, admin);
    const branch = await api.get({ branchId: admin.branchId });
    const asRead = { headers: { 'if-match': `"${branch.version}"` } };
    const listener = await hub.listen('/notifications', staff);
    await listener.subscribe(`${admin.orgId}:notices:${admin.branchId}`);

    const changed = await api.update({ branchId: branch.id, name: 'New name' }, asRead);

    expect(changed).toMatchObject({ name: 'New name', version: branch.version + 1 });
    expect(await listener.next('branch:updated')).toEqual(changed);
    await expect(api.update({ branchId: branch.id, name: 'Too late' }, asRead)).rejects.toMatchObject({
      status: 412,
      code: 'VERSION_CONFLICT',
      problem: { current: changed },
    });
  });
});

describe('seeing branches', () => {
  it('reaches as far as one’s role, and no other organisation’s', async () => {
    const manager = await hub.person({ role: 'manager' });
    const elsewhere = await hub.person({ elsewhereIn: manager, role: 'hr' });
    const stranger = await hub.person({ role: 'admin' });

    const [own, all] = await Promise.all([manager, elsewhere].map((person) => hub.api(branchesApi, person).list({})));

    expect(own?.data.map(({ id }) => id)).toEqual([manager.branchId]);
    expect(all?.data.map(({ id }) => id).toSorted()).toEqual([manager.branchId, elsewhere.branchId].toSorted());
    await expect(hub.api(branchesApi, stranger).get({ branchId: manager.branchId })).rejects.toMatchObject({
      status: 404,
    });
  });
});
