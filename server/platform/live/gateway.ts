import type { Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROTOCOL, Refresh, type SessionReady, Subscribe, Unsubscribe } from '@loro/contracts/kit/session';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Namespace, Server, Socket } from 'socket.io';
import { ulid } from '../ulid';
import type { Authenticator } from '../auth/authenticator';
import type { AuthChanges } from '../auth/changes';
import type { AuthPorts } from '../auth/ports';
import type { Commands } from '../commands';
import { Forbidden, parse, TooMany, toProblem, Unauthenticated, Unavailable } from '../errors';
import { isOurs, mustWelcome } from '../http/origins';
import type { Load } from '../observe/load';
import type { Metrics, Tally } from '../observe/metrics';
import type { StreamLog } from '../outbox/stream-log';
import { type CallsOptions, NamespaceCalls } from './calls';
import {
  type Connection,
  connectionOf,
  type FastPath,
  guardInbound,
  shortenCalls,
  startFastPath,
  onSent,
} from './fast';
import { HeadWatch } from './heads';
import type { Io } from './io';
import { believeProxy, forgetRequest, forgetToken, trim } from './lean';
import { CALLS_BURST, CALLS_PER_SECOND, MAX_PACKET_BYTES, SharedLimits } from './limits';
import type { Witness } from '../observe/witness';
import type { LiveNamespace } from './namespace';
import { dropLost, RightsWatch } from './rights-watch';
import { Session } from './session';
import { Sessions } from './sessions';
import { SlowStreams } from './slow-streams';
import { NamespaceStreams } from './streams';

export interface GatewayOptions {
  readonly nodeName: string;
  readonly origins: readonly string[];
  /** The proxy in front says where connections come from. */
  readonly trustProxy: boolean;
  readonly authenticator: Authenticator;
  readonly ports: AuthPorts;
  readonly changes: AuthChanges;
  readonly commands: Commands;
  readonly streams: StreamLog;
  readonly metrics: Metrics;
  readonly load: Load;
  readonly redis: Redis;
  readonly log: Logger;
  /** Who keeps a log of calls, once a room does. */
  readonly witness: () => Witness;
  readonly now: () => Date;
}

/** With rights older than this a socket writes nothing: what took them away may just not have been read. */
const AUTH_STALE_MS = 5_000;
const TIDY_MS = 60_000;

/** The sockets' side of the hub: sessions, streams and calls of every namespace. */
export class Gateway {
  readonly sessions: Sessions;
  private fastPath: FastPath | null = null;
  private readonly io: Server;
  private readonly heads: HeadWatch;
  private readonly limits = new SharedLimits();
  private readonly slow: SlowStreams;
  private readonly tidy: NodeJS.Timeout;

  constructor(
    private readonly live: Io,
    private readonly options: GatewayOptions,
  ) {
    const { now, changes, metrics, log } = options;
    const { io, obstacles } = live;
    this.io = io;
    this.sessions = new Sessions(now);
    this.heads = new HeadWatch(io, options.streams, log, options.redis);
    onSent(io, (stream, n) => this.heads.sent(stream, n));
    this.slow = new SlowStreams(this.sessions, metrics, log);
    if (obstacles.length > 0) log.warn({ obstacles }, 'the fast path is not used');
    const rights = new RightsWatch(this.sessions, options);
    changes.onChange((change) => void rights.heard(change));
    this.tidy = setInterval(() => this.limits.tidy(performance.now()), TIDY_MS);
  }

