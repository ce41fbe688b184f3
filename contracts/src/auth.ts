import { z } from 'zod';
import { authLive } from './auth-alerts';
import { factorErrors, factorRows, factorSettings } from './auth-factors';
import { flowErrors, flowJobs, flowPermissions, flowRows, flowSettings } from './auth-flows';
import { apiKeyRows, rotateKeys, sweepSessions } from './auth-keys';
import { recoveryErrors, recoveryRows } from './auth-recovery';
import { sessionErrors, sessionRows, sessionSettings } from './auth-sessions';
import { SignedIn, SignIn } from './auth-sign-in';
import { act, api, document, get } from './kit/api';
import { contract } from './kit/contract';
import { builtInRoles, permissions, scopes } from './kit/permissions';
import { errors } from './kit/problem';
import { Id } from './kit/values';
import { Organisation, User } from './people';

export type { Session, Tokens } from './auth-sessions';

export { SignedIn, SignIn } from './auth-sign-in';

export const Grant = z.object({ permission: z.string(), scope: z.enum(scopes), branchIds: z.array(Id) });

/** Somebody else acts in this session, by the person’s leave: whoever sees it must see that. */
const ActingFor = z.object({ impersonatorId: Id, name: z.string() });

export const Me = z.object({
  user: User,
  organisation: Organisation,
  roles: z.array(z.enum(builtInRoles)),
  grants: z.array(Grant),
  sessionId: Id,
  actedBy: ActingFor.nullable(),
});
export type Me = z.infer<typeof Me>;

export const authApi = api('/auth', {
  signIn: act('/login', {
    public: 'nobody is signed in before signing in',
    body: SignIn,
    returns: SignedIn,
    errors: ['INVALID_CREDENTIALS', 'AUTH_BUSY'],
    summary: 'Sign in with e-mail and password',
  }),
  me: get('/me', {
    permission: 'account.secure',
    license: 'any',
    only: ['enrolment'],
    returns: Me,
    summary: 'Who am I, and what may I do',
  }),
  permissions: get('/permissions', {
    permission: 'account.use',
    license: 'any',
    returns: z.object({ grants: z.array(Grant) }),
    summary: 'What I may do, and how far',
  }),
  ...sessionRows,
  ...factorRows,
  ...recoveryRows,
  ...apiKeyRows,
  ...flowRows,
  keys: document('/.well-known/jwks.json', {
    public: 'verification keys are public by nature',
    returns: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
    summary: 'Public keys that access tokens verify against (JWKS)',
  }),
});

const everybody = {
  hr: 'own',
  finance: 'own',
  manager: 'own',
  sales: 'own',
  warehouse: 'own',
  staff: 'own',
  reseller: 'own',
  client: 'own',
  auditor: 'own',
} as const;

export const authContract = contract({
  name: 'auth',
  api: authApi,
  live: authLive,
  jobs: [rotateKeys, sweepSessions, ...flowJobs],
  settings: { ...sessionSettings, ...factorSettings, ...flowSettings },
  errors: errors({
    INVALID_CREDENTIALS: {
      status: 401,
      title: 'Wrong e-mail or password',
      help: 'The same answer is given for an unknown address, a wrong password and an account that may not sign in.',
    },
    ...sessionErrors,
    ...factorErrors,
    ...recoveryErrors,
    ...flowErrors,
    AUTH_BUSY: {
      status: 503,
      title: 'Sign-in is busy',
      help: 'Many people are signing in. Repeat after `retryAfterMs`.',
    },
  }),
  permissions: permissions({
    'account.secure': {
      description: 'Be signed in at all: who one is, signing out, one’s own second factor',
      grants: everybody,
    },
    'people.impersonate': {
      description: 'Ask people for leave to act in their account, to help them',
      grants: {},
    },
    'people.secure': { description: 'Keep other people’s sign-ins safe: end their sessions', grants: {} },
    ...flowPermissions,
    'api-keys.manage': { description: 'Make and revoke API keys', grants: {} },
    'account.use': {
      description: 'Use one’s own account: profile, sessions, notifications',
      grants: everybody,
    },
  }),
});
