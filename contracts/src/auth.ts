import { z } from 'zod';
import { act, api, command, document, get, list, PageQuery, remove } from './kit/api';
import { contract } from './kit/contract';
import { builtInRoles, permissions, scopes } from './kit/permissions';
import { errors } from './kit/problem';
import { Email, Id, Instant } from './kit/values';
import { Organisation, User } from './people';

const Token = z.string().min(1).max(4096);

export const SignIn = z.strictObject({
  email: Email,
  password: z.string().min(1).max(1024),
  /** Which organisation, when the address belongs to several. */
  organisation: z.string().trim().max(80).optional(),
  deviceName: z.string().trim().max(120).optional(),
  /** Browsers: keep the refresh token in an HttpOnly cookie instead of the answer. */
  cookie: z.boolean().default(false),
});

export const Tokens = z.object({
  status: z.literal('signed-in'),
  accessToken: z.string(),
  /** When the access token runs out. */
  expiresAt: Instant,
  /** Absent when it travels in a cookie. */
  refreshToken: z.string().optional(),
  sessionId: Id,
});
export type Tokens = z.infer<typeof Tokens>;

export const SignedIn = z.discriminatedUnion('status', [
  Tokens,
  z.object({
    status: z.literal('choose-organisation'),
    organisations: z.array(z.object({ slug: z.string(), name: z.string() })),
  }),
]);
export type SignedIn = z.infer<typeof SignedIn>;

export const Grant = z.object({ permission: z.string(), scope: z.enum(scopes), branchIds: z.array(Id) });

export const Me = z.object({
  user: User,
  organisation: Organisation,
  roles: z.array(z.enum(builtInRoles)),
  grants: z.array(Grant),
  sessionId: Id,
});
export type Me = z.infer<typeof Me>;

export const Session = z.object({
  id: Id,
  deviceName: z.string(),
  ip: z.string(),
  createdAt: Instant,
  lastSeenAt: Instant,
  current: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const authApi = api('/auth', {
  signIn: act('/login', {
    public: 'nobody is signed in before signing in',
    body: SignIn,
    returns: SignedIn,
    errors: ['INVALID_CREDENTIALS', 'AUTH_BUSY'],
    summary: 'Sign in with e-mail and password',
  }),
  refresh: act('/refresh', {
    public: 'the refresh token in the body or the cookie is the proof',
    body: z.strictObject({ refreshToken: Token.optional() }),
    returns: Tokens,
    errors: ['REFRESH_INVALID', 'REFRESH_EXPIRED', 'REFRESH_RACED', 'REFRESH_REUSED'],
    summary: 'Trade a refresh token for a new pair',
  }),
  signOut: command('/logout', { permission: 'account.use', summary: 'End this session, on its sockets too' }),
  me: get('/me', { permission: 'account.use', returns: Me, summary: 'Who am I, and what may I do' }),
  sessions: list('/sessions', {
    permission: 'account.use',
    query: PageQuery,
    returns: Session,
    summary: 'List my live sessions, newest first',
  }),
  endSession: remove('/sessions/:sessionId', { permission: 'account.use', summary: 'End one of my sessions' }),
  keys: document('/.well-known/jwks.json', {
    public: 'verification keys are public by nature',
    returns: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
    summary: 'Public keys that access tokens verify against (JWKS)',
  }),
});

export const authContract = contract({
  name: 'auth',
  api: authApi,
  errors: errors({
    INVALID_CREDENTIALS: {
      status: 401,
      title: 'Wrong e-mail or password',
      help: 'The same answer is given for an unknown address, a wrong password and an account that may not sign in.',
    },
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
    AUTH_BUSY: {
      status: 503,
      title: 'Sign-in is busy',
      help: 'Many people are signing in. Repeat after `retryAfterMs`.',
    },
  }),
  permissions: permissions({
    'account.use': {
      description: 'Use one’s own account: profile, sessions, notifications',
      grants: {
        hr: 'own',
        finance: 'own',
        manager: 'own',
        sales: 'own',
        warehouse: 'own',
        staff: 'own',
        reseller: 'own',
        client: 'own',
        auditor: 'own',
      },
    },
  }),
});
