import type { Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROTOCOL, Refresh, type SessionReady, Subscribe, Unsubscribe } from '@loro/contracts/kit/session';
import { createAdapter } from '@socket.io/redis-adapter';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type Namespace, Server, type Socket } from 'socket.io';
import { ulid } from 'ulid';
import type { Authenticator } from '../auth/authenticator';
import type { AuthChanges } from '../auth/changes';
import type { Commands } from '../commands';
import { Forbidden, parse, toProblem, Unauthenticated } from '../errors';
import type { Metrics } from '../observe/metrics';
import type { StreamLog } from '../outbox/stream-log';
import { SocketCalls } from './calls';
import { HeadWatch } from './heads';
import { CALLS_BURST, CALLS_PER_SECOND, MAX_PACKET_BYTES } from './limits';
import type { LiveNamespace } from './namespace';
import { type Connection, Session } from './session';
import { NamespaceStreams } from './streams';

export interface GatewayOptions {
  readonly nodeName: string;
  readonly origins: readonly string[];
  readonly authenticator: Authenticator;
  readonly changes: AuthChanges;
  readonly commands: Commands;
  readonly streams: StreamLog;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => Date;
}

/** A Socket.IO server on the shared adapter; a worker's has no listener and only sends. */
export function createIo(publish: Redis, subscribe: Redis, prefix: string): Server {
  return new Server({
    transports: ['websocket'],
    maxHttpBufferSize: MAX_PACKET_BYTES,
    perMessageDeflate: false,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    connectTimeout: 10_000,
    serveClient: false,
    adapter: createAdapter(publish, subscribe, { key: `${prefix}:live`, requestsTimeout: 5_000 }),
  });
}

/** The sockets' side of the hub: sessions, streams and calls of every namespace. */
export class Gateway {
  private readonly sessions = new Map<Connection, Promise<Session>>();
  private readonly heads: HeadWatch;

  constructor(
    readonly io: Server,
    private readonly options: GatewayOptions,
  ) {
    this.heads = new HeadWatch(io, options.streams, options.log);
    options.changes.onChange(({ userId, sessionId }) => void this.onAuthChange(userId, sessionId));
  }

  attach(http: HttpServer, parts: readonly LiveNamespace[]): void {
    const { origins } = this.options;
    this.io.attach(http, {
      allowRequest: (request, allow) => {
        const { origin, host } = request.headers;
        // Pages of other hosts could otherwise open sockets with what their visitor's browser knows.
        const ours = origin === undefined || origins.includes(origin) || hostOf(origin) === host;
        allow(ours ? null : 'ORIGIN_NOT_ALLOWED', ours);
      },
    });
    for (const [name, ofNamespace] of groupByNamespace(parts)) {
      const streams = new NamespaceStreams(ofNamespace, this.options.streams);
      const nsp = this.io.of(name);
      nsp.use((socket, next) => void this.admit(socket, next));
      nsp.on('connection', (socket) => void this.welcome(nsp, socket, ofNamespace, streams));
    }
    // Without this a client of an unknown namespace hears nothing it could understand.
    this.io
      .of(/^\/.*$/)
      .use((_socket, next) => next(refusal(new Forbidden('FORBIDDEN', 'There is no such namespace.'))));
    this.heads.start();
  }

  get connections(): number {
    return this.io.engine.clientsCount;
  }

  /** Sends everybody away in slices, so that the other nodes are not stormed. */
  async drain(): Promise<void> {
    this.heads.stop();
    const sessions = await Promise.all(this.sessions.values());
    const spreadMs = Math.max(5_000, sessions.length);
    const slice = Math.max(1, Math.ceil(sessions.length / 20));
    for (let from = 0; from < sessions.length; from += slice) {
      for (const session of sessions.slice(from, from + slice))
        session.end({ code: 'SHUTDOWN', reconnect: true, retryInMs: Math.floor(Math.random() * spreadMs) });
      await sleep(50);
    }
    this.io.disconnectSockets(true);
    await this.io.close();
  }

  private async admit(socket: Socket, next: (error?: Error) => void): Promise<void> {
    try {
      await this.sessionOf(socket);
      next();
    } catch (error) {
      this.options.metrics.refusals.inc();
      next(refusal(error));
    }
  }

