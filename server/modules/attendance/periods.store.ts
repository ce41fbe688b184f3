import type { Period } from '@loro/contracts/attendance-periods';
import { type Hub, HubError } from '../../platform';

interface Row extends Omit<Period, 'lockedAt'> {
  readonly lockedAt: Date | null;
}

const SHOWN = `id, user_id AS userId, branch_id AS branchId, DATE_FORMAT(from_date, '%Y-%m-%d') AS \`from\`,
  DATE_FORMAT(to_date, '%Y-%m-%d') AS \`to\`, state, submitted_by AS submittedBy, approved_by AS approvedBy,
  locked_by AS lockedBy, locked_at AS lockedAt, reopen_reason AS reopenReason, version`;

const toContract = ({ lockedAt, ...row }: Row): Period => ({ ...row, lockedAt: lockedAt?.toISOString() ?? null });

/** Periods as they are kept. */
export class PeriodsStore {
  constructor(private readonly hub: Hub) {}

  async list(where: string, values: Record<string, unknown>, limit: number): Promise<Period[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM timesheet_periods WHERE ${where} ORDER BY id DESC LIMIT ${limit}`,
      values,
    );
    return rows.map(toContract);
  }

  async find(orgId: string, id: string, lock = false): Promise<Period | undefined> {
    const [row] = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM timesheet_periods WHERE org_id = :orgId AND id = :id ${lock ? 'FOR UPDATE' : ''}`,
      { orgId, id },
    );
    return row && toContract(row);
  }

  /** Periods of exactly these people that have some of the dates. The caller has locked the organisation’s periods. */
  async overlapping(
    orgId: string,
    { userId, branchId, from, to }: Pick<Period, 'userId' | 'branchId' | 'from' | 'to'>,
  ): Promise<Period[]> {
    const rows = await this.hub.select<Row>(
      `SELECT ${SHOWN} FROM timesheet_periods WHERE org_id = :orgId AND user_id <=> :userId AND branch_id <=> :branchId
        AND from_date < :to AND to_date > :from FOR UPDATE`,
      { orgId, userId, branchId, from, to },
    );
    return rows.map(toContract);
  }

  /** Whether a date lies in a locked period of the person, of where he belongs, or of everybody. */
  async isLocked(
    orgId: string,
    { userId, branchId }: { readonly userId: string; readonly branchId: string | null },
    date: string,
  ): Promise<boolean> {
    const [locked] = await this.hub.select<{ id: string }>(
      `SELECT id FROM timesheet_periods WHERE org_id = :orgId AND from_date <= :date AND to_date > :date AND state = 'locked'
        AND (user_id IS NULL OR user_id = :userId) AND (branch_id IS NULL OR branch_id <=> :branchId) LIMIT 1 LOCK IN SHARE MODE`,
      { orgId, date, userId, branchId },
    );
    return locked !== undefined;
  }

  /** @throws HubError PERIOD_LOCKED */
  async mustBeOpen(
    orgId: string,
    whose: { readonly userId: string; readonly branchId: string | null },
    date: string,
  ): Promise<void> {
    if (await this.isLocked(orgId, whose, date))
      throw new HubError('PERIOD_LOCKED', `${date} lies in a locked period.`);
  }
}
