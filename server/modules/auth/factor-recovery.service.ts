import type { FactorVerified } from '@loro/contracts/auth-factors';
import type { Accepted } from '@loro/contracts/auth-flows';
import type { FactorRecovery as Recovery } from '@loro/contracts/auth-recovery';
import { type Actor, allow, Conflict, type Hub, type PublicRequest } from '../../platform';
import { people } from '../people';
import { type ActionTokens, usedOrExpired } from './action-tokens.store';
import { recoverFactorLetter, recoveryBegunLetter } from './auth.mails';
import type { FactorRecoveries } from './factor-recoveries.store';
import type { Factors } from './factors.service';
import { linkTo } from './links';
import type { SecondStep } from './second-step.service';
import type { SecurityAlerts } from './security-alerts';
import type { Sessions } from './sessions.service';
import type { TrustedDevices } from './trusted-devices.service';

const HOUR_MS = 3_600_000;
const WAIT_MS = 72 * HOUR_MS;
const OPEN_MS = 7 * 24 * HOUR_MS;
const MOST_TOLD = 20;

interface Parts {
  readonly tokens: ActionTokens;
  readonly factors: Factors;
  readonly sessions: Sessions;
  readonly devices: TrustedDevices;
  readonly secondStep: SecondStep;
  readonly alerts: SecurityAlerts;
  readonly recoveries: FactorRecoveries;
}

/**
 * Second factors that were lost. Of everybody but the owner an administrator removes them. Nobody stands above the
 * owner: three proofs stand in for the factor, the password twice, the mailbox, and three days in which whoever is
 * signed in, has the factor after all, or administers the organisation can stop it.
 */
export class FactorRecovery {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async ask(challengeId: string): Promise<Accepted> {
    const { tokens, secondStep } = this.parts;
    const { orgId, userId } = await secondStep.whose(challengeId);
    const { name: organisation, ownerId } = await this.hub.use(people).organisationOf(orgId);
    if (ownerId !== userId)
      throw new Conflict('ASK_ADMINISTRATOR', 'An administrator of your organisation can remove your second factors.');
    const { email, name } = await this.hub.use(people).byId(orgId, userId);
    await this.hub.transact(async (after) => {
      const { token } = await tokens.make({ purpose: 'recover-factor', email, of: { orgId, userId } });
      const letter = recoverFactorLetter(linkTo(this.hub, 'recover-factor', token), { name, organisation });
      this.hub.mail.post(after, { to: email, ...letter });
      after.record({
        type: 'security_event',
        action: 'factor-recovery.asked',
        severity: 'notice',
        orgId,
        entity: { type: 'user', id: userId },
      });
    });
    return { accepted: true };
  }

  async confirm(token: string): Promise<Recovery> {
    const { tokens, alerts, recoveries } = this.parts;
    const link = await tokens.look(token, ['recover-factor']);
    const { orgId, userId } = link;
    if (orgId === null || userId === null) throw usedOrExpired();
    const at = this.hub.now().getTime();
    const wait = { opensAt: new Date(at + WAIT_MS), endsAt: new Date(at + WAIT_MS + OPEN_MS) };
    return this.hub.transact(async (after) => {
      await tokens.use(link);
      const { opensAt, endsAt } = await recoveries.begin(orgId, userId, wait);
      await alerts.tell(after, { orgId, userId, kind: 'factor-recovery' });
      const { name: organisation } = await this.hub.use(people).organisationOf(orgId);
      const { name } = await this.hub.use(people).byId(orgId, userId);
      for (const to of await this.administrators(orgId, userId))
        this.hub.mail.post(after, { to, ...recoveryBegunLetter({ name, organisation }) });
      after.record({
        type: 'security_event',
        action: 'factor-recovery.begun',
        severity: 'warning',
        orgId,
        entity: { type: 'user', id: userId },
        data: { opensAt: opensAt.toISOString() },
      });
      return { opensAt: opensAt.toISOString(), endsAt: endsAt.toISOString() };
    });
  }

