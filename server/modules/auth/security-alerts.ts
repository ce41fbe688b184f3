import { authLive, type SecurityAlert } from '@loro/contracts/auth-alerts';
import { type After, type Hub } from '../../platform';
import { people } from '../people';

interface Alarm extends Omit<SecurityAlert, 'at'> {
  readonly orgId: string;
  readonly userId: string;
}

/** Of a closed sign-in a mail of its own tells, with the link that opens it. */
type Mailed = Exclude<SecurityAlert['kind'], 'sign-in-closed'>;

const WORDS: Readonly<Record<Mailed, readonly [subject: string, what: string]>> = {
  'new-device': [
    'A new device signed in',
    'Somebody signed in to your account from a device that was not seen before.',
  ],
  'refresh-reused': [
    'A session of yours was ended',
    'A token of one of your sessions was used from two places, so a copy of it may be in other hands. The session was ended.',
  ],
  'factor-added': [
    'A second factor was added',
    'Signing in to your account now asks for a code of your authenticator.',
  ],
  'factor-removed': ['A second factor was removed', 'An authenticator was removed from your account.'],
  'factor-locked': [
    'Your second factor is locked for fifteen minutes',
    'Ten wrong codes were given for your account. Whoever gave them knew your password, so change it if that was not you.',
  ],
  'recovery-codes-made': [
    'New recovery codes were made',
    'Your recovery codes were replaced. The earlier ones are void.',
  ],
  'recovery-code-used': [
    'A recovery code was used',
    'Somebody signed in to your account with one of your recovery codes.',
  ],
  'password-changed': ['Your password was changed', 'The password of your account was changed.'],
  'factor-recovery': [
    'Your second factor is to be removed in three days',
    'Somebody, hopefully you, who knows your password and reads your mails says that your second factor was lost. In three days it can be removed. If that was not you, sign in with your second factor, which stops this, and change your password.',
  ],
  'factors-reset': [
    'Your second factors were removed',
    'Your second factors and recovery codes do not count any more. Set up a new one after signing in.',
  ],
  'impersonation-asked': [
    'Somebody asks to act in your account',
    'An administrator asks for your leave to act in your account, to help you. Nothing happens unless you allow it.',
  ],
  'impersonation-begun': [
    'Somebody acts in your account now',
    'As you allowed, an administrator acts in your account. You can end that at any time.',
  ],
  'impersonation-ended': ['Nobody acts in your account any more', 'The leave that you gave has ended.'],
  'email-changed': ['Your e-mail address was changed', 'Your account now has another e-mail address.'],
};

/** Tells people what happened to their account: on what they have open, and by mail, which they cannot switch off. */
export class SecurityAlerts {
  constructor(private readonly hub: Hub) {}

  async tell(after: After, alarm: Alarm & { kind: Mailed }): Promise<void> {
    const { orgId, userId, ...alert } = alarm;
    const at = this.publish(after, alarm);
    const { name, email, kind } = await this.hub.use(people).byId(orgId, userId);
    if (kind === 'service') return;
    const [subject, what] = WORDS[alert.kind];
    const from = [alert.deviceName, alert.ip].filter((part) => part !== undefined && part !== '').join(', ');
    const text = [
      `Hello ${name},`,
      what,
      [`Time: ${at}`, ...(from === '' ? [] : [`From: ${from}`])].join('\n'),
      'If that was you, there is nothing to do. If not, change your password and end the sessions that you do not know.',
    ].join('\n\n');
    this.hub.mail.post(after, { to: email, subject, text });
  }

  /** On what the person has open alone. @returns when */
  publish(after: After, { orgId, userId, ...alert }: Alarm): string {
    const at = this.hub.now().toISOString();
    after.publish(authLive, 'security:alert', { orgId, id: userId }, { ...alert, at });
    return at;
  }
}
