import { activityApi } from '@loro/contracts/activity';
import type { GoalAtRisk, NewGoal } from '@loro/contracts/activity-goals';
import { findTrends, rollUp } from '@loro/contracts/activity-live';
import { ulid } from '../../platform/ulid';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(activityApi, person);
const DAY_MS = 86_400_000;
/** A local date of Johannesburg, so many days from today. */
const day = (days: number) =>
  new Date(hub.clock.now().getTime() + 7_200_000 + days * DAY_MS).toISOString().slice(0, 10);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const goal = (person: Person, more: Partial<NewGoal> = {}) =>
  open(person).createGoal({ name: 'Visits', ownerType: 'user', target: 100, from: day(-10), to: day(9), ...more });

describe('a goal', () => {
  it('stands beside its plan, and tells its owner once when it falls behind', async () => {
    const person = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: person });
    const own = await hub.listen('/tracking', person);
    const other = await hub.listen('/tracking', manager);
    // Half of its time is over and nothing is done.
    const made = await goal(person);

    const told = await own.next<GoalAtRisk>('goal:at-risk');
    expect(told).toMatchObject({ goalId: made.id, gapPct: -50, forecastAt: null });
    expect(made.progress).toMatchObject({ value: 0, done: 0, elapsed: 0.5, gap: -0.5, state: 'at-risk', planned: 50 });

    await open(person).tellGoal({ goalId: made.id, date: day(-1), value: 10 });
    const caught = await open(person).tellGoal({ goalId: made.id, value: 45 });
    expect(caught.progress).toMatchObject({ done: 0.45, state: 'on-track' });
    await open(manager).tellGoal({ goalId: made.id, value: 30 });
    await own.next<GoalAtRisk>('goal:at-risk', ({ gapPct }) => gapPct === -20);

    expect(own.heard('goal:at-risk')).toHaveLength(2);
    expect(other.heard('goal:at-risk')).toEqual([]);
    const { points } = await open(person).burnUp({ goalId: made.id });
    expect(points).toEqual([
      { date: day(-1), value: 10, planned: 50 },
      { date: day(0), value: 30, planned: expect.closeTo(55, 9) },
    ]);
  });

  it('is forecast from its last readings', async () => {
    const person = await hub.person();
    const { id: goalId } = await goal(person);
    for (const n of [5, 4, 3, 2, 1, 0]) await open(person).tellGoal({ goalId, date: day(-n), value: 4 * (10 - n) });

    const { progress } = await open(person).goal({ goalId });

    // Four a day from forty on: sixty days… of which fifteen are left until a hundred.
    expect(progress.forecastOn).toBe(day(15));
    expect(progress.forecast).toBeCloseTo(76, 6);
  });

  it('is read from a metric, of its owner alone, and kept every night', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const elsewhere = await hub.person({ elsewhereIn: admin });
    await open(admin).createMetricDef({
      key: 'deals',
      name: 'Deals',
      kind: 'counter',
      dimensions: ['userId', 'branchId'],
    });
    const point = (person: Person, value: number, days: number) => ({
      id: ulid(),
      metric: 'deals',
      value,
      at: new Date(hub.clock.now().getTime() - days * DAY_MS).toISOString(),
      dimensions: { userId: person.userId, branchId: person.branchId },
    });
    await open(admin).ingestMetrics({
      points: [point(staff, 10, 2), point(staff, 30, 1), point(elsewhere, 7, 1), point(admin, 1, 1)],
    });
    await hub.work(rollUp.name);
    const of = (more: Partial<NewGoal>) => goal(admin, { metric: 'deals', ...more });

    const one = await of({ ownerType: 'user', ownerId: staff.userId });
    const branch = await of({ ownerType: 'branch', ownerId: admin.branchId });
    const all = await of({ ownerType: 'organisation' });

    expect([one, branch, all].map(({ progress }) => progress.value)).toEqual([40, 41, 48]);
    await expect(open(admin).tellGoal({ goalId: one.id, value: 1 })).rejects.toMatchObject({ code: 'GOAL_MEASURED' });
    await hub.work(findTrends.name, { tick: hub.clock.now().toISOString() });
    await hub.work(findTrends.name, { tick: hub.clock.now().toISOString() });
    expect((await open(staff).goals()).data.map(({ id }) => id)).toEqual([one.id]);
  });

  it('is set by whoever answers for its owner, and seen by whoever sees him', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const manager = await hub.person({ role: 'manager', beside: person });
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: person });
    const stranger = await hub.person({ role: 'admin' });
    const own = await goal(person);

    await expect(goal(colleague, { ownerId: person.userId })).rejects.toMatchObject({ status: 404 });
    await expect(goal(elsewhere, { ownerId: person.userId })).rejects.toMatchObject({ status: 404 });
    await expect(goal(stranger, { ownerId: person.userId })).rejects.toMatchObject({ status: 404 });
    await expect(goal(manager, { ownerType: 'organisation' })).rejects.toMatchObject({ status: 404 });
    for (const one of [colleague, elsewhere, stranger])
      await expect(open(one).goal({ goalId: own.id })).rejects.toMatchObject({ status: 404 });
    const next = await open(manager).updateGoal({ goalId: own.id, target: 200 }, asRead(own));
    expect(next).toMatchObject({ target: 200, version: 2 });
    await expect(open(person).updateGoal({ goalId: own.id, target: 50 }, asRead(own))).rejects.toMatchObject({
      status: 412,
    });
    await expect(open(person).updateGoal({ goalId: own.id, from: day(20) }, asRead(next))).rejects.toMatchObject({
      status: 422,
    });
    await open(person).removeGoal({ goalId: own.id }, asRead(next));
    expect((await open(person).goals()).data).toEqual([]);
  });

  it('names every field that is wrong', async () => {
    const person = await hub.person();
    const wrong = open(person).createGoal({
      name: '',
      ownerType: 'user',
      target: 0,
      from: day(1),
      to: 'soon',
    });
    await expect(wrong).rejects.toMatchObject({ status: 422 });
    await expect(goal(person, { to: day(-20) })).rejects.toMatchObject({ problem: { errors: [{ path: 'to' }] } });
    await expect(goal(person, { target: 0 })).rejects.toMatchObject({ problem: { errors: [{ path: 'target' }] } });
    await expect(goal(person, { metric: 'no.such' })).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
  });
});

