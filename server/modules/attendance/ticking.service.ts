import { planBranch, reportEvening, reportMorning } from '@loro/contracts/attendance-live';
import { type After, type Hub, grouped } from '../../platform';
import { branches } from '../branches';
import { people } from '../people';
import type { ComputingService } from './computing.service';
import type { PlacesService } from './places.service';

const AT_ONCE = 200;
const AFTER_MS = 30 * 60_000;
const JOBS = { plan: planBranch, morning: reportMorning, evening: reportEvening } as const;
type Run = keyof typeof JOBS;

interface Due {
  readonly orgId: string;
  readonly userId: string;
  readonly date: string;
}
type Remembered = readonly [orgId: string, branchId: string, job: Run, date: string, dueAt: Date];
interface BranchRow {
  readonly orgId: string;
  readonly branchId: string;
}

/** What comes due though nothing happens: local days begin, shifts end, nobody came. */
export class TickingService {
  constructor(
    private readonly hub: Hub,
    private readonly computing: ComputingService,
    private readonly places: PlacesService,
  ) {}

  async tick(): Promise<{ looked: number }> {
    await this.beginDays();
    await this.ask();
    return { looked: await this.lookAgain() };
  }

  /** The new day of a branch: its people are expected, and when to report is known. */
  async plan(orgId: string, branchId: string, date: string): Promise<void> {
    const rows = await this.hub.select<{ userId: string }>(
      branchId === orgId
        ? `SELECT user_id AS userId FROM attendance_people
            WHERE org_id = :orgId AND home_branch_id IS NULL AND kind = 'person' AND status = 'active' ORDER BY user_id`
        : `SELECT DISTINCT p.user_id AS userId FROM attendance_places p
            JOIN attendance_people q ON q.org_id = p.org_id AND q.user_id = p.user_id
            WHERE p.org_id = :orgId AND p.branch_id = :branchId AND q.status = 'active' AND p.from_date <= :date
              AND (p.to_date IS NULL OR p.to_date > :date) ORDER BY userId`,
      { orgId, branchId, date },
    );
    const ids = rows.map(({ userId }) => userId);
    for (let from = 0; from < ids.length; from += AT_ONCE)
      await this.computing.compute(orgId, ids.slice(from, from + AT_ONCE), date, date);
    if (branchId !== orgId) await this.planReports(orgId, branchId, date);
  }

  /** Half an hour after a branch opens, and after it closes for the last time that day; a branch without hours has no reports. */
  private async planReports(orgId: string, branchId: string, date: string): Promise<void> {
    const { calendar } = await this.places.at(orgId, branchId);
    const begins = calendar.startOf(date);
    const isOpen = (at: Date) => this.hub.use(branches).isOpen(orgId, branchId, at);
    const first = await isOpen(begins);
    const opens = first.isOpen ? begins : first.opensAt === null ? null : new Date(first.opensAt);
    if (!opens || calendar.dateOf(opens) !== date) return;
    let closes: Date | null = null;
    for (let at: Date | null = opens, turns = 0; at && calendar.dateOf(at) === date && turns < 20; turns += 1) {
      const open = await isOpen(at);
      if (open.closesAt === null) break;
      closes = new Date(open.closesAt);
      const next = await isOpen(closes);
      at = next.opensAt === null ? null : new Date(next.opensAt);
    }
    await this.remember([[orgId, branchId, 'morning', date, new Date(opens.getTime() + AFTER_MS)]]);
    if (closes) await this.remember([[orgId, branchId, 'evening', date, new Date(closes.getTime() + AFTER_MS)]]);
  }