  /** @throws Conflict RECOVERY_WAITING, RECOVERY_NONE */
  async finish(challengeId: string, request: PublicRequest): Promise<FactorVerified> {
    const { secondStep, recoveries } = this.parts;
    const { orgId, userId } = await secondStep.whose(challengeId);
    const waiting = await recoveries.find(orgId, userId);
    if (!waiting) throw none();
    if (waiting.opensAt > this.hub.now())
      throw new Conflict(
        'RECOVERY_WAITING',
        `The second factor can be removed from ${waiting.opensAt.toISOString()} on.`,
      );
    return secondStep.enterOtherwise(challengeId, 'recovery-wait', request, async () => {
      // Of two at once, and of one who is stopped at this moment, the row decides.
      if (!(await recoveries.stop(orgId, userId))) throw none();
      await this.removeAll(orgId, userId, 'recovery');
    });
  }

  /** The person stops it. */
  async cancel(actor: Actor): Promise<void> {
    allow(actor, 'account.secure', { userId: actor.userId });
    await this.stop(actor.orgId, actor.userId, 'person');
  }

  /** An administrator stops the one of somebody else. */
  async stopOf(actor: Actor, userId: string): Promise<void> {
    allow(actor, 'people.secure', { orgId: actor.orgId });
    await this.hub.use(people).byId(actor.orgId, userId);
    await this.stop(actor.orgId, userId, 'administrator');
  }

  /** An administrator removes the second factors of somebody who lost them. */
  async resetOf(actor: Actor, userId: string): Promise<void> {
    const { orgId } = actor;
    allow(actor, 'people.secure', { orgId });
    await this.hub.use(people).byId(orgId, userId);
    const { ownerId } = await this.hub.use(people).organisationOf(orgId);
    if (ownerId === userId)
      throw new Conflict('OWNER_IMMUTABLE', 'The owner recovers a lost factor alone, by `POST /auth/mfa/lost`.');
    await this.hub.transact(() => this.removeAll(orgId, userId, 'administrator'));
    await this.hub.changes.read();
  }

  /** In the caller's transaction: nothing that was proved by the lost factor counts any more. */
  private async removeAll(orgId: string, userId: string, by: string): Promise<void> {
    const { factors, sessions, devices, alerts } = this.parts;
    await this.hub.transact(async (after) => {
      await factors.forget(orgId, userId);
      await sessions.endAll(orgId, userId, 'factors-reset');
      await devices.forgetAll(orgId, userId);
      after.record({
        type: 'security_event',
        action: 'factors.reset',
        severity: 'warning',
        orgId,
        entity: { type: 'user', id: userId },
        data: { by },
      });
      await alerts.tell(after, { orgId, userId, kind: 'factors-reset' });
    });
  }

  private async stop(orgId: string, userId: string, by: string): Promise<void> {
    await this.hub.transact(async (after) => {
      await this.parts.tokens.void(['recover-factor'], { orgId, userId });
      if (!(await this.parts.recoveries.stop(orgId, userId))) return;
      after.record({
        type: 'security_event',
        action: 'factor-recovery.stopped',
        severity: 'notice',
        orgId,
        entity: { type: 'user', id: userId },
        data: { by },
      });
    });
  }

  private async administrators(orgId: string, but: string): Promise<string[]> {
    const ids = (await this.hub.use(people).holdersOf(orgId, 'admin')).filter((id) => id !== but).slice(0, MOST_TOLD);
    const users = await Promise.all(ids.map((id) => this.hub.use(people).byId(orgId, id)));
    return users.filter(({ status, kind }) => status === 'active' && kind === 'person').map(({ email }) => email);
  }
}

const none = () =>
  new Conflict('RECOVERY_NONE', 'No recovery waits: none was begun, or it was stopped or has run out.');
