import { type MetricTick, type NewWidget, Widget, type WidgetChange } from '@loro/contracts/activity-boards';
import { activityLive } from '@loro/contracts/activity-live';
import type { MetricQuery } from '@loro/contracts/activity-values';
import { streamName } from '@loro/contracts/kit/live';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  ulid,
  type WireEvent,
} from '../../platform';
import type { Boards } from './board.service';
import type { MetricBook } from './metric-book';
import type { MetricQueries } from './metric-query.service';
import type { WidgetStore } from './widget.store';

const MOST_OF_BOARD = 50;
const LOOK_MS = 1_000;

interface Uses {
  readonly store: WidgetStore;
  readonly boards: Boards;
  readonly book: MetricBook;
  readonly queries: MetricQueries;
}

interface Watched {
  readonly orgId: string;
  readonly id: string;
  readonly dueAt: number;
}

/** Widgets, what they show, and those that watch them. */
export class Widgets {
  private readonly watched = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {
    hub.watchers.follow('widget');
  }

  start(): void {
    this.timer = setInterval(() => void this.tick(), LOOK_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  async list(
    actor: Actor,
    { limit, cursor, dashboardId }: { limit: number; cursor?: string | undefined; dashboardId?: string | undefined },
  ): Promise<Page<Widget>> {
    const { orgId, userId } = actor;
    if (dashboardId !== undefined) await this.by.boards.seen(actor, dashboardId);
    const before = this.hub.cursors.decode('widgets', cursor);
    const rows = await this.by.store.select(
      `w.org_id = :orgId AND (d.owner_id = :userId OR d.is_shared) AND w.id < :before
        ${dashboardId === undefined ? '' : 'AND w.dashboard_id = :dashboardId'} ORDER BY w.id DESC LIMIT ${limit + 1}`,
      { orgId, userId, dashboardId, before: before?.[0] ?? 'Z' },
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('widgets', [id]),
      (widget) => widget,
    );
  }

  async get(actor: Actor, id: string): Promise<Widget> {
    const widget = await this.by.store.widget(actor.orgId, id);
    await this.by.boards.seen(actor, widget.dashboardId).catch((error: unknown) => {
      throw error instanceof NotFound ? new NotFound('This widget') : error;
    });
    return widget;
  }

  async create(actor: Actor, body: NewWidget): Promise<Widget> {
    const { orgId } = actor;
    await this.by.boards.seen(actor, body.dashboardId);
    await this.checkQuery(actor, body.query);
    const widget: Widget = { ...body, id: ulid(this.hub.now().getTime()), version: 1 };
    return this.hub.transact(async (after) => {
      // Under the dashboard's lock, so that two do not take the last place.
      await this.by.boards.owned(actor, body.dashboardId);
      if ((await this.by.store.ofBoard(orgId, body.dashboardId, 'FOR UPDATE')).length >= MOST_OF_BOARD)
        throw new Conflict('TOO_MANY_WIDGETS', `This dashboard holds ${MOST_OF_BOARD} widgets.`);
      await this.by.store.put(orgId, widget);
      after.record({ action: 'widget.created', entity: { type: 'widget', id: widget.id }, after: widget });
      return widget;
    });
  }

  async update(actor: Actor, id: string, version: number, change: z.output<typeof WidgetChange>): Promise<Widget> {
    const { orgId } = actor;
    const { dashboardId } = await this.get(actor, id);
    if (change.query) await this.checkQuery(actor, change.query);
    return this.hub.transact(async (after) => {
      await this.by.boards.owned(actor, dashboardId);
      const before = await this.locked(orgId, id, version);
      const next = Widget.parse({ ...before, ...change, version: version + 1 });
      await this.by.store.put(orgId, next);
      after.record({ action: 'widget.updated', entity: { type: 'widget', id }, before, after: next });
      return next;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const { orgId } = actor;
    const { dashboardId } = await this.get(actor, id);
    await this.hub.transact(async (after) => {
      await this.by.boards.owned(actor, dashboardId);
      const before = await this.locked(orgId, id, version);
      await this.hub.sequelize.query('DELETE FROM widgets WHERE org_id = ? AND id = ?', { replacements: [orgId, id] });
      after.record({ action: 'widget.removed', entity: { type: 'widget', id }, before });
    });
  }

  /** What it shows to somebody: no more than he sees himself, whoever made it. */
  async data(actor: Actor, id: string): Promise<MetricTick> {
    const { query } = await this.get(actor, id);
    return ticked(id, await this.by.queries.ask(actor, query));
  }

  async subscribe(actor: Actor, id: string): Promise<MetricTick & { stream: string }> {
    const tick = await this.data(actor, id);
    return { ...tick, stream: streamName(actor.orgId, 'widget', id) };
  }

  /** Widgets that read a metric. */
  async readers(orgId: string, metric: string): Promise<string[]> {
    const widgets = await this.by.store.select('w.org_id = :orgId', { orgId });
    return widgets.flatMap(({ title, query }) => (query.metric === metric ? [`the widget ${title}`] : []));
  }

  /** One stream shows the same to all: those hear it who see everything that the widget asks for. */
  async subject(actor: Actor, id: string): Promise<{ branchId: string | null } | null> {
    try {
      const { query } = await this.get(actor, id);
      return { branchId: query.branchId };
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  async latest({ orgId }: Actor, id: string): Promise<WireEvent[]> {
    const { query, refreshSec } = await this.by.store.widget(orgId, id);
    const tick = ticked(id, await this.by.queries.answer(orgId, query));
    const stream = streamName(orgId, 'widget', id);
    if (!this.watched.has(stream)) this.watched.set(stream, { orgId, id, dueAt: this.dueIn(refreshSec) });
    return [['metric:tick', tick, { stream, at: tick.asOf }]];
  }

  /** Looks at what is watched here and due; looks come one after another. */
  tick(): Promise<void> {
    this.looking = this.looking
      .then(() => this.look())
      .catch((error: unknown) => this.hub.log.warn({ err: error }, 'widgets could not be looked at'));
    return this.looking;
  }

  private async look(): Promise<void> {
    const now = this.hub.now().getTime();
    for (const [stream, { orgId, id, dueAt }] of this.watched) {
      if (!this.hub.watchers.isWatched(stream)) this.watched.delete(stream);
      else if (dueAt <= now) await this.show(stream, orgId, id);
    }
  }

  private async show(stream: string, orgId: string, id: string): Promise<void> {
    const [widget] = await this.by.store.select('w.org_id = :orgId AND w.id = :id', { orgId, id });
    this.watched.delete(stream);
    if (!widget) return;
    this.watched.set(stream, { orgId, id, dueAt: this.dueIn(widget.refreshSec) });
    const tick = ticked(id, await this.by.queries.answer(orgId, widget.query));
    this.hub.emitLatest(activityLive, 'metric:tick', { orgId, id }, tick);
  }

  private dueIn(refreshSec: number): number {
    return this.hub.now().getTime() + refreshSec * 1_000;
  }

  private async checkQuery(actor: Actor, { metric, branchId }: MetricQuery): Promise<void> {
    if (branchId !== null) {
      if (!(await this.hub.ports.hasBranch(actor.orgId, branchId))) throw new NotFound('This branch');
      allow(actor, 'activity.read', { branchId, what: 'This branch' });
    }
    await this.by.book.get(actor.orgId, metric);
  }

  private async locked(orgId: string, id: string, version: number): Promise<Widget> {
    const widget = await this.by.store.widget(orgId, id, 'FOR UPDATE');
    if (widget.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this widget meanwhile.', { current: widget });
    return widget;
  }
}

const ticked = (widgetId: string, result: MetricTick['result']): MetricTick => ({
  widgetId,
  value: result.value,
  asOf: result.asOf,
  result,
});
