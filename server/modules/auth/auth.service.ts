import type { Me, SignIn, SignedIn, Tokens } from '@loro/contracts/auth';
import type { z } from 'zod';
import {
  type AccessToken,
  type Actor,
  allow,
  type Hub,
  NotFound,
  type PublicRequest,
  Unauthenticated,
} from '../../platform';
import { access } from '../access';
import { people } from '../people';
import { CredentialModel } from './credential.model';
import { Passwords } from './passwords';
import { type Issued, Sessions } from './sessions.service';
import { SignInLimits } from './sign-in-limits';
import { SigningKeys } from './signing-keys';

const COOKIE = 'loro_refresh';
const COOKIE_SEC = 14 * 86_400;
// One address in more organisations than this is looked up no further, so that a guess costs a bounded time.
const ORGANISATIONS_AN_ADDRESS = 5;

export class AuthService {
  readonly keys: SigningKeys;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  private readonly limits: SignInLimits;

  constructor(private readonly hub: Hub) {
    this.keys = new SigningKeys(hub);
    this.sessions = new Sessions(hub, this.keys);
    this.passwords = new Passwords((text) => hub.secrets.hmac('pepper', text), hub.config.BCRYPT_COST);
    this.limits = new SignInLimits(hub.redis, hub.config.REDIS_PREFIX);
  }

  /** Unknown address, wrong password and a closed account get one answer, in one time. */
  async signIn(input: z.output<typeof SignIn>, request: PublicRequest): Promise<SignedIn> {
    const { email, password, organisation } = input;
    await this.limits.take(email, request.ip);
    const known = await this.hub.use(people).byEmail(email);
    const candidates = known
      .filter(({ organisation: { slug } }) => organisation === undefined || slug === organisation)
      .slice(0, ORGANISATIONS_AN_ADDRESS);
    const matching = [];
    for (const candidate of candidates) {
      const { user, organisation: home } = candidate;
      const credential = await CredentialModel.findOne({ where: { orgId: home.id, userId: user.id } });
      const matches = await this.passwords.verify(password, credential?.passwordHash ?? null);
      if (matches && user.status === 'active' && ['trial', 'active'].includes(home.status)) matching.push(candidate);
    }
    if (candidates.length === 0) await this.passwords.verify(password, null);

    const [only] = matching;
    if (!only) throw new Unauthenticated('INVALID_CREDENTIALS', 'The e-mail address or the password is wrong.');
    await this.limits.forgive(email, request.ip);
    if (matching.length > 1)
      return {
        status: 'choose-organisation',
        organisations: matching.map(({ organisation: { slug, name } }) => ({ slug, name })),
      };
    const device = { name: input.deviceName ?? (request.userAgent.slice(0, 120) || 'unknown'), ip: request.ip };
    const issued = await this.sessions.open(only.organisation.id, only.user.id, device);
    return input.cookie ? this.intoCookie(issued, request) : issued;
  }

  async refresh(given: string | undefined, request: PublicRequest): Promise<Tokens> {
    const fromCookie = given === undefined ? request.cookie(COOKIE) : undefined;
    const token = given ?? fromCookie;
    if (token === undefined) throw new Unauthenticated('REFRESH_INVALID', 'There is no refresh token.');
    const issued = await this.sessions.refresh(token);
    return fromCookie === undefined ? issued : this.intoCookie(issued, request);
  }

  async signOut(actor: Actor, request: PublicRequest): Promise<void> {
    await this.sessions.end(actor, actor.sessionId);
    request.setCookie(COOKIE, '', 0);
  }

  async me(actor: Actor): Promise<Me> {
    allow(actor, 'account.use', { userId: actor.userId });
    const [user, organisation] = await Promise.all([
      this.hub.use(people).byId(actor.orgId, actor.userId),
      this.hub.use(people).organisationOf(actor.orgId),
    ]);
    const grants = [...actor.grants].map(([permission, { scope, branchIds }]) => ({
      permission,
      scope,
      branchIds: [...branchIds],
    }));
    return { user, organisation, roles: [...actor.roles], grants, sessionId: actor.sessionId };
  }

  async setPassword(orgId: string, userId: string, passwordHash: string): Promise<void> {
    await CredentialModel.upsert({ orgId, userId, passwordHash, changedAt: this.hub.now() });
  }

  /** Who a verified token stands for, now. @throws Unauthenticated for a person or a session that is no more */
  async loadActor(token: AccessToken): Promise<Actor> {
    await this.sessions.mustLive(token.orgId, token.sessionId);
    const user = await this.hub
      .use(people)
      .byId(token.orgId, token.userId)
      .catch((error: unknown) => {
        throw error instanceof NotFound
          ? new Unauthenticated('UNAUTHENTICATED', 'The access token is not valid.')
          : error;
      });
    if (user.status !== 'active') throw new Unauthenticated('SESSION_REVOKED', 'This account may not be used.');
    return this.hub.use(access).actorOf(user, token);
  }

  private intoCookie({ refreshToken, ...tokens }: Issued, request: PublicRequest): Tokens {
    request.setCookie(COOKIE, refreshToken, COOKIE_SEC);
    return tokens;
  }
}
