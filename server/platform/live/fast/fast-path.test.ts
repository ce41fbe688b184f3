import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import type { Server } from 'socket.io';
import { connect, type Socket as Client } from 'socket.io-client';
import { within } from '../../../testing/within';
import { connectRedis } from '../../redis';
import { createIo } from '../io';
import { messageFrame } from './frame';
import { connectionOf, type FastPath, shortenCalls, startFastPath } from './index';

const log = pino({ level: 'silent' });
const redisUrl = process.env['LORO_TEST_REDIS_URL'] ?? '';

interface Stage {
  readonly io: Server;
  readonly url: string;
  readonly fast: FastPath | null;
  readonly delivered: { count: number };
  readonly ended: string[];
  close(): Promise<void>;
}

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** A Socket.IO server as the hub makes it, on the fast path or the stock one. */
async function stage(isFast: boolean, prefix = `fast-${process.pid}-${Math.random()}`): Promise<Stage> {
  const publish = connectRedis(redisUrl, log);
  const subscribe = connectRedis(redisUrl, log);
  const { io, obstacles } = createIo({ publish, subscribe, prefix, fast: isFast });
  expect(obstacles).toEqual([]);
  const http: HttpServer = createServer();
  io.attach(http);
  const delivered = { count: 0 };
  const ended: string[] = [];
  const fast = isFast
    ? startFastPath(io, {
        now: () => Date.now(),
        onDelivered: (count) => (delivered.count += count),
        onSkipped: () => {},
        onRecovered: () => {},
        onEnded: (connection) => {
          ended.push(connection.id);
          connection.transport.socket?.terminate();
        },
        onBinary: (connection) => connection.close(),
      })
    : null;
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    fast?.slow.stop();
    await io.close();
    publish.disconnect();
    subscribe.disconnect();
  };
  open.push(close);
  return { io, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, fast, delivered, ended, close };
}

async function client(url: string, namespace = '/'): Promise<Client> {
  const socket = connect(url + namespace, { transports: ['websocket'], reconnection: false, forceNew: false });
  open.push(() => socket.disconnect());
  await once(socket as never, 'connect');
  return socket;
}

const meta = (n: number, stream = 'org:log:1') => ({ stream, n, epoch: 'e' });

describe('a frame', () => {
  it.each([0, 1, 124, 125, 126, 65_534, 65_535, 70_000])('carries %d bytes behind the message type', (length) => {
    const frame = messageFrame('x'.repeat(length));

    const header = length + 1 < 126 ? 2 : length + 1 < 65_536 ? 4 : 10;
    expect(frame.length).toBe(header + 1 + length);
    expect(frame[0]).toBe(0x81);
    expect(frame.subarray(header).toString()).toBe(`4${'x'.repeat(length)}`);
  });
});

describe.each([
  ['the fast path', true],
  ['the stock path', false],
])('%s', (_path, isFast) => {
  it('delivers what one turn of the loop sends, whole and in the order it was sent', async () => {
    const { io, url } = await stage(isFast);
    io.of('/a').on('connection', (socket) => void socket.join(['org:log:1', 'org:log:2', 'both']));
    const a = await client(url, '/a');
    const heard: unknown[] = [];
    a.onAny((name: string, data: unknown) => heard.push([name, data]));
    const [socket] = await io.of('/a').fetchSockets();
    const big = 'é𝄞'.repeat(20_000);

    io.of('/a').to('org:log:1').emit('one', 1, meta(1));
    io.of('/a').to('org:log:1').emit('two', 2, meta(2));
    io.of('/a').to('org:log:2').emit('three', big, meta(1, 'org:log:2'));
    socket?.emit('direct', 4);
    io.of('/a').to('org:log:1').emit('five', { a: 5 }, meta(3));
    io.of('/a').to(['org:log:1', 'both']).emit('six', 6);
    io.of('/a').except('nobody').emit('seven', 7);
    io.of('/a').to('org:log:2').emit('eight', 8, meta(2, 'org:log:2'));

    await within(2_000, () => expect(heard).toHaveLength(8));
    expect(heard).toEqual([
      ['one', 1],
      ['two', 2],
      ['three', big],
      ['direct', 4],
      ['five', { a: 5 }],
      ['six', 6],
      ['seven', 7],
      ['eight', 8],
    ]);
  });

  it('gives each connection its own share, and a room nobody else’s', async () => {
    const { io, url } = await stage(isFast);
    io.on('connection', (socket) => void socket.join(String(socket.handshake.query['room']).split(',')));
    const heard: Record<string, unknown[]> = {};
    for (const rooms of ['x', 'y', 'x,y', 'none']) {
      const socket = connect(url, { transports: ['websocket'], forceNew: true, query: { room: rooms } });
      open.push(() => socket.disconnect());
      heard[rooms] = [];
      socket.onAny((_name: string, data: unknown) => heard[rooms]?.push(data));
      await once(socket as never, 'connect');
    }

    io.to('x').emit('e', 1, meta(1, 'x'));
    io.to('y').emit('e', 2, meta(1, 'y'));
    io.to('x').emit('e', 3, meta(2, 'x'));
    io.emit('e', 'all');

    await within(2_000, () => expect(heard['x,y']).toHaveLength(4));
    await within(2_000, () =>
      expect(heard).toEqual({ x: [1, 3, 'all'], y: [2, 'all'], 'x,y': [1, 2, 3, 'all'], none: ['all'] }),
    );
  });

  it('hears other nodes, whichever path they use themselves', async () => {
    const prefix = `fast-${process.pid}-${Math.random()}`;
    const here = await stage(isFast, prefix);
    const fastNode = await stage(true, prefix);
    const stockNode = await stage(false, prefix);
    here.io.of('/a').on('connection', (socket) => void socket.join('org:log:1'));
    for (const { io } of [fastNode, stockNode]) io.of('/a');
    const a = await client(here.url, '/a');
    const heard: unknown[] = [];
    a.onAny((name: string, data: unknown, about: unknown) => heard.push([name, data, about]));

    await within(5_000, async () => {
      fastNode.io.of('/a').to('org:log:1').emit('ping', 0);
      stockNode.io.of('/a').to('org:log:1').emit('ping', 0);
      await within(300, () => expect(heard.length).toBeGreaterThan(1));
    });
    heard.length = 0;
    fastNode.io.of('/a').to('org:log:1').emit('from-fast', { a: 'é' }, meta(1));
    stockNode.io.of('/a').to('org:log:1').emit('from-stock', [2], meta(2));
    fastNode.io.of('/a').to(['org:log:1', 'other']).emit('to-several', 3);

    await within(2_000, () => {
      const said = heard.filter((event) => (event as string[])[0] !== 'ping');
      expect(said).toHaveLength(3);
      expect(said).toEqual(
        expect.arrayContaining([
          ['from-fast', { a: 'é' }, meta(1)],
          ['from-stock', [2], meta(2)],
          ['to-several', 3, undefined],
        ]),
      );
    });
  });
});

