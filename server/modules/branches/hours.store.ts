import { type BranchHours, type HoursException, hoursKinds, WallInterval } from '@loro/contracts/branches-hours';
import { z } from 'zod';
import type { Hub } from '../../platform';

type Week = z.output<typeof BranchHours>['weekly'];

interface ExceptionRow {
  readonly date: string;
  readonly intervals: string;
  readonly cutTail: number;
  readonly reason: string | null;
}

/** Hours as they are kept. */
export class HoursStore {
  constructor(private readonly hub: Hub) {}

  async week(orgId: string, branchId: string): Promise<Week> {
    const rows = await this.hub.select<{ kind: string; weekday: number; opensAt: string; closesAt: string }>(
      `SELECT kind, weekday, TIME_FORMAT(opens_at, '%H:%i') AS opensAt, TIME_FORMAT(closes_at, '%H:%i') AS closesAt
        FROM branch_hours WHERE org_id = :orgId AND branch_id = :branchId ORDER BY kind, weekday, opens_at`,
      { orgId, branchId },
    );
    return rows.map((row) => ({ ...row, kind: z.enum(hoursKinds).parse(row.kind) }));
  }

  async replaceWeek(orgId: string, branchId: string, week: Week): Promise<void> {
    await this.run('DELETE FROM branch_hours WHERE org_id = ? AND branch_id = ?', [orgId, branchId]);
    if (week.length === 0) return;
    await this.run(
      `INSERT INTO branch_hours (org_id, branch_id, kind, weekday, opens_at, closes_at)
        VALUES ${week.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
      week.flatMap(({ kind, weekday, opensAt, closesAt }) => [orgId, branchId, kind, weekday, opensAt, closesAt]),
    );
  }

  async exceptions(orgId: string, branchId: string, from: string): Promise<HoursException[]> {
    const rows = await this.hub.select<ExceptionRow>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, intervals, cut_tail AS cutTail, reason FROM branch_hours_exceptions
        WHERE org_id = :orgId AND branch_id = :branchId AND date >= :from ORDER BY date`,
      { orgId, branchId, from },
    );
    return rows.map(({ date, intervals, cutTail, reason }) => {
      const open = z.array(WallInterval).parse(JSON.parse(intervals));
      return { date, isClosed: open.length === 0, intervals: open, cutTail: Boolean(cutTail), reason };
    });
  }

  async setException(orgId: string, branchId: string, exception: HoursException): Promise<void> {
    const { date, intervals, cutTail, reason } = exception;
    await this.run(
      `INSERT INTO branch_hours_exceptions (org_id, branch_id, date, intervals, cut_tail, reason) VALUES (?, ?, ?, ?, ?, ?)
        ON DUPLICATE KEY UPDATE intervals = VALUES(intervals), cut_tail = VALUES(cut_tail), reason = VALUES(reason)`,
      [orgId, branchId, date, JSON.stringify(intervals), cutTail, reason],
    );
  }

  async removeException(orgId: string, branchId: string, date: string): Promise<void> {
    await this.run('DELETE FROM branch_hours_exceptions WHERE org_id = ? AND branch_id = ? AND date = ?', [
      orgId,
      branchId,
      date,
    ]);
  }

  async holidays(orgId: string, calendarId: string, from: string): Promise<string[]> {
    const rows = await this.hub.select<{ date: string }>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date FROM holidays
        WHERE org_id = :orgId AND calendar_id = :calendarId AND date >= :from AND kind <> 'optional' AND day_part = 'full'`,
      { orgId, calendarId, from },
    );
    return rows.map(({ date }) => date);
  }

  /** Whether it was open when that was told last; undefined where nothing ever was. The row is locked. */
  async lockOpening(orgId: string, branchId: string): Promise<boolean | undefined> {
    const [row] = await this.hub.select<{ isOpen: number }>(
      'SELECT is_open AS isOpen FROM branch_openings WHERE org_id = :orgId AND branch_id = :branchId FOR UPDATE',
      { orgId, branchId },
    );
    return row && Boolean(row.isOpen);
  }

  async keepOpening(orgId: string, branchId: string, isOpen: boolean, nextAt: Date): Promise<void> {
    await this.run(
      `INSERT INTO branch_openings (org_id, branch_id, is_open, next_at) VALUES (?, ?, ?, ?)
        ON DUPLICATE KEY UPDATE is_open = VALUES(is_open), next_at = VALUES(next_at)`,
      [orgId, branchId, isOpen, nextAt],
    );
  }

  /** Branches that are to be looked at by now, the longest waiting first. */
  dueOpenings(now: Date, limit: number): Promise<{ orgId: string; branchId: string }[]> {
    return this.hub.select(
      `SELECT org_id AS orgId, branch_id AS branchId FROM branch_openings WHERE next_at <= :now
        ORDER BY next_at, org_id, branch_id LIMIT ${limit}`,
      { now },
    );
  }

  private async run(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
