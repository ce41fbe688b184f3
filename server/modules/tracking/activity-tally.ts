import type { Dimensions } from '@loro/contracts/activity-values';
import { grouped } from '../../platform';
import type { NewActivity } from './activity-events.store';
import { mergeHistograms, type ValueHistogram } from './metric-histogram.policy';
import { minuteOf, type Point, type PointStore } from './metric-points.store';

/** Points of the same metric, place and minute become one. */
export function gathered(points: readonly Point[]): Point[] {
  const alike = grouped(
    points,
    ({ orgId, metric, at, dims }) => `${orgId} ${metric} ${minuteOf(at).getTime()} ${JSON.stringify(dims)}`,
  );
  return [...alike.values()].flatMap((parts) => (parts.length === 1 ? parts : merged(parts)));
}

function merged(parts: readonly Point[]): Point[] {
  const last = parts.reduce<Point | undefined>((a, b) => (a && b.at < a.at ? a : b), undefined);
  if (!last) return [];
  const sum = (of: (point: Point) => number) => parts.reduce((total, point) => total + of(point), 0);
  const histograms = parts.flatMap(({ histogram }): ValueHistogram[] => (histogram ? [histogram] : []));
  return [
    {
      ...last,
      n: sum(({ n }) => n),
      total: sum(({ total }) => total),
      den: sum(({ den }) => den),
      least: Math.min(...parts.map(({ least }) => least)),
      most: Math.max(...parts.map(({ most }) => most)),
      ...(histograms.length > 0 && { histogram: mergeHistograms(histograms) }),
    },
  ];
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
