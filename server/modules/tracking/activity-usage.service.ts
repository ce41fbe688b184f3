import { MOST_FUNNEL_MS, MOST_RETENTION_DAYS, type Usage } from '@loro/contracts/activity-events';
import type { z } from 'zod';
import { type Actor, addDays, allow, type Hub, HubError } from '../../platform';
import { people } from '../people';
import { type Cohort, cohortsOf, type FunnelEvent, funnelOf, type FunnelStep } from './activity-funnel.policy';
import { MONTH_DAYS, usageDays } from './activity-usage.policy';
import type { MetricBook } from './metric-book';
import type { MetricQueries } from './metric-query.service';

const HEAVIEST = 10;
const MOST_EVENTS = 500_000;
const DAY_MS = 86_400_000;

interface Funnel {
  readonly steps: readonly { readonly verb: string; readonly objectType?: string | undefined }[];
  readonly from: string;
  readonly to: string;
  readonly windowSec: number;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** How an organisation uses the hub. */
export class ActivityUsage {
  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly book: MetricBook; readonly queries: MetricQueries },
  ) {}

  async usage(actor: Actor, span: Span): Promise<z.output<typeof Usage>> {
    allow(actor, 'activity.analyse');
    const { orgId } = actor;
    const active = await this.active(orgId, { from: addDays(span.from, 1 - MONTH_DAYS), to: span.to });
    const seats = await this.hub.use(people).seatsOf(orgId);
    const month = addDays(span.to, -MONTH_DAYS);
    const recent = new Set(active.flatMap(({ date, userId }) => (date >= month ? [userId] : [])));
    return {
      days: usageDays(active, span),
      features: await this.features(orgId, span, seats),
      seats,
      unusedSeats: Math.max(0, seats - recent.size),
      heaviest: await this.heaviest(orgId, span),
      apiCalls: await this.apiCalls(orgId, span),
    };
  }

  async funnel(actor: Actor, { steps, from, to, windowSec }: Funnel): Promise<{ steps: FunnelStep[] }> {
    allow(actor, 'activity.analyse');
    if (Date.parse(to) - Date.parse(from) > MOST_FUNNEL_MS)
      throw new HubError('RANGE_TOO_LONG', 'A funnel looks at 92 days at most.');
    const rows = await this.hub.select<{ actorId: string; at: Date; verb: string; objectType: string }>(
      `SELECT actor_id AS actorId, at, verb, object_type AS objectType FROM activity_events
        WHERE org_id = :orgId AND actor_id IS NOT NULL AND at >= :from AND at < :to AND verb IN (:verbs)
        ORDER BY at, id LIMIT ${MOST_EVENTS + 1}`,
      { orgId: actor.orgId, from: new Date(from), to: new Date(to), verbs: steps.map(({ verb }) => verb) },
    );
    if (rows.length > MOST_EVENTS) throw new HubError('RANGE_TOO_LONG', 'That is more than 500 000 events.');
    const events = rows.map(({ actorId, at, verb, objectType }): FunnelEvent => ({
      actorId,
      at: at.getTime(),
      steps: steps.flatMap((step, index) =>
        step.verb === verb && (step.objectType ?? objectType) === objectType ? [index] : [],
      ),
    }));
    return {
      steps: funnelOf(
        events.filter((event) => event.steps.length > 0),
        steps.length,
        windowSec * 1_000,
      ),
    };
  }

  async retention(actor: Actor, { from, to }: Span): Promise<{ cohorts: Cohort[] }> {
    allow(actor, 'activity.analyse');
    if ((Date.parse(to) - Date.parse(from)) / DAY_MS > MOST_RETENTION_DAYS)
      throw new HubError('RANGE_TOO_LONG', `Retention looks at ${MOST_RETENTION_DAYS} days at most.`);
    const { orgId } = actor;
    // Whoever was here before the span came for the first time then.
    const rows = await this.hub.select<{ date: string; userId: string }>(
      `SELECT DISTINCT DATE_FORMAT(d.date, '%Y-%m-%d') AS date, d.actor_id AS userId FROM activity_days d
        WHERE d.org_id = :orgId AND d.date >= :from AND d.date < :to AND NOT EXISTS
          (SELECT 1 FROM activity_days b WHERE b.org_id = d.org_id AND b.actor_id = d.actor_id AND b.date < :from)`,
      { orgId, from, to },
    );
    return { cohorts: cohortsOf(rows, { from, to }) };
  }

  private async active(orgId: string, { from, to }: Span): Promise<{ date: string; userId: string }[]> {
    return this.hub.select(
      `SELECT DISTINCT DATE_FORMAT(date, '%Y-%m-%d') AS date, actor_id AS userId FROM activity_days
        WHERE org_id = :orgId AND date >= :from AND date < :to`,
      { orgId, from, to },
    );
  }

  /** Reading a part of the hub counts as using it, and so does calling it. */
  private async features(orgId: string, { from, to }: Span, seats: number) {
    const rows = await this.hub.select<{ feature: string; people: number; events: number }>(
      `SELECT object_type AS feature, COUNT(DISTINCT actor_id) AS people, SUM(events) + 0e0 AS events FROM activity_days
        WHERE org_id = :orgId AND date >= :from AND date < :to AND verb IN ('used', 'called')
        GROUP BY object_type ORDER BY people DESC, feature LIMIT 100`,
      { orgId, from, to },
    );
    return rows.map((row) => ({
      ...row,
      adoption: seats === 0 ? 0 : Math.round((1_000 * row.people) / seats) / 1_000,
    }));
  }

  private async heaviest(orgId: string, { from, to }: Span): Promise<{ userId: string; events: number }[]> {
    return this.hub.select(
      `SELECT actor_id AS userId, SUM(events) + 0e0 AS events FROM activity_days
        WHERE org_id = :orgId AND date >= :from AND date < :to GROUP BY actor_id ORDER BY events DESC, userId LIMIT ${HEAVIEST}`,
      { orgId, from, to },
    );
  }

  private async apiCalls(orgId: string, { from, to }: Span): Promise<{ used: number; forecast: number }> {
    const span = { res: '1d' as const, from: `${from} 00:00:00`, to: `${to} 00:00:00` };
    const metric = await this.by.book.get(orgId, 'api.calls');
    const [line] = await this.by.queries.lines(orgId, metric, { agg: 'sum', where: {}, by: [] }, span);
    const used = line?.whole ?? 0;
    const days = line?.points.size ?? 0;
    const all = (Date.parse(to) - Date.parse(from)) / DAY_MS;
    // As many a day as on the days on which there were any.
    return { used, forecast: days === 0 ? 0 : Math.round((used / days) * all) };
  }
}
