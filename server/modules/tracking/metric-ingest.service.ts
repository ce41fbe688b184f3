import { NewMetricPoint, type PointsTaken } from '@loro/contracts/activity-events';
import type { FieldError } from '@loro/contracts/kit/problem';
import { type Actor, allow, fieldErrors, type Hub, HubError, may } from '../../platform';
import type { ActivityPlaces } from './activity-places';
import { type Metric, type MetricBook, OTHER } from './metric-book';
import { histogramOf } from './metric-histogram.policy';
import { LATEST_MS, type Point, type PointStore, single } from './metric-points.store';

const AHEAD_MS = 2 * 60_000;

interface Judged {
  readonly index: number;
  readonly id: string | null;
  readonly point?: Point;
  readonly errors?: FieldError[];
  readonly unknown?: string;
}

const wrong = (path: string, code: string, message: string): FieldError => ({ path, code, message });

/** Takes values of metrics in, each judged by itself. */
export class MetricIngest {
  constructor(
    private readonly hub: Hub,
    private readonly by: { readonly book: MetricBook; readonly points: PointStore; readonly places: ActivityPlaces },
  ) {}

  /** @throws HubError METRIC_UNKNOWN where none of them belongs to a metric */
  async take(actor: Actor, raw: readonly unknown[]): Promise<PointsTaken> {
    allow(actor, 'tracking.ingest');
    const judged: Judged[] = [];
    for (const [index, one] of raw.entries()) judged.push(await this.judge(actor, one, index));
    const unknown = judged.flatMap((one) => one.unknown ?? []);
    // Counted apart from what the caller asked for: it stays known when the call is refused.
    if (unknown.length > 0) await this.hub.transactApart(() => this.by.points.add(this.othersOf(actor.orgId, unknown)));
    const [first] = unknown;
    if (first !== undefined && unknown.length === raw.length)
      throw new HubError('METRIC_UNKNOWN', `There is no metric ${first}.`, {
        errors: judged.flatMap(({ index, errors }) =>
          (errors ?? []).map((error) => ({ ...error, path: `points.${index}.${error.path}` })),
        ),
      });
    const stored = await this.store(
      actor.orgId,
      judged.flatMap(({ point }) => point ?? []),
    );
    const rejected = judged.flatMap(({ index, id, errors }) => (errors ? [{ index, id, errors }] : []));
    return { ...stored, rejected, unknown: unknown.length };
  }

  private async store(orgId: string, points: readonly Point[]) {
    return this.hub.transact(async () => {
      const once = [...new Map(points.map((point) => [point.id, point])).values()];
      const known = await this.by.points.known(
        orgId,
        once.flatMap(({ id }) => id ?? []),
      );
      const fresh = once.filter(({ id }) => id === undefined || !known.has(id));
      const other = await this.by.points.add(fresh);
      return { accepted: fresh.length, duplicates: points.length - fresh.length, other };
    });
  }

  private async judge(actor: Actor, raw: unknown, index: number): Promise<Judged> {
    const parsed = NewMetricPoint.safeParse(raw);
    const id = typeof raw === 'object' && raw !== null ? idIn(raw) : null;
    if (!parsed.success) return { index, id, errors: fieldErrors(parsed.error) };
    const { orgId } = actor;
    const { data } = parsed;
    const metric = await this.by.book.find(orgId, data.metric);
    if (!metric || metric.key === OTHER)
      return { index, id, unknown: data.metric, errors: [wrong('metric', 'METRIC_UNKNOWN', 'is no metric there is')] };
    const errors = [...this.wrongIn(metric, data), ...(await this.notTheirs(actor, data.dimensions))];
    if (errors.length > 0) return { index, id, errors };
    const base = { orgId, id: data.id, metric: metric.key, dims: data.dimensions, at: new Date(data.at) };
    const histogram = metric.kind === 'histogram' ? { histogram: histogramOf([data.value]) } : {};
    return { index, id, point: single({ ...base, ...histogram }, data.value, data.of ?? 1) };
  }

  private wrongIn(metric: Metric, { at, of, dimensions }: NewMetricPoint): FieldError[] {
    const age = this.hub.now().getTime() - Date.parse(at);
    return [
      ...(metric.kind === 'formula' ? [wrong('metric', 'is_formula', 'is reckoned from others')] : []),
      ...(metric.kind === 'ratio' && of === undefined
        ? [wrong('of', 'required', 'says what the value is a part of')]
        : []),
      ...(metric.kind !== 'ratio' && of !== undefined ? [wrong('of', 'not_ratio', 'belongs to ratios alone')] : []),
      ...(age > LATEST_MS ? [wrong('at', 'too_late', 'is more than 72 hours ago')] : []),
      ...(age < -AHEAD_MS ? [wrong('at', 'in_future', 'is more than two minutes ahead')] : []),
      ...Object.keys(dimensions)
        .filter((name) => !metric.dimensions.includes(name))
        .map((name) => wrong(`dimensions.${name}`, 'unknown_dimension', 'is no dimension of this metric')),
    ];
  }

  /** People and branches must be the organisation's own, and within the caller's reach. */
  private async notTheirs(actor: Actor, dims: Readonly<Record<string, string>>): Promise<FieldError[]> {
    const { branchId, userId } = dims;
    const missing = (name: string) => wrong(`dimensions.${name}`, 'NOT_FOUND', 'does not exist');
    if (userId !== undefined && !(await this.by.places.hasUser(actor.orgId, userId))) return [missing('userId')];
    if (branchId !== undefined && !(await this.by.places.hasBranch(actor.orgId, branchId)))
      return [missing('branchId')];
    const thing = { userId: userId ?? actor.userId, ...(branchId !== undefined && { branchId }) };
    return may(actor, 'tracking.ingest', thing) ? [] : [missing(userId === undefined ? 'branchId' : 'userId')];
  }

  private othersOf(orgId: string, keys: readonly string[]): Point[] {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts].map(([key, n]) => ({
      orgId,
      metric: OTHER,
      dims: { metric: key },
      at: this.hub.now(),
      n,
      total: n,
      den: n,
      least: 1,
      most: 1,
      newest: 1,
    }));
  }
}

function idIn(raw: object): string | null {
  const id: unknown = Reflect.get(raw, 'id');
  return typeof id === 'string' ? id.slice(0, 40) : null;
}