  attach(http: HttpServer, parts: readonly LiveNamespace[]): void {
    const { origins, ports } = this.options;
    this.io.attach(http, {
      allowRequest: ({ headers }, allow) => {
        const { origin = '' } = headers;
        if (isOurs(origins, headers)) {
          // What is left of an origin is one that some organisation let in.
          delete headers.origin;
          allow(null, true);
          return;
        }
        // Pages of other hosts could otherwise open sockets with what their visitor's browser knows.
        void ports
          .allowsOrigin(origin, null)
          .catch(() => false)
          .then((isAllowed) => allow(isAllowed ? null : 'ORIGIN_NOT_ALLOWED', isAllowed));
      },
    });
    if (this.live.isFast) this.fastPath = startFastPath(this.io, this.fastOptions());
    else this.io.engine.on('connection', (connection: Connection) => guardInbound(connection, this.onBinary));
    if (this.options.trustProxy) this.io.engine.on('connection', believeProxy);
    this.io.engine.on('connection', forgetRequest);
    for (const [name, ofNamespace] of groupByNamespace(parts)) {
      const streams = new NamespaceStreams(ofNamespace, this.options.streams, this.options.ports);
      const nsp = this.io.of(name);
      const calls = this.callsOf(nsp, ofNamespace, streams);
      nsp.use((socket, next) => void this.admit(socket, next));
      nsp.on('connection', (socket) => void this.welcome(socket, calls, streams));
    }
    // Socket.IO refuses the other namespaces, but would let strangers stay in this one. A pattern for all of them would
    // make one for every name that somebody thinks of, and keep it.
    this.io.use((_socket, next) => next(refusal(new Forbidden('FORBIDDEN', 'There is no such namespace.'))));
    this.heads.start();
  }

  /** The short way to the sockets; null where the stock one is used. */
  get fast(): FastPath | null {
    return this.fastPath;
  }

  /** Events by which the log was ahead of this node's listeners at the last look. */
  get headLag(): number {
    return this.heads.lag;
  }

  get connections(): number {
    return this.io.engine.clientsCount;
  }

  async drain(): Promise<void> {
    this.heads.stop();
    clearInterval(this.tidy);
    await this.sessions.drain();
    // What is still open never signed in, or does not answer. Ending sockets instead would keep stock clients away.
    await sleep(100);
    this.io.engine.close();
    this.fastPath?.slow.stop();
    await this.io.close();
  }

  private fastOptions() {
    const { metrics, now } = this.options;
    return {
      now: () => now().getTime(),
      onDelivered: (count: number, replaceable: boolean) =>
        metrics.deliveries.inc({ class: replaceable ? 'latest' : 'log' }, count),
      onSkipped: (count: number) => metrics.conflated.inc(count),
      onRecovered: this.slow.onRecovered,
      onEnded: this.slow.onEnded,
      onBinary: this.onBinary,
    };
  }

  private readonly onBinary = (connection: Connection): void => {
    const opening = this.sessions.known(connection) ?? Promise.reject(new Error('it never signed in'));
    opening
      .then((session) => session.end({ code: 'UNSUPPORTED_MEDIA', reconnect: false }))
      .catch(() => connection.close());
  };

  private callsOf(nsp: Namespace, parts: LiveNamespace[], streams: NamespaceStreams): NamespaceCalls {
    const { commands, ports, log, metrics, changes, witness } = this.options;
    const succeeded = new Map<string, Tally>();
    const options: CallsOptions = {
      commands,
      ports,
      log,
      limits: this.limits,
      count: (call, outcome) => {
        const labels = { namespace: nsp.name, call, outcome };
        if (outcome !== 'ok') return metrics.calls.inc(labels);
        let tally = succeeded.get(call);
        if (!tally) succeeded.set(call, (tally = metrics.tally(metrics.calls, labels)));
        tally.n += 1;
      },
      tell: ({ name, status, ms, session, from, requestId, error }) => {
        const caller = { requestId, ...from, actor: session.actor };
        const route = `${nsp.name} ${name}`;
        if (error !== undefined) witness().failed({ error, place: `CALL ${route}`, caller });
        witness().answered({ method: 'CALL', route, status, ms, bytes: 0, caller });
      },
      isAuthStale: () => changes.ageMs() > AUTH_STALE_MS,
      onAbuse: (session) => session.end({ code: 'RATE_LIMITED', reconnect: true, retryInMs: 60_000 }),
    };
    const calls = new NamespaceCalls(parts, options);
    calls.add('stream:subscribe', async ({ socket, session }, input) => ({
      streams: await streams.subscribe(socket, session, parse(Subscribe, input), ulid()),
    }));
    calls.add('stream:unsubscribe', async ({ socket }, input) => {
      const { streams: names } = parse(Unsubscribe, input);
      for (const name of names) if (name.includes(':')) await socket.leave(name);
      return { streams: names };
    });
    calls.add('session:refresh', ({ session, socket }, input) =>
      this.refresh(session, parse(Refresh, input).token, socket.handshake.address),
    );
    return calls;
  }

