import { activityApi } from '@loro/contracts/activity';
import type { NewMetricDef } from '@loro/contracts/activity-metrics';
import { rollUp } from '@loro/contracts/activity-live';
import { peopleApi } from '@loro/contracts/people';
import { ulid } from '../../platform/ulid';
import { licensed } from '../../testing/licenses';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(activityApi, person);
const now = () => hub.clock.now();
const ago = (minutes: number) => new Date(now().getTime() - minutes * 60_000).toISOString();
const define = (admin: Person, def: Partial<NewMetricDef> & { key: string }) =>
  open(admin).createMetricDef({ name: def.key, kind: 'counter', ...def });
const point = (metric: string, value: number, minutes = 1, more: object = {}) => ({
  id: ulid(),
  metric,
  value,
  at: ago(minutes),
  ...more,
});
const put = async (person: Person, ...points: object[]) => {
  const taken = await open(person).ingestMetrics({ points });
  await hub.work(rollUp.name);
  return taken;
};

describe('values of metrics', () => {
  it('are taken once each, and added up by minute, hour and local day', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals' });
    const points = [point('deals', 2), point('deals', 3), point('deals', 4, 2)];

    const first = await put(admin, ...points);
    const again = await put(admin, ...points, point('deals', 1));

    expect(first).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(again).toMatchObject({ accepted: 1, duplicates: 3 });
    for (const res of ['1m', '1h', '1d'] as const) {
      const asked = await open(admin).query({ metric: 'deals', res, steps: 5 });
      expect(asked.value).toBe(10);
      expect(asked.series[0]?.points).toHaveLength(5);
    }
  });

  it('of unknown metrics are refused, and counted all the same', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals' });

    const mixed = await put(admin, point('deals', 1), point('no.such', 1), point('no.such', 5));
    expect(mixed).toMatchObject({ accepted: 1, unknown: 2 });
    expect(mixed.rejected.map(({ index, errors }) => [index, errors[0]?.code])).toEqual([
      [1, 'METRIC_UNKNOWN'],
      [2, 'METRIC_UNKNOWN'],
    ]);
    await expect(open(admin).ingestMetrics({ points: [point('no.such', 1)] })).rejects.toMatchObject({
      status: 422,
      code: 'METRIC_UNKNOWN',
    });
    await hub.work(rollUp.name);

    const other = await open(admin).query({ metric: '_other', by: ['metric'] });
    expect(other.series.map(({ dims, value }) => [dims, value])).toEqual([[{ metric: 'no.such' }, 3]]);
    await expect(open(admin).query({ metric: 'no.such' })).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
  });

  it('at more than a thousand places go under one name, and none is lost', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals', dimensions: ['customer'] });
    const at = (n: number) => point('deals', 1, 1, { dimensions: { customer: `C-${n}` } });
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => at(from + n));

    await open(admin).ingestMetrics({ points: range(0, 500) });
    const [a, b] = await Promise.all([
      open(admin).ingestMetrics({ points: range(500, 900) }),
      open(admin).ingestMetrics({ points: range(800, 1_200) }),
    ]);
    const later = await put(admin, at(5), at(5_000));

    expect(a.other + b.other).toBe(200);
    expect(later).toMatchObject({ accepted: 2, other: 1 });
    const asked = await open(admin).query({ metric: 'deals', by: ['customer'] });
    expect(asked.value).toBe(1_302);
    expect(asked.series).toHaveLength(1_001);
    expect(asked.series.find(({ dims }) => dims['customer'] === '_other')?.value).toBe(201);
  }, 60_000);

  it('that come late are put where they belong, for three days', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals' });
    await put(admin, point('deals', 1, 50 * 60));
    const before = await open(admin).query({ metric: 'deals', res: '1d', steps: 4 });

    const taken = await put(admin, point('deals', 5, 50 * 60), point('deals', 9, 72 * 60 + 1), point('deals', 9, -3));
    hub.clock.advance(60_000);
    const after = await open(admin).query({ metric: 'deals', res: '1d', steps: 4 });

    expect(taken.accepted).toBe(1);
    expect(taken.rejected.map(({ errors }) => errors[0]?.path)).toEqual(['at', 'at']);
    expect([before.value, after.value]).toEqual([1, 6]);
  });

  it('belong to the local date of their organisation', async () => {
    const admin = await hub.person({ role: 'owner' });
    await hub.sql('UPDATE organisations SET timezone = ? WHERE id = ?', ['Pacific/Kiritimati', admin.orgId]);
    await define(admin, { key: 'deals' });
    // The zone is fourteen hours ahead, and begins its days where no hour of UTC is cut.
    const midnight = new Date(
      Math.floor((now().getTime() + 14 * 3_600_000) / 86_400_000) * 86_400_000 - 14 * 3_600_000,
    );
    const at = (ms: number) => ({ at: new Date(midnight.getTime() + ms).toISOString() });
    await put(admin, point('deals', 1, 0, at(-1)), point('deals', 2, 0, at(-60_000)), point('deals', 4, 0, at(0)));

    const { series } = await open(admin).query({ metric: 'deals', res: '1d', steps: 2 });

    expect(series[0]?.points.map(({ value }) => value)).toEqual([3, 4]);
    expect((await hub.api(peopleApi, admin).organisation()).timezone).toBe('Pacific/Kiritimati');
  });

  it('of several places have the percentiles of all of them together', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'latency', kind: 'histogram', dimensions: ['service'], unit: 'ms' });
    const from = (service: string, values: number[]) =>
      values.map((value) => point('latency', value, 1, { dimensions: { service } }));
    await put(admin, ...from('a', [...Array(94).fill(150), ...Array(6).fill(200)]));
    await put(admin, ...from('b', [...Array(9).fill(1_000), 5_000]));

    const p95 = await open(admin).query({ metric: 'latency', agg: 'p95' });
    const each = await open(admin).query({ metric: 'latency', agg: 'p95', by: ['service'] });

    expect(Math.abs((p95.value ?? 0) - 1_000)).toBeLessThan(5);
    expect(each.series.map(({ value }) => Math.round((value ?? 0) / 100))).toEqual([2, 50]);
    expect((await open(admin).query({ metric: 'latency', agg: 'max' })).value).toBe(5_000);
    expect((await open(admin).query({ metric: 'latency' })).value).toBeCloseTo(
      (94 * 150 + 1_200 + 9_000 + 5_000) / 110,
      6,
    );
  });

  it('are reckoned by formulas from sums, and not from means', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals' });
    await define(admin, { key: 'calls.made' });
    await define(admin, { key: 'hit-rate', kind: 'formula', formula: '100 * deals / {calls.made}', unit: '%' });
    await define(admin, { key: 'on-time', kind: 'ratio' });
    await put(
      admin,
      point('deals', 1, 1),
      point('calls.made', 10, 1),
      point('deals', 9, 120),
      point('calls.made', 30, 120),
    );
    const late = await put(
      admin,
      point('on-time', 1, 1, { of: 4 }),
      point('on-time', 5, 2, { of: 6 }),
      point('on-time', 1),
    );

    expect((await open(admin).query({ metric: 'hit-rate' })).value).toBe(25);
    expect((await open(admin).query({ metric: 'on-time' })).value).toBeCloseTo(0.6, 12);
    expect(late.rejected[0]?.errors[0]?.path).toBe('of');
    const direct = await put(admin, point('hit-rate', 1), point('deals', 1));
    expect(direct.rejected).toHaveLength(1);
  });
});

