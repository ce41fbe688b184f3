import type { Aggregation, Dimensions, MetricQuery, MetricResult, Resolution } from '@loro/contracts/activity-values';
import { z } from 'zod';
import { type Actor, addDays, allow, dateIn, type Hub, HubError, NotFound, Remembered } from '../../platform';
import { branches } from '../branches';
import { type Scope, scopeOf, scopeSql, scopeValues } from './activity-scope';
import { type ActivityZones, HUB_ORG } from './activity-zones';
import { hubMetrics, type Metric, type MetricBook, unknownMetric } from './metric-book';
import { evaluate, metricsOf } from './metric-formula.policy';
import { type Bucket, mergeBuckets } from './metric-rollup.policy';
import { BUCKET_COLUMNS, bucketOfRow, type BucketRow } from './metric-rollup.store';
import { ewma } from './metric-trend.policy';
import { valueOfBucket } from './metric-value.policy';

export interface Span {
  readonly res: Resolution;
  /** Instants, or local dates at midnight for days; `to` is not part of it. */
  readonly from: string;
  readonly to: string;
}

interface Asked {
  readonly metric: string;
  readonly agg: Aggregation;
  readonly where: Dimensions;
  readonly by: readonly string[];
}

/** A line of an answer: one for each set of values of the dimensions that are asked by. */
export interface Line {
  readonly dims: Dimensions;
  readonly whole: number | null;
  readonly points: ReadonlyMap<string, number | null>;
}

const STEP_MS = { '1m': 60_000, '1h': 3_600_000 } as const;
const MOST_ROWS = 200_000;
const Dims = z.record(z.string(), z.string());
const MINUTE_MS = 60_000;
const SAME_FOR_MS = 60_000;
const MOST_REMEMBERED = 5_000;

type Found = BucketRow & { readonly at: string; readonly dims: string };
interface Measured {
  readonly dims: Dimensions;
  readonly buckets: ReadonlyMap<string, Bucket>;
}

