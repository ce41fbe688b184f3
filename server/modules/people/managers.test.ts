import { peopleApi } from '@loro/contracts/people';
import { type Person, testHub } from '../../testing/test-hub';
import { people } from '.';

const hub = testHub();
const version = (n: number) => ({ headers: { 'if-match': `"${n}"` } });

async function office(count: number): Promise<{ hr: Person; staff: Person[]; api: ReturnType<typeof apiOf> }> {
  const hr = await hub.person({ role: 'hr' });
  const staff = [];
  for (let n = 0; n < count; n += 1) staff.push(await hub.person({ beside: hr }));
  return { hr, staff, api: apiOf(hr) };
}
const apiOf = (who: Person) => hub.api(peopleApi, who);

/** Each reports to the next. */
async function chain(orgId: string, staff: readonly Person[]): Promise<void> {
  for (const [index, { userId }] of staff.entries())
    await hub.sql('UPDATE users SET manager_id = ? WHERE org_id = ? AND id = ?', [
      staff[index + 1]?.userId ?? null,
      orgId,
      userId,
    ]);
}

describe('reporting to a manager', () => {
  it('acceptance: a circle is refused with its path', async () => {
    const { hr, staff, api } = await office(3);
    const [a, b, c] = staff.map(({ userId }) => userId);
    // c reports to b, b reports to a.
    await chain(hr.orgId, staff.toReversed());

    const refused = api.update({ userId: a ?? '', managerId: c ?? '' }, version(1));

    await expect(refused).rejects.toMatchObject({
      status: 409,
      code: 'MANAGER_CYCLE',
      problem: { errors: [{ path: 'managerId', message: [a, c, b, a].join(' → ') }] },
    });
    await expect(api.update({ userId: a ?? '', managerId: a ?? '' }, version(1))).rejects.toMatchObject({
      code: 'MANAGER_CYCLE',
    });
  });

  it('does not let two changes at once close a circle between them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { hr, staff, api } = await office(4);
      const [a = '', b = '', c = '', d = ''] = staff.map(({ userId }) => userId);
      await hub.sql('UPDATE users SET manager_id = ? WHERE org_id = ? AND id = ?', [b, hr.orgId, a]);
      await hub.sql('UPDATE users SET manager_id = ? WHERE org_id = ? AND id = ?', [d, hr.orgId, c]);

      const outcomes = await Promise.allSettled([
        api.update({ userId: b, managerId: c }, version(1)),
        api.update({ userId: d, managerId: a }, version(1)),
      ]);

      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({
        code: 'MANAGER_CYCLE',
      });
    }
  });

  it('is twelve levels deep at most, counted through whom the change takes along', async () => {
    const { hr, staff, api } = await office(13);
    await chain(hr.orgId, staff.slice(0, 6));
    await chain(hr.orgId, staff.slice(6));
    const top = (at: number) => staff[at]?.userId ?? '';

    // Six levels below seven are thirteen.
    await expect(api.update({ userId: top(5), managerId: top(6) }, version(1))).rejects.toMatchObject({
      code: 'MANAGER_DEPTH',
    });
    expect(await api.update({ userId: top(5), managerId: top(7) }, version(1))).toMatchObject({ managerId: top(7) });
    const newcomer = { email: `deep-${hr.userId.toLowerCase()}@example.test`, name: 'Deep', roles: ['staff'] };
    await expect(api.invite({ ...newcomer, managerId: top(0) })).rejects.toMatchObject({ code: 'MANAGER_DEPTH' });
  });

  it('shows everybody below, nearest first, in pages', async () => {
    const { hr, staff, api } = await office(5);
    const [boss = '', left = '', right = '', deep = ''] = staff.map(({ userId }) => userId);
    const below = (manager: string, ids: string[]) =>
      hub.sql('UPDATE users SET manager_id = ? WHERE org_id = ? AND id IN (?)', [manager, hr.orgId, ids]);
    await below(boss, [left, right]);
    await below(left, [deep]);

    const first = await api.reports({ userId: boss, limit: 2 });
    const second = await api.reports({ userId: boss, limit: 2, cursor: first.page.nextCursor ?? '' });

    const seen = [...first.data, ...second.data].map(({ id, managerId, depth }) => `${depth} ${managerId} ${id}`);
    expect(seen.slice(0, 2).toSorted()).toEqual([`1 ${boss} ${left}`, `1 ${boss} ${right}`].toSorted());
    expect(seen.slice(2)).toEqual([`2 ${left} ${deep}`]);
    expect(second.page.nextCursor).toBeNull();
  });

  it('moves whom the scope team reaches: teams that one leads and everybody below, nobody of another organisation', async () => {
    const { hr, staff, api } = await office(5);
    const [boss = '', left = '', deep = '', member = '', former = ''] = staff.map(({ userId }) => userId);
    await api.update({ userId: left, managerId: boss }, version(1));
    await api.update({ userId: deep, managerId: left }, version(1));
    const team = await api.createTeam({ name: 'Night shift', leadId: boss });
    const now = hub.clock.now();
    const members = [
      { userId: member },
      {
        userId: former,
        from: new Date(now.getTime() - 2_000).toISOString(),
        to: new Date(now.getTime() - 1_000).toISOString(),
      },
    ];
    await api.setMembers({ teamId: team.id, members }, version(1));
    const stranger = await hub.person();

    const teamOf = (orgId: string, userId: string) => hub.hub.use(people).teamOf(orgId, userId);

    expect((await teamOf(hr.orgId, boss)).toSorted()).toEqual([left, deep, member].toSorted());
    expect(await teamOf(hr.orgId, member)).toEqual([]);
    expect(await teamOf(stranger.orgId, boss)).toEqual([]);
  });
});

