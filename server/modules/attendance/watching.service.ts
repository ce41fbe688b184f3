import { attendanceLive, type BranchReport, type OvertimeWarning } from '@loro/contracts/attendance-live';
import type { OvertimeRules } from '@loro/contracts/attendance-overtime';
import { QueryTypes } from 'sequelize';
import { addDays, type Hub, grouped } from '../../platform';
import type { FactsStore } from './facts.store';
import { weekStartOf } from './overtime.policy';
import type { PlacesService } from './places.service';

interface WeekRow {
  readonly userId: string;
  readonly branchId: string | null;
  readonly date: string;
  readonly policyId: string | null;
  readonly workedSec: number;
  readonly overSec: number;
  readonly openSince: Date | null;
}

const MORNING = 'attendance:morning-reported';
const EVENING = 'attendance:evening-reported';

/** Looks over many people at once: who comes near overtime, how the day of a branch stands. */
export class WatchingService {
  constructor(
    private readonly hub: Hub,
    private readonly facts: FactsStore,
    private readonly places: PlacesService,
  ) {}

  /** Warns once a person, week and threshold. */
  async watchOvertime(): Promise<number> {
    const organisations = await this.hub.select<{ orgId: string }>(
      'SELECT DISTINCT org_id AS orgId FROM overtime_policies',
    );
    let warned = 0;
    for (const { orgId } of organisations) warned += await this.watchOrganisation(orgId);
    return warned;
  }

  private async watchOrganisation(orgId: string): Promise<number> {
    const policies = new Map((await this.facts.policies(orgId)).map(({ id, rules }) => [id, rules]));
    const today = await this.places.today(orgId, null);
    const weeks = Math.max(
      1,
      ...[...policies.values()].map(({ meanWeeklyMin, meanWeeks }) => (meanWeeklyMin === null ? 1 : meanWeeks)),
    );
    const rows = await this.hub.select<WeekRow>(
      `SELECT user_id AS userId, branch_id AS branchId, DATE_FORMAT(work_date, '%Y-%m-%d') AS date, policy_id AS policyId,
          worked_sec AS workedSec, ot1_sec + ot2_sec + ot_unapproved_sec AS overSec, open_since AS openSince
        FROM attendance_days WHERE org_id = :orgId AND work_date BETWEEN :from AND :to AND policy_id IS NOT NULL
          AND (worked_sec > 0 OR open_since IS NOT NULL) ORDER BY work_date`,
      { orgId, from: addDays(today, -7 * weeks - 1), to: addDays(today, 1) },
    );
    let warned = 0;
    for (const [, own] of grouped(rows, ({ userId, policyId }) => `${userId} ${policyId}`)) {
      const last = own.at(-1);
      const rules = policies.get(last?.policyId ?? '');
      if (!last || !rules) continue;
      for (const warning of this.warningsOf(own, last.userId, rules, today))
        if (await this.warn(orgId, last.branchId, warning)) warned += 1;
    }
    return warned;
  }

  private warningsOf(rows: readonly WeekRow[], userId: string, rules: OvertimeRules, today: string): OvertimeWarning[] {
    const weekStart = weekStartOf(today, rules.weekStartsOn);
    const nowMs = this.hub.now().getTime();
    const workedOf = ({ workedSec, openSince }: WeekRow): number =>
      workedSec + (openSince ? Math.max(0, Math.round((nowMs - openSince.getTime()) / 1_000)) : 0);
    const ofWeek = rows.filter(({ date }) => date >= weekStart);
    const weekSec = ofWeek.reduce((sum, row) => sum + workedOf(row), 0);
    const overSec = ofWeek.reduce((sum, row) => sum + row.overSec, 0);
    const said = { userId, weekStart, weekSec };
    const warnings: OvertimeWarning[] = [];
    if (rules.weeklyMin !== null) {
      const thresholdSec = rules.weeklyMin * 60;
      if (weekSec >= thresholdSec * 0.8) warnings.push({ ...said, thresholdSec, kind: '80' });
      if (weekSec >= thresholdSec) warnings.push({ ...said, thresholdSec, kind: '100' });
    }
    if (rules.maxPerWeekMin !== null && overSec > rules.maxPerWeekMin * 60)
      warnings.push({ ...said, weekSec: overSec, thresholdSec: rules.maxPerWeekMin * 60, kind: 'cap' });
    if (rules.meanWeeklyMin !== null) {
      const from = addDays(weekStart, -7 * (rules.meanWeeks - 1));
      const total = rows.filter(({ date }) => date >= from).reduce((sum, row) => sum + workedOf(row), 0);
      const meanSec = Math.round(total / rules.meanWeeks);
      const thresholdSec = rules.meanWeeklyMin * 60;
      if (meanSec > thresholdSec) warnings.push({ ...said, weekSec: meanSec, thresholdSec, kind: 'mean' });
    }
    return warnings;
  }

