import { createHash } from 'node:crypto';
import { type Dimensions, MOST_DIMENSION_VALUES } from '@loro/contracts/activity-values';
import { canonicalJson, type Hub, Remembered } from '../../platform';
import { OTHER } from './metric-book';

/** Their values are ids of the organisation's own people and branches, and bounded by how many there are. */
const OWN_IDS = new Set(['branchId', 'userId']);
const FOR_MS = 600_000;
const MOST = 200_000;

export const seriesOf = (dims: Dimensions): string =>
  createHash('sha256').update(canonicalJson(dims)).digest('hex').slice(0, 32);

/** The series of metrics: which values their dimensions have, and how many more they may have. */
export class SeriesStore {
  private readonly known: Remembered<true>;

  constructor(private readonly hub: Hub) {
    this.known = new Remembered(FOR_MS, MOST, hub.now);
  }

  /**
   * In the caller's transaction. The dimensions as they will be kept: a value that is one too many is `_other`.
   */
  async admit(orgId: string, metric: string, dims: Dimensions): Promise<{ dims: Dimensions; isOther: boolean }> {
    const kept: Dimensions = {};
    let isOther = false;
    for (const [dimension, value] of Object.entries(dims).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const fits = OWN_IDS.has(dimension) || (await this.fits(orgId, metric, dimension, value));
      kept[dimension] = fits ? value : OTHER;
      isOther ||= !fits;
    }
    return { dims: kept, isOther };
  }

  /** In the caller's transaction: makes the series known. */
  async open(orgId: string, metric: string, dims: Dimensions): Promise<string> {
    const series = seriesOf(dims);
    const key = `${orgId} ${metric} ${series}`;
    if (this.known.get(key)) return series;
    await this.hub.sequelize.query(
      'INSERT IGNORE INTO metric_series (org_id, metric, series, dims, branch_id, user_id) VALUES (?, ?, ?, ?, ?, ?)',
      {
        replacements: [orgId, metric, series, canonicalJson(dims), dims['branchId'] ?? null, dims['userId'] ?? null],
      },
    );
    this.remember(key);
    return series;
  }

  /** Takes one of the thousand places, under the lock of their counter, so that no two take the last one. */
  private async fits(orgId: string, metric: string, dimension: string, value: string): Promise<boolean> {
    const key = `${orgId} ${metric} ${dimension} ${value}`;
    if (value === OTHER || this.known.get(key)) return true;
    const at = { orgId, metric, dimension };
    const has = async (): Promise<boolean> => {
      const [row] = await this.hub.select(
        `SELECT value FROM metric_dimension_values
          WHERE org_id = :orgId AND metric = :metric AND dimension = :dimension AND value = :value`,
        { ...at, value },
      );
      return row !== undefined;
    };
    if (!(await has()) && !(await this.take(at, value))) return false;
    this.remember(key);
    return true;
  }

  private async take(
    { orgId, metric, dimension }: { orgId: string; metric: string; dimension: string },
    value: string,
  ): Promise<boolean> {
    await this.hub.sequelize.query(
      'INSERT INTO metric_dimensions (org_id, metric, dimension, used) VALUES (?, ?, ?, 0) ON DUPLICATE KEY UPDATE used = used',
      { replacements: [orgId, metric, dimension] },
    );
    const [counter] = await this.hub.select<{ used: number }>(
      'SELECT used FROM metric_dimensions WHERE org_id = :orgId AND metric = :metric AND dimension = :dimension FOR UPDATE',
      { orgId, metric, dimension },
    );
    // Somebody may have taken it for the same value since it was looked for.
    const [there] = await this.hub.select(
      `SELECT value FROM metric_dimension_values
        WHERE org_id = :orgId AND metric = :metric AND dimension = :dimension AND value = :value FOR UPDATE`,
      { orgId, metric, dimension, value },
    );
    if (there) return true;
    if ((counter?.used ?? 0) >= MOST_DIMENSION_VALUES) return false;
    await this.hub.sequelize.query(
      'INSERT INTO metric_dimension_values (org_id, metric, dimension, value) VALUES (?, ?, ?, ?)',
      { replacements: [orgId, metric, dimension, value] },
    );
    await this.hub.sequelize.query(
      'UPDATE metric_dimensions SET used = used + 1 WHERE org_id = ? AND metric = ? AND dimension = ?',
      { replacements: [orgId, metric, dimension] },
    );
    return true;
  }

  /** What a transaction wrote is known once it is committed, and not if it is taken back. */
  private remember(key: string): void {
    this.hub.afterCommit(() => this.known.set(key, true));
  }
}
