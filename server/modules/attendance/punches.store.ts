import type { Punch } from '@loro/contracts/attendance-values';
import type { Hub } from '../../platform';

export interface NewPunchRow {
  readonly id: string;
  readonly userId: string;
  readonly branchId: string | null;
  readonly at: Date;
  readonly timezone: string;
  readonly localDate: string;
  readonly direction: Punch['direction'];
  readonly source: Punch['source'];
  readonly sourceId: string;
  readonly deviceId: string | null;
  readonly verification: Punch['verification'];
  readonly checkInId: string | null;
  readonly isVisit: boolean;
  readonly confirmedBy: string | null;
}

interface Row extends Omit<Punch, 'at' | 'voidedAt' | 'isVisit'> {
  readonly at: Date;
  readonly isVisit: number;
  readonly voidedAt: Date | null;
}

const SHOWN = `id, user_id AS userId, branch_id AS branchId, at, timezone, DATE_FORMAT(local_date, '%Y-%m-%d') AS localDate,
  direction, source, source_id AS sourceId, device_id AS deviceId, verification, check_in_id AS checkInId, is_visit AS isVisit,
  confirmed_by AS confirmedBy, voided_at AS voidedAt`;

const toContract = ({ at, voidedAt, isVisit, ...row }: Row): Punch => ({
  ...row,
  isVisit: Boolean(isVisit),
  at: at.toISOString(),
  voidedAt: voidedAt?.toISOString() ?? null,
});

/** Punches as they are kept: never changed, only made void. */
export class PunchesStore {
  constructor(private readonly hub: Hub) {}

  /** Adds what is not there yet, and answers which punch stands for each: the new one, or the one that was there. */
  async add(orgId: string, rows: readonly NewPunchRow[]): Promise<ReadonlyMap<string, string>> {
    if (rows.length === 0) return new Map();
    const now = this.hub.now();
    await this.hub.sequelize.query(
      `INSERT IGNORE INTO attendance_punches (org_id, id, user_id, branch_id, at, timezone, local_date, direction, source,
          source_id, device_id, verification, check_in_id, is_visit, confirmed_by, confirmed_at, recorded_at)
        VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
      {
        replacements: rows.flatMap((row) => [
          orgId,
          row.id,
          row.userId,
          row.branchId,
          row.at,
          row.timezone,
          row.localDate,
          row.direction,
          row.source,
          row.sourceId,
          row.deviceId,
          row.verification,
          row.checkInId,
          row.isVisit,
          row.confirmedBy,
          row.confirmedBy === null ? null : now,
          now,
        ]),
      },
    );
    const standing = new Map<string, string>();
    // A current read: what somebody else committed a moment ago is there, and not in this transaction's view.
    const kept = await this.hub.select<{
      id: string;
      userId: string;
      at: Date;
      direction: string;
      source: string;
      sourceId: string;
    }>(
      `SELECT id, user_id AS userId, at, direction, source, source_id AS sourceId FROM attendance_punches
        WHERE org_id = :orgId AND live_mark = 1 AND user_id IN (:users) AND at IN (:ats) LOCK IN SHARE MODE`,
      { orgId, users: [...new Set(rows.map(({ userId }) => userId))], ats: [...new Set(rows.map(({ at }) => at))] },
    );
    for (const row of rows) {
      const same = kept.find(
        ({ userId, at, direction }) =>
          userId === row.userId && at.getTime() === row.at.getTime() && direction === row.direction,
      );
      if (same) standing.set(row.id, same.id);
    }
    return standing;
  }

  /** Which of these names a source has used before, void or not. */
  async known(orgId: string, source: string, sourceIds: readonly string[]): Promise<Map<string, string>> {
    if (sourceIds.length === 0) return new Map();
    const rows = await this.hub.select<{ id: string; sourceId: string }>(
      `SELECT id, source_id AS sourceId FROM attendance_punches
        WHERE org_id = :orgId AND source = :source AND source_id IN (:sourceIds) LOCK IN SHARE MODE`,
      { orgId, source, sourceIds },
    );
    return new Map(rows.map(({ id, sourceId }) => [sourceId, id]));
  }

  async ofCheckIn(orgId: string, checkInId: string): Promise<Punch[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_punches WHERE org_id = :orgId AND check_in_id = :checkInId AND live_mark = 1 FOR UPDATE`,
      { orgId, checkInId },
    );
    return rows.map(toContract);
  }

  async byIds(orgId: string, ids: readonly string[]): Promise<Punch[]> {
    if (ids.length === 0) return [];
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_punches WHERE org_id = :orgId AND id IN (:ids) ORDER BY at, id`,
      { orgId, ids },
    );
    return rows.map(toContract);
  }

  /** Those that count, of one person, by instant. */
  async of(orgId: string, userId: string, from: string, to: string): Promise<Punch[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_punches WHERE org_id = :orgId AND user_id = :userId AND live_mark = 1
        AND local_date BETWEEN :from AND :to ORDER BY at, id`,
      { orgId, userId, from, to },
    );
    return rows.map(toContract);
  }

  async list(where: string, values: Record<string, unknown>, limit: number): Promise<Punch[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM attendance_punches WHERE ${where} ORDER BY at, id LIMIT ${limit}`,
      values,
    );
    return rows.map(toContract);
  }

  async void(orgId: string, ids: readonly string[], by: string | null): Promise<void> {
    if (ids.length === 0) return;
    await this.hub.sequelize.query(
      'UPDATE attendance_punches SET voided_at = ?, voided_by = ?, live_mark = NULL WHERE org_id = ? AND id IN (?) AND live_mark = 1',
      { replacements: [this.hub.now(), by, orgId, ids] },
    );
  }

  async confirm(orgId: string, ids: readonly string[], by: string): Promise<void> {
    if (ids.length === 0) return;
    await this.hub.sequelize.query(
      `UPDATE attendance_punches SET confirmed_by = ?, confirmed_at = ?
        WHERE org_id = ? AND id IN (?) AND confirmed_by IS NULL AND live_mark = 1`,
      { replacements: [by, this.hub.now(), orgId, ids] },
    );
  }

  async verify(orgId: string, id: string, verification: Punch['verification']): Promise<void> {
    await this.hub.sequelize.query('UPDATE attendance_punches SET verification = ? WHERE org_id = ? AND id = ?', {
      replacements: [verification, orgId, id],
    });
  }
}
