import { Op } from 'sequelize';
import type { Hub } from '../../platform';
import { FactorChallengeModel } from './factor-challenge.model';
import { RefreshTokenModel } from './refresh-token.model';
import { SessionModel } from './session.model';
import type { Sessions } from './sessions.service';
import { TrustedDeviceModel } from './trusted-device.model';

const DAY_MS = 86_400_000;
/** An old token that comes back after this is unknown, and no longer the sign of a theft. */
const ROTATED_DAYS = 30;
const ENDED_DAYS = 90;
const AT_ONCE = 500;

/** Ends what ran out and forgets what proves nothing any more. */
export class Sweep {
  constructor(
    private readonly hub: Hub,
    private readonly sessions: Sessions,
  ) {}

  /** Safe to run twice: the second time there is nothing left to do. */
  async run(): Promise<void> {
    while ((await this.expire()) === AT_ONCE);
    const before = (days: number): Date => new Date(this.hub.now().getTime() - days * DAY_MS);
    await RefreshTokenModel.destroy({ where: { rotatedAt: { [Op.lt]: before(ROTATED_DAYS) } }, limit: 50_000 });
    await SessionModel.destroy({ where: { endedAt: { [Op.lt]: before(ENDED_DAYS) } }, limit: 10_000 });
    await FactorChallengeModel.destroy({ where: { expiresAt: { [Op.lt]: before(1) } }, limit: 50_000 });
    await TrustedDeviceModel.destroy({ where: { expiresAt: { [Op.lt]: before(1) } }, limit: 50_000 });
    await this.hub.pool.query('DELETE FROM factor_failures WHERE last_failed_at < ? LIMIT 50000', [before(1)]);
  }

  private async expire(): Promise<number> {
    const found = await SessionModel.findAll({
      where: { state: 'active', idleExpiresAt: { [Op.lte]: this.hub.now() } },
      attributes: ['orgId', 'id'],
      limit: AT_ONCE,
    });
    for (const { orgId, id } of found)
      await this.hub.transact(async (after) => {
        const session = await SessionModel.findOne({ where: { orgId, id, state: 'active' }, lock: true });
        if (!session?.isOver(this.hub.now())) return;
        await this.sessions.close(session, 'expired', 'ran-out');
        after.record({
          type: 'security_event',
          action: 'session.expired',
          orgId,
          entity: { type: 'session', id },
          data: { userId: session.userId },
        });
      });
    return found.length;
  }
}
