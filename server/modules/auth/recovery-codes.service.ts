import type { RecoveryCodes as Codes } from '@loro/contracts/auth-factors';
import { type Actor, allow, Conflict, type Hub } from '../../platform';
import { sha256 } from './bearer';
import { FactorModel } from './factor.model';
import { RecoveryCodeModel } from './recovery-code.model';
import type { SecurityAlerts } from './security-alerts';
import { newRecoveryCode } from './totp.policy';

const CODES = 10;

/** For whoever lost the authenticator: ten codes, each good once. */
export class RecoveryCodes {
  constructor(
    private readonly hub: Hub,
    private readonly alerts: SecurityAlerts,
  ) {}

  /** A new set, which voids the old one. */
  async make(actor: Actor): Promise<Codes> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const { orgId, userId } = actor;
    const codes = Array.from({ length: CODES }, newRecoveryCode);
    await this.hub.transact(async (after) => {
      // Two sets made at once take turns at the factor, and the later one stays.
      const factors = await FactorModel.findAll({ where: { orgId, userId }, order: ['id'], lock: true });
      if (!factors.some(({ confirmedAt }) => confirmedAt !== null))
        throw new Conflict('NO_FACTOR', 'Recovery codes stand in for a second factor, and there is none.');
      await RecoveryCodeModel.destroy({ where: { orgId, userId } });
      const createdAt = this.hub.now();
      await RecoveryCodeModel.bulkCreate(
        codes.map((code) => ({ orgId, userId, sha256: sha256(code), createdAt, usedAt: null })),
      );
      after.record({
        type: 'security_event',
        action: 'recovery-codes.made',
        entity: { type: 'user', id: userId },
        data: { count: CODES },
      });
      await this.alerts.tell(after, { orgId, userId, kind: 'recovery-codes-made' });
    });
    return { codes };
  }

  left(orgId: string, userId: string): Promise<number> {
    return RecoveryCodeModel.count({ where: { orgId, userId, usedAt: null } });
  }

  /** Uses a code up. @returns whether it was one */
  async use(orgId: string, userId: string, code: string): Promise<boolean> {
    return this.hub.transact(async (after) => {
      const [used] = await RecoveryCodeModel.update(
        { usedAt: this.hub.now() },
        { where: { orgId, userId, sha256: sha256(code), usedAt: null } },
      );
      if (used === 0) return false;
      after.record({
        type: 'security_event',
        action: 'recovery-code.used',
        orgId,
        severity: 'notice',
        entity: { type: 'user', id: userId },
      });
      await this.alerts.tell(after, { orgId, userId, kind: 'recovery-code-used' });
      return true;
    });
  }

  /** In the caller's transaction, when the last factor goes. */
  async forget(orgId: string, userId: string): Promise<void> {
    await RecoveryCodeModel.destroy({ where: { orgId, userId } });
  }
}
