import type { Actor } from '../actor';
import { Unauthenticated } from '../errors';
import type { AccessToken, AuthPorts } from './ports';
import { Tickets } from './tickets';

const ACTOR_TTL_MS = 30_000;
const TOKENS_KEPT = 50_000;

interface Known {
  readonly actor: Actor;
  readonly until: number;
}

/**
 * Turns tokens into actors. A verified token is remembered until it runs out, an actor for half a minute; both are
 * forgotten at once when the session ends or the person's rights change (`Changes`).
 */
export class Authenticator {
  private readonly tokens = new Map<string, AccessToken>();
  private readonly actors = new Map<string, Known>();
  private readonly endedSessions = new Map<string, number>();

  constructor(
    private readonly ports: AuthPorts,
    private readonly tickets: Tickets,
    private readonly now: () => Date,
  ) {}

  /** @throws Unauthenticated UNAUTHENTICATED, TOKEN_EXPIRED or SESSION_REVOKED */
  async authenticate(text: string): Promise<{ actor: Actor; token: AccessToken }> {
    return this.enter(await this.verify(text));
  }

  /** What opens a connection: an access token, or a ticket that was bought with one. */
  async admit(text: string): Promise<{ actor: Actor; token: AccessToken }> {
    return Tickets.isTicket(text) ? this.enter(await this.tickets.consume(text)) : this.authenticate(text);
  }

  private async enter(token: AccessToken): Promise<{ actor: Actor; token: AccessToken }> {
    if (this.endedSessions.has(token.sessionId))
      throw new Unauthenticated('SESSION_REVOKED', 'This session was ended. Please sign in again.');
    return { actor: await this.actorOf(token), token };
  }

  async actorOf(token: AccessToken): Promise<Actor> {
    const key = `${token.userId}:${token.orgId}:${token.sessionId}`;
    const known = this.actors.get(key);
    const now = this.now().getTime();
    if (known && known.until > now) return known.actor;
    const actor = await this.ports.loadActor(token);
    this.actors.set(key, { actor, until: now + ACTOR_TTL_MS });
    return actor;
  }

  endSession(sessionId: string): void {
    // An access token lives ten minutes; after an hour none of this session's can be alive.
    this.endedSessions.set(sessionId, this.now().getTime() + 3_600_000);
    for (const key of this.actors.keys()) if (key.endsWith(`:${sessionId}`)) this.actors.delete(key);
  }

  forgetUser(userId: string): void {
    for (const key of this.actors.keys()) if (key.startsWith(`${userId}:`)) this.actors.delete(key);
  }

  /** Drops what ran out. */
  tidy(): void {
    const now = this.now().getTime();
    for (const [key, { until }] of this.actors) if (until <= now) this.actors.delete(key);
    for (const [text, { expiresAt }] of this.tokens) if (expiresAt.getTime() <= now) this.tokens.delete(text);
    for (const [id, until] of this.endedSessions) if (until <= now) this.endedSessions.delete(id);
  }

  private async verify(text: string): Promise<AccessToken> {
    const known = this.tokens.get(text);
    if (known) {
      if (known.expiresAt.getTime() > this.now().getTime()) return known;
      this.tokens.delete(text);
      throw new Unauthenticated('TOKEN_EXPIRED', 'The access token has run out.');
    }
    const token = await this.ports.verifyAccessToken(text);
    if (this.tokens.size >= TOKENS_KEPT) this.tidy();
    if (this.tokens.size < TOKENS_KEPT) this.tokens.set(text, token);
    return token;
  }
}
