import type { Accepted } from '@loro/contracts/auth-flows';
import { sendLinks } from '@loro/contracts/auth-flows';
import type { Organisation } from '@loro/contracts/people';
import { Op } from 'sequelize';
import type { z } from 'zod';
import { type Actor, allow, type Hub, type PublicRequest, ulid } from '../../platform';
import { ActionTokenModel } from './action-token.model';
import { ActionTokens } from './action-tokens.store';
import { AttemptLimit } from './attempt-limit';
import { Attempts } from './attempts.service';
import { sha256 } from './bearer';
import { Credentials } from './credentials';
import type { FactorRecoveries } from './factor-recoveries.store';
import { FactorRecovery } from './factor-recovery.service';
import type { Factors } from './factors.service';
import { Invitations } from './invitations.service';
import { LoginAttemptModel } from './login-attempt.model';
import { networkOf } from './network.policy';
import { OwnAccount } from './own-account.service';
import { PasswordRules } from './password-rules';
import type { Passwords } from './passwords';
import { Recovery } from './recovery.service';
import type { SecondStep } from './second-step.service';
import type { SecurityAlerts } from './security-alerts';
import type { SecurityRules } from './security-rules';
import { SessionModel } from './session.model';
import type { Sessions } from './sessions.service';
import { SignInLimits } from './sign-in-limits';
import { SignIns } from './sign-in.service';
import { SignUpModel } from './sign-up.model';
import { SignUps } from './sign-up.service';
import { Switching } from './switching.service';
import type { TrustedDevices } from './trusted-devices.service';

const DAY_MS = 86_400_000;
const HOUR_SEC = 3_600;
const SIGN_UP_DAYS = 7;
const TOKEN_DAYS = 7;
const ATTEMPT_DAYS = 90;

interface Parts {
  readonly rules: SecurityRules;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly factors: Factors;
  readonly devices: TrustedDevices;
  readonly secondStep: SecondStep;
  readonly alerts: SecurityAlerts;
  readonly recoveries: FactorRecoveries;
}

type LinkJob = z.output<typeof sendLinks.payload>;

/** The ways in, and back in. */
export class Flows {
  readonly credentials: Credentials;
  readonly signIns: SignIns;
  readonly signUps: SignUps;
  readonly recovery: Recovery;
  readonly invitations: Invitations;
  readonly ownAccount: OwnAccount;
  readonly switching: Switching;
  readonly attempts: Attempts;
  readonly factorRecovery: FactorRecovery;
  private readonly limits: Readonly<Record<'signUp' | 'reset' | 'resend' | 'resendADay' | 'email', AttemptLimit>>;

  constructor(
    private readonly hub: Hub,
    parts: Parts,
  ) {
    const { passwords, secondStep, alerts, rules, factors, sessions, devices, recoveries } = parts;
    const limit = (name: string, points: number, perSec: number) =>
      new AttemptLimit(hub.redis, { prefix: hub.config.REDIS_PREFIX, name, points, perSec });
    const tokens = new ActionTokens(hub);
    const credentials = new Credentials(hub, passwords);
    const passwordRules = new PasswordRules(hub, rules);
    const attempts = new Attempts(hub, { tokens, alerts });
    const setting = { tokens, passwords, credentials, passwordRules, secondStep };
    this.credentials = credentials;
    this.attempts = attempts;
    this.signIns = new SignIns(hub, { limits: new SignInLimits(hub), passwords, credentials, attempts, secondStep });
    this.signUps = new SignUps(hub, setting);
    this.invitations = new Invitations(hub, setting);
    this.recovery = new Recovery(hub, { ...setting, factors, sessions, devices, attempts, alerts });
    const proofs = { tokens, factors, sessions, devices, secondStep, alerts, recoveries };
    this.factorRecovery = new FactorRecovery(hub, proofs);
    const tries = limit('password-change', 5, 60);
    this.ownAccount = new OwnAccount(hub, { ...setting, recovery: this.recovery, alerts, tries });
    this.switching = new Switching(hub, { credentials, secondStep });
    this.limits = {
      signUp: limit('sign-up', 3, HOUR_SEC),
      reset: limit('reset', 3, HOUR_SEC),
      resend: limit('resend', 1, 60),
      resendADay: limit('resend-a-day', 5, 24 * HOUR_SEC),
      email: limit('email-change', 5, 24 * HOUR_SEC),
    };
  }

