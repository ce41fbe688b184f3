import { createAdapter } from '@socket.io/redis-adapter';
import type { Redis } from 'ioredis';
import { Server, type ServerOptions } from 'socket.io';
import { installFastAdapter, nodeParser } from './fast';
import { MAX_PACKET_BYTES } from './limits';

export interface IoOptions {
  readonly publish: Redis;
  readonly subscribe: Redis;
  readonly prefix: string;
  /** False leaves Socket.IO as it comes: the same wire, at several times the cost. */
  readonly fast: boolean;
  readonly server?: Partial<ServerOptions>;
}

export interface Io {
  readonly io: Server;
  /** Why the fast path is not used although it was asked for; empty when it is. */
  readonly obstacles: readonly string[];
  readonly isFast: boolean;
}

/** A Socket.IO server on the shared adapter; a worker's has no listener and only sends. */
export function createIo({ publish, subscribe, prefix, fast, server }: IoOptions): Io {
  const obstacles = fast ? installFastAdapter() : [];
  const isFast = fast && obstacles.length === 0;
  const io = new Server({
    transports: ['websocket'],
    maxHttpBufferSize: MAX_PACKET_BYTES,
    perMessageDeflate: false,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    connectTimeout: 10_000,
    serveClient: false,
    adapter: createAdapter(carefully(publish), subscribe, {
      key: `${prefix}:live`,
      requestsTimeout: 5_000,
      // Nodes of one hub speak one language, whichever of the two ways each of them uses to its own sockets.
      parser: nodeParser,
    }),
    ...server,
  });
  return { io, obstacles, isFast };
}

/**
 * What the adapter publishes through. It waits for no answer and catches none, so an error would end the process; and
 * while Redis is away its queue would grow, for events that every client will fetch from the log anyway.
 */
function carefully(redis: Redis): Redis {
  const publish = async (channel: string, message: string | Buffer): Promise<number> => {
    if (redis.status !== 'ready') return 0;
    try {
      return await redis.publish(channel, message);
    } catch {
      return 0;
    }
  };
  return new Proxy(redis, {
    get: (target, name) => {
      if (name === 'publish') return publish;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
