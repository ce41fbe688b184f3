import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PackedFix } from '@loro/contracts/tracking';
import { createLogger } from '../../server/platform/boot';
import { shortenCalls, startFastPath } from '../../server/platform/live/fast';
import { createIo } from '../../server/platform/live/io';
import { connectRedis } from '../../server/platform/redis';
import { serve } from '../rpc';
import { fixesMoved, packSent, type SentReport, subscribed, type Subscription, taken } from './messages';

const TICK_MS = 100;

/**
 * The hub's own Socket.IO server on the same Redis, with its fast adapter and its short way for hot calls, and without what
 * the hub adds: no token, no permission, no validation, no annotation, nothing stored. It acknowledges, and shows the newest
 * fixes ten times a second as the hub does.
 */
const log = createLogger('warn', 'bare');
const redisUrl = process.env['REDIS_URL'] ?? '';
const { io } = createIo({
  publish: connectRedis(redisUrl, log),
  subscribe: connectRedis(redisUrl, log),
  prefix: 'bench-bare',
  fast: true,
});
const http = createServer();
const keys = new Map<string, number>();
/** Streams that dashboards watch. */
const fleets = new Set<string>();
const moved = new Map<string, Map<number, PackedFix>>();
let timer: NodeJS.Timeout | undefined;

function tick(): void {
  timer = undefined;
  for (const [room, fixes] of moved)
    io.of('/tracking')
      .to(room)
      .emit(...fixesMoved(room, [...fixes.values()]));
  moved.clear();
}

function note(room: string, report: SentReport): void {
  const newest = report.fixes.at(-1);
  if (!newest) return;
  const key = keys.get(report.device) ?? keys.size + 1;
  keys.set(report.device, key);
  const fixes = moved.get(room) ?? new Map<number, PackedFix>();
  moved.set(room, fixes.set(key, packSent(key, newest)));
  timer ??= setTimeout(tick, TICK_MS);
}

io.attach(http);
const { queue } = startFastPath(io, {
  now: () => Date.now(),
  onDelivered: () => {},
  onSkipped: () => {},
  onRecovered: () => {},
  onEnded: () => {},
  onBinary: () => {},
});

const namespace = io.of('/tracking');
namespace.on('connection', (socket) => {
  socket.on('stream:subscribe', async ({ streams }: Subscription, reply: (answer: unknown) => void) => {
    const names = streams.map(({ stream }) => stream);
    await socket.join(names);
    for (const name of names) fleets.add(name);
    reply(subscribed(streams));
  });
  shortenCalls(socket, new Set(['fix:report']), queue, (_name, [input], reply) => {
    const report = input as SentReport;
    for (const fleet of fleets) note(fleet, report);
    reply(taken(report));
  });
});

http.listen(0, '127.0.0.1', () =>
  // A server that listens on a port has an address of this kind.
  serve({}, { port: (http.address() as AddressInfo).port }),
);
