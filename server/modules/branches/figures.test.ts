import { type Branch, branchesApi } from '@loro/contracts/branches';
import { branches } from '.';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(branchesApi, person);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const make = (admin: Person, code: string, more: object = {}): Promise<Branch> =>
  open(admin).create({ code, name: code, timezone: 'Africa/Johannesburg', ...more });
const at = (admin: Person, branch: Branch) => hub.person({ beside: { orgId: admin.orgId, branchId: branch.id } });

describe('what a branch gives away', () => {
  it('is never more than it has, at any moment', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { branchId } = admin;
    const desks = await open(admin).createResource({ branchId, kind: 'desk', label: 'Desks', capacity: 3 });
    const give = (quantity: number, from: string, to: string | null) =>
      open(admin).allocate({ resourceId: desks.id, holderType: 'other', holderId: 'guests', quantity, from, to });
    const [mon, wed, fri] = ['2027-03-01T00:00:00Z', '2027-03-03T00:00:00Z', '2027-03-05T00:00:00Z'];

    const first = await give(2, mon, wed);
    await expect(give(2, '2027-03-02T00:00:00Z', fri)).rejects.toMatchObject({
      status: 409,
      code: 'RESOURCE_FULL',
      problem: { current: { capacity: 3, allocated: 2, free: 1 } },
    });
    await give(3, wed, fri);
    await open(admin).release({ resourceId: desks.id, allocationId: first.id, at: '2027-03-02T00:00:00Z' });
    await give(3, '2027-03-02T00:00:00Z', wed);

    const held = await open(admin).allocations({ resourceId: desks.id, from: mon, to: fri });
    expect(held.data).toHaveLength(3);
    const fewer = open(admin).updateResource({ branchId, resourceId: desks.id, capacity: 2 }, asRead(desks));
    await expect(fewer).rejects.toMatchObject({ code: 'RESOURCE_FULL' });
    const away = open(admin).removeResource({ branchId, resourceId: desks.id }, asRead(desks));
    await expect(away).rejects.toMatchObject({ code: 'RESOURCE_IN_USE' });
  });

  it('goes to one of two that ask for the last at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { branchId, userId } = admin;
    const { id: resourceId } = await open(admin).createResource({
      branchId,
      kind: 'vehicle',
      label: 'Van',
      capacity: 1,
    });

    const asked = [0, 1, 2].map(() => open(admin).allocate({ resourceId, holderId: userId }));
    const outcomes = await Promise.allSettled(asked);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await open(admin).resources({ branchId })).data).toMatchObject([{ label: 'Van', allocated: 1 }]);
    const [held] = (await open(admin).allocations({ resourceId })).data;
    const release = () => open(admin).release({ resourceId, allocationId: held?.id ?? '' });
    await release();
    await expect(release()).rejects.toMatchObject({ status: 409, code: 'ALLOCATION_OVER' });
    await open(admin).allocate({ resourceId, holderId: userId });
  });

  it('belongs to its branch and organisation, under one label each', async () => {
    const manager = await hub.person({ role: 'manager' });
    const stranger = await hub.person({ role: 'admin' });
    const { branchId } = manager;
    const room = { branchId, kind: 'room', label: 'Room 1', capacity: 1 } as const;
    const { id: resourceId, version } = await open(manager).createResource(room);
    const absent = { status: 404 };

    await expect(open(manager).createResource(room)).rejects.toMatchObject({ code: 'RESOURCE_LABEL_TAKEN' });
    await expect(open(stranger).createResource(room)).rejects.toMatchObject(absent);
    await expect(open(stranger).allocate({ resourceId, holderId: stranger.userId })).rejects.toMatchObject(absent);
    await expect(open(stranger).allocations({ resourceId })).rejects.toMatchObject(absent);
    await expect(open(manager).allocate({ resourceId, holderId: stranger.userId })).rejects.toMatchObject(absent);
    const more = await open(manager).updateResource(
      { branchId, resourceId, capacity: 2, label: 'Rooms' },
      asRead({ version }),
    );
    expect(more).toMatchObject({ label: 'Rooms', capacity: 2, version: version + 1 });
    const stale = open(manager).removeResource({ branchId, resourceId }, asRead({ version }));
    await expect(stale).rejects.toMatchObject({ status: 412 });
    await open(manager).removeResource({ branchId, resourceId }, asRead(more));
    await expect(open(manager).allocate({ resourceId, holderId: manager.userId })).rejects.toMatchObject(absent);
    await open(manager).createResource(room);
  });
});

