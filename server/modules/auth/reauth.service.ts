import type { Tokens } from '@loro/contracts/auth';
import type { Reauth as ReauthInput } from '@loro/contracts/auth-sessions';
import type { z } from 'zod';
import { type Actor, allow, type Hub, Unauthenticated } from '../../platform';
import { AttemptLimit } from './attempt-limit';
import { CredentialModel } from './credential.model';
import type { Factors } from './factors.service';
import type { Passwords } from './passwords';
import type { Sessions } from './sessions.service';

/** Proving once more who one is, within a session. */
export class Reauth {
  private readonly tries: AttemptLimit;

  constructor(
    private readonly hub: Hub,
    private readonly parts: { sessions: Sessions; factors: Factors; passwords: Passwords },
  ) {
    this.tries = new AttemptLimit(hub.redis, {
      prefix: hub.config.REDIS_PREFIX,
      name: 'reauth',
      points: 5,
      perSec: 60,
    });
  }

  /** @returns an access token that counts as fresh */
  async prove(actor: Actor, input: z.output<typeof ReauthInput>): Promise<Tokens> {
    allow(actor, 'account.secure', { userId: actor.userId });
    const key = `${actor.orgId}:${actor.userId}`;
    await this.tries.take(key);
    const how = 'code' in input ? await this.byCode(actor, input.code) : await this.byPassword(actor, input.password);
    await this.tries.forgive(key);
    return this.parts.sessions.prove(actor, how);
  }

  private byCode({ orgId, userId }: Actor, code: string): Promise<string> {
    return this.parts.factors.prove(orgId, userId, code);
  }

  private async byPassword({ orgId, userId }: Actor, password: string): Promise<string> {
    const credential = await CredentialModel.findOne({ where: { orgId, userId } });
    if (await this.parts.passwords.verify(password, credential?.passwordHash ?? null)) return 'pwd';
    await this.hub.transactApart(async (after) =>
      after.record({
        type: 'security_event',
        action: 'session.proof-refused',
        outcome: 'denied',
        severity: 'notice',
        orgId,
        entity: { type: 'user', id: userId },
      }),
    );
    throw new Unauthenticated('INVALID_CREDENTIALS', 'The password is wrong.');
  }
}
