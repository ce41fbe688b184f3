import { activityApi } from '@loro/contracts/activity';
import { judgeAlerts, rollUp } from '@loro/contracts/activity-live';
import type { Alert } from '@loro/contracts/activity-metrics';
import { streamName } from '@loro/contracts/kit/live';
import { ulid } from '../../platform/ulid';
import type { Listener } from '../../testing/listener';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(activityApi, person);
const now = () => hub.clock.now();
/** Right after the beginning of a minute, so that no window is cut by chance. */
const toMinute = () => hub.clock.advance(60_000 - (now().getTime() % 60_000) + 500);
const point = (value: number, more: object = {}) => ({
  id: ulid(),
  metric: 'answer.time',
  value,
  at: now().toISOString(),
  ...more,
});
const judged = async (at = now()) => {
  await hub.work(rollUp.name);
  await hub.work(judgeAlerts.name, { tick: at.toISOString() });
};
const put = async (person: Person, value: number, more: object = {}, at = now()) => {
  await open(person).ingestMetrics({ points: [point(value, more)] });
  await judged(at);
};
const alertsOf = (ear: Listener, event: string) => ear.heard(event) as Alert[];

async function company() {
  const admin = await hub.person({ role: 'admin' });
  const watcher = await hub.person({ beside: admin });
  await open(admin).createMetricDef({
    key: 'answer.time',
    name: 'Time to answer',
    kind: 'gauge',
    unit: 'ms',
    dimensions: ['branchId', 'line'],
  });
  return { admin, watcher };
}
const slow = { windowSec: 60, op: '>' as const, threshold: 500 };

describe('acceptance: an alert above 500 for a minute, kept for two', () => {
  it('is told once, at 160 seconds, and is over at 420', async () => {
    const { admin, watcher } = await company();
    await open(admin).createAlertRule({
      name: 'Slow',
      metric: 'answer.time',
      expr: slow,
      forSec: 60,
      keepFiringSec: 120,
      targets: { userIds: [watcher.userId], mail: true },
    });
    const ear = await hub.listen('/tracking', watcher);
    const stranger = await hub.listen('/tracking', await hub.person({ role: 'admin' }));
    const colleague = await hub.listen('/tracking', await hub.person({ beside: admin }));
    toMinute();
    const began = now().getTime();
    const isSlow = (sec: number) => sec <= 50 || (sec >= 100 && sec <= 170) || (sec >= 260 && sec < 300);
    for (let sec = 0; sec <= 430; sec += 10) {
      const ahead = began + sec * 1_000 - now().getTime();
      if (ahead > 0) hub.clock.advance(ahead);
      await put(admin, isSlow(sec) ? 650 : 300, {}, new Date(began + sec * 1_000));
    }

    const over = await ear.next<Alert>('alert:resolved');
    const fired = alertsOf(ear, 'alert:firing');
    const at = (instant: string | null) => (Date.parse(instant ?? '') - began) / 1_000;

    expect(fired).toHaveLength(1);
    expect(at(fired[0]?.firedAt ?? null)).toBe(160);
    expect(fired[0]).toMatchObject({ name: 'Slow', value: 650, state: 'firing', dims: {} });
    expect(at(over.resolvedAt)).toBe(420);
    expect(over.state).toBe('inactive');
    for (const other of [stranger, colleague]) expect(other.heard('alert:firing')).toEqual([]);
    const mails = (await hub.mails(watcher.email)).map(({ subject }) => subject);
    expect(mails.toSorted()).toEqual(['Slow fires', 'Slow is well again']);
  }, 60_000);
});

