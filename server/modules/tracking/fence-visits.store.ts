import type { Hub } from '../../platform';
import type { DayWalkState, Visit } from './fence-walk.policy';

/** A trackable's local day. */
export interface DayOf {
  readonly orgId: string;
  readonly trackableId: string;
  readonly date: string;
}

interface VisitRow extends Omit<Visit, 'enteredAt' | 'leftAt' | 'seenUntil' | 'dwelledAt'> {
  readonly date: string;
  readonly enteredAt: Date;
  readonly leftAt: Date | null;
  readonly seenUntil: Date;
  readonly dwelledAt: Date | null;
}

const COLUMNS = `DATE_FORMAT(on_date, '%Y-%m-%d') AS date, fence_id AS fenceId, fence_name AS fenceName,
  branch_id AS branchId, kind, entered_at AS enteredAt, left_at AS leftAt, seen_until AS seenUntil,
  dwelled_at AS dwelledAt`;

/** Rows of fence visits, day by day. */
export class FenceVisitsStore {
  constructor(private readonly hub: Hub) {}

  /** Holds the day's row, and makes it where there is none: days of one trackable are written one after another. */
  async lock(day: DayOf): Promise<{ revision: number; walk: DayWalkState | undefined }> {
    const { orgId, trackableId, date } = day;
    const keys = { orgId, trackableId, date };
    const [row] = await this.hub.select<{ revision: number; walk: string | null }>(
      `SELECT revision, walk FROM fence_days
        WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date = :date FOR UPDATE`,
      keys,
    );
    if (row)
      // Written by this room alone, from the same type.
      return { revision: row.revision, walk: row.walk === null ? undefined : (JSON.parse(row.walk) as DayWalkState) };
    await this.write(
      `INSERT INTO fence_days (org_id, trackable_id, on_date) VALUES (:orgId, :trackableId, :date)
       ON DUPLICATE KEY UPDATE on_date = VALUES(on_date)`,
      keys,
    );
    return this.lock(day);
  }

  async keep({ orgId, trackableId, date }: DayOf, revision: number, walk: DayWalkState): Promise<void> {
    await this.write(
      `UPDATE fence_days SET revision = :revision, walk = :walk
        WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date = :date`,
      { orgId, trackableId, date, revision, walk: JSON.stringify(walk) },
    );
  }

  /** A locking read: what another transaction wrote before this one held the day is seen. */
  async visits({ orgId, trackableId, date }: DayOf): Promise<Visit[]> {
    const rows = await this.hub.select<VisitRow>(
      `SELECT ${COLUMNS} FROM fence_visits
        WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date = :date
        ORDER BY entered_at, fence_id, kind FOR UPDATE`,
      { orgId, trackableId, date },
    );
    return rows.map(visitOf);
  }

  async remove({ orgId, trackableId, date }: DayOf, visits: readonly Visit[]): Promise<void> {
    for (const { fenceId, kind, enteredAt } of visits)
      await this.write(
        `DELETE FROM fence_visits WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date = :date
          AND fence_id = :fenceId AND kind = :kind AND entered_at = :enteredAt`,
        { orgId, trackableId, date, fenceId, kind, enteredAt: new Date(enteredAt) },
      );
  }

  async put({ orgId, trackableId, date }: DayOf, visits: readonly Visit[]): Promise<void> {
    if (visits.length === 0) return;
    await this.hub.sequelize.query(
      `INSERT INTO fence_visits (org_id, trackable_id, on_date, fence_id, kind, entered_at, left_at, seen_until,
         dwelled_at, fence_name, branch_id) VALUES ${visits.map(() => '(?,?,?,?,?,?,?,?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE left_at = VALUES(left_at), seen_until = VALUES(seen_until),
         dwelled_at = VALUES(dwelled_at), fence_name = VALUES(fence_name), branch_id = VALUES(branch_id)`,
      {
        replacements: visits.flatMap((visit) => [
          orgId,
          trackableId,
          date,
          visit.fenceId,
          visit.kind,
          new Date(visit.enteredAt),
          instant(visit.leftAt),
          new Date(visit.seenUntil),
          instant(visit.dwelledAt),
          visit.fenceName,
          visit.branchId,
        ]),
      },
    );
  }

  /** Days of which something is known, and their visits, in order. */
  async days(
    orgId: string,
    trackableId: string,
    { from, to }: { from: string; to: string },
  ): Promise<{ date: string; revision: number; visits: Visit[] }[]> {
    const keys = { orgId, trackableId, from, to };
    const days = await this.hub.select<{ date: string; revision: number }>(
      `SELECT DATE_FORMAT(on_date, '%Y-%m-%d') AS date, revision FROM fence_days
        WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date BETWEEN :from AND :to ORDER BY on_date`,
      keys,
    );
    const rows = await this.hub.select<VisitRow>(
      `SELECT ${COLUMNS} FROM fence_visits
        WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date BETWEEN :from AND :to
        ORDER BY on_date, entered_at, fence_id, kind`,
      keys,
    );
    return days.map((day) => ({ ...day, visits: rows.filter(({ date }) => date === day.date).map(visitOf) }));
  }

  private async write(sql: string, replacements: Record<string, unknown>): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}

const instant = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const visitOf = ({ fenceId, fenceName, branchId, kind, enteredAt, leftAt, seenUntil, dwelledAt }: VisitRow): Visit => ({
  fenceId,
  fenceName,
  branchId,
  kind,
  enteredAt: enteredAt.getTime(),
  leftAt: leftAt?.getTime() ?? null,
  seenUntil: seenUntil.getTime(),
  dwelledAt: dwelledAt?.getTime() ?? null,
});