describe('how somebody does', () => {
  it('is shown beside his target, and by a band among five or more alone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const people: Person[] = [];
    for (let n = 0; n < 4; n += 1) people.push(await hub.person({ beside: admin }));
    const at = new Date(hub.clock.now().getTime() - 60_000).toISOString();
    const visits = (person: Person, value: number) => ({
      id: ulid(),
      metric: 'work.visits',
      value,
      at,
      dimensions: { userId: person.userId, branchId: person.branchId },
    });
    await open(admin).ingestMetrics({ points: people.map((person, n) => visits(person, n + 1)) });
    await hub.work(rollUp.name);
    const [worst] = people;
    const best = people.at(-1);
    if (!worst || !best) throw new Error('not made');
    const span = { from: day(-6), to: day(1) };
    const visitsOf = async (by: Person, userId: string) =>
      (await open(by).userPerformance({ userId, ...span })).kpis.find(({ key }) => key === 'work.visits');
    await goal(best, { metric: 'work.visits', target: 10, from: day(-6), to: day(0) });

    expect(await visitsOf(best, best.userId)).toMatchObject({ value: 4, target: 10, band: null });
    await open(admin).ingestMetrics({ points: [visits(admin, 2)] });
    await hub.work(rollUp.name);

    expect(await visitsOf(best, best.userId)).toMatchObject({ value: 4, band: 'top' });
    expect(await visitsOf(worst, worst.userId)).toMatchObject({ value: 1, band: 'bottom' });
    await expect(visitsOf(worst, best.userId)).rejects.toMatchObject({ status: 404 });
    const branch = await open(admin).branchPerformance({ branchId: admin.branchId, ...span });
    expect(branch.kpis.find(({ key }) => key === 'work.visits')).toMatchObject({ value: 12, band: null });
    const stranger = await hub.person({ role: 'admin' });
    await expect(visitsOf(stranger, best.userId)).rejects.toMatchObject({ status: 404 });
    await expect(open(stranger).branchPerformance({ branchId: admin.branchId, ...span })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('a trend', () => {
  it('is found at night, once, and told in fixed words', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    await open(admin).createMetricDef({ key: 'deals', name: 'Deals', kind: 'counter' });
    for (const [n, value] of [12, 14, 13, 15, 17, 16, 18, 21, 19, 22].entries()) {
      const date = `${day(n - 10)} 00:00:00`;
      await hub.sql(
        `INSERT INTO metric_rollups (org_id, metric, res, bucket, series, n, total, den, least, most, newest, newest_at)
         VALUES (?, 'deals', '1d', ?, ?, 1, ?, 1, ?, ?, ?, ?)`,
        [admin.orgId, date, 'a'.repeat(32), value, value, value, value, date],
      );
    }
    await hub.sql("INSERT INTO metric_series (org_id, metric, series, dims) VALUES (?, 'deals', ?, '{}')", [
      admin.orgId,
      'a'.repeat(32),
    ]);

    const { data } = await open(admin).trends({ metric: 'deals' });
    const span = 3 * 3_600_000 + 60_000;
    hub.clock.advance(DAY_MS - ((hub.clock.now().getTime() + 7_200_000) % DAY_MS) + span);
    const later = await hub.person({ role: 'admin', beside: admin });
    await hub.work(findTrends.name, { tick: hub.clock.now().toISOString() });
    const night = await open(later).trends();
    const runs = await hub.sql('SELECT * FROM activity_runs WHERE org_id = ?', [admin.orgId]);
    await hub.work(findTrends.name, { tick: hub.clock.now().toISOString() });

    expect(data[0]).toMatchObject({ direction: 'up', slope: 1, days: 10, median: 16.5 });
    expect(data[0]?.text).toBe('Deals rises by 1 a day, 6.061 % of its median 16.5 (10 days, p = 0.0007).');
    expect(night.data.map(({ metric, direction }) => [metric, direction])).toContainEqual(['deals', 'up']);
    expect(await hub.sql('SELECT * FROM activity_runs WHERE org_id = ?', [admin.orgId])).toEqual(runs);
    await expect(open(later).trends({ metric: 'no.such' })).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
    expect(staff.orgId).toBe(admin.orgId);
  });
});