describe('planning who is there', () => {
  it('counts each day by full-time people, less those on leave, and what would be', async () => {
    const admin = await hub.person({ role: 'admin' });
    const branch = await make(admin, 'PLAN', { capacityHeads: 4, capacityFte: 2 });
    const { id: branchId } = branch;
    const whole = await at(admin, branch);
    const part = await hub.person({ elsewhereIn: admin });
    await open(admin).addMember({ branchId, userId: part.userId, fte: 0.5, from: '2027-02-02' });
    hub.hub.use(branches).branchFigures({
      name: 'leave',
      sum: async (_, ids) => (ids.includes(branchId) ? { requests: 2 } : {}),
      onLeave: async (_, userIds) =>
        userIds.includes(whole.userId) ? [{ userId: whole.userId, date: '2027-02-03' }] : [],
    });
    const span = { branchId, from: '2027-02-01', to: '2027-02-04' };

    const { days } = await open(admin).capacity(span);
    const would = await open(admin).simulateCapacity({
      ...span,
      joiners: [{ fte: 0.8, count: 2, from: '2027-02-02' }],
      leavers: [{ userId: part.userId, from: '2027-02-03' }],
    });

    expect(days.map(({ heads, fte, usePpm }) => [heads, fte, usePpm])).toEqual([
      [1, 1, 500_000],
      [2, 1.5, 750_000],
      [2, 0.5, 250_000],
    ]);
    expect(days[2]).toMatchObject({ onLeaveHeads: 1, onLeaveFte: 1, vacantHeads: 2, vacantFte: 0.5 });
    expect(would.days.map(({ heads, fte }) => [heads, fte])).toEqual([
      [1, 1],
      [4, 3.1],
      [3, 1.6],
    ]);
    expect((await open(admin).capacity(span)).days).toEqual(days);
    expect(await open(admin).figures({ branchId, subtree: 'false' })).toMatchObject({
      members: 1,
      figures: { 'leave.requests': 2 },
    });
    await expect(open(admin).capacity({ ...span, to: '2029-01-01' })).rejects.toMatchObject({ code: 'BAD_QUERY' });
    const stranger = await hub.person({ role: 'admin' });
    await expect(open(stranger).capacity(span)).rejects.toMatchObject({ status: 404 });
  });
});

describe('how branches do', () => {
  it('is kept by day, with targets, and compared by full-time person', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [big, small, empty] = await Promise.all(['BIG', 'SMALL', 'EMPTY'].map((code) => make(admin, code)));
    if (!big || !small || !empty) throw new Error('not made');
    for (const branch of [big, big, small]) await at(admin, branch);
    const days = (values: readonly number[]) =>
      values.map((value, index) => ({ date: `2027-01-0${index + 1}`, value }));
    const set = (branch: Branch, values: readonly number[]) =>
      open(admin).setMetrics({ branchId: branch.id, metric: 'visits', days: days(values) });
    await set(big, [10, 20]);
    await set(small, [12, 8]);
    await set(empty, [5]);
    const span = { metric: 'visits', from: '2027-01-01', to: '2027-01-03' };
    await open(admin).setMetrics({
      branchId: big.id,
      metric: 'visits',
      days: [
        { date: '2027-01-01', target: 15 },
        { date: '2027-01-02', target: 15 },
      ],
    });

    const read = await open(admin).metrics({ branchId: big.id, ...span });
    const byFte = await open(admin).compare(span);
    const total = await open(admin).compare({ ...span, by: 'total' });

    expect(read).toMatchObject({ sum: 30, mean: 15, targeted: 2, reached: 1 });
    expect(read.days[0]).toEqual({ date: '2027-01-01', value: 10, target: 15 });
    expect(byFte.branches.map(({ code, value, rank }) => [code, value, rank])).toEqual([
      ['SMALL', 20, 1],
      ['BIG', 15, 2],
      ['EMPTY', null, null],
    ]);
    expect(total.branches.map(({ code, value }) => [code, value])).toEqual([
      ['BIG', 30],
      ['SMALL', 20],
      ['EMPTY', 5],
    ]);
    expect((await open(admin).metricNames({ branchId: big.id })).metrics).toEqual(['visits']);
  });

  it('is shown to a manager of his branches alone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const mine = await make(admin, 'MINE');
    const other = await make(admin, 'OTHER');
    const manager = await hub.person({ role: 'manager', beside: { orgId: admin.orgId, branchId: mine.id } });
    for (const { id: branchId } of [mine, other])
      await open(admin).setMetrics({ branchId, metric: 'visits', days: [{ date: '2027-01-01', value: 1 }] });
    const span = { metric: 'visits', from: '2027-01-01', to: '2027-01-02' };

    expect((await open(manager).compare(span)).branches.map(({ code }) => code)).toEqual(['MINE']);
    await expect(open(manager).metrics({ branchId: other.id, ...span })).rejects.toMatchObject({ status: 404 });
    const writing = open(manager).setMetrics({
      branchId: mine.id,
      metric: 'visits',
      days: [{ date: '2027-01-01', value: 9 }],
    });
    await expect(writing).rejects.toMatchObject({ status: 403 });
  });
});
