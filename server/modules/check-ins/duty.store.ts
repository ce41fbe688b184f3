import type { Duty, DutyState } from '@loro/contracts/check-ins-live';
import { type Hub, ulid } from '../../platform';
import { type DutyChange, type DutySpan, spansOf } from './duty.policy';

export interface DutyRow {
  readonly orgId: string;
  readonly userId: string;
  readonly branchId: string;
  readonly state: DutyState;
  readonly since: Date;
  readonly unreachableSince: Date | null;
}

export const DUTY_COLUMNS = `d.org_id AS orgId, d.user_id AS userId, d.branch_id AS branchId, d.state, d.since,
  d.unreachable_since AS unreachableSince`;

export const toDuty = ({ userId, branchId, state, since, unreachableSince }: DutyRow): Duty => ({
  userId,
  branchId,
  state,
  since: since.toISOString(),
  unreachableSince: unreachableSince?.toISOString() ?? null,
});

interface Change {
  readonly orgId: string;
  readonly userId: string;
  readonly at: Date;
  readonly state: DutyState;
  readonly checkInId: string | null;
}

/** Changes of duty in the order of when they held, and the state that they lead to. */
export class DutyStore {
  constructor(private readonly hub: Hub) {}

  async add({ orgId, userId, at, state, checkInId }: Change): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO duty_changes (org_id, id, user_id, at, state, check_in_id) VALUES (:orgId, :id, :userId, :at, :state, :checkInId)`,
      { replacements: { orgId, id: ulid(this.hub.now().getTime()), userId, at, state, checkInId } },
    );
  }

  /** What a check-in that does not count any more made of duty is unmade. */
  async withdraw(orgId: string, checkInId: string): Promise<boolean> {
    const [, gone] = await this.hub.sequelize.query(
      'DELETE FROM duty_changes WHERE org_id = :orgId AND check_in_id = :checkInId',
      { replacements: { orgId, checkInId } },
    );
    return gone !== 0;
  }

  async find(orgId: string, userId: string): Promise<DutyRow | null> {
    const [row] = await this.hub.select<DutyRow>(
      `SELECT ${DUTY_COLUMNS} FROM duty_states d WHERE d.org_id = :orgId AND d.user_id = :userId`,
      { orgId, userId },
    );
    return row ?? null;
  }

  /** Makes the state what the last change up to now says. @returns it, and whether it is news */
  async settle(orgId: string, userId: string, branchId: string): Promise<{ row: DutyRow; isNews: boolean }> {
    const now = this.hub.now();
    const before = await this.find(orgId, userId);
    const [last] = await this.hub.select<DutyChange>(
      `SELECT at, state FROM duty_changes WHERE org_id = :orgId AND user_id = :userId AND at <= :now
       ORDER BY at DESC, id DESC LIMIT 1`,
      { orgId, userId, now },
    );
    const row: DutyRow = {
      orgId,
      userId,
      branchId,
      state: last?.state ?? 'off',
      since: last?.at ?? now,
      unreachableSince: null,
    };
    await this.hub.sequelize.query(
      `INSERT INTO duty_states (org_id, user_id, branch_id, state, since, heard_at, changed_at)
       VALUES (:orgId, :userId, :branchId, :state, :since, :now, :now)
       ON DUPLICATE KEY UPDATE branch_id = VALUES(branch_id), state = VALUES(state), since = VALUES(since),
         heard_at = VALUES(heard_at), changed_at = VALUES(changed_at), unreachable_since = NULL`,
      { replacements: { ...row, now } },
    );
    const isNews = before?.state !== row.state || before.unreachableSince !== null || before.branchId !== branchId;
    return { row, isNews };
  }

  /** On-duty time of people between two instants; whoever was never on duty has an empty list. */
  async spans(orgId: string, userIds: readonly string[], from: Date, to: Date): Promise<Map<string, DutySpan[]>> {
    const found = new Map<string, DutySpan[]>(userIds.map((userId) => [userId, []]));
    if (userIds.length === 0) return found;
    const rows = await this.hub.reads.all<DutyChange & { userId: string }>(
      `SELECT user_id AS userId, at, state FROM duty_changes c WHERE org_id = ? AND user_id IN (?) AND at < ?
         AND at >= COALESCE((SELECT MAX(p.at) FROM duty_changes p
           WHERE p.org_id = c.org_id AND p.user_id = c.user_id AND p.at <= ?), ?)
       ORDER BY user_id, at, id`,
      [orgId, [...userIds], to, from, from],
    );
    const changes = new Map<string, DutyChange[]>();
    for (const { userId, ...change } of rows) changes.set(userId, [...(changes.get(userId) ?? []), change]);
    for (const [userId, list] of changes) found.set(userId, spansOf(list, from, to));
    return found;
  }
}
