import type { Resolution } from '@loro/contracts/activity-values';
import type { Hub } from '../../platform';
import { decodeHistogram, encodeHistogram } from './metric-histogram.policy';
import type { Bucket } from './metric-rollup.policy';

export interface BucketRow {
  readonly n: number;
  readonly total: number;
  readonly den: number;
  readonly least: number;
  readonly most: number;
  readonly newest: number;
  readonly newestAt: Date;
  readonly hist: Buffer | null;
}

export const BUCKET_COLUMNS = 'n, total, den, least, most, newest, newest_at AS newestAt, hist';

export const bucketOfRow = ({ n, total, den, least, most, newest, newestAt, hist }: BucketRow): Bucket => ({
  n,
  total,
  den,
  least,
  most,
  newest,
  newestAt,
  histogram: hist === null ? null : decodeHistogram(hist),
});

export interface SeriesKey {
  readonly orgId: string;
  readonly metric: string;
  readonly series: string;
}

/** Rolled up values, by minute, hour and local day. */
export class RollupStore {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction. @param bucket an instant, or a local date at midnight */
  async put({ orgId, metric, series }: SeriesKey, res: Resolution, at: Date | string, bucket: Bucket): Promise<void> {
    const { n, total, den, least, most, newest, newestAt, histogram } = bucket;
    await this.hub.sequelize.query(
      `INSERT INTO metric_rollups
         (org_id, metric, res, bucket, series, n, total, den, least, most, newest, newest_at, hist)
       VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
       ON DUPLICATE KEY UPDATE n = VALUES(n), total = VALUES(total), den = VALUES(den), least = VALUES(least),
         most = VALUES(most), newest = VALUES(newest), newest_at = VALUES(newest_at), hist = VALUES(hist)`,
      {
        replacements: [
          orgId,
          metric,
          res,
          at,
          series,
          n,
          total,
          den,
          least,
          most,
          newest,
          newestAt,
          histogram === null ? null : encodeHistogram(histogram),
        ],
      },
    );
  }

  /** Of one series, from an instant on and before another. */
  async between({ orgId, metric, series }: SeriesKey, res: '1m' | '1h', from: Date, to: Date): Promise<Bucket[]> {
    const rows = await this.hub.select<BucketRow>(
      `SELECT ${BUCKET_COLUMNS} FROM metric_rollups
        WHERE org_id = :orgId AND metric = :metric AND res = :res AND bucket >= :from AND bucket < :to AND series = :series`,
      { orgId, metric, series, res, from, to },
    );
    return rows.map(bucketOfRow);
  }
}
