import { z } from 'zod';
import { FactorVerified } from './auth-factors';
import { Accepted } from './auth-flows';
import { act, command } from './kit/api';
import { errors } from './kit/problem';
import { Instant } from './kit/values';

const challenge = z.strictObject({ challengeId: z.string().min(1).max(100) });

/** Nobody stands above an owner, so time and mailbox stand in for the lost factor. */
export const FactorRecovery = z.object({
  /** From then on the recovery can be finished. */
  opensAt: Instant,
  endsAt: Instant,
});
export type FactorRecovery = z.infer<typeof FactorRecovery>;

/** Rows of `/auth` for an owner who lost the second factor and every recovery code. */
export const recoveryRows = {
  lostFactor: act('/mfa/lost', {
    public: 'the password was right: the challenge is the proof',
    status: 202,
    body: challenge,
    returns: Accepted,
    errors: ['MFA_CHALLENGE_ENDED', 'ASK_ADMINISTRATOR'],
    summary: 'The owner has no second factor any more: a link is mailed that begins its recovery',
  }),
  confirmLostFactor: act('/mfa/lost/confirm', {
    public: 'the link is the proof',
    body: z.strictObject({ token: z.string().min(1).max(100) }),
    returns: FactorRecovery,
    errors: ['TOKEN_USED_OR_EXPIRED'],
    summary: 'Begin the wait of three days, of which owner and administrators are told',
  }),
  finishLostFactor: act('/mfa/lost/finish', {
    public: 'the password was right once more, after the wait',
    body: challenge,
    returns: FactorVerified,
    errors: ['MFA_CHALLENGE_ENDED', 'RECOVERY_WAITING', 'RECOVERY_NONE'],
    summary: 'Sign in without the lost factor, which is removed',
  }),
  cancelLostFactor: command('/mfa/lost/cancel', {
    permission: 'account.secure',
    license: 'any',
    summary: 'It was found again, or somebody else began this: stop the recovery',
  }),
};

export const recoveryErrors = errors({
  ASK_ADMINISTRATOR: {
    status: 409,
    title: 'Ask an administrator',
    help: 'An administrator can remove your second factors: `DELETE /users/:userId/factors`.',
  },
  RECOVERY_WAITING: { status: 409, title: 'The wait is not over', help: 'Come back after `detail`.' },
  RECOVERY_NONE: {
    status: 409,
    title: 'No recovery',
    help: 'None was begun, or it was stopped or has run out. Begin with `POST /auth/mfa/lost`.',
  },
});
