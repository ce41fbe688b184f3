import type { Hub } from '../../platform';
import { configuration } from '../configuration';
import { instant } from './fix.store';
import { blurred, CELL_M } from './cells.policy';

const DAY_MS = 86_400_000;
const DAYS_A_RUN = 200;
const ROWS_AT_ONCE = 2_000;
const DELETED_AT_ONCE = 10_000;
const ROUNDS = 100;

interface Day {
  readonly orgId: string;
  readonly trackableId: string;
  readonly utcDay: number;
}

interface FixKey {
  readonly device: string;
  readonly boot: string;
  readonly n: number;
  readonly at: Date;
  readonly latE7: number;
  readonly lngE7: number;
}

/** What is kept how long: exact places of people first become cells, then all fixes go. Trips and distances stay. */
export class KeepingService {
  constructor(private readonly hub: Hub) {}

  /** One night. @returns how many days became coarse, and how many fixes were removed */
  async keep(): Promise<{ coarse: number; removed: number }> {
    let [coarse, removed] = [0, 0];
    for (const { orgId } of await this.organisations()) {
      const settings = this.hub.use(configuration);
      const rawDays = await settings.value('tracking.raw-days', { orgId });
      const preciseDays = await settings.value('tracking.precise-days', { orgId });
      removed += await this.remove(orgId, this.daysAgo(rawDays));
      if (preciseDays < rawDays) coarse += await this.coarsen(orgId, this.daysAgo(preciseDays), this.daysAgo(rawDays));
    }
    return { coarse, removed };
  }

  /** Drops months that no organisation keeps any more. @returns their names */
  async dropMonths(): Promise<string[]> {
    let longest = 0;
    for (const { orgId } of await this.organisations())
      longest = Math.max(longest, await this.hub.use(configuration).value('tracking.raw-days', { orgId }));
    if (longest === 0) return [];
    const rows = await this.hub.select<{ name: string }>(
      `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'fixes' AND PARTITION_NAME LIKE 'm%' ORDER BY PARTITION_ORDINAL_POSITION`,
    );
    const before = this.daysAgo(longest) * DAY_MS;
    const over = rows.map(({ name }) => name).filter((name) => endOfMonth(name) <= before);
    if (over.length > 0) await this.hub.sequelize.query(`ALTER TABLE fixes DROP PARTITION ${over.join(', ')}`);
    return over;
  }

  /** Whether a day’s fixes are cells or gone, or will be tonight: it must not be made anew from what is left. */
  async isCoarse(orgId: string, trackableId: string, from: Date, to: Date): Promise<boolean> {
    const rawDays = await this.hub.use(configuration).value('tracking.raw-days', { orgId });
    if (dayOf(from.getTime()) < this.daysAgo(rawDays)) return true;
    const [row] = await this.hub.select(
      `SELECT utc_day FROM coarse_days WHERE org_id = :orgId AND trackable_id = :trackableId
        AND utc_day BETWEEN :from AND :to LIMIT 1`,
      { orgId, trackableId, from: dayOf(from.getTime()), to: dayOf(to.getTime() - 1) },
    );
    return row !== undefined;
  }

  private daysAgo(days: number): number {
    return dayOf(this.hub.now().getTime()) - days;
  }

  private organisations(): Promise<{ orgId: string }[]> {
    return this.hub.select('SELECT DISTINCT org_id AS orgId FROM trackables ORDER BY org_id');
  }