/** Asks metrics, always of one organisation and as far as somebody sees. */
export class MetricQueries {
  private readonly answers: Remembered<MetricResult>;

  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly book: MetricBook; readonly zones: ActivityZones },
  ) {
    this.answers = new Remembered(SAME_FOR_MS, MOST_REMEMBERED, hub.now);
  }

  /** The same question of somebody who sees the same has the same answer for a minute. */
  async ask(actor: Actor, query: MetricQuery): Promise<MetricResult> {
    const scope = scopeOf(actor, 'activity.read');
    if (query.branchId !== null) {
      if (!(await this.hub.ports.hasBranch(actor.orgId, query.branchId))) throw new NotFound('This branch');
      allow(actor, 'activity.read', { branchId: query.branchId, what: 'This branch' });
    }
    const minute = Math.floor(this.hub.now().getTime() / MINUTE_MS);
    const key = JSON.stringify([actor.orgId, scope, query, minute]);
    const known = this.answers.get(key);
    if (known) return known;
    const answer = await this.answer(actor.orgId, query, scope);
    this.answers.set(key, answer);
    return answer;
  }

  /** Of the whole organisation, or of a branch and those below it, and of nobody's reach: for what the hub itself looks at. */
  answer(orgId: string, query: MetricQuery, scope: Scope = null): Promise<MetricResult> {
    return this.read(orgId, query, scope, this.by.book.get(orgId, query.metric));
  }

  /** Of the hub itself. @throws HubError METRIC_UNKNOWN */
  async ofHub(query: MetricQuery): Promise<MetricResult> {
    const metric = hubMetrics.get(query.metric);
    if (!metric) throw unknownMetric(query.metric);
    return this.read(HUB_ORG, query, null, Promise.resolve(metric));
  }

  private async read(orgId: string, query: MetricQuery, scope: Scope, found: Promise<Metric>): Promise<MetricResult> {
    const metric = await found;
    const { agg, res } = query;
    const buckets = await this.bucketsOf(orgId, res, query.steps);
    const [first = '', last = ''] = [buckets[0], buckets.at(-1)];
    const span = { res, from: first, to: this.after(res, last) };
    const lines = await this.lines(orgId, metric, query, span, await this.narrowed(orgId, query.branchId, scope));
    const whole =
      query.by.length === 0
        ? lines
        : await this.lines(
            orgId,
            metric,
            { ...query, by: [] },
            span,
            await this.narrowed(orgId, query.branchId, scope),
          );
    return {
      metric: metric.key,
      unit: metric.unit,
      res,
      agg,
      asOf: this.hub.now().toISOString(),
      value: whole[0]?.whole ?? null,
      series: lines.map((line) => ({
        dims: line.dims,
        value: line.whole,
        points: pointsOf(buckets, line, query),
      })),
    };
  }

  /** Lines over a span of buckets that stand in order. */
  async lines(
    orgId: string,
    metric: Metric,
    asked: Omit<Asked, 'metric'>,
    span: Span,
    scope: Scope = null,
  ): Promise<Line[]> {
    if (metric.formula) return this.formulaLines(orgId, metric, asked, span, scope);
    const agg = asked.agg === 'natural' ? metric.aggregation : asked.agg;
    const measured = await this.measure(orgId, metric.key, asked, span, scope);
    return measured.map(({ dims, buckets }) => ({
      dims,
      whole: valueOfBucket(mergeBuckets([...buckets.values()]), metric.kind, agg),
      points: new Map([...buckets].map(([at, bucket]) => [at, valueOfBucket(bucket, metric.kind, agg)])),
    }));
  }

  /** Each time and the whole are reckoned by themselves: a ratio of sums is no mean of ratios. */
  private async formulaLines(orgId: string, metric: Metric, asked: Omit<Asked, 'metric'>, span: Span, scope: Scope) {
    const { formula } = metric;
    if (!formula) return [];
    const parts = new Map<string, Line[]>();
    for (const key of metricsOf(formula))
      parts.set(
        key,
        await this.lines(orgId, await this.by.book.get(orgId, key), { ...asked, agg: 'natural' }, span, scope),
      );
    const all = [...parts.values()].flat();
    const keys = new Map(all.map(({ dims }) => [JSON.stringify(dims), dims]));
    return [...keys].map(([key, dims]): Line => {
      const line = (part: string) => parts.get(part)?.find((one) => JSON.stringify(one.dims) === key);
      const times = new Set(all.flatMap(({ points }) => [...points.keys()]));
      return {
        dims,
        whole: evaluate(formula, (part) => line(part)?.whole ?? null),
        points: new Map([...times].map((at) => [at, evaluate(formula, (part) => line(part)?.points.get(at) ?? null)])),
      };
    });
  }

  private async measure(
    orgId: string,
    metric: string,
    { where, by }: Omit<Asked, 'metric' | 'agg'>,
    span: Span,
    scope: Scope,
  ): Promise<Measured[]> {
    const rows = await this.hub.select<Found>(
      `SELECT DATE_FORMAT(r.bucket, '%Y-%m-%d %H:%i:%s') AS at, s.dims, ${BUCKET_COLUMNS}
         FROM metric_rollups r JOIN metric_series s ON s.org_id = r.org_id AND s.metric = r.metric AND s.series = r.series
        WHERE r.org_id = :orgId AND r.metric = :metric AND r.res = :res AND r.bucket >= :from AND r.bucket < :to
          AND ${scopeSql(scope, { branch: 's.branch_id', user: 's.user_id' })} LIMIT ${MOST_ROWS + 1}`,
      { orgId, metric, ...span, ...scopeValues(scope) },
    );
    if (rows.length > MOST_ROWS)
      throw new HubError('RANGE_TOO_LONG', 'That is more than 200 000 values. Ask for less time, or more coarsely.');
    const groups = new Map<string, { dims: Dimensions; buckets: Map<string, Bucket[]> }>();
    for (const row of rows) {
      const dims = Dims.parse(JSON.parse(row.dims));
      if (Object.entries(where).some(([name, value]) => dims[name] !== value)) continue;
      const group = Object.fromEntries(by.map((name) => [name, dims[name] ?? '']));
      const key = JSON.stringify(group);
      const { buckets } = groups.get(key) ?? { buckets: new Map<string, Bucket[]>() };
      groups.set(key, { dims: group, buckets });
      const at = buckets.get(row.at);
      if (at) at.push(bucketOfRow(row));
      else buckets.set(row.at, [bucketOfRow(row)]);
    }
    return [...groups.values()]
      .toSorted((a, b) => (JSON.stringify(a.dims) < JSON.stringify(b.dims) ? -1 : 1))
      .map(({ dims, buckets }) => ({
        dims,
        buckets: new Map(
          [...buckets]
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .flatMap(([at, parts]): [string, Bucket][] => {
              const bucket = mergeBuckets(parts);
              return bucket ? [[at, bucket]] : [];
            }),
        ),
      }));
  }

  /** The branch that was asked for, within what somebody sees. */
  private async narrowed(orgId: string, branchId: string | null, scope: Scope): Promise<Scope> {
    if (branchId === null) return scope;
    const below = await this.hub.use(branches).subtree(orgId, [branchId]);
    const seen = scope === null ? below : below.filter((id) => scope.branchIds.includes(id));
    return { branchIds: seen, userIds: [] };
  }

  /** The last so many steps, the one under way among them. */
  private async bucketsOf(orgId: string, res: Resolution, steps: number): Promise<string[]> {
    if (res === '1d') {
      const today = dateIn(this.hub.now(), await this.by.zones.of(orgId));
      return Array.from({ length: steps }, (_, back) => `${addDays(today, back + 1 - steps)} 00:00:00`);
    }
    const step = STEP_MS[res];
    const last = Math.floor(this.hub.now().getTime() / step) * step;
    return Array.from({ length: steps }, (_, back) => sqlTime(last - (steps - 1 - back) * step));
  }

  private after(res: Resolution, at: string): string {
    if (res === '1d') return `${addDays(at.slice(0, 10), 1)} 00:00:00`;
    return sqlTime(Date.parse(`${at.replace(' ', 'T')}Z`) + STEP_MS[res]);
  }
}

function pointsOf(buckets: readonly string[], line: Line, { res, smooth }: MetricQuery) {
  const known = buckets.flatMap((at) => line.points.get(at) ?? []);
  const smoothed = smooth ? ewma(known).values() : [].values();
  return buckets.map((at) => {
    const value = line.points.get(at) ?? null;
    const next = value === null ? undefined : smoothed.next().value;
    return { at: shown(res, at), value, ...(next !== undefined && { smoothed: next }) };
  });
}

export const sqlTime = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** Days are dates, everything else instants. */
const shown = (res: Resolution, at: string): string => (res === '1d' ? at.slice(0, 10) : `${at.replace(' ', 'T')}Z`);
