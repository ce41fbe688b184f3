import { checkInsLive } from '@loro/contracts/check-ins';
import type { DailyReport } from '@loro/contracts/check-ins-live';
import { UniqueConstraintError } from 'sequelize';
import { type Hub, startOfDay } from '../../platform';
import { branches } from '../branches';

const HALF_AN_HOUR_MS = 30 * 60_000;
const LOOK_BACK_MS = 36 * 3_600_000;
/** A cell in which fewer were says too much about each of them. */
const FEWEST_SHOWN = 3;

interface Row {
  readonly userId: string;
  readonly type: string;
  readonly kind: string;
  readonly status: string;
  readonly cell: string | null;
}

/** Sums up each branch's day half an hour after it closed; days without hours end at midnight. */
export class DailyReportService {
  constructor(private readonly hub: Hub) {}

  async tick(): Promise<void> {
    const now = this.hub.now();
    const active = await this.hub.select<{ orgId: string; branchId: string; date: string }>(
      `SELECT org_id AS orgId, branch_id AS branchId, DATE_FORMAT(local_date, '%Y-%m-%d') AS date FROM check_in_marks m
        WHERE received_at > :since AND NOT EXISTS (SELECT 1 FROM check_in_reports r
          WHERE r.org_id = m.org_id AND r.branch_id = m.branch_id AND r.date = m.local_date)
        GROUP BY org_id, branch_id, local_date`,
      { since: new Date(now.getTime() - LOOK_BACK_MS) },
    );
    for (const { orgId, branchId, date } of active)
      if (await this.isOver(orgId, branchId, date, now)) await this.report(orgId, branchId, date);
  }

  /** The day is over, or the branch closed half an hour ago and does not open again that day. */
  private async isOver(orgId: string, branchId: string, date: string, now: Date): Promise<boolean> {
    const door = this.hub.use(branches);
    const calendar = await door.calendarOf(orgId, branchId);
    const before = new Date(now.getTime() - HALF_AN_HOUR_MS);
    if (calendar.dateOf(before) > date) return true;
    if (calendar.dateOf(now) < date) return false;
    const [then, midday] = await Promise.all([
      door.isOpen(orgId, branchId, before),
      door.isOpen(orgId, branchId, startOfDay(date, calendar.zoneOf(date))),
    ]);
    if (then.isOpen || (await door.isOpen(orgId, branchId, now)).isOpen) return false;
    const opensToday = then.opensAt !== null && calendar.dateOf(new Date(then.opensAt)) === date;
    // Without any hours that day there is no closing to wait for but midnight.
    const hasHours = midday.isOpen || (midday.opensAt !== null && calendar.dateOf(new Date(midday.opensAt)) === date);
    return hasHours && !opensToday;
  }

  private async report(orgId: string, branchId: string, date: string): Promise<void> {
    await this.hub
      .transact(async (after) => {
        const report = await this.sumUp(orgId, branchId, date);
        await this.hub.sequelize.query(
          'INSERT INTO check_in_reports (org_id, branch_id, date, made_at, report) VALUES (:orgId, :branchId, :date, :now, :report)',
          { replacements: { orgId, branchId, date, now: this.hub.now(), report: JSON.stringify(report) } },
        );
        after.publish(checkInsLive, 'check-ins:summed-up', { orgId, id: branchId }, report);
      })
      .catch((error: unknown) => {
        // Another worker was quicker.
        if (!(error instanceof UniqueConstraintError)) throw error;
      });
  }

  private async sumUp(orgId: string, branchId: string, date: string): Promise<DailyReport> {
    const rows = await this.hub.select<Row>(
      `SELECT user_id AS userId, type, kind, status, h3r7 AS cell FROM check_in_marks
        WHERE org_id = :orgId AND branch_id = :branchId AND local_date = :date AND status NOT IN ('voided', 'superseded')`,
      { orgId, branchId, date },
    );
    const [{ stillIn } = { stillIn: 0 }] = await this.hub.select<{ stillIn: number }>(
      'SELECT COUNT(*) AS stillIn FROM check_ins WHERE org_id = :orgId AND branch_id = :branchId AND open_for IS NOT NULL',
      { orgId, branchId },
    );
    const begun = rows.filter(({ kind, status }) => kind !== 'out' && status !== 'rejected');
    const visits = begun.filter(({ type }) => type === 'client-visit' || type === 'meeting');
    return {
      branchId,
      date,
      people: new Set(begun.map(({ userId }) => userId)).size,
      checkIns: begun.length,
      visits: visits.length,
      flagged: rows.filter(({ status }) => status === 'flagged').length,
      rejected: rows.filter(({ status }) => status === 'rejected').length,
      stillIn,
      byType: Object.fromEntries([...by(begun, ({ type }) => type)].map(([type, list]) => [type, list.length])),
      cells: cellsOf(visits),
    };
  }
}

function cellsOf(visits: readonly Row[]): DailyReport['cells'] {
  const placed = visits.flatMap(({ cell, userId }) => (cell === null ? [] : [{ cell, userId }]));
  return [...by(placed, ({ cell }) => cell)]
    .filter(([, list]) => new Set(list.map(({ userId }) => userId)).size >= FEWEST_SHOWN)
    .map(([cell, list]) => ({ cell, visits: list.length }));
}

function by<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