describe('changing a person', () => {
  it('needs the version that was read, and tells the branch he came from and the one he goes to', async () => {
    const { hr, staff, api } = await office(1);
    const person = staff[0]?.userId ?? '';
    const away = await hub.person({ elsewhereIn: hr });
    const [old, next] = [await hub.listen('/notifications', hr), await hub.listen('/notifications', away)];

    const changed = await api.update(
      { userId: person, homeBranchId: away.branchId, jobTitle: 'Driver', employeeNo: 'D-1' },
      version(1),
    );

    expect(changed).toMatchObject({ homeBranchId: away.branchId, jobTitle: 'Driver', version: 2 });
    for (const branch of [old, next])
      expect(await branch.next('user:updated')).toMatchObject({ id: person, jobTitle: 'Driver' });
    await expect(api.update({ userId: person, jobTitle: 'Late' }, version(1))).rejects.toMatchObject({
      status: 412,
      problem: { current: { jobTitle: 'Driver' } },
    });
    await expect(api.update({ userId: away.userId, employeeNo: 'd-1' }, version(1))).rejects.toMatchObject({
      code: 'EMPLOYEE_NO_TAKEN',
    });
  });

  it('takes one of two changes of the same version', async () => {
    const { staff, api } = await office(1);
    const userId = staff[0]?.userId ?? '';

    const outcomes = await Promise.allSettled(
      ['Driver', 'Packer'].map((jobTitle) => api.update({ userId, jobTitle }, version(1))),
    );

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({ status: 412 });
    expect(await api.get({ userId })).toMatchObject({ version: 2 });
  });

  it('changes an address only while the invitation waits', async () => {
    const { hr, staff, api } = await office(1);
    const email = `typo-${hr.userId.toLowerCase()}@example.test`;
    const invited = await api.invite({ email, name: 'Typo', roles: ['staff'] });

    expect(await api.update({ userId: invited.id, email: `fixed-${email}` }, version(1))).toMatchObject({
      email: `fixed-${email}`,
    });
    await expect(
      api.update({ userId: staff[0]?.userId ?? '', email: `mine-${email}` }, version(1)),
    ).rejects.toMatchObject({ code: 'USER_STATE_INVALID' });
    await expect(api.update({ userId: invited.id, email: hr.email }, version(2))).rejects.toMatchObject({
      code: 'EMAIL_TAKEN',
    });
  });

  it('refuses status, roles and rank by name', async () => {
    const { staff, hr } = await office(1);
    // A caller that knows no contract sends what it likes.
    const api = apiOf(hr) as unknown as Record<string, (a: object, b: object) => Promise<unknown>>;
    const more = { status: 'suspended', roles: ['admin'], kind: 'service', ownerId: hr.userId, version: 9 };

    const refused = api['update']?.({ userId: staff[0]?.userId, name: 'X', ...more }, version(1));

    await expect(refused).rejects.toMatchObject({
      status: 422,
      problem: { errors: Object.keys(more).map((path) => expect.objectContaining({ path }) as object) },
    });
  });
});
