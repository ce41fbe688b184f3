import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/** Reads `redis://…`, `rediss://…` and `redis+unix:///path/to.sock`. */
export function redisOptions(url: string): RedisOptions {
  const { protocol, pathname, hostname, port, username, password } = new URL(url);
  if (protocol === 'redis+unix:') return { path: decodeURIComponent(pathname) };
  const db = Number(pathname.slice(1) || 0);
  return {
    host: hostname,
    port: port === '' ? 6379 : Number(port),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
    db,
  };
}

/**
 * A client that outlives an absent Redis: commands wait instead of failing after twenty tries, which would otherwise
 * reject inside the adapter, where nobody catches, and end the process.
 */
export function connectRedis(url: string, log: Logger, options: RedisOptions = {}): Redis {
  const client = new Redis({
    ...redisOptions(url),
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 2_000),
    ...options,
  });
  let away = false;
  client.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'redis is away');
    away = true;
  });
  client.on('ready', () => {
    if (away) log.info('redis is back');
    away = false;
  });
  return client;
}
