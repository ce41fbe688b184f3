import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { ulid } from 'ulid';
import { z } from 'zod';
import { type Random, randomFrom } from '../../server/seeds/random';
import { Timeline } from './faults';
import { publishing, type SideResult, type Stage } from './hub';
import { Inbox } from './inbox';
import { Line } from './line';
import { Supervised } from './processes';
import { Progress } from './progress';
import type { LoggedEvent } from './truth';
import { compare, type Hearer } from './verdict';

const SETTLE_MS = 10_000;
const PUBLISH_MS = 5_000;
const Event = z.object({ room: z.string(), n: z.number(), id: z.string() });

/** What many build: join the room at each connect, and listen. */
class StockClient implements Hearer {
  readonly kind = 'stock';
  readonly inbox = new Inbox();
  readonly streams: readonly string[];
  private socket!: Socket;

  constructor(
    readonly name: string,
    room: string,
    readonly line: Line,
  ) {
    this.streams = [room];
  }

  async open(): Promise<void> {
    // Without sticky sessions at the balancer, polling would not even connect.
    this.socket = io(this.line.url, { transports: ['websocket'] });
    this.socket.on('event', (data: unknown) => {
      const { room, n, id } = Event.parse(data);
      this.inbox.take(room, n, id);
    });
    this.socket.on('disconnect', () => this.inbox.down());
    await new Promise<void>((joined) => {
      this.socket.on('connect', () => {
        this.inbox.up(this.line.outages.at(-1)?.to);
        this.socket.emit('join', this.streams[0], joined);
      });
    });
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** Stock Socket.IO with the Redis adapter under the same faults, clients, lines and rates. */
export async function soakStock(stage: Stage): Promise<SideResult> {
  const { options, engines, faults, logs, cleanup, signal, say } = stage;
  const gateways = Array.from(
    { length: options.gateways },
    (_, at) =>
      new Supervised({
        name: `stock-${at + 1}`,
        file: path.join(__dirname, `stock-server${path.extname(__filename)}`),
        env: { REDIS_URL: engines.redisUrl },
        logs,
        execArgv: process.execArgv,
      }),
  );
  cleanup.add(() => Promise.all(gateways.map((gateway) => gateway.stop())));
  await Promise.all(gateways.map((gateway) => gateway.start()));

  const roomSize = options.clients <= 60 ? 10 : 25;
  const clients = await openClients(stage, gateways, roomSize);
  const rooms = [...new Set(clients.flatMap(({ streams }) => streams))];
  const log = new Map<string, LoggedEvent[]>(rooms.map((room) => [room, []]));
  const chance = randomFrom(options.seed, 'faults');
  const victim = chance.pick(gateways);
  const frozen = chance.pick(gateways);
  const timeline = new Timeline([
    { at: 0.08, what: `${victim.name} is killed`, run: async () => victim.killHard() },
    { at: 0.16, what: 'Redis stands still for 4 s', run: () => faults.freezeEngine('redis', 4_000) },
    { at: 0.34, what: 'Redis is killed and started again', run: () => faults.killEngine('redis', engines) },
    { at: 0.6, what: `${frozen.name} stands still for 6 s`, run: () => frozen.freeze(6_000, signal) },
    { at: 0.7, what: 'Redis stands still for 15 s', run: () => faults.freezeEngine('redis', 15_000) },
    { at: 0.94, what: 'Redis loses all that it holds', run: () => faults.flushRedis() },
  ]);
  const progress = new Progress(say, () => [
    `${[...log.values()].reduce((sum, events) => sum + events.length, 0)} events`,
    `${clients.reduce((sum, { inbox }) => sum + inbox.total, 0)} deliveries`,
    `${clients.filter(({ line }) => line.isDown).length} lines down`,
    `servers ${gateways.filter(({ isUp }) => isUp).length}/${gateways.length}`,
    timeline.current,
  ]);
  cleanup.add(() => progress.stop());
  for (const { line } of clients) line.breakNowAndThen();
  const random = randomFrom(options.seed, 'load');
  await publishing(stage, timeline, (until) => publish(log, gateways, random, options.rate, until));
  for (const { line } of clients) line.heal();
  await sleep(SETTLE_MS, undefined, { signal });
  progress.stop();
  return {
    deliveries: compare(clients, log, timeline),
    accounts: null,
    deaths: gateways.flatMap(({ deaths }) => deaths),
    outages: clients.reduce((sum, { line }) => sum + line.outages.length, 0),
    losses: [],
  };
}

async function openClients(
  { options, cleanup, say }: Stage,
  gateways: readonly Supervised[],
  roomSize: number,
): Promise<StockClient[]> {
  const clients: StockClient[] = [];
  for (let index = 0; index < options.clients; index += 1) {
    const line = new Line({
      targets: () => gateways.flatMap(({ port }) => port ?? []),
      random: randomFrom(options.seed, 'line', `${index}`),
      meanUpMs: 15_000,
      meanDownMs: 2_000,
    });
    await line.open();
    clients.push(new StockClient(`client-${index + 1}`, `room-${Math.floor(index / roomSize)}`, line));
  }
  cleanup.add(() => {
    for (const client of clients) {
      client.close();
      client.line.close();
    }
  });
  await Promise.all(clients.map((client) => client.open()));
  say(`${clients.length} stock clients are in ${Math.ceil(clients.length / roomSize)} rooms`);
  return clients;
}

/** An event counts as published when a server has said so. */
async function publish(
  log: Map<string, LoggedEvent[]>,
  gateways: readonly Supervised[],
  random: Random,
  rate: number,
  until: AbortSignal,
): Promise<void> {
  const startedAt = Date.now();
  const numbers = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  for (let done = 0; !until.aborted; done += 1) {
    await sleep(Math.max(0, startedAt + (done * 1_000) / rate - Date.now()), undefined, { signal: until }).catch(
      () => {},
    );
    const room = random.pick([...log.keys()]);
    const n = (numbers.get(room) ?? 0) + 1;
    numbers.set(room, n);
    const sending = send(gateways, random, { room, n, id: ulid() }, until).then((event) => {
      if (event) log.get(room)?.push(event);
    });
    underWay.add(sending);
  }
  await Promise.all(underWay);
}

async function send(
  gateways: readonly Supervised[],
  random: Random,
  publication: z.infer<typeof Event>,
  until: AbortSignal,
): Promise<LoggedEvent | null> {
  const { n, id } = publication;
  const at = Date.now();
  while (!until.aborted) {
    const ports = gateways.flatMap(({ port }) => port ?? []);
    try {
      const response = await fetch(`http://127.0.0.1:${random.pick(ports)}/`, {
        method: 'POST',
        body: JSON.stringify(publication),
        signal: AbortSignal.timeout(PUBLISH_MS),
      });
      if (response.ok) return { n, id, at, epoch: '', event: 'event' };
    } catch {
      await sleep(100);
    }
  }
  return null;
}