  async signUp(email: string, { ip }: PublicRequest): Promise<Accepted> {
    await this.limits.signUp.take(networkOf(ip));
    return this.later('sign-up', email, ip);
  }

  async forgotPassword(email: string, { ip }: PublicRequest): Promise<Accepted> {
    await this.limits.reset.take(sha256(email));
    return this.later('reset', email, ip);
  }

  async resend(email: string, { ip }: PublicRequest): Promise<Accepted> {
    await this.limits.resend.take(sha256(email));
    await this.limits.resendADay.take(sha256(email));
    return this.later('resend', email, ip);
  }

  async changeEmail(actor: Actor, email: string): Promise<Accepted> {
    allow(actor, 'account.secure', { userId: actor.userId });
    await this.limits.email.take(`${actor.orgId}:${actor.userId}`);
    await this.ownAccount.changeEmail(actor, email);
    return { accepted: true };
  }

  /** A worker's part of it; safe to run twice. */
  async sendLinks({ id, what, sealed, ip }: LinkJob): Promise<void> {
    const email = this.hub.secrets.open('mail', Buffer.from(sealed, 'base64'));
    const from = { id, ip };
    if (what === 'sign-up') await this.signUps.mail(email, from);
    else if (what === 'reset') await this.recovery.mail(email, from);
    else if (await this.signUps.isUnderWay(email)) await this.signUps.mail(email, from);
    else await this.ownAccount.mailAgain(email, from);
  }

  /** Safe to run twice. */
  async purge(): Promise<void> {
    const before = (days: number): Date => new Date(this.hub.now().getTime() - days * DAY_MS);
    await SignUpModel.destroy({ where: { createdAt: { [Op.lt]: before(SIGN_UP_DAYS) } }, limit: 50_000 });
    await ActionTokenModel.destroy({ where: { expiresAt: { [Op.lt]: before(TOKEN_DAYS) } }, limit: 50_000 });
    await LoginAttemptModel.destroy({ where: { at: { [Op.lt]: before(ATTEMPT_DAYS) } }, limit: 50_000 });
  }

  /** In the caller's transaction: of an organisation that is closed, its owner alone stays signed in. */
  async close({ id: orgId, ownerId }: Organisation): Promise<void> {
    await SessionModel.update(
      { state: 'revoked', endedAt: this.hub.now(), endReason: 'organisation-closed' },
      { where: { orgId, state: 'active', userId: { [Op.ne]: ownerId ?? '' } } },
    );
    await this.hub.changes.record({ orgId, userId: null, sessionId: null });
  }

  /** In the caller's transaction: nothing that was mailed to somebody opens anything any more. */
  async leave(orgId: string, userId: string): Promise<void> {
    await ActionTokenModel.update({ usedAt: this.hub.now() }, { where: { orgId, userId, usedAt: null } });
  }

  /** In the caller's transaction. */
  async erase(orgId: string, userId: string): Promise<void> {
    await this.credentials.forget(orgId, userId);
    await ActionTokenModel.destroy({ where: { orgId, userId } });
    await LoginAttemptModel.destroy({ where: { orgId, userId } });
  }

  async export(orgId: string, userId: string): Promise<Record<string, unknown>> {
    const attempts = await LoginAttemptModel.findAll({ where: { orgId, userId }, order: ['id'] });
    return { signInAttempts: attempts.map((attempt) => attempt.toContract()) };
  }

  /** What depends on who has the address is left to a worker: the answer and its time are the same for everybody. */
  private async later(what: LinkJob['what'], email: string, ip: string): Promise<Accepted> {
    const sealed = this.hub.secrets.seal('mail', email).toString('base64');
    await this.hub.transact(async (after) => after.enqueue(sendLinks, { id: ulid(), what, sealed, ip }));
    return { accepted: true };
  }
}