  private async warn(orgId: string, branchId: string | null, warning: OvertimeWarning): Promise<boolean> {
    const { userId, weekStart, kind, weekSec } = warning;
    return this.hub.transact(async (after) => {
      const [, isNew] = await this.hub.sequelize.query(
        'INSERT IGNORE INTO overtime_warnings (org_id, user_id, week_start, kind, week_sec, at) VALUES (?, ?, ?, ?, ?, ?)',
        { replacements: [orgId, userId, weekStart, kind, weekSec, this.hub.now()], type: QueryTypes.INSERT },
      );
      if (isNew === 0) return false;
      after.publish(attendanceLive, 'overtime:warning', { orgId, id: userId }, warning);
      if (branchId !== null) after.publish(attendanceLive, 'overtime:warning', { orgId, id: branchId }, warning);
      return true;
    });
  }

  /** Tells a branch how its day stands. */
  async report(orgId: string, branchId: string, date: string, when: 'morning' | 'evening'): Promise<void> {
    const report = await this.reportOf(orgId, branchId, date);
    await this.hub.transact(async (after) => {
      after.publish(attendanceLive, when === 'morning' ? MORNING : EVENING, { orgId, id: branchId }, report);
    });
  }

  private async reportOf(orgId: string, branchId: string, date: string): Promise<BranchReport> {
    const rows = await this.hub.select<{ status: string; n: number; late: number; workedSec: string | number }>(
      `SELECT status, COUNT(*) AS n, SUM(late_sec > 0) AS late, SUM(worked_sec) AS workedSec FROM attendance_days
        WHERE org_id = :orgId AND branch_id = :branchId AND work_date = :date GROUP BY status`,
      { orgId, branchId, date },
    );
    const [waiting] = await this.hub.select<{ expected: number }>(
      `SELECT COUNT(*) AS expected FROM attendance_watches w
        WHERE w.org_id = :orgId AND w.work_date = :date AND EXISTS (SELECT 1 FROM attendance_places p
            WHERE p.org_id = w.org_id AND p.user_id = w.user_id AND p.branch_id = :branchId AND p.from_date <= :date
              AND (p.to_date IS NULL OR p.to_date > :date))
          AND NOT EXISTS (SELECT 1 FROM attendance_days d WHERE d.org_id = w.org_id AND d.user_id = w.user_id
            AND d.work_date = w.work_date AND d.occurrence_key = w.occurrence_key)`,
      { orgId, branchId, date },
    );
    const [missing] = await this.hub.select<{ n: number }>(
      `SELECT COUNT(*) AS n FROM attendance_alerts WHERE org_id = :orgId AND branch_id = :branchId AND work_date = :date
        AND withdrawn_at IS NULL`,
      { orgId, branchId, date },
    );
    const of = (...statuses: string[]): number =>
      rows.filter(({ status }) => statuses.includes(status)).reduce((sum, { n }) => sum + n, 0);
    const sum = (pick: (row: (typeof rows)[number]) => string | number): number =>
      rows.reduce((total, row) => total + Number(pick(row)), 0);
    return {
      branchId,
      date,
      expected: (waiting?.expected ?? 0) + of('expected'),
      present: of('present', 'half_day'),
      remote: of('remote'),
      late: sum(({ late }) => late),
      absent: of('absent'),
      missing: missing?.n ?? 0,
      onLeave: of('on_leave', 'excused'),
      off: of('holiday', 'weekly_off'),
      incomplete: of('incomplete'),
      workedSec: sum(({ workedSec }) => workedSec),
    };
  }
}
