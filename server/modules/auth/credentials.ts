import type { Hub } from '../../platform';
import { CredentialModel } from './credential.model';
import type { Passwords } from './passwords';

/** Passwords of people, as they are kept. */
export class Credentials {
  constructor(
    private readonly hub: Hub,
    private readonly passwords: Passwords,
  ) {}

  of(orgId: string, userId: string): Promise<CredentialModel | null> {
    return CredentialModel.findOne({ where: { orgId, userId } });
  }

  /** A new password: whatever was held against the old one is over. */
  async set(orgId: string, userId: string, passwordHash: string): Promise<void> {
    const now = this.hub.now();
    await CredentialModel.upsert({
      orgId,
      userId,
      passwordHash,
      changedAt: now,
      mustChange: false,
      lockedAt: null,
      failuresSince: now,
    });
  }

  /** A right password whose hash was made with other parameters is hashed anew, unless it changed meanwhile. */
  async renew({ orgId, userId, passwordHash }: CredentialModel, password: string): Promise<void> {
    if (!this.passwords.isOutdated(passwordHash)) return;
    await CredentialModel.update(
      { passwordHash: await this.passwords.hash(password) },
      { where: { orgId, userId, passwordHash } },
    );
  }

  /** In the caller's transaction: it opens nothing until its owner sets another. @returns whether there was one */
  async refuse(orgId: string, userId: string): Promise<boolean> {
    const [refused] = await CredentialModel.update({ mustChange: true }, { where: { orgId, userId } });
    return refused > 0;
  }

  /** In the caller's transaction. */
  async forget(orgId: string, userId: string): Promise<void> {
    await CredentialModel.destroy({ where: { orgId, userId } });
  }
}
