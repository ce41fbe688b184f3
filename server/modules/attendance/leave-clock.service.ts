import { accrueLeave, closeLeaveYears, expireLeave, markTaken } from '@loro/contracts/leave-live';
import { addDays, dateIn, type Hub, wallTime } from '../../platform';
import { UniqueConstraintError } from 'sequelize';
import { LeaveRequestModel } from './leave-request.model';
import type { LeaveRequestsStore } from './leave-requests.store';
import { noteLeave } from './leave-telling';
import type { Run } from './leave-year.service';

/** When each is due, by the clock on the wall of the zone. */
const DUE = [
  ['expiry', '00:10', expireLeave],
  ['taken', '00:20', markTaken],
  ['accrual', '00:30', accrueLeave],
  ['year-end', '23:00', closeLeaveYears],
] as const;

const AT_ONCE = 200;

/** Asks for what is due in local time, marks what was taken, and checks that the ledger holds. */
export class LeaveClockService {
  constructor(
    private readonly hub: Hub,
    private readonly store: LeaveRequestsStore,
  ) {}

  /**
   * Of all zones in which leave is kept. What is due is a row under a unique key: whoever inserts it asks for the job, in
   * the same transaction, so that no local date has it twice, also where a night has an hour twice.
   */
  async tick(): Promise<void> {
    const now = this.hub.now();
    const zones = await this.hub.select<{ orgId: string; timezone: string }>(
      `SELECT DISTINCT z.org_id AS orgId, z.timezone FROM leave_zones z
        WHERE z.org_id IN (SELECT org_id FROM leave_types) ORDER BY z.org_id, z.timezone`,
    );
    const since = addDays(now.toISOString().slice(0, 10), -2);
    const rows = await this.hub.select<{ key: string }>(
      `SELECT CONCAT(org_id, ' ', timezone, ' ', job, ' ', local_date) AS \`key\` FROM leave_runs WHERE local_date >= :since`,
      { since },
    );
    const asked = new Set(rows.map(({ key }) => key));
    for (const { orgId, timezone } of zones) {
      const date = dateIn(now, timezone);
      for (const [name, at, job] of DUE) {
        if (now < wallTime(date, at, timezone) || asked.has(`${orgId} ${timezone} ${name} ${date}`)) continue;
        await this.ask(name, job, { orgId, timezone, date });
      }
    }
    await this.hub.sequelize.query('DELETE FROM leave_runs WHERE local_date < :before LIMIT 10000', {
      replacements: { before: addDays(since, -60) },
    });
  }

  /** Approved leave whose last day is over was taken. */
  async markTaken({ orgId, timezone, date }: Run): Promise<void> {
    for (let count = AT_ONCE; count === AT_ONCE;) {
      const due = await this.hub.select<{ id: string }>(
        `SELECT r.id FROM leave_requests r JOIN leave_people p ON p.org_id = r.org_id AND p.user_id = r.user_id
          WHERE r.org_id = :orgId AND p.timezone = :timezone AND r.state = 'approved' AND r.to_date < :date
          ORDER BY r.id LIMIT ${AT_ONCE}`,
        { orgId, timezone, date },
      );
      for (const { id } of due) await this.take(orgId, id, date);
      count = due.length;
    }
  }

  /** Lots that are not the sum of their entries, or hold other than what is reserved: a bug, and told as one. */
  async reconcile(): Promise<number> {
    const wrong = await this.hub.select<{
      orgId: string;
      lotId: string;
      remaining: number;
      entries: number | string;
      reserved: number;
      held: number | string;
    }>(
      `SELECT l.org_id AS orgId, l.id AS lotId, l.remaining, l.reserved,
         CAST(COALESCE(e.total, 0) AS SIGNED) AS entries, CAST(COALESCE(r.total, 0) AS SIGNED) AS held
       FROM leave_lots l
         LEFT JOIN (SELECT org_id, lot_id, SUM(delta) AS total FROM leave_entries GROUP BY org_id, lot_id) e
           ON e.org_id = l.org_id AND e.lot_id = l.id
         LEFT JOIN (SELECT org_id, lot_id, SUM(milli_days) AS total FROM leave_reservations GROUP BY org_id, lot_id) r
           ON r.org_id = l.org_id AND r.lot_id = l.id
       WHERE l.remaining <> COALESCE(e.total, 0) OR l.reserved <> COALESCE(r.total, 0) LIMIT 1000`,
    );
    if (wrong.length === 0) return 0;
    this.hub.log.error({ count: wrong.length, lotId: wrong[0]?.lotId }, 'lots of leave differ from their ledger');
    await this.hub.transact(async (after) => {
      for (const { orgId, lotId, remaining, entries, reserved, held } of wrong)
        after.record({
          type: 'system_event',
          action: 'leave.ledger-differs',
          severity: 'error',
          orgId,
          entity: { type: 'leave-lot', id: lotId },
          data: { remaining, entries: Number(entries), reserved, held: Number(held) },
        });
    });
    return wrong.length;
  }

  private async ask(
    name: (typeof DUE)[number][0],
    job: (typeof DUE)[number][2],
    { orgId, timezone, date }: Run,
  ): Promise<void> {
    await this.hub
      .transact(async (after) => {
        await this.hub.sequelize.query(
          'INSERT INTO leave_runs (org_id, timezone, job, local_date, asked_at) VALUES (:orgId, :timezone, :name, :date, :at)',
          { replacements: { orgId, timezone, name, date, at: this.hub.now() } },
        );
        after.enqueue(job, { orgId, timezone, date });
      })
      .catch((error: unknown) => {
        // Another worker asked for it.
        if (!(error instanceof UniqueConstraintError)) throw error;
      });
  }

  private async take(orgId: string, id: string, date: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await LeaveRequestModel.findOne({ where: { orgId, id }, lock: true });
      if (!row || row.state !== 'approved' || row.toDate >= date) return;
      const [before] = await this.store.present([row]);
      await row.update({ state: 'taken', version: (row.version ?? 1) + 1 });
      const [request] = await this.store.present([row]);
      if (request) noteLeave(after, 'leave.taken', { orgId, request, ...(before && { before }) });
    });
  }
}
