import type { Holiday, NewHoliday } from '@loro/contracts/branches-holidays';
import type { Hub } from '../../platform';
import type { Counted } from './holidays.policy';
import { countedHolidays } from './holidays.policy';

interface Row extends Omit<Holiday, 'isPaid'> {
  readonly isPaid: number;
}

interface Calendar {
  readonly orgId: string;
  readonly id: string;
}

type Source = Holiday['source'];

const COLUMNS = `DATE_FORMAT(date, '%Y-%m-%d') AS date, name, day_part AS \`portion\`, kind, source,
  DATE_FORMAT(observed_for, '%Y-%m-%d') AS observedForDate, is_paid AS isPaid`;
/** A substitute lies at most so far from the day it stands for. */
const REACH_DAYS = 14;

/** Holidays as they are kept. */
export class HolidaysStore {
  constructor(private readonly hub: Hub) {}

  async page(
    { orgId, id }: Calendar,
    { from, to, after, limit }: { from: string; to: string; after: string; limit: number },
  ): Promise<Holiday[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM holidays WHERE org_id = :orgId AND calendar_id = :id AND date >= :from AND date < :to AND date > :after
        ORDER BY date LIMIT ${limit}`,
      { orgId, id, from, to, after },
    );
    return rows.map((row) => ({ ...row, isPaid: Boolean(row.isPaid) }));
  }

  /** Those of these dates, locked. */
  async of({ orgId, id }: Calendar, dates: readonly string[]): Promise<Map<string, Holiday>> {
    if (dates.length === 0) return new Map();
    const rows = await this.hub.select<Row>(
      `SELECT ${COLUMNS} FROM holidays WHERE org_id = :orgId AND calendar_id = :id AND date IN (:dates) FOR UPDATE`,
      { orgId, id, dates: [...dates] },
    );
    return new Map(rows.map((row) => [row.date, { ...row, isPaid: Boolean(row.isPaid) }]));
  }

  /** By source, which dates a calendar has. */
  async dates({ orgId, id }: Calendar): Promise<{ date: string; source: Source }[]> {
    return this.hub.select(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, source FROM holidays WHERE org_id = :orgId AND calendar_id = :id FOR UPDATE`,
      { orgId, id },
    );
  }

  /** Dates that somebody took away by hand. */
  async removals({ orgId, id }: Calendar): Promise<Set<string>> {
    const rows = await this.hub.select<{ date: string }>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date FROM holiday_removals WHERE org_id = :orgId AND calendar_id = :id`,
      { orgId, id },
    );
    return new Set(rows.map(({ date }) => date));
  }

  async write({ orgId, id }: Calendar, holidays: readonly NewHoliday[], source: Source): Promise<void> {
    if (holidays.length === 0) return;
    await this.run(
      `INSERT INTO holidays (org_id, calendar_id, date, name, day_part, kind, source, observed_for, is_paid)
        VALUES ${holidays.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}
        ON DUPLICATE KEY UPDATE name = VALUES(name), day_part = VALUES(day_part), kind = VALUES(kind), source = VALUES(source),
          observed_for = VALUES(observed_for), is_paid = VALUES(is_paid)`,
      holidays.flatMap(({ date, name, portion, kind, observedForDate, isPaid }) => [
        orgId,
        id,
        date,
        name,
        portion,
        kind,
        source,
        observedForDate,
        isPaid,
      ]),
    );
    if (source !== 'manual') return;
    await this.run('DELETE FROM holiday_removals WHERE org_id = ? AND calendar_id = ? AND date IN (?)', [
      orgId,
      id,
      holidays.map(({ date }) => date),
    ]);
  }

  async remove({ orgId, id }: Calendar, dates: readonly string[]): Promise<void> {
    if (dates.length === 0) return;
    await this.run('DELETE FROM holidays WHERE org_id = ? AND calendar_id = ? AND date IN (?)', [
      orgId,
      id,
      [...dates],
    ]);
  }

  /** Remembers that somebody took a date away: an import does not bring it back. */
  async noteRemoval({ orgId, id }: Calendar, date: string): Promise<void> {
    await this.run(
      'INSERT INTO holiday_removals (org_id, calendar_id, date) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE date = VALUES(date)',
      [orgId, id, date],
    );
  }

  /** Holidays that count at branches, by branch and date; both dates included. */
  async counted(
    orgId: string,
    branchIds: readonly string[],
    from: string,
    to: string,
  ): Promise<Map<string, Map<string, Counted>>> {
    if (branchIds.length === 0) return new Map();
    const rows = await this.hub.select<Row & { branchId: string }>(
      `SELECT b.id AS branchId, DATE_FORMAT(h.date, '%Y-%m-%d') AS date, h.name, h.day_part AS \`portion\`, h.kind, h.source,
         DATE_FORMAT(h.observed_for, '%Y-%m-%d') AS observedForDate, h.is_paid AS isPaid
       FROM branches b JOIN holidays h ON h.org_id = b.org_id AND h.calendar_id = b.holiday_calendar_id
       WHERE b.org_id = :orgId AND b.id IN (:branchIds)
         AND h.date BETWEEN DATE_SUB(:from, INTERVAL ${REACH_DAYS} DAY) AND DATE_ADD(:to, INTERVAL ${REACH_DAYS} DAY)
       ORDER BY h.date`,
      { orgId, branchIds: [...branchIds], from, to },
    );
    const found = new Map<string, Map<string, Counted>>();
    for (const branchId of new Set(rows.map((row) => row.branchId))) {
      const ofBranch = rows
        .filter((row) => row.branchId === branchId)
        .map((row) => ({ ...row, isPaid: Boolean(row.isPaid) }));
      const counting = countedHolidays(ofBranch).filter(({ date }) => date >= from && date <= to);
      found.set(branchId, new Map(counting.map((holiday) => [holiday.date, holiday])));
    }
    return found;
  }

  /** Branches that keep a calendar. */
  async keepers({ orgId, id }: Calendar): Promise<string[]> {
    const rows = await this.hub.select<{ id: string }>(
      'SELECT id FROM branches WHERE org_id = :orgId AND holiday_calendar_id = :id ORDER BY id',
      { orgId, id },
    );
    return rows.map((row) => row.id);
  }

  private async run(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
