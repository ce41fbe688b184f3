import { z } from 'zod';
import { Entering, OrganisationChoice, OrganisationSlug, SignedIn } from './auth-sign-in';
import { accept, act, command, create, get, list, PageQuery, remove } from './kit/api';
import { job } from './kit/job';
import { errors } from './kit/problem';
import { setting } from './kit/settings';
import { Email, Id, Instant, ShortText, TimeZone } from './kit/values';
import { Invitation } from './people-users';
import { Country, Currency, Locale, User } from './people-values';

/** Of a link that was mailed, or of the step before. */
const Token = z.string().min(1).max(100);
/** Judged by the rules for passwords, not by its form: `PASSWORD_WEAK` says what is wrong with it. */
const NewPassword = z.string().min(1).max(1024);

/** The answer to whoever asks for a mail: the same whether anybody has the address. */
export const Accepted = z.object({ accepted: z.literal(true) });
export type Accepted = z.infer<typeof Accepted>;

export const VerifiedSignUp = z.object({
  email: Email,
  /** For `POST /auth/signup/password`: fifteen minutes, one use. */
  setupToken: z.string(),
  expiresAt: Instant,
  /** Organisations that invited this address and wait for an answer. */
  invitations: z.array(OrganisationChoice),
});
export type VerifiedSignUp = z.infer<typeof VerifiedSignUp>;

export const FoundedBy = z.strictObject({
  name: ShortText,
  timezone: TimeZone,
  country: Country,
  locale: Locale.default('en'),
  currency: Currency.default('USD'),
});

/** Who verified an address founds an organisation, or joins one that invited him. */
export const SetUp = Entering.extend({
  setupToken: Token,
  name: ShortText,
  password: NewPassword,
  organisation: FoundedBy.optional(),
  join: OrganisationSlug.optional(),
}).refine(({ organisation, join }) => (organisation === undefined) !== (join === undefined), {
  error: 'is one of the two: an organisation to found, or one to join',
  path: ['organisation'],
});

export const AcceptInvite = Entering.extend({ token: Token, name: ShortText.optional(), password: NewPassword });

export const attemptOutcomes = ['success', 'failure', 'denied'] as const;

/** One try to sign in to an account of the organisation. */
export const Attempt = z.object({
  id: Id,
  userId: Id,
  at: Instant,
  ip: z.string(),
  userAgent: z.string(),
  /** `denied`: the password was right, and the account may not be used. */
  outcome: z.enum(attemptOutcomes),
  reason: z.string(),
});
export type Attempt = z.infer<typeof Attempt>;

const byToken = { public: 'the token in the body is the proof' } as const;
const byAddress = { public: 'nobody is signed in yet; whoever has the address is told by mail' } as const;
const mine = { permission: 'account.secure', license: 'any' } as const;

