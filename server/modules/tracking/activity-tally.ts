import type { Dimensions } from '@loro/contracts/activity-values';
import type { NewActivity } from './activity-events.store';
import { mergeHistograms, type ValueHistogram } from './metric-histogram.policy';
import { minuteOf, type Point, type PointStore } from './metric-points.store';

/** Points of the same metric, place and minute become one. */
export function gathered(points: readonly Point[]): Point[] {
  const sums = new Map<string, Point>();
  for (const point of points) {
    const key = `${point.orgId} ${point.metric} ${minuteOf(point.at).getTime()} ${JSON.stringify(point.dims)}`;
    const sum = sums.get(key);
    sums.set(key, sum ? merged(sum, point) : point);
  }
  return [...sums.values()];
}

function merged(a: Point, b: Point): Point {
  const last = b.at >= a.at ? b : a;
  const parts = [a.histogram, b.histogram].flatMap((part): ValueHistogram[] => (part ? [part] : []));
  return {
    ...last,
    n: a.n + b.n,
    total: a.total + b.total,
    den: a.den + b.den,
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
    ...(parts.length > 0 && { histogram: mergeHistograms(parts) }),
  };
}

export const counted = (orgId: string, metric: string, at: Date, dims: Dimensions, n = 1): Point => ({
  orgId,
  metric,
  dims,
  at,
  n,
  total: n,
  den: n,
  least: 1,
  most: 1,
  newest: 1,
});

/** Counts what was done: as such, and by person. */
export class ActivityTally {
  constructor(private readonly points: PointStore) {}

  /** In the caller's transaction. */
  async count(events: readonly NewActivity[], more: readonly Point[] = []): Promise<void> {
    const points = events.flatMap(({ orgId, at, actorId, branchId, objectType, verb }) => {
      const place: Dimensions = branchId === null ? {} : { branchId };
      return [
        counted(orgId, 'activity.events', at, { ...place, objectType, verb }),
        ...(actorId === null ? [] : [counted(orgId, 'work.actions', at, { ...place, userId: actorId })]),
      ];
    });
    await this.points.add(gathered([...points, ...more]));
  }
}