  /** One row a branch and local date: whoever writes it first lets its day begin. */
  private async beginDays(): Promise<void> {
    const now = this.hub.now();
    const zones = await this.hub.select<{ timezone: string }>('SELECT DISTINCT timezone FROM attendance_branches');
    for (const { timezone } of zones) {
      const today = new Intl.DateTimeFormat('en-CA', { timeZone: timezone }).format(now);
      const rows = await this.hub.select<BranchRow>(
        `SELECT b.org_id AS orgId, b.branch_id AS branchId FROM attendance_branches b
          LEFT JOIN attendance_runs r ON r.org_id = b.org_id AND r.branch_id = b.branch_id AND r.job = 'plan' AND r.local_date >= :today
          WHERE b.timezone = :timezone AND r.org_id IS NULL LIMIT 5000`,
        { timezone, today },
      );
      const runs: Remembered[] = [];
      // The zone of a branch may change on this very day, so its own calendar says which date it is.
      for (const { orgId, branchId } of rows)
        runs.push([orgId, branchId, 'plan', await this.places.today(orgId, branchId), now]);
      await this.remember(runs);
    }
    await this.beginWithoutBranch(now);
  }

  private async beginWithoutBranch(now: Date): Promise<void> {
    const rows = await this.hub.select<{ orgId: string }>(
      "SELECT DISTINCT org_id AS orgId FROM attendance_people WHERE home_branch_id IS NULL AND kind = 'person' AND status = 'active'",
    );
    const runs: Remembered[] = [];
    for (const { orgId } of rows) {
      const { status } = await this.hub.use(people).organisationOf(orgId);
      if (status === 'active') runs.push([orgId, orgId, 'plan', await this.places.today(orgId, null), now]);
    }
    await this.remember(runs);
  }

  private async remember(runs: readonly Remembered[]): Promise<void> {
    for (let from = 0; from < runs.length; from += AT_ONCE)
      await this.hub.pool.query(
        'INSERT IGNORE INTO attendance_runs (org_id, branch_id, job, local_date, due_at) VALUES ?',
        [runs.slice(from, from + AT_ONCE).map((run) => [...run])],
      );
  }

  /** Each run is asked for once: whoever comes second skips what the first one holds. */
  private async ask(): Promise<void> {
    const now = this.hub.now();
    for (;;) {
      const asked = await this.hub.transact(async (after: After) => {
        const rows = await this.hub.select<BranchRow & { job: Run; date: string }>(
          `SELECT org_id AS orgId, branch_id AS branchId, job, DATE_FORMAT(local_date, '%Y-%m-%d') AS date
            FROM attendance_runs WHERE asked_at IS NULL AND due_at <= :now ORDER BY due_at LIMIT ${AT_ONCE}
            FOR UPDATE SKIP LOCKED`,
          { now },
        );
        for (const { orgId, branchId, job, date } of rows) {
          await this.hub.sequelize.query(
            'UPDATE attendance_runs SET asked_at = ? WHERE org_id = ? AND branch_id = ? AND job = ? AND local_date = ?',
            { replacements: [now, orgId, branchId, job, date] },
          );
          after.enqueue(JOBS[job], { orgId, branchId, date });
        }
        return rows.length;
      });
      if (asked < AT_ONCE) return;
    }
  }

  /** Days whose time has come, as many of one organisation at once as go together. */
  private async lookAgain(): Promise<number> {
    let looked = 0;
    for (;;) {
      const due = await this.hub.select<Due>(
        `SELECT org_id AS orgId, user_id AS userId, DATE_FORMAT(work_date, '%Y-%m-%d') AS date FROM attendance_watches
          WHERE due_at <= :now ORDER BY due_at, org_id, user_id LIMIT ${AT_ONCE}`,
        { now: this.hub.now() },
      );
      for (const [, together] of grouped(due, ({ orgId, date }) => `${orgId} ${date}`)) {
        const [first] = together;
        if (!first) continue;
        const ids = together.map(({ userId }) => userId);
        await this.computing.compute(first.orgId, ids, first.date, first.date);
        // Whoever is not there any more, or whose day is computed by nobody, is not waited for.
        await this.hub.sequelize.query(
          'DELETE FROM attendance_watches WHERE org_id = ? AND work_date = ? AND user_id IN (?) AND due_at <= ?',
          { replacements: [first.orgId, first.date, ids, this.hub.now()] },
        );
      }
      looked += due.length;
      if (due.length < AT_ONCE) return looked;
    }
  }
}
