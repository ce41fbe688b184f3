import { dateIn, type Hub, nextDate, startOfDay } from '../../platform';
import type { ActivityZones } from './activity-zones';
import { mergeBuckets } from './metric-rollup.policy';
import { bucketOfRow, type BucketRow, type RollupStore, type SeriesKey } from './metric-rollup.store';

const AT_ONCE = 500;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Dirty extends SeriesKey {
  readonly minute: Date;
}

/**
 * Makes minutes from what came in, hours from minutes, and the local days of the organisation from hours: each anew and
 * whole, so that late values and repeated runs give the same.
 */
export class MetricRollup {
  constructor(
    private readonly hub: Hub,
    private readonly rollups: RollupStore,
    private readonly zones: ActivityZones,
  ) {}

  /** @returns whether there may be more */
  async roll(): Promise<boolean> {
    return this.hub.transact(async () => {
      // Whoever hands in more for one of these minutes waits, and makes it dirty again.
      const rows = await this.hub.select<Dirty>(
        `SELECT org_id AS orgId, metric, series, minute FROM metric_dirty
          ORDER BY org_id, metric, series, minute LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
      );
      for (const [key, minutes] of bySeries(rows)) {
        for (const minute of minutes) await this.minute(key, minute);
        await this.hoursAndDays(key, minutes);
      }
      for (const { orgId, metric, series, minute } of rows)
        await this.hub.sequelize.query(
          'DELETE FROM metric_dirty WHERE org_id = ? AND metric = ? AND series = ? AND minute = ?',
          { replacements: [orgId, metric, series, minute] },
        );
      return rows.length === AT_ONCE;
    });
  }

  private async minute(key: SeriesKey, minute: Date): Promise<void> {
    const rows = await this.hub.select<BucketRow>(
      `SELECT n, total, den, least, most, newest, at AS newestAt, hist FROM metric_points
        WHERE org_id = :orgId AND metric = :metric AND series = :series AND minute = :minute ORDER BY at, id`,
      { ...key, minute },
    );
    const bucket = mergeBuckets(rows.map(bucketOfRow));
    if (bucket) await this.rollups.put(key, '1m', minute, bucket);
  }

  private async hoursAndDays(key: SeriesKey, minutes: readonly Date[]): Promise<void> {
    const zone = await this.zones.of(key.orgId);
    const hours = new Set(minutes.map((minute) => Math.floor(minute.getTime() / HOUR_MS) * HOUR_MS));
    for (const hour of hours) {
      const bucket = mergeBuckets(await this.rollups.between(key, '1m', new Date(hour), new Date(hour + HOUR_MS)));
      if (bucket) await this.rollups.put(key, '1h', new Date(hour), bucket);
    }
    for (const date of new Set(minutes.map((minute) => dateIn(minute, zone)))) {
      const [from, to] = [startOfDay(date, zone), startOfDay(nextDate(date), zone)];
      // Where a day begins within an hour of UTC, hours would give a part of it to its neighbour.
      const isWhole = from.getTime() % HOUR_MS === 0 && to.getTime() % HOUR_MS === 0;
      const bucket = mergeBuckets(await this.rollups.between(key, isWhole ? '1h' : '1m', from, to));
      if (bucket) await this.rollups.put(key, '1d', `${date} 00:00:00`, bucket);
    }
  }
}

function bySeries(rows: readonly Dirty[]): [SeriesKey, Date[]][] {
  const found = new Map<string, [SeriesKey, Date[]]>();
  for (const { orgId, metric, series, minute } of rows) {
    const id = `${orgId} ${metric} ${series}`;
    const [, minutes] = found.get(id) ?? [null, []];
    found.set(id, [
      { orgId, metric, series },
      [...minutes, new Date(Math.floor(minute.getTime() / MINUTE_MS) * MINUTE_MS)],
    ]);
  }
  return [...found.values()];
}
