import type { SessionEnded } from '@loro/contracts/kit/session';
import type { Socket } from 'socket.io';
import type { Actor } from '../actor';
import type { AccessToken } from '../auth/ports';
import { Unauthenticated } from '../errors';
import type { Connection } from './fast';

const GRACE_MS = 15_000;
const CLOSE_AFTER_MS = 20;
/** A peer that reads nothing never answers the closing handshake either. */
const TERMINATE_AFTER_MS = 2_000;

/**
 * One signed-in connection: its actor, its token's life and the sockets of its namespaces. Verified once, shared by all
 * namespaces; refreshed in place.
 */
export class Session {
  /** One a namespace. A list: most connections have one or two, and a set is ten times as large. */
  readonly sockets: Socket[] = [];
  private over = false;
  private warned = false;
  private expiringAt: number;

  constructor(
    readonly connection: Connection,
    public actor: Actor,
    public token: AccessToken,
    now: number,
  ) {
    this.expiringAt = expiringAt(token, now);
  }

  join(socket: Socket): void {
    this.sockets.push(socket);
  }

  leave(socket: Socket): void {
    const index = this.sockets.indexOf(socket);
    if (index !== -1) this.sockets.splice(index, 1);
  }

  get isOver(): boolean {
    return this.over;
  }

  /** @throws Unauthenticated when the token belongs to somebody else */
  refresh(actor: Actor, token: AccessToken, now: number): void {
    if (token.userId !== this.token.userId || token.orgId !== this.token.orgId)
      throw new Unauthenticated('UNAUTHENTICATED', 'This token belongs to somebody else.');
    this.actor = actor;
    this.token = token;
    this.expiringAt = expiringAt(token, now);
    this.warned = false;
  }

  /** Warns of the token's end, and ends what outlived it; to be called every second. */
  tick(now: number): void {
    const endsAt = this.token.expiresAt.getTime();
    if (!this.warned && now >= this.expiringAt) {
      this.warned = true;
      for (const socket of this.sockets) socket.emit('session:expiring', { inMs: Math.max(0, endsAt - now) });
    }
    if (now >= endsAt + GRACE_MS) this.end({ code: 'TOKEN_EXPIRED', reconnect: true });
  }

  /** Says why, then closes. Closing the connection and not the sockets lets stock clients come back by themselves. */
  end(reason: SessionEnded): void {
    if (this.over) return;
    this.over = true;
    for (const socket of this.sockets) socket.emit('session:ended', reason);
    // The packets above leave in this turn of the loop; closing at once would overtake them.
    setTimeout(() => this.connection.close(), CLOSE_AFTER_MS);
    setTimeout(() => this.connection.transport.socket?.terminate(), TERMINATE_AFTER_MS).unref();
  }
}

/** At 80 % of what is left of the token's life. */
const expiringAt = ({ expiresAt }: AccessToken, now: number): number => now + (expiresAt.getTime() - now) * 0.8;
