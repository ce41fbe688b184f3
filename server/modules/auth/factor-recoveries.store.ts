import { QueryTypes } from 'sequelize';
import type { Hub } from '../../platform';

interface StoredRecovery {
  readonly opensAt: Date;
  readonly endsAt: Date;
}

/** Recoveries of second factors that wait. */
export class FactorRecoveries {
  constructor(private readonly hub: Hub) {}

  /** One that waits already goes on waiting: nobody makes it longer by asking again. @returns what waits now */
  async begin(orgId: string, userId: string, { opensAt, endsAt }: StoredRecovery): Promise<StoredRecovery> {
    const now = this.hub.now();
    await this.hub.sequelize.query(
      'DELETE FROM factor_recoveries WHERE org_id = :orgId AND user_id = :userId AND ends_at <= :now',
      { replacements: { orgId, userId, now } },
    );
    await this.hub.sequelize.query(
      `INSERT INTO factor_recoveries (org_id, user_id, asked_at, opens_at, ends_at)
       VALUES (:orgId, :userId, :now, :opensAt, :endsAt) ON DUPLICATE KEY UPDATE asked_at = asked_at`,
      { replacements: { orgId, userId, now, opensAt, endsAt } },
    );
    return (await this.find(orgId, userId)) ?? { opensAt, endsAt };
  }

  async find(orgId: string, userId: string): Promise<StoredRecovery | null> {
    const [row] = await this.hub.select<StoredRecovery>(
      `SELECT opens_at AS opensAt, ends_at AS endsAt FROM factor_recoveries
       WHERE org_id = :orgId AND user_id = :userId AND ends_at > :now`,
      { orgId, userId, now: this.hub.now() },
    );
    return row ?? null;
  }

  /** @returns whether one was waiting */
  async stop(orgId: string, userId: string): Promise<boolean> {
    const [, stopped] = await this.hub.sequelize.query(
      'DELETE FROM factor_recoveries WHERE org_id = :orgId AND user_id = :userId',
      { replacements: { orgId, userId }, type: QueryTypes.UPDATE },
    );
    return stopped > 0;
  }
}