describe('who sees what was measured', () => {
  it('is whoever sees the place or the person', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', elsewhereIn: admin });
    const staff = await hub.person({ beside: manager });
    const stranger = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals', dimensions: ['branchId', 'userId'] });
    const by = (branchId: string, userId: string) => ({ dimensions: { branchId, userId } });
    await put(
      admin,
      point('deals', 1, 1, by(admin.branchId, admin.userId)),
      point('deals', 10, 1, by(manager.branchId, manager.userId)),
      point('deals', 100, 1, by(manager.branchId, staff.userId)),
      point('deals', 1_000),
    );

    const seen = async (person: Person) => (await open(person).query({ metric: 'deals' })).value;
    expect([await seen(admin), await seen(manager), await seen(staff)]).toEqual([1_111, 110, 100]);
    await expect(seen(stranger)).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
    const other = open(manager).query({ metric: 'deals', branchId: admin.branchId });
    await expect(other).rejects.toMatchObject({ status: 404 });
    const foreign = await put(admin, point('deals', 1, 1, by(stranger.branchId, admin.userId)), point('deals', 1));
    expect(foreign.rejected[0]?.errors[0]).toMatchObject({ path: 'dimensions.branchId', code: 'NOT_FOUND' });
    const forOther = await put(staff, point('deals', 1, 1, by(manager.branchId, manager.userId)), point('deals', 1));
    expect(forOther).toMatchObject({ accepted: 1, rejected: [{ index: 0 }] });
  });

  it('has the same answer for a minute, and a new one after it', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals' });
    hub.clock.advance(60_000 - (now().getTime() % 60_000) + 100);
    await put(admin, point('deals', 1));
    const ask = async () => (await open(admin).query({ metric: 'deals' })).value;
    const first = await ask();
    await put(admin, point('deals', 1));
    const same = await ask();
    hub.clock.advance(60_000);

    expect([first, same, await ask()]).toEqual([1, 1, 2]);
    const smooth = await open(admin).query({ metric: 'deals', res: '1m', steps: 5, smooth: true });
    const [line] = smooth.series;
    expect(line?.points.flatMap(({ smoothed }) => smoothed ?? [])[0]).toBe(
      line?.points.find(({ value }) => value !== null)?.value,
    );
  });
});

