import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { Unauthenticated, Unavailable } from '../errors';
import type { AccessToken } from './ports';

const PREFIX = 'tkt_';
const LIFE_SEC = 60;
const PATIENCE_MS = 1_500;

const Kept = z.object({
  orgId: z.string(),
  userId: z.string(),
  sessionId: z.string(),
  /** Of the access token that the ticket stands for. */
  expiresAt: z.coerce.date(),
  authenticatedAt: z.coerce.date(),
  only: z.enum(['billing', 'enrolment', 'offline-upload']).optional(),
  apiKey: z.object({ ipAllow: z.array(z.string()) }).optional(),
  /** Of the ticket. */
  until: z.coerce.date(),
});

/**
 * Tickets open one connection in place of the access token that they were bought with, within a minute. Redis holds
 * them under their hash: who reads it cannot use them.
 */
export class Tickets {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly now: () => Date,
  ) {}

  static isTicket(text: string): boolean {
    return text.startsWith(PREFIX);
  }

  /** @throws Unavailable while Redis is away */
  async issue(token: AccessToken): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = PREFIX + randomBytes(24).toString('base64url');
    const until = new Date(this.now().getTime() + LIFE_SEC * 1_000);
    const { orgId, userId, sessionId, expiresAt, authenticatedAt, only, apiKey } = token;
    const kept = { orgId, userId, sessionId, expiresAt, authenticatedAt, only, apiKey, until };
    await this.answer(this.redis.set(this.keyOf(ticket), JSON.stringify(kept), 'EX', LIFE_SEC));
    return { ticket, expiresAt: until };
  }

  /**
   * The access token behind a ticket, which is used up by that.
   * @throws Unauthenticated for a ticket that was used, ran out or never was
   */
  async consume(ticket: string): Promise<AccessToken> {
    const kept = await this.answer(this.redis.getdel(this.keyOf(ticket)));
    const { success, data } = Kept.safeParse(kept === null ? null : JSON.parse(kept));
    if (!success || data.until <= this.now())
      throw new Unauthenticated('UNAUTHENTICATED', 'This ticket was used, or ran out.');
    const { until: _, only, apiKey, ...rest } = data;
    const token: AccessToken = { ...rest, ...(only && { only }), ...(apiKey && { apiKey }) };
    if (token.expiresAt <= this.now()) throw new Unauthenticated('TOKEN_EXPIRED', 'The access token has run out.');
    return token;
  }

  private keyOf(ticket: string): string {
    return `${this.prefix}:ticket:${createHash('sha256').update(ticket).digest('base64url')}`;
  }

  /** A command to a Redis that is away waits for it, which nobody who connects should. */
  private async answer<T>(asked: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Unavailable('DEPENDENCY_DOWN', 'Tickets cannot be had just now.', { retryAfterMs: 1_000 })),
        PATIENCE_MS,
      );
    });
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  }
}
