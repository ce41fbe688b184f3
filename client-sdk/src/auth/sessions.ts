import type { Me, Session, SignedIn } from '@loro/contracts/auth';
import type { VerifyFactor } from '@loro/contracts/auth-factors';
import type { AcceptInvite, SetUp } from '@loro/contracts/auth-flows';
import type { Reauth } from '@loro/contracts/auth-sessions';
import type { z } from 'zod';
import type { ListOf } from '@loro/contracts/kit/api';
import { localError } from '../errors';
import { type Credentials, Sessions } from './auth';
import { type AuthFactory, type Authority, type AuthParts, GivenTokens } from './authority';
import { memoryStore, type SessionStore } from './stores';

/** How people sign in, and where their session is kept. */
export interface SignInOptions {
  /** Where the session is kept between starts; memory by default. */
  readonly session?: SessionStore;
  /** Gives access tokens or an API key, for apps that sign in by themselves. Asked again when one was refused. */
  readonly token?: () => Promise<string> | string;
  /** Browsers: the refresh token stays in an HttpOnly cookie, out of reach of scripts. */
  readonly cookie?: boolean;
  /** How this device is called in the list of sessions. */
  readonly deviceName?: string;
  /** What tells this installation from others, made once and kept by the app: its refresh tokens count nowhere else. */
  readonly deviceId?: string;
}

/** What the SDK knows itself is not asked for. */
type Entered<S extends z.ZodType> = Omit<z.input<S>, 'cookie' | 'deviceName' | 'deviceId'>;

/** Signing in and out, and the session that follows from it. */
export interface HubAuth {
  readonly signedIn: boolean;
  /**
   * Signs in. `choose-organisation` asks to call again with one of `organisations`, `second-factor` to call `verify`
   * with the challenge and a code.
   */
  signIn(credentials: Credentials): Promise<SignedIn>;
  /** The second step of a sign-in: a code of the authenticator, or a recovery code. */
  verify(step: z.input<typeof VerifyFactor>): Promise<SignedIn>;
  /** Accepts an invitation by its link's token, and is signed in. */
  acceptInvite(input: Entered<typeof AcceptInvite>): Promise<SignedIn>;
  /** The last step of a sign-up: sets the password, founds an organisation or joins one. */
  setUp(input: Entered<typeof SetUp>): Promise<SignedIn>;
  /** Goes on in another organisation of the same address. */
  switchOrganisation(input: { organisation: string }): Promise<SignedIn>;
  /** Proves once more who this is, for what asks for a fresh sign-in (`REAUTH_REQUIRED`). */
  prove(proof: z.input<typeof Reauth>): Promise<void>;
  /** Ends the session here and at the hub; rejects when the hub was not reached, signed out here all the same. */
  signOut(): Promise<void>;
  /**
   * Takes up a kept session or cookie: false when there is none or it has run out.
   *
   * @throws LoroError `OFFLINE` when the hub must be asked and is not reached; the session is kept
   */
  resume(): Promise<boolean>;
  /** A token that is valid for at least a moment. @throws LoroError `UNAUTHENTICATED` */
  accessToken(): Promise<string>;
  /** Told when somebody signs in and when the session ends, with the code that ended it. */
  onChange(listener: (change: { readonly signedIn: boolean; readonly reason?: string }) => void): () => void;
  me(): Promise<Me>;
  sessions(input?: { limit?: number; cursor?: string }): Promise<ListOf<Session>>;
  endSession(input: { sessionId: string }): Promise<void>;
}

/**
 * Signs in by e-mail and password, and keeps the session alive.
 *
 * @example createHub({ url, auth: sessions({ cookie: true }), modules })
 */
export const sessions =
  (options: SignInOptions = {}): AuthFactory<HubAuth> =>
  (parts) => {
    const { token, cookie = false, session: store = memoryStore(), deviceName, deviceId } = options;
    if (token) return { ...given(token, parts) };
    parts.http.credentials = cookie;
    const authority = new Sessions({ ...parts, store, cookie, deviceName, deviceId });
    return {
      authority,
      api: apiOf(authority, parts, {
        signIn: (credentials) => authority.enter('/login', credentials),
        verify: (step) => authority.enter('/mfa/verify', step),
        acceptInvite: (input) => authority.enter('/accept-invite', input),
        setUp: (input) => authority.enter('/signup/password', input),
        switchOrganisation: async (input) => authority.enter('/switch', input, await authority.token()),
        prove: (proof) => authority.prove(proof),
        signOut: () => authority.signOut(),
        resume: () => authority.resume(),
      }),
    };
  };

type ComingIn = 'signIn' | 'verify' | 'acceptInvite' | 'setUp' | 'switchOrganisation' | 'prove';
const refuse = () => Promise.reject(localError('BAD_RESPONSE', 'This hub was made with tokens of the app.'));

/** The same calls where the app brings its tokens. */
function given(ask: () => Promise<string> | string, parts: AuthParts): ReturnType<AuthFactory<HubAuth>> {
  const authority = new GivenTokens(ask);
  return {
    authority,
    api: apiOf(authority, parts, {
      signIn: refuse,
      verify: refuse,
      acceptInvite: refuse,
      setUp: refuse,
      switchOrganisation: refuse,
      prove: refuse,
      signOut: () => authority.end('SIGNED_OUT'),
      resume: async () => (await authority.token()) !== '',
    }),
  };
}

function apiOf(
  authority: Authority,
  { call }: AuthParts,
  own: Pick<HubAuth, ComingIn | 'signOut' | 'resume'>,
): HubAuth {
  return {
    ...own,
    get signedIn() {
      return authority.signedIn;
    },
    accessToken: () => authority.token(),
    onChange: (listener) =>
      authority.onChange((change) => {
        if (change.kind === 'ended') listener({ signedIn: false, reason: change.reason });
        else if (change.kind === 'signed-in') listener({ signedIn: true });
      }),
    me: () => call(['GET', '/me', 'one']),
    sessions: (input) => call(['GET', '/sessions', 'list'], input),
    endSession: (input) => call(['DELETE', '/sessions/:sessionId', 'none'], input),
  };
}
