import type { Hub } from '../../platform';
import type { ComputedDay, WantedClaim } from './compute.policy';
import type { DayDetail } from './detail.policy';
import type { ClaimRow } from './facts.store';

const AT_ONCE = 200;

export interface WrittenDay {
  readonly id: string;
  readonly row: ComputedDay;
  readonly detail: DayDetail;
  readonly punchesHash: string;
  readonly version: number;
}

export interface Slot {
  readonly userId: string;
  readonly date: string;
  readonly key: string;
}

export interface NewClaim extends WantedClaim {
  readonly id: string;
  readonly dayId: string;
  readonly userId: string;
  readonly branchId: string | null;
  readonly date: string;
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** Days as they are written: many at once, in the caller's transaction. */
export class DaysStore {
  constructor(private readonly hub: Hub) {}

  /** One writer a person at a time; to be asked before anything is read. */
  async lock(orgId: string, userIds: readonly string[]): Promise<void> {
    await this.many(
      'INSERT INTO attendance_persons (org_id, user_id, turns) VALUES',
      [...new Set(userIds)].toSorted().map((userId) => [orgId, userId, 0]),
      'ON DUPLICATE KEY UPDATE turns = turns + 1',
    );
  }

  async write(orgId: string, days: readonly (WrittenDay & { readonly userId: string })[]): Promise<void> {
    const now = this.hub.now();
    await this.many(
      `INSERT INTO attendance_days (org_id, id, user_id, ${COLUMNS.join(', ')}) VALUES`,
      days.map((day) => [orgId, day.id, day.userId, ...valuesOf(day, now)]),
      `ON DUPLICATE KEY UPDATE ${COLUMNS.map((column) => `${column} = VALUES(${column})`).join(', ')}`,
    );
  }

  async removeDays(orgId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.run('DELETE FROM attendance_days WHERE org_id = ? AND id IN (?)', [orgId, ids]);
  }

  async watch(orgId: string, watches: readonly (Slot & { readonly dueMs: number })[]): Promise<void> {
    await this.many(
      'INSERT INTO attendance_watches (org_id, user_id, work_date, occurrence_key, due_at) VALUES',
      watches.map(({ userId, date, key, dueMs }) => [orgId, userId, date, key, new Date(dueMs)]),
      'ON DUPLICATE KEY UPDATE due_at = VALUES(due_at)',
    );
  }

  async unwatch(orgId: string, slots: readonly Slot[]): Promise<void> {
    for (const { userId, date, key } of slots)
      await this.run(
        'DELETE FROM attendance_watches WHERE org_id = ? AND user_id = ? AND work_date = ? AND occurrence_key = ?',
        [orgId, userId, date, key],
      );
  }