describe('an alert', () => {
  it('stands by itself for each branch, and is heard where it is', async () => {
    const { admin } = await company();
    const manager = await hub.person({ role: 'manager', beside: admin });
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: admin });
    await open(manager).createAlertRule({
      name: 'Slow here',
      metric: 'answer.time',
      branchId: admin.branchId,
      by: ['branchId'],
      expr: slow,
      forSec: 0,
    });
    const stream = streamName(admin.orgId, 'alerts', admin.branchId);
    const ear = await hub.listen('/tracking', manager);
    await ear.subscribe(stream);
    await expect((await hub.listen('/tracking', elsewhere)).subscribe(stream)).rejects.toThrow(/NOT_FOUND/);

    const at = (branchId: string) => ({ dimensions: { branchId } });
    await put(admin, 900, at(elsewhere.branchId));
    await put(admin, 800, at(admin.branchId));

    const alert = await ear.next<Alert>('alert:firing');
    expect(alert).toMatchObject({ dims: { branchId: admin.branchId }, value: 800, branchId: admin.branchId });
    expect((await open(manager).alerts({ state: 'firing' })).data).toHaveLength(1);
    expect((await open(elsewhere).alerts()).data).toEqual([]);
    await expect(open(elsewhere).alert({ alertId: alert.id })).rejects.toMatchObject({ status: 404 });
    await expect(open(elsewhere).acknowledge({ alertId: alert.id })).rejects.toMatchObject({ status: 404 });
    const stranger = await hub.person({ role: 'admin' });
    await expect(open(stranger).mute({ alertId: alert.id, until: null })).rejects.toMatchObject({ status: 404 });
  });

  it('that somebody takes care of, or that is muted, is not told again', async () => {
    const { admin, watcher } = await company();
    const targets = { userIds: [watcher.userId], mail: false };
    const rule = await open(admin).createAlertRule({
      name: 'Slow',
      metric: 'answer.time',
      expr: slow,
      forSec: 0,
      keepFiringSec: 0,
      noData: 'keep',
      targets,
    });
    const ear = await hub.listen('/tracking', watcher);
    await put(admin, 900);
    const { id: alertId } = await ear.next<Alert>('alert:firing');
    const cared = await open(watcher).acknowledge({ alertId });
    expect(cared).toMatchObject({ acknowledgedBy: watcher.userId, state: 'firing' });

    hub.clock.advance(60_000);
    await put(admin, 100);
    await ear.next('alert:resolved');
    await expect(open(watcher).acknowledge({ alertId })).rejects.toMatchObject({ code: 'ALERT_NOT_FIRING' });
    await open(watcher).mute({ alertId, until: new Date(now().getTime() + 600_000).toISOString() });
    hub.clock.advance(60_000);
    await put(admin, 900);
    expect((await open(watcher).alert({ alertId })).state).toBe('firing');
    await judged();

    expect(alertsOf(ear, 'alert:firing')).toHaveLength(1);
    expect((await open(admin).alertRule({ alertRuleId: rule.id })).targets).toEqual(targets);
  });

  it('without data is what its rule says', async () => {
    const { admin } = await company();
    const make = (name: string, noData: 'ok' | 'alert' | 'keep') =>
      open(admin).createAlertRule({ name, metric: 'answer.time', expr: slow, forSec: 0, noData });
    await make('A', 'ok');
    await make('B', 'alert');
    await make('C', 'keep');
    await judged();

    const { data } = await open(admin).alerts();
    const states = data.map(({ name, state, hasNoData, value }) => [name, state, hasNoData, value]);
    expect(states.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ['A', 'inactive', true, null],
      ['B', 'firing', true, null],
      ['C', 'inactive', true, null],
    ]);
  });

  it('may be what is unusual at that hour of the week', async () => {
    const { admin } = await company();
    await open(admin).createAlertRule({
      name: 'Unusual',
      metric: 'answer.time',
      expr: { baseline: { method: 'hour-of-week' } },
      forSec: 0,
    });
    const hour = Math.floor(now().getTime() / 3_600_000) * 3_600_000 - 3_600_000;
    await open(admin).ingestMetrics({ points: [point(104, { at: new Date(hour + 60_000).toISOString() })] });
    await hub.work(rollUp.name);
    const [{ series } = { series: '' }] = await hub.sql<{ series: string }>(
      'SELECT series FROM metric_rollups WHERE org_id = ? LIMIT 1',
      [admin.orgId],
    );
    // What six weeks of it would have left behind.
    for (const [week, value] of [100, 104, 98, 101, 99, 103].entries())
      await hub.sql(
        `INSERT INTO metric_rollups (org_id, metric, res, bucket, series, n, total, den, least, most, newest, newest_at)
         VALUES (?, 'answer.time', '1h', ?, ?, 1, ?, 1, ?, ?, ?, ?)`,
        [admin.orgId, at(hour, week), series, value, value, value, value, at(hour, week)],
      );

    await judged();
    const usual = await open(admin).alerts();
    await open(admin).ingestMetrics({ points: [point(140, { at: new Date(hour + 120_000).toISOString() })] });
    hub.clock.advance(1_000);
    await judged();
    const unusual = await open(admin).alerts();

    expect(usual.data.map(({ state, value }) => [state, value])).toEqual([['inactive', 104]]);
    expect(unusual.data.map(({ state, value }) => [state, value])).toEqual([['firing', 140]]);
  });

  it('watches what there is, for people there are', async () => {
    const { admin } = await company();
    const stranger = await hub.person();
    const make = (more: object) =>
      open(admin).createAlertRule({ name: 'Slow', metric: 'answer.time', expr: slow, ...more });

    await expect(make({ metric: 'no.such' })).rejects.toMatchObject({ status: 422, code: 'METRIC_UNKNOWN' });
    await expect(make({ metric: 'system.heap' })).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
    await expect(make({ by: ['colour'] })).rejects.toMatchObject({ code: 'EXPR_INVALID' });
    await expect(make({ expr: { ...slow, agg: 'p95' } })).rejects.toMatchObject({ code: 'EXPR_INVALID' });
    await expect(make({ expr: { ...slow, clear: 600 } })).rejects.toMatchObject({ status: 422 });
    await expect(make({ targets: { userIds: [stranger.userId], mail: false } })).rejects.toMatchObject({ status: 404 });
    await expect(make({ branchId: stranger.branchId })).rejects.toMatchObject({ status: 404 });
    const rule = await make({});
    const asRead = { headers: { 'if-match': '"1"' } };
    await open(admin).updateAlertRule({ alertRuleId: rule.id, isEnabled: false }, asRead);
    await expect(open(admin).updateAlertRule({ alertRuleId: rule.id, name: 'x' }, asRead)).rejects.toMatchObject({
      status: 412,
    });
    await put(admin, 900);
    expect((await open(admin).alerts()).data).toEqual([]);
  });
});

const at = (hour: number, week: number): Date => new Date(hour - (6 - week) * 7 * 86_400_000);