describe('a shortened call', () => {
  it('is answered once by one way, while every other packet and all middleware still run', async () => {
    const { io, url, fast } = await stage(true);
    const passed: string[] = [];
    const answered: unknown[] = [];
    io.of('/t').on('connection', (socket) => {
      socket.use(([name], next) => {
        passed.push(name);
        next();
      });
      socket.on('other', (data: unknown, reply: (answer: unknown) => void) => reply({ stock: data }));
      if (fast)
        shortenCalls(socket, new Set(['hot']), fast.queue, (name, args, reply) => {
          answered.push([name, args]);
          reply({ ok: true, data: args[0] });
        });
    });
    const t = await client(url, '/t');

    expect(await t.emitWithAck('hot', { n: 1, text: '"],é' })).toEqual({ ok: true, data: { n: 1, text: '"],é' } });
    expect(await t.emitWithAck('other', 2)).toEqual({ stock: 2 });
    t.emit('hot', 'without an ack');
    t.emit('hotter', 1);
    expect(await t.emitWithAck('hot', [])).toEqual({ ok: true, data: [] });

    await within(1_000, () => expect(passed).toEqual(['other', 'hot', 'hotter']));
    expect(answered).toEqual([
      ['hot', [{ n: 1, text: '"],é' }]],
      ['hot', [[]]],
    ]);
  });
});

describe('binary packets', () => {
  it('end the connection before their attachments are gathered', async () => {
    const { io, url } = await stage(true);
    io.on('connection', () => {});
    const socket = await client(url);
    const closed = once(socket as never, 'disconnect');

    socket.emit('photo', Buffer.from('bytes'));

    expect(await closed).toEqual(['transport close', expect.anything()]);
  });
});

describe('a reader that stalls', () => {
  async function stalled() {
    const it = await stage(true);
    it.io.on('connection', (socket) => void socket.join(['org:log:1', 'org:latest:1']));
    const reader = await client(it.url);
    const other = connect(it.url, { transports: ['websocket'], forceNew: true });
    open.push(() => other.disconnect());
    await once(other as never, 'connect');
    const heard = { log: 0, latest: 0 };
    other.on('log', () => (heard.log += 1));
    other.on('latest', () => (heard.latest += 1));
    const raw = Reflect.get(reader.io.engine.transport, 'ws') as { _socket?: { pause(): void; resume(): void } };
    const connection = [...it.io.sockets.sockets.values()].map(connectionOf)[0];
    if (!raw._socket || !connection) throw new Error('the client has no network socket');
    raw._socket.pause();
    return { ...it, reader, heard, connection, net: raw._socket };
  }

  it('skips values that newer ones replace, so that memory stays bounded, and the others do not notice', async () => {
    const { io, heard, connection, fast, net, ended } = await stalled();
    const value = 'v'.repeat(10_000);

    for (let n = 1; n <= 1_500; n += 1) {
      io.to('org:latest:1').emit('latest', value, { stream: 'org:latest:1', at: n });
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }

    await within(5_000, () => expect(heard.latest).toBe(1_500));
    expect(connection.transport.socket?._socket?.writableLength).toBeLessThan(1024 * 1024);
    expect(fast?.slow.size).toBe(1);
    expect(ended).toEqual([]);

    net.resume();
    await within(5_000, () => expect(fast?.slow.size).toBe(0));
  });

  it('is ended when events that may not be skipped pile up', async () => {
    const { io, heard, ended, connection, reader, net } = await stalled();
    const value = 'v'.repeat(10_000);
    const gone = once(reader as never, 'disconnect');

    for (let n = 1; n <= 1_500; n += 1) {
      io.to('org:log:1').emit('log', value, meta(n));
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }

    await within(5_000, () => expect(heard.log).toBe(1_500));
    expect(ended).toEqual([connection.id]);
    net.resume();
    await gone;
  });
});