  private sessionOf(socket: Socket): Promise<Session> {
    const connection = socket.conn;
    let session = this.sessions.get(connection);
    if (!session) {
      session = this.open(socket, connection);
      this.sessions.set(connection, session);
      const forget = () => {
        this.sessions.delete(connection);
        session?.then((opened) => opened.forget()).catch(() => {});
      };
      connection.once('close', forget);
      // A refused token must not be remembered: the next namespace may come with a fresh one.
      session.catch(() => this.sessions.delete(connection));
    }
    return session;
  }

  private async open(socket: Socket, connection: Connection): Promise<Session> {
    const { token: text } = socket.handshake.auth;
    if (typeof text !== 'string') throw new Unauthenticated('UNAUTHENTICATED', 'Send `auth.token`.');
    const { actor, token } = await this.options.authenticator.authenticate(text);
    return new Session(connection, actor, token, this.options.now);
  }

  private async welcome(nsp: Namespace, socket: Socket, parts: LiveNamespace[], streams: NamespaceStreams) {
    const { options } = this;
    try {
      const session = await this.sessionOf(socket);
      session.sockets.add(socket);
      socket.on('disconnect', () => session.sockets.delete(socket));
      socket.data = { session, streams };

      const calls = new SocketCalls(session, {
        parts,
        commands: options.commands,
        log: options.log,
        count: (call, outcome) => options.metrics.calls.inc({ namespace: nsp.name, call, outcome }),
      });
      calls.add('stream:subscribe', async (input) => ({
        streams: await streams.subscribe(socket, session.actor, parse(Subscribe, input), ulid()),
      }));
      calls.add('stream:unsubscribe', async (input) => {
        const { streams: names } = parse(Unsubscribe, input);
        for (const name of names) if (name.includes(':')) await socket.leave(name);
        return { streams: names };
      });
      calls.add('session:refresh', async (input) => this.refresh(session, parse(Refresh, input).token));
      calls.listen(socket);

      const own = await streams.joinOwn(socket, session.actor);
      const ready: SessionReady = {
        protocol: PROTOCOL,
        node: options.nodeName,
        now: options.now().toISOString(),
        expiresAt: session.token.expiresAt.toISOString(),
        limits: { maxPacketBytes: MAX_PACKET_BYTES, callsPerSecond: CALLS_PER_SECOND, burst: CALLS_BURST },
        streams: own,
      };
      socket.emit('session:ready', ready);
    } catch (error) {
      options.log.warn({ err: error }, 'a socket could not be welcomed');
      // The client cannot know which half of the welcome it missed, so it starts over.
      socket.conn.close();
    }
  }

  private async refresh(session: Session, text: string): Promise<{ expiresAt: string; lost: string[] }> {
    const { actor, token } = await this.options.authenticator.authenticate(text);
    session.refresh(actor, token);
    return { expiresAt: token.expiresAt.toISOString(), lost: await this.dropLost(session) };
  }

  /** Leaves the streams that the session's actor may no longer hear. */
  private async dropLost(session: Session): Promise<string[]> {
    const lost: string[] = [];
    for (const socket of session.sockets) {
      const { streams } = socket.data as { streams: NamespaceStreams };
      for (const stream of await streams.lost(session.actor, socket.rooms)) {
        await socket.leave(stream);
        socket.emit('stream:ended', { stream, code: 'FORBIDDEN' });
        lost.push(stream);
      }
    }
    return lost;
  }

  private async onAuthChange(userId: string, sessionId: string | null): Promise<void> {
    for (const opening of this.sessions.values()) {
      const session = await opening.catch(() => null);
      if (session?.token.userId !== userId) continue;
      if (sessionId !== null) {
        if (session.token.sessionId === sessionId) session.end({ code: 'SESSION_REVOKED', reconnect: false });
        continue;
      }
      try {
        session.actor = await this.options.authenticator.actorOf(session.token);
        await this.dropLost(session);
      } catch (error) {
        this.options.log.info({ err: error, userId }, 'rights could not be re-read, the connection was ended');
        session.end({ code: 'UNAUTHENTICATED', reconnect: false });
      }
    }
  }
}

const refusal = (error: unknown): Error => {
  const problem = toProblem(error, 'connect', ulid());
  return Object.assign(new Error(problem.detail), { data: problem });
};

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function groupByNamespace(parts: readonly LiveNamespace[]): Map<string, LiveNamespace[]> {
  const groups = new Map<string, LiveNamespace[]>();
  for (const part of parts) groups.set(part.contract.namespace, [...(groups.get(part.contract.namespace) ?? []), part]);
  return groups;
}
