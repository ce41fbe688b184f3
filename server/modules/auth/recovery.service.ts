import type { Organisation, User } from '@loro/contracts/people';
import { type Actor, allow, type Hub } from '../../platform';
import { people } from '../people';
import { type ActionTokens, usedOrExpired } from './action-tokens.store';
import type { Attempts } from './attempts.service';
import { forcedResetLetter, resetLetter } from './auth.mails';
import type { Credentials } from './credentials';
import type { Factors } from './factors.service';
import { linkTo } from './links';
import { type PasswordRules, weak } from './password-rules';
import type { Passwords } from './passwords';
import type { SecurityAlerts } from './security-alerts';
import type { Sessions } from './sessions.service';
import type { TrustedDevices } from './trusted-devices.service';

interface Parts {
  readonly tokens: ActionTokens;
  readonly passwords: Passwords;
  readonly credentials: Credentials;
  readonly passwordRules: PasswordRules;
  readonly factors: Factors;
  readonly sessions: Sessions;
  readonly devices: TrustedDevices;
  readonly attempts: Attempts;
  readonly alerts: SecurityAlerts;
}

interface Reset {
  readonly token: string;
  readonly newPassword: string;
  readonly code?: string | undefined;
}

/** Passwords that were lost, guessed at, or must not count any more. */
export class Recovery {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  /** As a worker does it: a link for every account of the address that may be used. */
  async mail(email: string, from: { id: string; ip: string }): Promise<void> {
    const { tokens } = this.parts;
    const homes = (await this.hub.use(people).byEmail(email)).filter((home) => this.mayReset(home));
    await this.hub.transact(async (after) => {
      if (await tokens.wereMadeBy(from.id)) return;
      for (const { user, organisation } of homes) {
        const of = { orgId: organisation.id, userId: user.id };
        const made = await tokens.make({ purpose: 'reset-password', email, of, cause: from.id, ip: from.ip });
        const words = { name: user.name, organisation: organisation.name };
        const link = linkTo(this.hub, 'reset-password', made.token);
        this.hub.mail.post(after, { to: email, ...resetLetter(link, words) });
        after.record({
          type: 'security_event',
          action: 'password-reset.asked',
          orgId: of.orgId,
          entity: { type: 'user', id: of.userId },
        });
      }
    });
  }

  /** A new password by the link. It never spares the second factor, and nobody stays signed in. */
  async reset({ token, newPassword, code }: Reset): Promise<void> {
    const { tokens, passwords, passwordRules, credentials, factors, alerts } = this.parts;
    const link = await tokens.look(token, ['reset-password']);
    const { orgId, userId, email } = link;
    if (orgId === null || userId === null) throw usedOrExpired();
    const [user, organisation] = await Promise.all([
      this.hub.use(people).byId(orgId, userId),
      this.hub.use(people).organisationOf(orgId),
    ]);
    if (!this.mayReset({ user, organisation })) throw usedOrExpired();
    await passwordRules.mustBeGood(newPassword, { email, orgId }, 'newPassword');
    await this.mustBeAnother(orgId, userId, newPassword);
    await factors.mustProve(orgId, userId, code);
    const passwordHash = await passwords.hash(newPassword);
    await this.hub.transact(async (after) => {
      await tokens.use(link);
      await credentials.set(orgId, userId, passwordHash);
      await this.forgetWhatWas(orgId, userId, 'password-reset');
      after.record({
        type: 'security_event',
        action: 'password.reset',
        severity: 'notice',
        orgId,
        entity: { type: 'user', id: userId },
      });
      await alerts.tell(after, { orgId, userId, kind: 'password-changed' });
    });
    await this.hub.changes.read();
  }

  async unlock(token: string): Promise<void> {
    const { tokens, attempts } = this.parts;
    const link = await tokens.look(token, ['unlock']);
    const { orgId, userId } = link;
    if (orgId === null || userId === null) throw usedOrExpired();
    await this.hub.transact(async (after) => {
      await tokens.use(link);
      await attempts.open(orgId, userId);
      after.record({
        type: 'security_event',
        action: 'password-sign-in.opened',
        orgId,
        entity: { type: 'user', id: userId },
        data: { by: 'link' },
      });
    });
  }

  /** An administrator lets somebody sign in by password again. */
  async unlockOf(actor: Actor, userId: string): Promise<void> {
    const { orgId } = actor;
    allow(actor, 'people.secure', { orgId });
    await this.hub.use(people).byId(orgId, userId);
    await this.hub.transact(async (after) => {
      await this.parts.attempts.open(orgId, userId);
      after.record({
        type: 'security_event',
        action: 'password-sign-in.opened',
        entity: { type: 'user', id: userId },
        data: { by: 'administrator' },
      });
    });
  }

  /** An administrator lets a password count no more; the person alone sets another. */
  async forceReset(actor: Actor, userId: string): Promise<void> {
    const { orgId } = actor;
    allow(actor, 'people.secure', { orgId });
    const user = await this.hub.use(people).byId(orgId, userId);
    const organisation = await this.hub.use(people).organisationOf(orgId);
    const { tokens, credentials } = this.parts;
    await this.hub.transact(async (after) => {
      await credentials.refuse(orgId, userId);
      await this.forgetWhatWas(orgId, userId, 'force-reset');
      after.record({
        type: 'security_event',
        action: 'password.force-reset',
        severity: 'notice',
        entity: { type: 'user', id: userId },
      });
      if (!this.mayReset({ user, organisation })) return;
      const { token } = await tokens.make({ purpose: 'reset-password', email: user.email, of: { orgId, userId } });
      const words = { name: user.name, organisation: organisation.name, again: linkTo(this.hub, 'forgot-password') };
      const link = linkTo(this.hub, 'reset-password', token);
      this.hub.mail.post(after, { to: user.email, ...forcedResetLetter(link, words) });
    });
    await this.hub.changes.read();
  }

  /** In the caller's transaction: nobody is believed on the word of before. */
  async forgetWhatWas(orgId: string, userId: string, reason: string, { except = '' } = {}): Promise<void> {
    const { tokens, sessions, devices } = this.parts;
    await tokens.void(['reset-password', 'unlock'], { orgId, userId });
    await sessions.endAll(orgId, userId, reason, { except });
    await devices.forgetAll(orgId, userId);
  }

  private async mustBeAnother(orgId: string, userId: string, newPassword: string): Promise<void> {
    const known = await this.parts.credentials.of(orgId, userId);
    if (!known?.mustChange) return;
    if (await this.parts.passwords.verify(newPassword, known.passwordHash)) throw weak('unchanged', 'newPassword');
  }

  private mayReset({ user, organisation }: { user: User; organisation: Organisation }): boolean {
    return user.kind !== 'service' && this.hub.use(people).maySignIn(user, organisation);
  }
}
