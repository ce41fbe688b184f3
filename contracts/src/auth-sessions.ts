import { z } from 'zod';
import { act, command, list, PageQuery, remove } from './kit/api';
import { errors } from './kit/problem';
import { setting } from './kit/settings';
import { Id, Instant } from './kit/values';

const Token = z.string().min(1).max(4096);

/** What a client calls its device: made once, kept as long as the app is installed. */
export const DeviceId = z.string().regex(/^[\w.:-]{1,64}$/, { error: 'is not a device id' });

export const Tokens = z.object({
  status: z.literal('signed-in'),
  accessToken: z.string(),
  /** When the access token runs out. */
  expiresAt: Instant,
  /** Absent when it travels in a cookie, and where none was asked for. */
  refreshToken: z.string().optional(),
  sessionId: Id,
  /** The token opens less than its person may do: `enrolment` until a second factor is there. */
  only: z.enum(['billing', 'enrolment', 'offline-upload']).optional(),
});
export type Tokens = z.infer<typeof Tokens>;

export const Session = z.object({
  id: Id,
  kind: z.enum(['web', 'mobile']),
  deviceId: z.string().nullable(),
  deviceName: z.string(),
  userAgent: z.string(),
  ip: z.string(),
  /** How the person proved who it is: `pwd`, `otp`, `recovery`, `device`. */
  amr: z.array(z.string()),
  authenticatedAt: Instant,
  createdAt: Instant,
  lastSeenAt: Instant,
  /** When it ends if nobody refreshes it. */
  expiresAt: Instant,
  current: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const Reauth = z.union([
  z.strictObject({ password: z.string().min(1).max(1024) }),
  z.strictObject({ code: z.string().trim().min(1).max(64) }),
]);

/** Rows of `/auth` about sessions. */
export const sessionRows = {
  refresh: act('/refresh', {
    public: 'the refresh token in the body or the cookie is the proof',
    body: z.strictObject({
      refreshToken: Token.optional(),
      /** The device that the session was opened for, where it named one. */
      deviceId: DeviceId.optional(),
    }),
    returns: Tokens,
    errors: [
      'REFRESH_INVALID',
      'REFRESH_EXPIRED',
      'REFRESH_RACED',
      'REFRESH_REUSED',
      'REFRESH_DEVICE',
      'SESSION_REVOKED',
    ],
    summary: 'Trade a refresh token for a new pair',
  }),
  reauth: act('/reauth', {
    permission: 'account.secure',
    license: 'any',
    only: ['enrolment'],
    body: Reauth,
    returns: Tokens,
    errors: ['INVALID_CREDENTIALS', 'MFA_INVALID', 'AUTH_BUSY'],
    summary: 'Prove once more who calls, by password or second factor, for what asks for a fresh sign-in',
  }),
  signOut: command('/logout', {
    permission: 'account.secure',
    license: 'any',
    only: ['enrolment'],
    summary: 'End this session, on its sockets too',
  }),
  sessions: list('/sessions', {
    permission: 'account.use',
    license: 'any',
    query: PageQuery,
    returns: Session,
    summary: 'List my live sessions, newest first',
  }),
  endSession: remove('/sessions/:sessionId', {
    permission: 'account.use',
    license: 'any',
    summary: 'End one of my sessions',
  }),
  endOtherSessions: remove('/sessions', {
    permission: 'account.use',
    license: 'any',
    query: z.strictObject({ except: z.literal('current') }),
    summary: 'End all of my sessions but this one',
  }),
};

export const sessionErrors = errors({
  REFRESH_INVALID: { status: 401, title: 'Unknown refresh token', help: 'Sign in again.' },
  REFRESH_EXPIRED: { status: 401, title: 'Refresh token ran out', help: 'Sign in again.' },
  REFRESH_RACED: {
    status: 401,
    title: 'Refresh lost a race',
    help: 'Another refresh of this device won and its successor is in use already: use the newer token.',
  },
  REFRESH_REUSED: {
    status: 401,
    title: 'Refresh token used twice',
    help: 'The session was ended, because a copy of its token may be in other hands. Sign in again.',
  },
  REFRESH_DEVICE: {
    status: 401,
    title: 'Refresh token of another device',
    help: 'The session was ended, because its token came from a device that it was not given to. Sign in again.',
  },
});

/** At most so long, so that an organisation can only be stricter than the platform. */
const life = (most: number, preset: number, description: string) =>
  setting(z.int().min(1).max(most), {
    preset,
    levels: ['platform', 'organisation'],
    isSensitive: true,
    isAtLeast: (value, floor) => value <= floor,
    description,
  });

/** Of browsers; apps live by the organisation's `security.session-idle-days` and `security.session-absolute-days`. */
export const sessionSettings = {
  'security.web-session-idle-hours': life(336, 12, 'After how many hours without use a session of a browser ends.'),
  'security.web-session-days': life(90, 7, 'After how many days a session of a browser ends, however much it is used.'),
};
