import type { Assignment, Override, Shift } from '@loro/contracts/attendance-rosters';
import { Rounding } from '@loro/contracts/attendance-rosters';
import type { Hub } from '../../platform';
import { breaksOf, cycleOf } from './facts.store';
import type { Timed } from './schedule.policy';

type Target = Pick<Assignment, 'targetType' | 'targetId'>;
interface AssignmentRow extends Omit<Assignment, 'cycle'> {
  readonly cycle: string | null;
}
interface ShiftRow extends Omit<Shift, 'breaks' | 'rounding' | 'isPaid'> {
  readonly breaks: string;
  readonly rounding: string;
  readonly isPaid: number;
}

const ASSIGNMENT = `a.id, a.target_type AS targetType, a.target_id AS targetId, a.shift_id AS shiftId,
  DATE_FORMAT(a.from_date, '%Y-%m-%d') AS \`from\`, DATE_FORMAT(a.to_date, '%Y-%m-%d') AS \`to\`, a.cycle, a.version`;
const OVERRIDE = "id, user_id AS userId, DATE_FORMAT(date, '%Y-%m-%d') AS date, shift_id AS shiftId, note, version";
const SHIFT = `id, name, start_local AS startLocal, end_local AS endLocal, window_before_min AS windowBeforeMin,
  window_after_min AS windowAfterMin, grace_late_min AS graceLateMin, grace_early_min AS graceEarlyMin, breaks,
  min_half_day_min AS minHalfDayMin, min_present_min AS minPresentMin, rounding, overtime_policy_id AS overtimePolicyId,
  night_from AS nightFrom, night_to AS nightTo, is_paid AS isPaid, version`;

/** An assignment with the times of its shift. */
export type Placed = Timed & Assignment;

/** Shifts and who was given them, as they are kept. */
export class RostersStore {
  constructor(private readonly hub: Hub) {}

  /** Whoever plans for a target takes its row first: of two at once, the second sees the first. */
  async lock(orgId: string, { targetType, targetId }: Target): Promise<void> {
    await this.run(
      `INSERT INTO roster_targets (org_id, target_type, target_id, changes) VALUES (?, ?, ?, 1)
        ON DUPLICATE KEY UPDATE changes = changes + 1`,
      [orgId, targetType, targetId],
    );
  }

  async shifts(orgId: string, where: string, values: Record<string, unknown>, limit: number): Promise<Shift[]> {
    const rows = await this.hub.select<ShiftRow>(
      `SELECT ${SHIFT} FROM shift_templates WHERE org_id = :orgId AND ${where} ORDER BY name LIMIT ${limit}`,
      { ...values, orgId },
    );
    return rows.map((row) => ({
      ...row,
      breaks: breaksOf(row.breaks),
      rounding: Rounding.parse(JSON.parse(row.rounding)),
      isPaid: Boolean(row.isPaid),
    }));
  }

  async shift(orgId: string, id: string): Promise<Shift | undefined> {
    return (await this.shifts(orgId, 'id = :id', { id }, 1))[0];
  }

  async lockShift(orgId: string, id: string): Promise<Shift | undefined> {
    await this.hub.select('SELECT id FROM shift_templates WHERE org_id = :orgId AND id = :id FOR UPDATE', {
      orgId,
      id,
    });
    return this.shift(orgId, id);
  }

  async saveShift(orgId: string, shift: Shift): Promise<void> {
    const { id, breaks, rounding, version, ...rest } = shift;
    const columns = {
      name: rest.name,
      start_local: rest.startLocal,
      end_local: rest.endLocal,
      window_before_min: rest.windowBeforeMin,
      window_after_min: rest.windowAfterMin,
      grace_late_min: rest.graceLateMin,
      grace_early_min: rest.graceEarlyMin,
      breaks: JSON.stringify(breaks),
      min_half_day_min: rest.minHalfDayMin,
      min_present_min: rest.minPresentMin,
      rounding: JSON.stringify(rounding),
      overtime_policy_id: rest.overtimePolicyId,
      night_from: rest.nightFrom,
      night_to: rest.nightTo,
      is_paid: rest.isPaid,
      version,
    };
    const names = Object.keys(columns);
    if (version === 1)
      await this.run(
        `INSERT INTO shift_templates (org_id, id, ${names.join(', ')}) VALUES (?, ?, ${names.map(() => '?').join(', ')})`,
        [orgId, id, ...Object.values(columns)],
      );
    else
      await this.run(
        `UPDATE shift_templates SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE org_id = ? AND id = ?`,
        [...Object.values(columns), orgId, id],
      );
  }

