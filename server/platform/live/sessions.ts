import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './fast';
import type { Session } from './session';

const TICK_MS = 1_000;
const SLICES = 20;
const SLICE_MS = 50;

/** Hears of sessions that open and close on this node. */
export interface SessionWatch {
  opened(session: Session): void;
  closed(session: Session): void;
}

/** The sessions of this node, by connection and by person. */
export class Sessions {
  watch: SessionWatch | undefined;
  private readonly opening = new Map<Connection, Promise<Session>>();
  private readonly byUser = new Map<string, Set<Session>>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly now: () => Date) {
    // One look a second at all of them costs less memory than two timers in each.
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** The connection's session; `open` makes it once, however many namespaces ask at the same time. */
  of(connection: Connection, open: () => Promise<Session>): Promise<Session> {
    const known = this.opening.get(connection);
    if (known) return known;
    const opening = open().then((session) => this.keep(session));
    this.opening.set(connection, opening);
    // A refused token must not be remembered: the next namespace may come with a fresh one.
    opening.catch(() => this.opening.delete(connection));
    return opening;
  }

  /** The connection's session, or the one that is just being opened. */
  known(connection: Connection): Promise<Session> | undefined {
    return this.opening.get(connection);
  }

  ofUser(userId: string): Iterable<Session> {
    return this.byUser.get(userId) ?? [];
  }

  /** Says something to one sign-in, on every connection that it has here to this namespace. @returns false when it has none */
  tell(
    { userId, sessionId }: { userId: string; sessionId: string },
    namespace: string,
    event: string,
    data: unknown,
  ): boolean {
    let told = false;
    for (const session of this.ofUser(userId))
      if (session.token.sessionId === sessionId)
        for (const socket of session.sockets) if (socket.nsp.name === namespace) told = socket.emit(event, data);
    return told;
  }

  all(): Session[] {
    return [...this.byUser.values()].flatMap((sessions) => [...sessions]);
  }

  /** Sends everybody away in slices, so that the other nodes are not stormed. */
  async drain(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled(this.opening.values());
    const sessions = this.all();
    const spreadMs = Math.max(5_000, sessions.length);
    const slice = Math.max(1, Math.ceil(sessions.length / SLICES));
    for (let from = 0; from < sessions.length; from += slice) {
      for (const session of sessions.slice(from, from + slice))
        session.end({ code: 'SHUTDOWN', reconnect: true, retryInMs: Math.floor(Math.random() * spreadMs) });
      await sleep(SLICE_MS);
    }
  }

  private keep(session: Session): Session {
    const { connection, token } = session;
    const { userId } = token;
    const ofUser = this.byUser.get(userId) ?? new Set();
    this.byUser.set(userId, ofUser.add(session));
    this.watch?.opened(session);
    const forget = () => {
      if (!ofUser.has(session)) return;
      this.watch?.closed(session);
      this.opening.delete(connection);
      ofUser.delete(session);
      if (ofUser.size === 0) this.byUser.delete(userId);
    };
    connection.on('close', forget);
    // It may have closed while its token was looked at.
    if (connection.readyState !== 'open') forget();
    return session;
  }

  private tick(): void {
    const now = this.now().getTime();
    for (const sessions of this.byUser.values()) for (const session of sessions) session.tick(now);
  }
}
