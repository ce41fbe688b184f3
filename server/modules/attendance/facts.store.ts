import type { Cycle, ShiftBreak } from '@loro/contracts/attendance-rosters';
import { Cycle as CycleShape, Rounding, ShiftBreak as BreakShape } from '@loro/contracts/attendance-rosters';
import { OvertimeRules } from '@loro/contracts/attendance-overtime';
import type { Direction, Verification } from '@loro/contracts/attendance-values';
import { z } from 'zod';
import type { Hub } from '../../platform';
import type { DayPunch } from './pairing.policy';
import type { PlannedFor, Template } from './schedule.policy';

export interface PersonRow {
  readonly userId: string;
  readonly name: string;
  readonly status: string;
  readonly kind: string;
  readonly homeBranchId: string | null;
  readonly startedOn: string | null;
  readonly endedOn: string | null;
  readonly deactivatedAt: Date | null;
}
export interface PlaceRow {
  readonly userId: string;
  readonly branchId: string;
  readonly isPrimary: number;
  readonly from: string;
  readonly to: string | null;
}
export interface TeamRow {
  readonly userId: string;
  readonly teamId: string;
  readonly fromAt: Date;
  readonly toAt: Date | null;
}
export interface AssignmentRow extends PlannedFor {
  readonly targetId: string;
}
export interface OverrideRow {
  readonly userId: string;
  readonly date: string;
  readonly shiftId: string | null;
}
export interface PolicyRow {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly rules: OvertimeRules;
}
export interface StoredDay {
  readonly id: string;
  readonly userId: string;
  readonly date: string;
  readonly key: string;
  readonly inputsHash: string;
  readonly version: number;
  readonly lockedAt: Date | null;
  readonly branchId: string | null;
  readonly punchesHash: string;
}
export interface LockRow {
  readonly userId: string | null;
  readonly branchId: string | null;
  readonly from: string;
  readonly to: string;
}
export interface ClaimRow {
  readonly id: string;
  readonly dayId: string;
  readonly bucket: 1 | 2;
  readonly seconds: number;
  readonly approvedSec: number;
  readonly factorPpm: number;
  readonly state: 'pending' | 'approved' | 'rejected' | 'auto';
  readonly version: number;
}
export interface AlertRow {
  readonly id: string;
  readonly userId: string;
  readonly date: string;
  readonly key: string;
  readonly withdrawnAt: Date | null;
}
export interface WatchRow {
  readonly userId: string;
  readonly date: string;
  readonly key: string;
  readonly dueAt: Date;
}

interface ShiftRow extends Omit<Template, 'breaks' | 'rounding' | 'shiftId'> {
  readonly shiftId: string;
  readonly breaks: string;
  readonly rounding: string;
}
interface PunchRow {
  readonly userId: string;
  readonly id: string;
  readonly at: Date;
  readonly direction: Direction;
  readonly verification: Verification;
  readonly isConfirmed: number;
  readonly isVisit: number;
  readonly localDate: string;
}

const Breaks = z.array(BreakShape);
const day = (column: string, name: string): string => `DATE_FORMAT(${column}, '%Y-%m-%d') AS ${name}`;

/** Reads of what decides about days: a handful of statements, however many people. */
export class FactsStore {
  constructor(private readonly hub: Hub) {}

  people(orgId: string, ids: readonly string[]): Promise<PersonRow[]> {
    return this.hub.select(
      `SELECT user_id AS userId, name, status, kind, home_branch_id AS homeBranchId, ${day('started_on', 'startedOn')},
          ${day('ended_on', 'endedOn')}, deactivated_at AS deactivatedAt
        FROM attendance_people WHERE org_id = :orgId AND user_id IN (:ids)`,
      { orgId, ids },
    );
  }

  async byEmployeeNo(orgId: string, numbers: readonly string[]): Promise<Map<string, string>> {
    if (numbers.length === 0) return new Map();
    const rows = await this.hub.select<{ userId: string; employeeNo: string }>(
      `SELECT user_id AS userId, employee_no AS employeeNo FROM attendance_people
        WHERE org_id = :orgId AND employee_no IN (:numbers)`,
      { orgId, numbers },
    );
    return new Map(rows.map(({ userId, employeeNo }) => [employeeNo, userId]));
  }

