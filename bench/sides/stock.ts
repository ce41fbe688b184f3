import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server, type Socket } from 'socket.io';
import { redisOptions } from '../../server/platform/redis';
import { serve } from '../rpc';
import { verifyForAnchors } from './anchor-tokens';
import {
  type Burst,
  checkInStarted,
  fixesMoved,
  packSent,
  type SentReport,
  type Stamp,
  stampedFix,
  subscribed,
  type Subscription,
  taken,
} from './messages';

/** Socket.IO as it comes, WebSocket only: JSON, one emit an event, its own adapter unless REDIS_URL names a Redis. */
const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false, ...adapter(process.env['REDIS_URL']) });
const keys = new Map<string, number>();
/** Streams that dashboards watch. */
const fleets = new Set<string>();
let sent = 0;

function adapter(url: string | undefined) {
  if (url === undefined || url === '') return {};
  return { adapter: createAdapter(new Redis(redisOptions(url)), new Redis(redisOptions(url)), { key: 'bench-stock' }) };
}

function welcome(socket: Socket): void {
  socket.on('stream:subscribe', async ({ streams }: Subscription, reply: (answer: unknown) => void) => {
    const names = streams.map(({ stream }) => stream);
    await socket.join(names);
    if (socket.nsp.name === '/tracking') for (const name of names) fleets.add(name);
    reply(subscribed(streams));
  });
  socket.on('fix:report', (report: SentReport, reply: (answer: unknown) => void) => {
    const key = keys.get(report.device) ?? keys.size + 1;
    keys.set(report.device, key);
    for (const fleet of fleets)
      for (const fix of report.fixes) socket.nsp.to(fleet).emit(...fixesMoved(fleet, [packSent(key, fix)]));
    reply(taken(report));
  });
}

for (const name of ['/check-ins', '/tracking']) {
  const namespace = io.of(name);
  namespace.use((socket, next) => {
    try {
      verifyForAnchors(String(socket.handshake.auth['token']));
      next();
    } catch {
      next(new Error('UNAUTHENTICATED'));
    }
  });
  namespace.on('connection', welcome);
}

http.listen(0, '127.0.0.1', () =>
  serve(
    {
      emit: ({ stream, events }: Burst) => {
        for (let event = 0; event < events; event += 1)
          io.of('/check-ins')
            .to(stream)
            .emit(...checkInStarted(stream, (sent += 1)));
      },
      stamp: ({ stream }: Stamp) =>
        io
          .of('/tracking')
          .to(stream)
          .emit(...fixesMoved(stream, [stampedFix()])),
    },
    // A server that listens on a port has an address of this kind.
    { port: (http.address() as AddressInfo).port },
  ),
);