  private async remove(orgId: string, before: number): Promise<number> {
    let removed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [trackable] = await this.hub.select<{ trackableId: string }>(
        'SELECT trackable_id AS trackableId FROM fixes WHERE org_id = :orgId AND at < :before LIMIT 1',
        { orgId, before: new Date(before * DAY_MS) },
      );
      if (!trackable) break;
      const [, count] = await this.hub.sequelize.query(
        `DELETE FROM fixes WHERE org_id = :orgId AND trackable_id = :trackableId AND at < :before LIMIT ${DELETED_AT_ONCE}`,
        { replacements: { orgId, trackableId: trackable.trackableId, before: new Date(before * DAY_MS) } },
      );
      removed += affected(count);
    }
    return removed;
  }

  private async coarsen(orgId: string, before: number, notBefore: number): Promise<number> {
    const days = await this.hub.select<Day>(
      `SELECT d.org_id AS orgId, d.trackable_id AS trackableId, DATEDIFF(d.on_date, '1970-01-01') AS utcDay
         FROM tracked_days d JOIN trackables k ON k.org_id = d.org_id AND k.id = d.trackable_id AND k.user_id IS NOT NULL
         LEFT JOIN coarse_days c ON c.org_id = d.org_id AND c.trackable_id = d.trackable_id
           AND c.utc_day = DATEDIFF(d.on_date, '1970-01-01')
        WHERE d.org_id = :orgId AND d.on_date < :before AND d.on_date >= :notBefore AND c.utc_day IS NULL
        ORDER BY d.on_date LIMIT ${DAYS_A_RUN}`,
      { orgId, before: dateOf(before - 1), notBefore: dateOf(notBefore) },
    );
    for (const day of days) await this.coarsenDay(day);
    return days.length;
  }

  /** The fixes of two UTC days cover every local date; one that is a cell already is the middle of the same cell. */
  private async coarsenDay(day: Day): Promise<void> {
    const { orgId, trackableId, utcDay } = day;
    // Said first: from here on the day is not made anew.
    await this.hub.sequelize.query(
      `INSERT INTO coarse_days (org_id, trackable_id, utc_day, state) VALUES (:orgId, :trackableId, :utcDay, 'coarse')
       ON DUPLICATE KEY UPDATE state = state`,
      { replacements: { orgId, trackableId, utcDay } },
    );
    await this.coarsenFixes(day);
    await this.coarsenJourney(day);
  }

  private async coarsenFixes({ orgId, trackableId, utcDay }: Day): Promise<void> {
    let after = new Date(utcDay * DAY_MS - 1);
    for (;;) {
      const rows = await this.hub.select<FixKey>(
        `SELECT device_id AS device, boot, n, at, lat_e7 AS latE7, lng_e7 AS lngE7 FROM fixes
          WHERE org_id = :orgId AND trackable_id = :trackableId AND at > :after AND at < :to ORDER BY at LIMIT ${ROWS_AT_ONCE}`,
        { orgId, trackableId, after, to: new Date((utcDay + 1) * DAY_MS) },
      );
      const last = rows.at(-1);
      if (!last) return;
      await this.hub.sequelize.query(
        `INSERT INTO fixes (org_id, device_id, boot, n, at, trackable_id, received_at, lat_e7, lng_e7, accuracy_m)
         VALUES ${rows.map(() => '(?,?,?,?,?,?,?,?,?,?)').join(',')}
         ON DUPLICATE KEY UPDATE lat_e7 = VALUES(lat_e7), lng_e7 = VALUES(lng_e7), accuracy_m = VALUES(accuracy_m),
           altitude_m = NULL, speed_mps = NULL, heading_deg = NULL, speed_accuracy_mps = NULL`,
        {
          replacements: rows.flatMap(({ device, boot, n, at, latE7, lngE7 }) => {
            const { lat, lng } = blurred({ lat: latE7 / 1e7, lng: lngE7 / 1e7 });
            const place = [Math.round(lat * 1e7), Math.round(lng * 1e7), CELL_M];
            return [orgId, device, boot, n, instant(at.getTime()), trackableId, instant(at.getTime()), ...place];
          }),
        },
      );
      // Those of one instant belong together, and more than so many of them are none.
      after = last.at;
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }

  private async coarsenJourney({ orgId, trackableId, utcDay }: Day): Promise<void> {
    const on = { orgId, trackableId, date: dateOf(utcDay) };
    const where = 'org_id = :orgId AND trackable_id = :trackableId AND on_date = :date';
    const ends = await this.hub.select<{ id: string; a: number; b: number; c: number; d: number }>(
      `SELECT id, start_lat_e7 AS a, start_lng_e7 AS b, end_lat_e7 AS c, end_lng_e7 AS d FROM trips WHERE ${where}`,
      on,
    );
    for (const { id, a, b, c, d } of ends)
      await this.hub.sequelize.query(
        `UPDATE trips SET polyline = NULL, start_lat_e7 = ?, start_lng_e7 = ?, end_lat_e7 = ?, end_lng_e7 = ?
          WHERE org_id = ? AND id = ?`,
        { replacements: [...cellE7(a, b), ...cellE7(c, d), orgId, id] },
      );
    const stops = await this.hub.select<{ id: string; a: number; b: number }>(
      `SELECT id, lat_e7 AS a, lng_e7 AS b FROM track_stops WHERE ${where}`,
      on,
    );
    for (const { id, a, b } of stops)
      await this.hub.sequelize.query('UPDATE track_stops SET lat_e7 = ?, lng_e7 = ? WHERE org_id = ? AND id = ?', {
        replacements: [...cellE7(a, b), orgId, id],
      });
    await this.hub.sequelize.query(`UPDATE tracked_days SET tail = NULL, state = NULL WHERE ${where}`, {
      replacements: on,
    });
  }
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
const dateOf = (utcDay: number): string => new Date(utcDay * DAY_MS).toISOString().slice(0, 10);
const affected = (result: unknown): number =>
  typeof result === 'object' && result !== null && 'affectedRows' in result
    ? Number(result.affectedRows)
    : Number(result);

function cellE7(latE7: number, lngE7: number): [number, number] {
  const { lat, lng } = blurred({ lat: latE7 / 1e7, lng: lngE7 / 1e7 });
  return [Math.round(lat * 1e7), Math.round(lng * 1e7)];
}

/** Of a partition named `m202611`: the instant at which its month ends. */
const endOfMonth = (name: string): number => Date.UTC(Number(name.slice(1, 5)), Number(name.slice(5, 7)), 1);
