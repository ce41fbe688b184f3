import type { Dimensions } from '@loro/contracts/activity-values';
import { type Hub, ulid } from '../../platform';
import { encodeHistogram, type ValueHistogram } from './metric-histogram.policy';
import type { SeriesStore } from './metric-series.store';

/** Values of one metric at one place and minute: a single one as it was handed in, or many added up. */
export interface Point {
  readonly orgId: string;
  /** Made here where there is none. */
  readonly id?: string;
  readonly metric: string;
  readonly dims: Dimensions;
  readonly at: Date;
  readonly n: number;
  readonly total: number;
  /** What a ratio is of; the number of values otherwise. */
  readonly den: number;
  readonly least: number;
  readonly most: number;
  readonly newest: number;
  readonly histogram?: ValueHistogram;
}

/** So late a value may come, and be put where it belongs. */
export const LATEST_MS = 72 * 3_600_000;
const MINUTE_MS = 60_000;
const AT_ONCE = 200;

export const minuteOf = (at: Date): Date => new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);

export const single = (
  point: Omit<Point, 'n' | 'total' | 'den' | 'least' | 'most' | 'newest'>,
  value: number,
  of = 1,
): Point => ({
  ...point,
  n: 1,
  total: value,
  den: of,
  least: value,
  most: value,
  newest: value,
});

/** What was measured, as it came in, and which minutes have to be made anew for it. */
export class PointStore {
  constructor(
    private readonly hub: Hub,
    private readonly series: SeriesStore,
  ) {}

  /** In the caller's transaction. Ids that were there are passed over. @returns how many went under `_other` */
  async add(points: readonly Point[]): Promise<number> {
    let others = 0;
    const placed: (Point & { series: string; id: string })[] = [];
    for (const point of points) {
      const { dims, isOther } = await this.series.admit(point.orgId, point.metric, point.dims);
      const series = await this.series.open(point.orgId, point.metric, dims);
      placed.push({ ...point, series, id: point.id ?? ulid(this.hub.now().getTime()) });
      others += Number(isOther);
    }
    for (let from = 0; from < placed.length; from += AT_ONCE) await this.insert(placed.slice(from, from + AT_ONCE));
    return others;
  }

  /** Of these ids those that were handed in before. */
  async known(orgId: string, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.hub.select<{ id: string }>(
      'SELECT id FROM metric_points WHERE org_id = :orgId AND id IN (:ids)',
      { orgId, ids },
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async insert(points: readonly (Point & { series: string; id: string })[]): Promise<void> {
    const receivedAt = this.hub.now();
    await this.hub.sequelize.query(
      `INSERT IGNORE INTO metric_points
         (org_id, id, metric, series, minute, at, received_at, n, total, den, least, most, newest, hist)
       VALUES ${points.map(() => '(?,?,?,?,?,?,?,?,?,?,?,?,?,?)').join(',')}`,
      {
        replacements: points.flatMap((point) => [
          point.orgId,
          point.id,
          point.metric,
          point.series,
          minuteOf(point.at),
          point.at,
          receivedAt,
          point.n,
          point.total,
          point.den,
          point.least,
          point.most,
          point.newest,
          point.histogram ? encodeHistogram(point.histogram) : null,
        ]),
      },
    );
    const dirty = new Map(
      points.map(({ orgId, metric, series, at }) => [
        [orgId, metric, series, minuteOf(at).toISOString()].join(' '),
        [orgId, metric, series, minuteOf(at)],
      ]),
    );
    const ordered = [...dirty].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    await this.hub.sequelize.query(
      `INSERT INTO metric_dirty (org_id, metric, series, minute) VALUES ${ordered.map(() => '(?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE minute = VALUES(minute)`,
      { replacements: ordered.flat() },
    );
  }
}