/** Rows of `/auth` about coming in: signing up, invitations, lost passwords, addresses. */
export const flowRows = {
  signUp: accept('/signup', {
    ...byAddress,
    body: z.strictObject({ email: Email }),
    returns: Accepted,
    summary: 'Ask for a link to sign up with',
  }),
  verifySignUp: act('/signup/verify', {
    ...byToken,
    body: z.strictObject({ token: Token }),
    returns: VerifiedSignUp,
    errors: ['TOKEN_USED_OR_EXPIRED'],
    summary: 'Show that the address is yours',
  }),
  setUp: act('/signup/password', {
    ...byToken,
    body: SetUp,
    returns: SignedIn,
    errors: ['TOKEN_USED_OR_EXPIRED', 'PASSWORD_WEAK', 'AUTH_BUSY', 'EMAIL_TAKEN'],
    summary: 'Set the password, found an organisation or join one, and be signed in',
  }),
  verifyEmail: act('/verify-email', {
    ...byToken,
    body: z.strictObject({ token: Token }),
    returns: z.object({ email: Email }),
    errors: ['TOKEN_USED_OR_EXPIRED', 'EMAIL_TAKEN'],
    summary: 'Show that an address is yours: of a new account, or the one that you change to',
  }),
  resendVerification: accept('/verify-email/resend', {
    ...byAddress,
    body: z.strictObject({ email: Email }),
    returns: Accepted,
    summary: 'Send the link of whatever waits for this address once more; the earlier one ends',
  }),
  forgotPassword: accept('/password/forgot', {
    ...byAddress,
    body: z.strictObject({ email: Email }),
    returns: Accepted,
    summary: 'Ask for a link to set a new password with',
  }),
  resetPassword: command('/password/reset', {
    ...byToken,
    body: z.strictObject({
      token: Token,
      newPassword: NewPassword,
      /** Of the second factor, where there is one. */
      code: z.string().trim().min(1).max(64).optional(),
    }),
    errors: ['TOKEN_USED_OR_EXPIRED', 'PASSWORD_WEAK', 'MFA_REQUIRED', 'MFA_INVALID', 'AUTH_BUSY'],
    summary: 'Set a new password by the link; every session ends',
  }),
  changePassword: command('/password/change', {
    ...mine,
    freshSignIn: true,
    body: z.strictObject({ currentPassword: z.string().min(1).max(1024), newPassword: NewPassword }),
    errors: ['INVALID_CREDENTIALS', 'PASSWORD_WEAK', 'AUTH_BUSY'],
    summary: 'Change my password; my other sessions end',
  }),
  unlock: command('/unlock', {
    ...byToken,
    body: z.strictObject({ token: Token }),
    errors: ['TOKEN_USED_OR_EXPIRED'],
    summary: 'Open sign-in by password again, by the link',
  }),
  changeEmail: accept('/email/change', {
    ...mine,
    freshSignIn: true,
    body: z.strictObject({ email: Email }),
    returns: Accepted,
    errors: ['EMAIL_TAKEN'],
    summary: 'Change my address, once the new one is shown to be mine',
  }),
  acceptInvite: act('/accept-invite', {
    ...byToken,
    body: AcceptInvite,
    returns: SignedIn,
    errors: ['TOKEN_USED_OR_EXPIRED', 'PASSWORD_WEAK', 'AUTH_BUSY'],
    summary: 'Accept an invitation, set a password, and be signed in',
  }),
  invite: create('/invites', {
    permission: 'people.write',
    body: Invitation,
    returns: User,
    errors: ['EMAIL_TAKEN', 'EMPLOYEE_NO_TAKEN', 'OWNER_IMMUTABLE', 'MANAGER_DEPTH'],
    summary: 'Invite somebody, as `POST /users` does',
  }),
  withdrawInvite: remove('/invites/:userId', {
    permission: 'people.write',
    errors: ['USER_STATE_INVALID', 'OWNER_IMMUTABLE', 'LAST_ADMIN'],
    summary: 'Withdraw an invitation: its link ends, its seat is free',
  }),
  organisations: get('/organisations', {
    permission: 'account.secure',
    only: ['enrolment'],
    license: 'any',
    returns: z.object({ organisations: z.array(OrganisationChoice.extend({ current: z.boolean() })) }),
    summary: 'The organisations that my address belongs to',
  }),
  switchOrganisation: act('/switch', {
    ...mine,
    freshSignIn: true,
    body: Entering.extend({ organisation: OrganisationSlug }),
    returns: SignedIn,
    summary: 'Go on in another organisation that my address belongs to; this session stays',
  }),
  attempts: list('/attempts', {
    permission: 'security.read',
    query: PageQuery.extend({ userId: Id.optional(), outcome: z.enum(attemptOutcomes).optional() }),
    returns: Attempt,
    summary: 'Who tried to sign in, from where, and what became of it; newest first, ninety days back',
  }),
};

/** What is asked for a mail is done by a worker, so that an answer cannot tell whether anybody has the address. */
export const sendLinks = job('auth.send-links', {
  payload: z.object({
    id: Id,
    what: z.enum(['sign-up', 'resend', 'reset']),
    /** The address, under the hub's secret. */
    sealed: z.base64(),
    ip: z.string().max(45),
  }),
  summary: 'Mails a link to whoever asked for one, where there is somebody to mail it to',
});
export const purgePending = job('auth.purge-pending', {
  payload: z.object({ tick: z.string().optional() }),
  summary: 'Forgets sign-ups that were not finished, links that ran out, and old tries to sign in',
});
export const flowJobs = [sendLinks, purgePending] as const;

export const flowErrors = errors({
  TOKEN_USED_OR_EXPIRED: {
    status: 410,
    title: 'The link does not count any more',
    help: 'It was used, it ran out, a newer one was sent, or there never was such a link. Ask for a new one.',
  },
  PASSWORD_WEAK: {
    status: 400,
    title: 'Too easy to guess',
    help: 'Choose another password; `errors` says why: `too_short`, `too_long`, `common`, `personal`, `breached`, `unchanged`.',
  },
});

export const flowSettings = {
  'security.check-breached-passwords': setting(z.boolean(), {
    preset: false,
    levels: ['platform', 'organisation'],
    isSensitive: true,
    isAtLeast: (value, floor) => value || !floor,
    description:
      'Whether new passwords are looked for among those that were stolen elsewhere, by five digits of a hash.',
  }),
  'security.breached-passwords-url': setting(z.url().max(300), {
    preset: 'https://api.pwnedpasswords.com/range/',
    levels: ['platform'],
    isSensitive: true,
    description: 'Where stolen passwords are looked for: the first five hexadecimal digits of a SHA-1 come behind it.',
  }),
};

export const flowPermissions = {
  'security.read': { description: 'See who tried to sign in, and from where', grants: { auditor: 'org' } },
} as const;