  places(orgId: string, ids: readonly string[], from: string, to: string): Promise<PlaceRow[]> {
    return this.hub.select(
      `SELECT user_id AS userId, branch_id AS branchId, is_primary AS isPrimary, ${day('from_date', '`from`')}, ${day('to_date', '`to`')}
        FROM attendance_places WHERE org_id = :orgId AND user_id IN (:ids) AND from_date <= :to
          AND (to_date IS NULL OR to_date > :from) ORDER BY is_primary DESC, from_date, branch_id`,
      { orgId, ids, from, to },
    );
  }

  teams(orgId: string, ids: readonly string[]): Promise<TeamRow[]> {
    return this.hub.select(
      `SELECT user_id AS userId, team_id AS teamId, from_at AS fromAt, to_at AS toAt FROM attendance_teams
        WHERE org_id = :orgId AND user_id IN (:ids)`,
      { orgId, ids },
    );
  }

  async assignments(orgId: string, targets: readonly string[], from: string, to: string): Promise<AssignmentRow[]> {
    if (targets.length === 0) return [];
    const rows = await this.hub.select<Omit<AssignmentRow, 'cycle'> & { cycle: string | null }>(
      `SELECT id, target_type AS targetType, target_id AS targetId, shift_id AS shiftId, ${day('from_date', '`from`')},
          ${day('to_date', '`to`')}, cycle
        FROM shift_assignments WHERE org_id = :orgId AND target_id IN (:targets) AND from_date <= :to
          AND (to_date IS NULL OR to_date > :from) ORDER BY id`,
      { orgId, targets, from, to },
    );
    return rows.map((row) => ({ ...row, cycle: cycleOf(row.cycle) }));
  }

  overrides(orgId: string, ids: readonly string[], from: string, to: string): Promise<OverrideRow[]> {
    return this.hub.select(
      `SELECT user_id AS userId, ${day('date', 'date')}, shift_id AS shiftId FROM roster_overrides
        WHERE org_id = :orgId AND user_id IN (:ids) AND date BETWEEN :from AND :to`,
      { orgId, ids, from, to },
    );
  }

  async shifts(orgId: string): Promise<Map<string, Template>> {
    const rows = await this.hub.select<ShiftRow>(
      `SELECT id AS shiftId, name, start_local AS startLocal, end_local AS endLocal, window_before_min AS windowBeforeMin,
          window_after_min AS windowAfterMin, grace_late_min AS graceLateMin, grace_early_min AS graceEarlyMin, breaks,
          min_half_day_min AS minHalfDayMin, min_present_min AS minPresentMin, rounding, night_from AS nightFrom,
          night_to AS nightTo, overtime_policy_id AS overtimePolicyId
        FROM shift_templates WHERE org_id = :orgId`,
      { orgId },
    );
    return new Map(
      rows.map((row) => [
        row.shiftId,
        { ...row, breaks: breaksOf(row.breaks), rounding: Rounding.parse(JSON.parse(row.rounding)) },
      ]),
    );
  }

  async policies(orgId: string): Promise<PolicyRow[]> {
    const rows = await this.hub.select<{ id: string; name: string; isDefault: number; rules: string }>(
      'SELECT id, name, is_default AS isDefault, rules FROM overtime_policies WHERE org_id = :orgId ORDER BY id',
      { orgId },
    );
    return rows.map((row) => ({
      ...row,
      isDefault: Boolean(row.isDefault),
      rules: OvertimeRules.parse(JSON.parse(row.rules)),
    }));
  }

