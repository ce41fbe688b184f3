import { type Hub, tendMonthPartitions } from '../../platform';

const DAY_MS = 86_400_000;
const AT_ONCE = 10_000;
/** How long is kept what was rolled up, by resolution. */
const ROLLUPS: readonly (readonly [res: string, days: number])[] = [
  ['1m', 7],
  ['1h', 90],
  ['1d', 5 * 366],
];
/** Late values come within three days; a repeated id is known by its point. */
const POINT_DAYS = 4;
const EVENT_MONTHS = 13;
const SESSION_DAYS = 400;

/** Lets go what was kept as long as it is kept. */
export class ActivityRetention {
  constructor(private readonly hub: Hub) {}

  /** @returns names of what was made or dropped */
  async tend(): Promise<string[]> {
    const now = this.hub.now();
    const made = await tendMonthPartitions(this.hub.sequelize, 'activity_events', now);
    const dropped = await this.dropMonths(now);
    for (const [res, days] of ROLLUPS)
      await this.clear('metric_rollups', 'res = :res AND bucket < :before', { res, before: daysAgo(now, days) });
    await this.clear('metric_points', 'received_at < :before', { before: daysAgo(now, POINT_DAYS) });
    await this.clear('activity_sessions', 'started_at < :before', { before: daysAgo(now, SESSION_DAYS) });
    await this.clear('activity_runs', 'made_at < :before', { before: daysAgo(now, 30) });
    return [...made, ...dropped];
  }

  /** Whole months, which costs nothing where deleting row by row would. */
  private async dropMonths(now: Date): Promise<string[]> {
    const rows = await this.hub.select<{ name: string }>(
      `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'activity_events'`,
    );
    const oldest = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - EVENT_MONTHS, 1));
    const first = `m${oldest.toISOString().slice(0, 7).replace('-', '')}`;
    const old = rows.map(({ name }) => name).filter((name) => /^m\d{6}$/.test(name) && name < first);
    if (old.length > 0) await this.hub.sequelize.query(`ALTER TABLE activity_events DROP PARTITION ${old.join(', ')}`);
    return old;
  }

  private async clear(table: string, condition: string, values: Record<string, unknown>): Promise<void> {
    await this.hub.sequelize.query(`DELETE FROM ${table} WHERE ${condition} LIMIT ${AT_ONCE}`, {
      replacements: values,
    });
  }
}

const daysAgo = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MS);
