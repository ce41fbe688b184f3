import { Trend } from '@loro/contracts/activity-values';
import { UniqueConstraintError } from 'sequelize';
import { type Actor, addDays, allow, dateIn, type Hub, NotFound, type Page } from '../../platform';
import { branches } from '../branches';
import { type Scope, scopeOf } from './activity-scope';
import type { ActivityZones } from './activity-zones';
import { type Metric, type MetricBook, systemMetrics } from './metric-book';
import type { MetricQueries } from './metric-query.service';
import { trendOf, type TrendPoint } from './metric-trend.policy';

const NIGHT_DAYS = 28;
const NIGHT_HOUR = 3;

interface TrendQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly metric?: string | undefined;
  readonly branchId?: string | undefined;
  readonly days: number;
}

interface Uses {
  readonly book: MetricBook;
  readonly queries: MetricQueries;
  readonly zones: ActivityZones;
}

/** Which way metrics go, by local day. */
export class MetricTrends {
  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  async list(actor: Actor, { limit, cursor, metric, branchId, days }: TrendQuery): Promise<Page<Trend>> {
    const { orgId } = actor;
    const scope = scopeOf(actor, 'activity.read');
    if (branchId !== undefined) {
      if (!(await this.hub.ports.hasBranch(orgId, branchId))) throw new NotFound('This branch');
      allow(actor, 'activity.read', { branchId, what: 'This branch' });
    }
    const narrowed = branchId === undefined ? scope : await this.ofBranch(orgId, branchId);
    if (metric !== undefined) {
      const found = await this.by.book.get(orgId, metric);
      return {
        items: [await this.find(orgId, found, { days, scope: narrowed, branchId: branchId ?? null })],
        nextCursor: null,
      };
    }
    // What the night found is of the whole organisation, and for whoever sees all of it.
    if (scope !== null || branchId !== undefined) return { items: [], nextCursor: null };
    const after = this.hub.cursors.decode('trends', cursor);
    const rows = await this.hub.select<{ metric: string; trend: string }>(
      `SELECT metric, trend FROM metric_trends WHERE org_id = :orgId AND metric > :after ORDER BY metric LIMIT ${limit + 1}`,
      { orgId, after: after?.[0] ?? '' },
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(({ trend }) => Trend.parse(JSON.parse(trend))),
      nextCursor: rows.length > limit && last ? this.hub.cursors.encode('trends', [last.metric]) : null,
    };
  }

  /** Whether an organisation's three in the morning has come and nobody did its work of that date yet. */
  async isDue(orgId: string, job: string): Promise<string | null> {
    const zone = await this.by.zones.of(orgId);
    const now = this.hub.now();
    const date = dateIn(now, zone);
    if (hourIn(now, zone) < NIGHT_HOUR) return null;
    try {
      await this.hub.sequelize.query('INSERT INTO activity_runs (org_id, job, date, made_at) VALUES (?, ?, ?, ?)', {
        replacements: [orgId, job, date, now],
      });
      return date;
    } catch (error) {
      if (error instanceof UniqueConstraintError) return null;
      throw error;
    }
  }

  /** Finds and keeps the trends of an organisation's metrics; of those that say nothing, nothing is kept. */
  async night(orgId: string, date: string): Promise<number> {
    const metrics = [...systemMetrics.values(), ...(await this.by.book.ofOrg(orgId)).values()];
    let found = 0;
    for (const metric of metrics) {
      const trend = await this.find(orgId, metric, { days: NIGHT_DAYS, scope: null, branchId: null });
      if (trend.direction === 'flat') {
        await this.hub.sequelize.query('DELETE FROM metric_trends WHERE org_id = ? AND metric = ?', {
          replacements: [orgId, metric.key],
        });
        continue;
      }
      found += 1;
      await this.hub.sequelize.query(
        `INSERT INTO metric_trends (org_id, metric, date, trend) VALUES (?, ?, ?, ?)
         ON DUPLICATE KEY UPDATE date = VALUES(date), trend = VALUES(trend)`,
        { replacements: [orgId, metric.key, date, JSON.stringify(trend)] },
      );
    }
    return found;
  }

  /** Of the days that are over: today is not what it will be. */
  private async find(
    orgId: string,
    metric: Metric,
    { days, scope, branchId }: { days: number; scope: Scope; branchId: string | null },
  ): Promise<Trend> {
    const to = dateIn(this.hub.now(), await this.by.zones.of(orgId));
    const from = addDays(to, -days);
    const span = { res: '1d' as const, from: `${from} 00:00:00`, to: `${to} 00:00:00` };
    const [line] = await this.by.queries.lines(orgId, metric, { agg: 'natural', where: {}, by: [] }, span, scope);
    const points = [...(line?.points ?? [])].flatMap(([at, y]): TrendPoint[] =>
      y === null ? [] : [{ x: Date.parse(at.slice(0, 10)) / 86_400_000, y }],
    );
    const { direction, n, p, slope, median } = trendOf(points);
    const text = phrase(metric, { direction, n, p, slope, median });
    return { metric: metric.key, branchId, from, to, direction, days: n, p, slope, median, text };
  }

  private async ofBranch(orgId: string, branchId: string): Promise<Scope> {
    return { branchIds: await this.hub.use(branches).subtree(orgId, [branchId]), userIds: [] };
  }
}

type Said = Pick<Trend, 'direction' | 'p' | 'slope' | 'median'> & { readonly n: number };

/** Numbers in fixed words: nothing is guessed. */
function phrase({ name, unit }: Metric, { direction, n, p, slope, median }: Said): string {
  if (direction === 'flat') return `${name}: no trend in ${n} days.`;
  const verb = direction === 'up' ? 'rises' : 'falls';
  const by = [tidy(Math.abs(slope)), unit].filter((part) => part !== '').join(' ');
  const share = median === 0 ? '' : `, ${tidy(Math.abs((100 * slope) / median))} % of its median ${tidy(median)}`;
  return `${name} ${verb} by ${by} a day${share} (${n} days, p = ${p < 0.0001 ? '< 0.0001' : p.toFixed(4)}).`.replace(
    '= <',
    '<',
  );
}

const tidy = (value: number): string => String(Number(value.toPrecision(4)));

const hourIn = (at: Date, timeZone: string): number =>
  Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(at));
