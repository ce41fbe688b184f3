import { hash } from 'node:crypto';
import type { Actor } from '../actor';
import { Forbidden, Unauthenticated } from '../errors';
import { isAddressIn } from '../http/addresses';
import type { AuthChange } from './changes';
import { type AccessToken, API_KEY_PREFIX, type AuthPorts } from './ports';
import { Tickets } from './tickets';

const ACTOR_TTL_MS = 30_000;
const TOKENS_KEPT = 50_000;
/** Rights that change again and again while they are read are taken as they were read last, and not remembered. */
const MOST_READS = 3;

interface Known {
  readonly actor: Actor;
  readonly until: number;
}

/**
 * Turns tokens into actors. A verified token is remembered until it runs out, an actor for half a minute; both are
 * forgotten at once when the session ends or the person's rights change (`Changes`).
 */
export class Authenticator {
  /** By their hash: the text is ten times as long, and would open the hub to whoever reads a heap dump. */
  private readonly tokens = new Map<string, AccessToken>();
  private readonly actors = new Map<string, Known>();
  private readonly endedSessions = new Map<string, number>();
  /** Counts what was forgotten: what was read before must not be remembered after. */
  private forgotten = 0;

  constructor(
    private readonly ports: AuthPorts,
    private readonly tickets: Tickets,
    private readonly now: () => Date,
  ) {}

  /**
   * Who calls, by an access token or an API key.
   * @param address where the call comes from; keys may be good from some addresses only
   * @throws Unauthenticated UNAUTHENTICATED, TOKEN_EXPIRED or SESSION_REVOKED
   * @throws Forbidden for a key that does not count from there
   */
  authenticate(text: string, address = ''): Promise<{ actor: Actor; token: AccessToken }> {
    return this.enter(this.verify(text), address);
  }

  /** What opens a connection: an access token, an API key, or a ticket that was bought with one. */
  async admit(text: string, address: string): Promise<{ actor: Actor; token: AccessToken }> {
    return this.enter(Tickets.isTicket(text) ? this.tickets.consume(text) : this.verify(text), address);
  }

  /** Nearly always everything is remembered, and nothing is waited for. */
  private async enter(
    verified: AccessToken | Promise<AccessToken>,
    address: string,
  ): Promise<{ actor: Actor; token: AccessToken }> {
    const token = verified instanceof Promise ? await verified : verified;
    const ipAllow = token.apiKey?.ipAllow ?? [];
    if (ipAllow.length > 0 && !isAddressIn(ipAllow, address))
      throw new Forbidden('FORBIDDEN', 'This API key does not count from your address.');
    const isWelcome = address === '' || this.ports.mayEnter(token.orgId, address);
    if (isWelcome !== true && !(await isWelcome))
      throw new Forbidden('ADDRESS_NOT_WELCOME', 'Your organisation lets nobody in from your address.');
    if (this.endedSessions.has(token.sessionId))
      throw new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.');
    return { actor: this.remembered(token) ?? (await this.actorOf(token)), token };
  }

  private remembered(token: AccessToken): Actor | undefined {
    const known = this.actors.get(keyOf(token));
    return known && known.until > this.now().getTime() ? known.actor : undefined;
  }

  async actorOf(token: AccessToken): Promise<Actor> {
    const known = this.remembered(token);
    if (known) return known;
    const key = keyOf(token);
    const now = this.now().getTime();
    for (let tries = 1; ; tries += 1) {
      const { forgotten } = this;
      const actor = await this.ports.loadActor(token);
      // A change that was heard meanwhile may not be in what was read.
      if (forgotten !== this.forgotten && tries < MOST_READS) continue;
      if (forgotten === this.forgotten) this.actors.set(key, { actor, until: lastsUntil(actor, now) });
      return actor;
    }
  }

  /** To be called with every change that is heard. */
  heard({ orgId, userId, sessionId }: Omit<AuthChange, 'id'>): void {
    this.forgotten += 1;
    if (sessionId !== null) this.endSession(sessionId);
    else if (userId !== null) this.forgetUser(userId);
    else this.forgetOrganisation(orgId);
  }

  endSession(sessionId: string): void {
    // An access token lives ten minutes; after an hour none of this session's can be alive.
    this.endedSessions.set(sessionId, this.now().getTime() + 3_600_000);
    for (const key of this.actors.keys()) if (key.endsWith(`:${sessionId}`)) this.actors.delete(key);
  }

  forgetUser(userId: string): void {
    for (const key of this.actors.keys()) if (key.startsWith(`${userId}:`)) this.actors.delete(key);
  }

  forgetOrganisation(orgId: string): void {
    for (const [key, { actor }] of this.actors) if (actor.orgId === orgId) this.actors.delete(key);
  }

  /** Drops what ran out. */
  tidy(): void {
    const now = this.now().getTime();
    for (const [key, { until }] of this.actors) if (until <= now) this.actors.delete(key);
    for (const [text, { expiresAt }] of this.tokens) if (expiresAt.getTime() <= now) this.tokens.delete(text);
    for (const [id, until] of this.endedSessions) if (until <= now) this.endedSessions.delete(id);
  }

  private verify(text: string): AccessToken | Promise<AccessToken> {
    // A key lives for months and may be changed meanwhile; its room remembers it, and knows when to forget.
    if (text.startsWith(API_KEY_PREFIX)) return this.ports.verifyAccessToken(text);
    const key = hash('sha256', text, 'base64');
    const known = this.tokens.get(key);
    if (known) {
      if (known.expiresAt.getTime() > this.now().getTime()) return known;
      this.tokens.delete(key);
      throw new Unauthenticated('TOKEN_EXPIRED', 'The access token has run out.');
    }
    return this.learn(key, text);
  }

  private async learn(key: string, text: string): Promise<AccessToken> {
    const token = await this.ports.verifyAccessToken(text);
    if (this.tokens.size >= TOKENS_KEPT) this.tidy();
    if (this.tokens.size < TOKENS_KEPT) this.tokens.set(key, token);
    return token;
  }
}

const keyOf = ({ userId, orgId, only, sessionId }: AccessToken): string =>
  `${userId}:${orgId}:${only ?? ''}:${sessionId}`;

/** Half a minute, or less where a right ends before. */
const lastsUntil = ({ rightsUntil }: Actor, now: number): number =>
  Math.min(now + ACTOR_TTL_MS, rightsUntil?.getTime() ?? Number.POSITIVE_INFINITY);
