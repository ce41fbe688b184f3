import { z } from 'zod';
import { act, command, get, list, PageQuery, remove } from './kit/api';
import { Tokens } from './auth-sessions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';
import { Id, Instant, ShortText } from './kit/values';

/** Six digits of an authenticator, or a recovery code; blanks and dashes do not matter. */
export const Code = z.string().trim().min(1).max(64);
export const factorMethods = ['totp', 'recovery-code'] as const;

/** The answer of a sign-in that needs a second step. */
export const SecondStep = z.object({
  status: z.literal('second-factor'),
  /** For `POST /auth/mfa/verify`: five minutes, five tries, one use. */
  challengeId: z.string(),
  expiresAt: Instant,
  methods: z.array(z.enum(factorMethods)),
});

export const VerifyFactor = z.strictObject({
  challengeId: z.string().min(1).max(100),
  code: Code,
  /** Asks for no second step on this device for thirty days. */
  trustDevice: z.boolean().default(false),
});

export const FactorVerified = Tokens.extend({
  /** To be given as `trustedDevice` at the next sign-in; absent when it travels in a cookie. */
  trustedDevice: z.string().optional(),
});
export type FactorVerified = z.infer<typeof FactorVerified>;

export const Factor = z.object({ id: Id, kind: z.literal('totp'), name: z.string(), confirmedAt: Instant });
export type Factor = z.infer<typeof Factor>;

export const Factors = z.object({ factors: z.array(Factor), recoveryCodesLeft: z.number().int() });
export type Factors = z.infer<typeof Factors>;

export const FactorSetUp = z.object({
  id: Id,
  /** For the QR code that an authenticator app reads. */
  uri: z.string(),
  /** The same secret in base 32, to be typed. Shown now and never again. */
  secret: z.string(),
});
export type FactorSetUp = z.infer<typeof FactorSetUp>;

export const RecoveryCodes = z.object({ codes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

export const TrustedDevice = z.object({
  id: Id,
  name: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
});
export type TrustedDevice = z.infer<typeof TrustedDevice>;

/** Rows of `/auth` about the second factor. */
export const factorRows = {
  verifyFactor: act('/mfa/verify', {
    public: 'the challenge and the code are the proof',
    body: VerifyFactor,
    returns: FactorVerified,
    errors: ['MFA_INVALID', 'MFA_CHALLENGE_ENDED'],
    summary: 'The second step of a sign-in',
  }),
  factors: get('/mfa', {
    permission: 'account.secure',
    license: 'any',
    only: ['enrolment'],
    returns: Factors,
    summary: 'My second factors, and how many recovery codes are left',
  }),
  setUpTotp: act('/mfa/totp/setup', {
    permission: 'account.secure',
    license: 'any',
    only: ['enrolment'],
    freshSignIn: true,
    body: z.strictObject({ name: ShortText.default('Authenticator') }),
    returns: FactorSetUp,
    errors: ['TOO_MANY_FACTORS'],
    summary: 'Begin with an authenticator app',
  }),
  confirmTotp: act('/mfa/totp/confirm', {
    permission: 'account.secure',
    license: 'any',
    only: ['enrolment'],
    freshSignIn: true,
    body: z.strictObject({
      factorId: Id,
      /** Two codes, one right after the other. */
      codes: z.tuple([Code, Code]),
    }),
    returns: Factor,
    errors: ['MFA_INVALID', 'FACTOR_CONFIRMED'],
    summary: 'Show that the authenticator works; from now on sign-ins ask for it',
  }),
  removeFactor: remove('/mfa/:factorId', {
    permission: 'account.secure',
    only: ['enrolment'],
    license: 'any',
    freshSignIn: true,
    body: z.strictObject({ code: Code }),
    errors: ['MFA_INVALID'],
    summary: 'Do without a second factor',
  }),
  makeRecoveryCodes: act('/mfa/recovery-codes', {
    permission: 'account.secure',
    only: ['enrolment'],
    license: 'any',
    freshSignIn: true,
    returns: RecoveryCodes,
    errors: ['NO_FACTOR'],
    summary: 'Ten new recovery codes, shown once; older ones are void',
  }),
  trustedDevices: list('/trusted-devices', {
    permission: 'account.use',
    license: 'any',
    query: PageQuery,
    returns: TrustedDevice,
    summary: 'Devices that are not asked for a second step, newest first',
  }),
  forgetDevice: remove('/trusted-devices/:deviceId', {
    permission: 'account.use',
    license: 'any',
    summary: 'Ask this device for the second step again',
  }),
  forgetDevices: command('/trusted-devices/forget', {
    permission: 'account.use',
    license: 'any',
    summary: 'Ask every device for the second step again',
  }),
};

export const factorErrors = errors({
  MFA_INVALID: {
    status: 401,
    title: 'Wrong code',
    help: 'Use the code that the authenticator shows now; each works once. After ten wrong ones every code is refused for fifteen minutes.',
  },
  MFA_REQUIRED: {
    status: 401,
    title: 'The second factor is needed',
    help: 'Send the code of the authenticator, or a recovery code, along.',
  },
  MFA_CHALLENGE_ENDED: {
    status: 401,
    title: 'The second step is over',
    help: 'It was used, or its five minutes are over. Sign in again with the password.',
  },
  TOO_MANY_FACTORS: { status: 409, title: 'Too many second factors', help: 'Remove one that is not used any more.' },
  FACTOR_CONFIRMED: { status: 409, title: 'Confirmed before', help: 'This second factor is in use already.' },
  NO_FACTOR: { status: 409, title: 'No second factor', help: 'Set up an authenticator first.' },
});

export const factorSettings = {
  'security.strict-totp': setting(z.boolean(), {
    preset: false,
    levels: ['platform', 'organisation'],
    isSensitive: true,
    isAtLeast: (value, floor) => value || !floor,
    description: 'Whether only the code of the running thirty seconds counts, and not its neighbours.',
  }),
};
