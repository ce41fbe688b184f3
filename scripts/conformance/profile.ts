import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import type { Namespace, Server, ServerOptions, Socket } from 'socket.io';
import { type Connection, type FastPath, shortenCalls, startFastPath } from '../../server/platform/live/fast';
import { createIo } from '../../server/platform/live/io';
import { createLogger } from '../../server/platform/observe/logger';
import { connectRedis } from '../../server/platform/redis';

interface ProfileOptions {
  readonly redisUrl: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly fast: boolean;
}

interface Profile {
  readonly port: number;
  /** False as well where the installed packages are not those that the fast path was tried with. */
  readonly isFast: boolean;
  close(): Promise<void>;
}

/** What the suites ask of a server. The hub itself differs: no polling, 64 KiB, longer heartbeats, nothing binary. */
const ASKED: Partial<ServerOptions> = {
  transports: ['polling', 'websocket'],
  pingInterval: 300,
  pingTimeout: 200,
  maxHttpBufferSize: 1_000_000,
  connectTimeout: 1_000,
  cors: { origin: '*' },
  // Two of them share a port, and each would after a second end what the other was to take.
  destroyUpgrade: false,
};

/**
 * The suite waits for one packet after the other and, with WebSocket clients of today, misses one that arrives together
 * with the one before.
 */
const APART_MS = 10;

/** What the short way of frequent calls takes, in `/custom`. */
const HOT_CALL = 'hot-call';

/** Opens both halves on one port: Socket.IO with the suites' handlers, and Engine.IO alone as an echo. */
export async function openProfile({ redisUrl, port, fast }: ProfileOptions): Promise<Profile> {
  const log = createLogger('silent', 'conformance');
  const publish = connectRedis(redisUrl, log);
  const subscribe = connectRedis(redisUrl, log);
  const http = createServer();
  const make = (path: string) => makeServer({ publish, subscribe, fast, path });
  const [speaking, echoing] = [make('/socket.io/'), make('/engine.io/')];

  speaking.io.attach(http);
  const path = speaking.isFast ? startFastPath(speaking.io, UNWATCHED) : null;
  for (const name of ['/', '/custom']) handle(speaking.io.of(name), path);

  echoing.io.attach(http);
  echo(echoing.io, echoing.isFast);

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, resolve);
  });
  return {
    // Listening on a port, its address is an AddressInfo.
    port: (http.address() as AddressInfo).port,
    isFast: speaking.isFast,
    close: async () => {
      path?.slow.stop();
      await Promise.all([speaking.io.close(), echoing.io.close()]);
      publish.disconnect();
      subscribe.disconnect();
    },
  };
}

/** Binary is allowed by leaving out who refuses it. */
const UNWATCHED = {
  now: () => Date.now(),
  onDelivered: () => {},
  onSkipped: () => {},
  onRecovered: () => {},
  onEnded: (connection: Connection) => connection.close(),
};

function makeServer(options: { publish: Redis; subscribe: Redis; fast: boolean; path: string }) {
  const { publish, subscribe, fast, path } = options;
  const prefix = `conformance-${process.pid}`;
  return createIo({ publish, subscribe, prefix, fast, server: { ...ASKED, path } });
}

/** The suites' handlers, in the place where the gateway has its calls: before Socket.IO looks for listeners. */
function handle(nsp: Namespace, fast: FastPath | null): void {
  nsp.use((_socket, next) => next());
  nsp.on('connection', (socket) => {
    setTimeout(() => socket.emit('auth', socket.handshake.auth), APART_MS);
    socket.use(([name, ...args]: unknown[]) => {
      const last = args.at(-1);
      if (name === 'message') answer(nsp, socket, args);
      else if (typeof last !== 'function') return;
      else if (name === 'message-with-ack') last(...args.slice(0, -1));
      else if (name === HOT_CALL) last({ ok: true, data: args[0] });
    });
    if (fast)
      shortenCalls(socket, new Set([HOT_CALL]), fast.queue, (_name, [input], reply) =>
        reply({ ok: true, data: input }),
      );
  });
}

/** Through the socket's own room, so that the adapter and its short way are what is tried; they carry JSON alone. */
function answer(nsp: Namespace, socket: Socket, args: readonly unknown[]): void {
  if (args.some((arg) => Buffer.isBuffer(arg))) socket.emit('message-back', ...args);
  else nsp.to(socket.id).emit('message-back', ...args);
}

/** Sends back what comes in, with nothing of Socket.IO above the connection. */
function echo(io: Server, isFast: boolean): void {
  let fast: FastPath | null = null;
  io.engine.removeAllListeners('connection');
  io.engine.on('connection', (connection: EchoedConnection) => {
    connection.on('data', (data: unknown) => {
      if (fast && typeof data === 'string') fast.queue.write(connection, data);
      else connection.send(data);
    });
  });
  // After the echo, since it stands before whoever listens already.
  if (isFast) fast = startFastPath(io, UNWATCHED);
}

interface EchoedConnection extends Connection {
  send(data: unknown): unknown;
}
