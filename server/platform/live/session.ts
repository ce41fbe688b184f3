import type { SessionEnded } from '@loro/contracts/kit/session';
import type { Socket } from 'socket.io';
import type { Actor } from '../actor';
import type { AccessToken } from '../auth/ports';
import { Unauthenticated } from '../errors';

const GRACE_MS = 15_000;

/** The part of an engine connection that is used here. */
export type Connection = Socket['conn'];

/**
 * One signed-in connection: its actor, its token's life and the sockets of its namespaces. Verified once, shared by all
 * namespaces; refreshed in place.
 */
export class Session {
  readonly sockets = new Set<Socket>();
  private timers: NodeJS.Timeout[] = [];
  private over = false;

  constructor(
    readonly connection: Connection,
    public actor: Actor,
    public token: AccessToken,
    private readonly now: () => Date,
  ) {
    this.watchExpiry();
  }

  /** @throws Unauthenticated when the token belongs to somebody else */
  refresh(actor: Actor, token: AccessToken): void {
    if (token.userId !== this.token.userId || token.orgId !== this.token.orgId)
      throw new Unauthenticated('UNAUTHENTICATED', 'This token belongs to somebody else.');
    this.actor = actor;
    this.token = token;
    this.watchExpiry();
  }

  /** Says why, then closes. Closing the connection and not the sockets lets stock clients come back by themselves. */
  end(reason: SessionEnded): void {
    if (this.over) return;
    this.over = true;
    this.forget();
    for (const socket of this.sockets) socket.emit('session:ended', reason);
    // The packets above leave in this turn of the loop; closing at once would overtake them.
    setTimeout(() => this.connection.close(), 20);
  }

  forget(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }

  private watchExpiry(): void {
    this.forget();
    const lifeMs = this.token.expiresAt.getTime() - this.now().getTime();
    const at = (delayMs: number, act: () => void) => this.timers.push(setTimeout(act, Math.max(0, delayMs)));
    at(lifeMs * 0.8, () => {
      const inMs = Math.max(0, this.token.expiresAt.getTime() - this.now().getTime());
      for (const socket of this.sockets) socket.emit('session:expiring', { inMs });
    });
    at(lifeMs + GRACE_MS, () => this.end({ code: 'TOKEN_EXPIRED', reconnect: true }));
  }
}
