import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { z } from 'zod';
import { redisOptions } from '../../server/platform/redis';

const Publication = z.object({ room: z.string(), n: z.number(), id: z.string() });

/** Socket.IO as its documents say: the Redis adapter with its defaults, rooms, and nothing of ours. */
const publisher = new Redis(redisOptions(process.env['REDIS_URL'] ?? ''));
const http = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const publication = Publication.parse(JSON.parse(Buffer.concat(chunks).toString()));
    io.to(publication.room).emit('event', publication);
    response.end('ok');
  });
});
const io = new Server(http, { adapter: createAdapter(publisher, publisher.duplicate()) });
io.on('connection', (socket) => {
  socket.on('join', async (room: string, done: () => void) => {
    await socket.join(room);
    done();
  });
});

http.listen(0, '127.0.0.1', () => {
  // Listening on a port, its address is an AddressInfo.
  process.send?.({ ready: true, port: (http.address() as AddressInfo).port });
});
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, () => process.exit(0));
