import { activityApi } from '@loro/contracts/activity';
import type { Dashboard, MetricTick, Widget } from '@loro/contracts/activity-boards';
import { rollUp } from '@loro/contracts/activity-live';
import { streamName } from '@loro/contracts/kit/live';
import { ulid } from '../../platform/ulid';
import { type Person, testHub } from '../../testing/test-hub';
import { activity } from '.';

const hub = testHub();
const open = (person: Person) => hub.api(activityApi, person);
const room = () => hub.hub.use(activity);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const measure = async (admin: Person, branchId: string, value: number) => {
  await open(admin).ingestMetrics({
    points: [{ id: ulid(), metric: 'deals', value, at: hub.clock.now().toISOString(), dimensions: { branchId } }],
  });
  await hub.work(rollUp.name);
};

async function company() {
  const admin = await hub.person({ role: 'admin' });
  const manager = await hub.person({ role: 'manager', elsewhereIn: admin });
  await open(admin).createMetricDef({ key: 'deals', name: 'Deals', kind: 'counter', dimensions: ['branchId'] });
  await measure(admin, admin.branchId, 5);
  await measure(admin, manager.branchId, 20);
  return { admin, manager };
}
const board = (person: Person, isShared = true): Promise<Dashboard> =>
  open(person).createDashboard({ name: 'Sales', isShared });
const widget = (person: Person, dashboardId: string, query: object = {}): Promise<Widget> =>
  open(person).createWidget({ dashboardId, title: 'Deals', refreshSec: 5, query: { metric: 'deals', ...query } });

describe('a dashboard', () => {
  it('is its owner’s, or shared, and shows nobody more than he sees himself', async () => {
    const { admin, manager } = await company();
    const own = await board(admin, false);
    const shared = await board(admin);
    const shown = await widget(admin, shared.id);
    const hidden = await widget(admin, own.id);
    const layout = [{ widgetId: shown.id, x: 0, y: 0, w: 6, h: 4 }];
    const placed = await open(admin).updateDashboard({ dashboardId: shared.id, layout }, asRead(shared));

    expect((await open(manager).dashboards()).data.map(({ id }) => id)).toEqual([shared.id]);
    expect((await open(manager).dashboard({ dashboardId: shared.id })).widgets).toEqual([shown]);
    expect((await open(admin).widgetData({ widgetId: shown.id })).value).toBe(25);
    expect((await open(manager).widgetData({ widgetId: shown.id })).value).toBe(20);
    expect((await open(manager).widgets()).data.map(({ id }) => id)).toEqual([shown.id]);
    for (const refused of [
      open(manager).dashboard({ dashboardId: own.id }),
      open(manager).widgetData({ widgetId: hidden.id }),
      open(manager).updateDashboard({ dashboardId: shared.id, name: 'Mine' }, asRead(placed)),
      open(manager).removeWidget({ widgetId: shown.id }, asRead(shown)),
      open(admin).updateDashboard(
        { dashboardId: shared.id, layout: [{ ...layout[0], widgetId: hidden.id, x: 0, y: 0, w: 1, h: 1 }] },
        asRead(placed),
      ),
    ])
      await expect(refused).rejects.toMatchObject({ status: 404 });
    const stranger = await hub.person({ role: 'admin' });
    await expect(open(stranger).dashboard({ dashboardId: shared.id })).rejects.toMatchObject({ status: 404 });
    await expect(open(stranger).widgetData({ widgetId: shown.id })).rejects.toMatchObject({ status: 404 });
    await expect(widget(stranger, shared.id)).rejects.toMatchObject({ status: 404 });
    await open(admin).removeDashboard({ dashboardId: shared.id }, asRead(placed));
    await expect(open(admin).widget({ widgetId: shown.id })).rejects.toMatchObject({ status: 404 });
  });

  it('holds fifty widgets that ask at most every five seconds, of metrics that there are', async () => {
    const { admin } = await company();
    const { id } = await board(admin);
    for (let n = 0; n < 49; n += 1) await widget(admin, id);
    const last = await Promise.allSettled([widget(admin, id), widget(admin, id)]);

    expect(last.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(widget(admin, id)).rejects.toMatchObject({ status: 409, code: 'TOO_MANY_WIDGETS' });
    const other = await board(admin);
    await expect(
      open(admin).createWidget({ dashboardId: other.id, title: 'x', refreshSec: 4, query: { metric: 'deals' } }),
    ).rejects.toMatchObject({ status: 422, problem: { errors: [{ path: 'refreshSec' }] } });
    await expect(widget(admin, other.id, { metric: 'no.such' })).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
  });
});

describe('a widget on the screen', () => {
  it('is told anew as often as it wants, to those who see all that it shows', async () => {
    const { admin, manager } = await company();
    const { id: dashboardId } = await board(admin);
    const whole = await widget(admin, dashboardId);
    const part = await widget(admin, dashboardId, { branchId: manager.branchId });
    const streamOf = ({ id }: Widget) => streamName(admin.orgId, 'widget', id);
    const ear = await hub.listen('/tracking', admin);
    const other = await hub.listen('/tracking', manager);

    const reply = await ear.call<MetricTick & { stream: string }>('widget:subscribe', { widgetId: whole.id });
    expect(reply).toMatchObject({ ok: true, data: { value: 25, stream: streamOf(whole) } });
    const first = await ear.subscribe(streamOf(whole));
    expect(first).toMatchObject({ events: [['metric:tick', { widgetId: whole.id, value: 25 }, expect.anything()]] });
    await expect(other.subscribe(streamOf(whole))).rejects.toThrow(/NOT_FOUND/);
    await other.subscribe(streamOf(part));

    await measure(admin, admin.branchId, 100);
    await room().widgets.tick();
    const early = ear.heard('metric:tick');
    hub.clock.advance(5_001);
    await room().widgets.tick();

    expect(early).toEqual([]);
    expect(await ear.next<MetricTick>('metric:tick')).toMatchObject({ widgetId: whole.id, value: 125 });
    expect(await other.next<MetricTick>('metric:tick')).toMatchObject({ widgetId: part.id, value: 20 });
    const strange = await hub.listen('/tracking', await hub.person({ role: 'admin' }));
    const refused = await strange.call('widget:subscribe', { widgetId: whole.id });
    expect(refused).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  });
});

describe('how the hub itself does', () => {
  it('is kept every quarter of a minute, for those who keep it', async () => {
    const keeper = await hub.person({ role: 'platform_admin' });
    const admin = await hub.person({ role: 'admin' });
    await open(admin).dashboards();
    await room().system.measure();
    await hub.work(rollUp.name);

    for (const metric of [
      'system.heap',
      'system.event-loop-p99',
      'system.sockets',
      'system.redis-rtt',
      'system.queue-age',
    ]) {
      const read = await open(keeper).system({ metric });
      expect([metric, typeof read.value]).toEqual([metric, 'number']);
    }
    const routes = await open(keeper).system({ metric: 'system.http-latency', by: 'route' });
    expect(routes.series.map(({ dims }) => dims['route'])).toContain('GET /tracking/dashboards');
    await expect(open(admin).system({ metric: 'system.heap' })).rejects.toMatchObject({ status: 403 });
    await expect(open(admin).query({ metric: 'system.heap' })).rejects.toMatchObject({ code: 'METRIC_UNKNOWN' });
  });
});