  async removeShift(orgId: string, id: string): Promise<void> {
    await this.run('DELETE FROM shift_templates WHERE org_id = ? AND id = ?', [orgId, id]);
  }

  async assignments(
    orgId: string,
    where: string,
    values: Record<string, unknown>,
    limit: number,
  ): Promise<Assignment[]> {
    const rows = await this.hub.select<AssignmentRow>(
      `SELECT ${ASSIGNMENT} FROM shift_assignments a WHERE a.org_id = :orgId AND ${where} ORDER BY a.id DESC LIMIT ${limit}`,
      { ...values, orgId },
    );
    return rows.map((row) => ({ ...row, cycle: cycleOf(row.cycle) }));
  }

  /** Everything planned for a target, as it stands now. */
  async placed(orgId: string, { targetType, targetId }: Target): Promise<Placed[]> {
    const rows = await this.hub.select<AssignmentRow & Pick<Timed, 'startLocal' | 'endLocal'>>(
      `SELECT ${ASSIGNMENT}, s.start_local AS startLocal, s.end_local AS endLocal
        FROM shift_assignments a JOIN shift_templates s ON s.org_id = a.org_id AND s.id = a.shift_id
        WHERE a.org_id = :orgId AND a.target_type = :targetType AND a.target_id = :targetId ORDER BY a.id FOR UPDATE`,
      { orgId, targetType, targetId },
    );
    return rows.map((row) => ({ ...row, cycle: cycleOf(row.cycle) }));
  }

  async saveAssignment(orgId: string, assignment: Assignment): Promise<void> {
    const { id, targetType, targetId, shiftId, from, to, cycle, version } = assignment;
    await this.run(
      `INSERT INTO shift_assignments (org_id, id, target_type, target_id, shift_id, from_date, to_date, cycle, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON DUPLICATE KEY UPDATE shift_id = VALUES(shift_id), from_date = VALUES(from_date), to_date = VALUES(to_date),
          cycle = VALUES(cycle), version = VALUES(version)`,
      [orgId, id, targetType, targetId, shiftId, from, to, cycle && JSON.stringify(cycle), version],
    );
  }

  async removeAssignment(orgId: string, id: string): Promise<void> {
    await this.run('DELETE FROM shift_assignments WHERE org_id = ? AND id = ?', [orgId, id]);
  }

  overrides(
    orgId: string,
    where: string,
    values: Record<string, unknown>,
    limit: number,
    lock: '' | 'FOR UPDATE' = '',
  ): Promise<Override[]> {
    return this.hub.select<Override>(
      `SELECT ${OVERRIDE} FROM roster_overrides WHERE org_id = :orgId AND ${where} ORDER BY roster_overrides.date, user_id LIMIT ${limit} ${lock}`,
      { ...values, orgId },
    );
  }

  async saveOverride(orgId: string, { id, userId, date, shiftId, note, version }: Override): Promise<void> {
    if (version === 1)
      await this.run(
        'INSERT INTO roster_overrides (org_id, id, user_id, date, shift_id, note, version) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [orgId, id, userId, date, shiftId, note, version],
      );
    else
      await this.run('UPDATE roster_overrides SET shift_id = ?, note = ?, version = ? WHERE org_id = ? AND id = ?', [
        shiftId,
        note,
        version,
        orgId,
        id,
      ]);
  }

  async removeOverride(orgId: string, id: string): Promise<void> {
    await this.run('DELETE FROM roster_overrides WHERE org_id = ? AND id = ?', [orgId, id]);
  }

  /** Everybody whom a plan for this target can concern on dates from one on. */
  async peopleOf(orgId: string, { targetType, targetId }: Target, from: string): Promise<string[]> {
    if (targetType === 'user') return [targetId];
    const rows = await this.hub.select<{ userId: string }>(
      targetType === 'team'
        ? 'SELECT DISTINCT user_id AS userId FROM attendance_teams WHERE org_id = :orgId AND team_id = :targetId AND (to_at IS NULL OR to_at >= :from)'
        : `SELECT DISTINCT user_id AS userId FROM attendance_places
            WHERE org_id = :orgId AND branch_id = :targetId AND (to_date IS NULL OR to_date >= :from)`,
      { orgId, targetId, from },
    );
    return rows.map(({ userId }) => userId);
  }

  private async run(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