describe('metrics of one’s own', () => {
  it('have a key that nobody else has, five dimensions, and formulas that can be read', async () => {
    const admin = await hub.person({ role: 'admin' });
    await define(admin, { key: 'deals' });
    const wrong = async (def: Partial<NewMetricDef> & { key: string }) =>
      define(admin, def).then(
        () => 'made',
        (error: { code: string }) => error.code,
      );

    expect(await wrong({ key: 'deals' })).toBe('METRIC_KEY_TAKEN');
    expect(await wrong({ key: 'work.visits' })).toBe('METRIC_KEY_TAKEN');
    expect(await wrong({ key: 'system.mine' })).toBe('METRIC_KEY_TAKEN');
    expect(await wrong({ key: 'a', dimensions: ['a', 'b', 'c', 'd', 'e', 'f'] })).toBe('DIMENSION_LIMIT');
    expect(await wrong({ key: 'a', dimensions: ['a', 'a'] })).toBe('DIMENSION_LIMIT');
    expect(await wrong({ key: 'f', kind: 'formula', formula: 'deals +' })).toBe('EXPR_INVALID');
    expect(await wrong({ key: 'f', kind: 'formula', formula: 'deals + nothing' })).toBe('EXPR_INVALID');
    expect(await wrong({ key: 'f', kind: 'formula' })).toBe('VALIDATION_FAILED');
    expect(await wrong({ key: 'f', kind: 'formula', formula: 'deals * 2' })).toBe('made');
    expect(await wrong({ key: 'g', kind: 'formula', formula: 'f * 2' })).toBe('EXPR_INVALID');
    const staff = await hub.person({ beside: admin });
    await expect(define(staff, { key: 'mine' })).rejects.toMatchObject({ status: 403 });
  });

  it('are as many as the plan allows, whoever comes at once', async () => {
    const admin = await hub.person({ role: 'admin' });
    await licensed(hub, admin.orgId, { type: 'perpetual', plan: 'professional' });
    for (let n = 0; n < 19; n += 1) await define(admin, { key: `m${n}` });
    const last = await Promise.allSettled([define(admin, { key: 'x' }), define(admin, { key: 'y' })]);

    expect(last.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(define(admin, { key: 'z' })).rejects.toMatchObject({ status: 402, code: 'LICENSE_LIMIT_REACHED' });
  });

  it('are not taken away from under whoever reads them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const deals = await define(admin, { key: 'deals' });
    const rate = await define(admin, { key: 'rate', kind: 'formula', formula: 'deals / 2' });
    const asRead = { headers: { 'if-match': '"1"' } };
    const idOf = ({ id }: { id: string | null }) => ({ metricDefId: id ?? '' });

    await expect(open(admin).removeMetricDef(idOf(deals), asRead)).rejects.toMatchObject({ code: 'METRIC_IN_USE' });
    await open(admin).removeMetricDef(idOf(rate), asRead);
    await put(admin, point('deals', 5));
    await open(admin).removeMetricDef(idOf(deals), asRead);
    await define(admin, { key: 'deals' });
    expect((await open(admin).query({ metric: 'deals' })).value).toBeNull();
    const stranger = await hub.person({ role: 'admin' });
    await expect(open(stranger).metricDef(idOf(deals))).rejects.toMatchObject({ status: 404 });
  });
});
