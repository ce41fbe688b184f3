import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './fast';
import { Session } from './session';

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
  private readonly opening = new Map<Connection, Promise<Session> | Session>();
  /** Most people have one connection, and a set of one is larger than its session. */
  private readonly byUser = new Map<string, Session | Set<Session>>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly now: () => Date) {
    // One look a second at all of them costs less memory than two timers in each.
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** The connection's session; `open` makes it once, however many namespaces ask at the same time. */
  of(connection: Connection, open: () => Promise<Session>): Promise<Session> {
    const known = this.known(connection);
    if (known) return known;
    const opening = open().then((session) => this.keep(session));
    this.opening.set(connection, opening);
    // A refused token must not be remembered: the next namespace may come with a fresh one.
    opening.catch(() => this.opening.delete(connection));
    return opening;
  }

  /** The connection's session, or the one that is just being opened. */
  known(connection: Connection): Promise<Session> | undefined {
    const known = this.opening.get(connection);
    return known && Promise.resolve(known);
  }

  ofUser(userId: string): Iterable<Session> {
    const known = this.byUser.get(userId) ?? [];
    return known instanceof Session ? [known] : known;
  }

  ofOrganisation(orgId: string): Session[] {
    return this.all().filter(({ token }) => token.orgId === orgId);
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
    return [...this.byUser.keys()].flatMap((userId) => [...this.ofUser(userId)]);
  }

  /** Sends everybody away in slices, so that the other nodes are not stormed. */
  async drain(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled(Array.from(this.opening.values(), async (opening) => opening));
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
    const others = this.byUser.get(userId);
    if (others instanceof Set) others.add(session);
    else this.byUser.set(userId, others ? new Set([others, session]) : session);
    this.opening.set(connection, session);
    this.watch?.opened(session);
    const forget = () => {
      if (!this.opening.delete(connection)) return;
      this.watch?.closed(session);
      const left = this.byUser.get(userId);
      if (left instanceof Set) left.delete(session);
      if (left === session || (left instanceof Set && left.size === 0)) this.byUser.delete(userId);
    };
    connection.on('close', forget);
    // It may have closed while its token was looked at.
    if (connection.readyState !== 'open') forget();
    return session;
  }

  private tick(): void {
    const now = this.now().getTime();
    for (const known of this.byUser.values())
      if (known instanceof Session) known.tick(now);
      else for (const session of known) session.tick(now);
  }
}
