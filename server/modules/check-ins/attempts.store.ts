import { checkInsLive } from '@loro/contracts/check-ins';
import { type Actor, type Hub, ulid } from '../../platform';

const WINDOW_MS = 10 * 60_000;
const TOLD_AT = 3;
const KEPT_MS = 86_400_000;

/** Tries to check in from elsewhere. They are refused, so they stand apart from the transaction that they undid. */
export class AttemptsStore {
  constructor(private readonly hub: Hub) {}

  async note({ orgId, userId, homeBranchId }: Actor): Promise<void> {
    if (homeBranchId === null) return;
    const now = this.hub.now();
    await this.hub.transactApart(async (after) => {
      await this.hub.sequelize.query(
        'INSERT INTO check_in_attempts (org_id, id, user_id, branch_id, at) VALUES (:orgId, :id, :userId, :branchId, :now)',
        { replacements: { orgId, id: ulid(now.getTime()), userId, branchId: homeBranchId, now } },
      );
      const [{ count } = { count: 0 }] = await this.hub.select<{ count: number }>(
        'SELECT COUNT(*) AS count FROM check_in_attempts WHERE org_id = :orgId AND user_id = :userId AND at > :since',
        { orgId, userId, since: new Date(now.getTime() - WINDOW_MS) },
      );
      // Said once: the fourth and fifth are no news.
      if (count !== TOLD_AT) return;
      const told = { userId, branchId: homeBranchId, count: TOLD_AT, at: now.toISOString() };
      after.publish(checkInsLive, 'check-in:attempted', { orgId, id: homeBranchId }, told);
      after.record({
        type: 'security_event',
        action: 'check-in.attempted',
        severity: 'notice',
        entity: { type: 'user', id: userId },
        branchId: homeBranchId,
      });
    });
  }

  async tidy(): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM check_in_attempts WHERE at < :before LIMIT 10000', {
      replacements: { before: new Date(this.hub.now().getTime() - KEPT_MS) },
    });
  }
}