  private async admit(socket: Socket, next: (error?: Error) => void): Promise<void> {
    try {
      await this.sessionOf(socket);
      forgetToken(socket);
      next();
    } catch (error) {
      this.options.metrics.refusals.inc();
      next(refusal(error));
    }
  }

  private sessionOf(socket: Socket): Promise<Session> {
    const connection = connectionOf(socket);
    return this.sessions.of(connection, async () => {
      const { load, authenticator, ports, now } = this.options;
      if (load.isOverloaded)
        throw new Unavailable('NODE_OVERLOADED', 'This node has too much to do.', { retryAfterMs: 5_000 });
      const { token: text } = socket.handshake.auth;
      if (typeof text !== 'string') throw new Unauthenticated('UNAUTHENTICATED', 'Send `auth.token`.');
      const { actor, token } = await authenticator.admit(text, socket.handshake.address);
      const { origin } = socket.handshake.headers;
      if (origin !== undefined) await mustWelcome(ports, origin, actor.orgId);
      await ports.connect(actor, token);
      const waitMs = this.limits.takeConnect(actor.userId, performance.now());
      if (waitMs > 0) throw new TooMany(waitMs);
      return new Session(connection, actor, token, now().getTime());
    });
  }

  private async welcome(socket: Socket, calls: NamespaceCalls, streams: NamespaceStreams): Promise<void> {
    const { options } = this;
    try {
      const session = await this.sessionOf(socket);
      session.join(socket);
      socket.on('disconnect', () => session.leave(socket));
      socket.data = { streams };
      const { answerHot } = calls.listen({ session, socket });
      if (this.fastPath) shortenCalls(socket, calls.hot, this.fastPath.queue, answerHot);

      const own = await streams.joinOwn(socket, session);
      const ready: SessionReady = {
        protocol: PROTOCOL,
        node: options.nodeName,
        now: options.now().toISOString(),
        expiresAt: session.token.expiresAt.toISOString(),
        limits: { maxPacketBytes: MAX_PACKET_BYTES, callsPerSecond: CALLS_PER_SECOND, burst: CALLS_BURST },
        streams: own,
      };
      socket.emit('session:ready', ready);
      trim(socket, session.connection);
    } catch (error) {
      options.log.warn({ err: error }, 'a socket could not be welcomed');
      // The client cannot know which half of the welcome it missed, so it starts over.
      socket.conn.close();
    }
  }

  private async refresh(
    session: Session,
    text: string,
    address: string,
  ): Promise<{ expiresAt: string; lost: string[] }> {
    const { authenticator, ports, now } = this.options;
    const { actor, token } = await authenticator.authenticate(text, address);
    await ports.connect(actor, token);
    session.refresh(actor, token, now().getTime());
    return { expiresAt: token.expiresAt.toISOString(), lost: await dropLost(session) };
  }
}

const refusal = (error: unknown): Error => {
  const problem = toProblem(error, 'connect', ulid());
  return Object.assign(new Error(problem.detail), { data: problem });
};

function groupByNamespace(parts: readonly LiveNamespace[]): Map<string, LiveNamespace[]> {
  const groups = new Map<string, LiveNamespace[]>();
  for (const part of parts) groups.set(part.contract.namespace, [...(groups.get(part.contract.namespace) ?? []), part]);
  return groups;
}
