import { type Actor, allow, Conflict, type Hub, Unauthenticated } from '../../platform';
import { people } from '../people';
import { type ActionTokens, usedOrExpired } from './action-tokens.store';
import type { AttemptLimit } from './attempt-limit';
import { changeEmailLetter, emailWillChangeLetter, verifyLetter } from './auth.mails';
import type { Credentials } from './credentials';
import { linkTo } from './links';
import { type PasswordRules, weak } from './password-rules';
import type { Passwords } from './passwords';
import type { Recovery } from './recovery.service';
import type { SecurityAlerts } from './security-alerts';

interface Parts {
  readonly tokens: ActionTokens;
  readonly passwords: Passwords;
  readonly credentials: Credentials;
  readonly passwordRules: PasswordRules;
  readonly recovery: Recovery;
  readonly alerts: SecurityAlerts;
  /** Tries of a person to name the password. */
  readonly tries: AttemptLimit;
}

/** What people change about how they sign in themselves. */
export class OwnAccount {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async changePassword(actor: Actor, input: { currentPassword: string; newPassword: string }): Promise<void> {
    const { orgId, userId, sessionId } = actor;
    allow(actor, 'account.secure', { userId });
    const { passwords, passwordRules, credentials, recovery, alerts } = this.parts;
    await this.mustKnow(actor, input.currentPassword);
    const { email } = await this.hub.use(people).byId(orgId, userId);
    await passwordRules.mustBeGood(input.newPassword, { email, orgId }, 'newPassword');
    if (input.newPassword.normalize('NFKC') === input.currentPassword.normalize('NFKC'))
      throw weak('unchanged', 'newPassword');
    const passwordHash = await passwords.hash(input.newPassword);
    await this.hub.transact(async (after) => {
      await credentials.set(orgId, userId, passwordHash);
      await recovery.forgetWhatWas(orgId, userId, 'password-changed', { except: sessionId });
      after.record({
        type: 'security_event',
        action: 'password.changed',
        severity: 'notice',
        entity: { type: 'user', id: userId },
      });
      await alerts.tell(after, { orgId, userId, kind: 'password-changed' });
    });
    await this.hub.changes.read();
  }

  /** The new address is mailed a link, the old one a warning; nothing changes until the link is used. */
  async changeEmail(actor: Actor, email: string): Promise<void> {
    const { orgId, userId } = actor;
    allow(actor, 'account.secure', { userId });
    const user = await this.hub.use(people).byId(orgId, userId);
    const taken = (await this.hub.use(people).byEmail(email)).some(({ organisation }) => organisation.id === orgId);
    if (taken) throw new Conflict('EMAIL_TAKEN', 'Somebody has this e-mail address.');
    await this.hub.transact(async (after) => {
      const { token } = await this.parts.tokens.make({ purpose: 'change-email', email, of: { orgId, userId } });
      const link = linkTo(this.hub, 'verify-email', token);
      this.hub.mail.post(after, { to: email, ...changeEmailLetter(link, user.name) });
      this.hub.mail.post(after, { to: user.email, ...emailWillChangeLetter(user.name, email) });
      after.record({
        type: 'security_event',
        action: 'email-change.asked',
        entity: { type: 'user', id: userId },
        data: { email },
        personal: ['email'],
      });
    });
  }

  /** Of somebody who changes his address, or of an account that waits for its first one. */
  async verifyEmail(token: string): Promise<{ email: string }> {
    const { tokens, alerts } = this.parts;
    const link = await tokens.look(token, ['verify-email', 'change-email']);
    const { orgId, userId, email, purpose } = link;
    if (orgId === null || userId === null) throw usedOrExpired();
    const { status } = await this.hub.use(people).byId(orgId, userId);
    if (status !== (purpose === 'verify-email' ? 'pending_verification' : 'active')) throw usedOrExpired();
    await this.hub.transact(async (after) => {
      await tokens.use(link);
      if (purpose === 'verify-email') {
        await this.hub.use(people).activate(orgId, userId, after);
        return;
      }
      // The address that is left hears of it, so before it is left.
      await alerts.tell(after, { orgId, userId, kind: 'email-changed' });
      await this.hub.use(people).changeEmail(orgId, userId, email, after);
      await tokens.void(['reset-password', 'unlock'], { orgId, userId });
    });
    return { email };
  }

  /** As a worker does it: the links of accounts and of changes that wait for this address, once more. */
  async mailAgain(email: string, from: { id: string; ip: string }): Promise<void> {
    const { tokens } = this.parts;
    const homes = await this.hub.use(people).byEmail(email);
    const changes = await tokens.waitingFor(email, ['change-email']);
    await this.hub.transact(async (after) => {
      if (await tokens.wereMadeBy(from.id)) return;
      const again = { email, cause: from.id, ip: from.ip };
      for (const { user, organisation } of homes) {
        if (user.status !== 'pending_verification') continue;
        const of = { orgId: organisation.id, userId: user.id };
        const { token } = await tokens.make({ ...again, purpose: 'verify-email', of });
        const words = { name: user.name, organisation: organisation.name };
        const link = linkTo(this.hub, 'verify-email', token);
        this.hub.mail.post(after, { to: email, ...verifyLetter(link, words) });
      }
      for (const { orgId, userId } of changes) {
        if (orgId === null || userId === null) continue;
        const { name } = await this.hub.use(people).byId(orgId, userId);
        const { token } = await tokens.make({ ...again, purpose: 'change-email', of: { orgId, userId } });
        this.hub.mail.post(after, {
          to: email,
          ...changeEmailLetter(linkTo(this.hub, 'verify-email', token), name),
        });
      }
    });
  }

  private async mustKnow({ orgId, userId }: Actor, password: string): Promise<void> {
    const key = `${orgId}:${userId}`;
    await this.parts.tries.take(key);
    const known = await this.parts.credentials.of(orgId, userId);
    if (!(await this.parts.passwords.verify(password, known?.passwordHash ?? null)))
      throw new Unauthenticated('INVALID_CREDENTIALS', 'The current password is wrong.');
    await this.parts.tries.forgive(key);
  }
}