  async openAlert(orgId: string, alert: Slot & { id: string; branchId: string | null; startsAt: Date }): Promise<void> {
    const { id, userId, branchId, date, key, startsAt } = alert;
    await this.run(
      `INSERT INTO attendance_alerts (org_id, id, user_id, branch_id, work_date, occurrence_key, starts_at, opened_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      [orgId, id, userId, branchId, date, key, startsAt, this.hub.now()],
    );
  }

  async withdrawAlert(orgId: string, id: string): Promise<void> {
    await this.run('UPDATE attendance_alerts SET withdrawn_at = ? WHERE org_id = ? AND id = ?', [
      this.hub.now(),
      orgId,
      id,
    ]);
  }

  async addClaims(orgId: string, claims: readonly NewClaim[]): Promise<void> {
    await this.many(
      `INSERT INTO overtime_claims (org_id, id, day_id, bucket, user_id, branch_id, work_date, seconds, approved_sec,
          factor_ppm, state, settled_as) VALUES`,
      claims.map((claim) => {
        const { id, dayId, bucket, userId, branchId, date, seconds, factorPpm } = claim;
        const isAuto = claim.allowedSec >= seconds;
        const state = isAuto ? 'auto' : 'pending';
        return [
          orgId,
          id,
          dayId,
          bucket,
          userId,
          branchId,
          date,
          seconds,
          isAuto ? seconds : 0,
          factorPpm,
          state,
          isAuto ? 'pay' : null,
        ];
      }),
      '',
    );
  }

  async changeClaim(orgId: string, { id, version }: ClaimRow, change: ClaimChange): Promise<void> {
    const { seconds, factorPpm, state, approvedSec } = change;
    await this.run(
      `UPDATE overtime_claims SET seconds = ?, factor_ppm = ?, state = ?, approved_sec = ?, settled_as = IF(? = 'auto', 'pay', settled_as),
          version = ? WHERE org_id = ? AND id = ?`,
      [seconds, factorPpm, state, approvedSec, state, version + 1, orgId, id],
    );
  }

  async removeClaims(orgId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.run('DELETE FROM overtime_claims WHERE org_id = ? AND id IN (?)', [orgId, ids]);
  }

  /** One pending note a day says that something came for it after it was locked. Answers whether it is new. */
  async noteLateFact(orgId: string, fact: LateFact): Promise<boolean> {
    const { id, userId, branchId, date, dayId, punches } = fact;
    const [known] = await this.hub.select<{ id: string }>(
      `SELECT id FROM attendance_corrections WHERE org_id = :orgId AND user_id = :userId AND work_date = :date
        AND kind = 'late-fact' AND pending_mark = 1 FOR UPDATE`,
      { orgId, userId, date },
    );
    if (known) {
      await this.run('UPDATE attendance_corrections SET punches = ? WHERE org_id = ? AND id = ?', [
        punches,
        orgId,
        known.id,
      ]);
      return false;
    }
    await this.run(
      `INSERT INTO attendance_corrections (org_id, id, user_id, branch_id, work_date, day_id, kind, punches, reason, state,
          pending_mark, requested_at) VALUES (?, ?, ?, ?, ?, ?, 'late-fact', ?, 'something arrived after the period was locked', 'pending', 1, ?)`,
      [orgId, id, userId, branchId, date, dayId, punches, this.hub.now()],
    );
    return true;
  }

  private async many(insert: string, rows: readonly unknown[][], tail: string): Promise<void> {
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const part = rows.slice(from, from + AT_ONCE);
      const one = `(${(part[0] ?? []).map(() => '?').join(', ')})`;
      await this.run(`${insert} ${part.map(() => one).join(', ')} ${tail}`, part.flat());
    }
  }

  private async run(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}

export interface ClaimChange {
  readonly seconds: number;
  readonly factorPpm: number;
  readonly state: ClaimRow['state'];
  readonly approvedSec: number;
}

export interface LateFact {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string | null;
  readonly date: string;
  readonly dayId: string | null;
  /** As the contract shows them, JSON. */
  readonly punches: string;
}

const COLUMNS = [
  'branch_id',
  'work_date',
  'occurrence_key',
  'shift_id',
  'policy_id',
  'timezone',
  'scheduled_start',
  'scheduled_end',
  'status',
  'scheduled_sec',
  'worked_sec',
  'break_sec',
  'late_sec',
  'early_sec',
  'night_sec',
  'regular_sec',
  'ot1_sec',
  'ot2_sec',
  'ot_unapproved_sec',
  'pending_sec',
  'first_in',
  'last_out',
  'open_since',
  'flags',
  'detail',
  'inputs_hash',
  'punches_hash',
  'computed_at',
  'version',
];

function valuesOf({ row, detail, punchesHash, version }: WrittenDay, now: Date): unknown[] {
  const { judged, facts, occurrence } = row;
  return [
    facts.branchId,
    facts.date,
    row.key,
    occurrence?.template.shiftId ?? null,
    row.policyId,
    occurrence?.zone ?? facts.zone,
    dateOf(occurrence?.startMs ?? null),
    dateOf(occurrence?.endMs ?? null),
    judged.status ?? 'expected',
    judged.scheduledSec,
    judged.workedSec,
    judged.breakSec,
    judged.lateSec,
    judged.earlySec,
    judged.nightSec,
    row.regularSec,
    row.ot1Sec,
    row.ot2Sec,
    row.otUnapprovedSec,
    judged.pendingSec,
    dateOf(judged.firstInMs),
    dateOf(judged.lastOutMs),
    dateOf(judged.openSinceMs),
    JSON.stringify(row.flags),
    JSON.stringify(detail),
    row.inputsHash,
    punchesHash,
    now,
    version,
  ];
}