  /** Those that count, by instant. */
  async punches(orgId: string, ids: readonly string[], from: string, to: string): Promise<Map<string, DayPunch[]>> {
    const rows = await this.hub.select<PunchRow>(
      `SELECT user_id AS userId, id, at, direction, verification, confirmed_by IS NOT NULL AS isConfirmed, is_visit AS isVisit,
          ${day('local_date', 'localDate')}
        FROM attendance_punches WHERE org_id = :orgId AND user_id IN (:ids) AND live_mark = 1
          AND local_date BETWEEN :from AND :to ORDER BY at`,
      { orgId, ids, from, to },
    );
    const byPerson = new Map<string, DayPunch[]>();
    for (const { userId, at, isConfirmed, isVisit, ...punch } of rows) {
      const own = byPerson.get(userId) ?? [];
      own.push({ ...punch, atMs: at.getTime(), isConfirmed: Boolean(isConfirmed), isVisit: Boolean(isVisit) });
      byPerson.set(userId, own);
    }
    return byPerson;
  }

  excuses(
    orgId: string,
    ids: readonly string[],
    from: string,
    to: string,
  ): Promise<{ userId: string; date: string }[]> {
    return this.hub.select(
      `SELECT user_id AS userId, ${day('date', 'date')} FROM attendance_excuses
        WHERE org_id = :orgId AND user_id IN (:ids) AND date BETWEEN :from AND :to`,
      { orgId, ids, from, to },
    );
  }

  allowed(
    orgId: string,
    ids: readonly string[],
    from: string,
    to: string,
  ): Promise<{ userId: string; date: string; minutes: number }[]> {
    return this.hub.select(
      `SELECT user_id AS userId, ${day('date', 'date')}, minutes FROM overtime_requests
        WHERE org_id = :orgId AND user_id IN (:ids) AND date BETWEEN :from AND :to AND state = 'approved'`,
      { orgId, ids, from, to },
    );
  }

  stored(orgId: string, ids: readonly string[], from: string, to: string): Promise<StoredDay[]> {
    return this.hub.select(
      `SELECT id, user_id AS userId, ${day('work_date', 'date')}, occurrence_key AS \`key\`, inputs_hash AS inputsHash, version,
          locked_at AS lockedAt, branch_id AS branchId, punches_hash AS punchesHash
        FROM attendance_days WHERE org_id = :orgId AND user_id IN (:ids) AND work_date BETWEEN :from AND :to`,
      { orgId, ids, from, to },
    );
  }

  claims(orgId: string, ids: readonly string[], from: string, to: string): Promise<ClaimRow[]> {
    return this.hub.select(
      `SELECT id, day_id AS dayId, bucket, seconds, approved_sec AS approvedSec, factor_ppm AS factorPpm, state, version
        FROM overtime_claims WHERE org_id = :orgId AND user_id IN (:ids) AND work_date BETWEEN :from AND :to`,
      { orgId, ids, from, to },
    );
  }

  alerts(orgId: string, ids: readonly string[], from: string, to: string): Promise<AlertRow[]> {
    return this.hub.select(
      `SELECT id, user_id AS userId, ${day('work_date', 'date')}, occurrence_key AS \`key\`, withdrawn_at AS withdrawnAt
        FROM attendance_alerts WHERE org_id = :orgId AND user_id IN (:ids) AND work_date BETWEEN :from AND :to`,
      { orgId, ids, from, to },
    );
  }

  watches(orgId: string, ids: readonly string[], from: string, to: string): Promise<WatchRow[]> {
    return this.hub.select(
      `SELECT user_id AS userId, ${day('work_date', 'date')}, occurrence_key AS \`key\`, due_at AS dueAt
        FROM attendance_watches WHERE org_id = :orgId AND user_id IN (:ids) AND work_date BETWEEN :from AND :to`,
      { orgId, ids, from, to },
    );
  }

  /** Locked periods; whoever locks one waits for this transaction, and this one for him. */
  locks(orgId: string, from: string, to: string): Promise<LockRow[]> {
    return this.hub.select(
      `SELECT user_id AS userId, branch_id AS branchId, ${day('from_date', '`from`')}, ${day('to_date', '`to`')}
        FROM timesheet_periods WHERE org_id = :orgId AND from_date <= :to AND to_date > :from AND state = 'locked'
        LOCK IN SHARE MODE`,
      { orgId, from, to },
    );
  }
}

export const cycleOf = (text: string | null): Cycle | null =>
  text === null ? null : CycleShape.parse(JSON.parse(text));
export const breaksOf = (text: string): ShiftBreak[] => Breaks.parse(JSON.parse(text));
