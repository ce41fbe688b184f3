import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Random } from '../../server/seeds/random';

/** How a line breaks: closed, reset, silent for a while, or gone for the client while the server still believes in it. */
const KINDS = ['close', 'close', 'reset', 'stall', 'stall', 'ghost'] as const;
type Kind = (typeof KINDS)[number];

export interface Outage {
  readonly kind: Kind;
  readonly from: number;
  to: number;
}

export interface LineOptions {
  /** Where connections go; asked at each connection, as a load balancer's health check is. */
  readonly targets: () => readonly number[];
  readonly random: Random;
  readonly meanUpMs: number;
  readonly meanDownMs: number;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  isStalled: boolean;
}

/** Whose turn it is, over all lines. */
let turn = 0;

/**
 * One client's way to the hub: a TCP proxy of its own in front of all gateways. Each connection goes to the next
 * gateway. Now and then the whole line breaks, for sockets and requests alike.
 */
export class Line {
  readonly outages: Outage[] = [];
  isDown = false;
  private readonly server: Server;
  private readonly pairs = new Set<Pair>();
  /** Connections made while the line was silent. */
  private readonly held = new Set<Socket>();
  private timer: NodeJS.Timeout | undefined;
  private kind: Kind = 'close';

  constructor(private readonly options: LineOptions) {
    this.server = createServer((socket) => this.accept(socket));
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    // Listening on a port, its address is an AddressInfo.
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks from now on, every `meanUpMs` on the average. */
  breakNowAndThen(): void {
    this.timer = setTimeout(() => this.break(), exponential(this.options.random, this.options.meanUpMs));
  }

  heal(): void {
    clearTimeout(this.timer);
    if (this.isDown) this.restore();
    clearTimeout(this.timer);
  }

  close(): void {
    clearTimeout(this.timer);
    this.server.close();
    for (const socket of this.held) socket.destroy();
    for (const pair of this.pairs) end(pair);
  }

  private break(): void {
    const { random, meanDownMs } = this.options;
    this.kind = random.pick(KINDS);
    this.isDown = true;
    const downMs = meanDownMs * random.between(0.5, 1.5);
    this.outages.push({ kind: this.kind, from: Date.now(), to: Date.now() + downMs });
    for (const pair of this.pairs) this.breakPair(pair);
    this.timer = setTimeout(() => {
      this.restore();
      this.breakNowAndThen();
    }, downMs);
  }

  private breakPair(pair: Pair): void {
    if (this.kind === 'close') return end(pair);
    if (this.kind === 'reset') return reset(pair);
    pair.isStalled = true;
    pair.client.pause();
    pair.server.pause();
    if (this.kind === 'ghost') {
      pair.client.resetAndDestroy();
      // The gateway learns of it much later than the client, who may be back by then.
      setTimeout(() => end(pair), 5_000).unref();
    }
  }

  private restore(): void {
    this.isDown = false;
    const outage = this.outages.at(-1);
    if (outage) outage.to = Date.now();
    for (const socket of this.held) socket.resetAndDestroy();
    this.held.clear();
    if (this.kind !== 'stall') return;
    const resumes = this.options.random.chance(0.5);
    for (const pair of this.pairs) {
      if (!pair.isStalled) continue;
      if (!resumes) reset(pair);
      else {
        pair.isStalled = false;
        pair.client.resume();
        pair.server.resume();
      }
    }
  }

  private accept(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.isDown && this.kind === 'stall') {
      this.held.add(client);
      client.once('close', () => this.held.delete(client));
      return;
    }
    if (this.isDown) {
      client.resetAndDestroy();
      return;
    }
    const targets = this.options.targets();
    this.dial(client, targets, turn++, targets.length);
  }

  /** Tries one gateway after the other, as a balancer does with one that refuses. */
  private dial(client: Socket, targets: readonly number[], at: number, left: number): void {
    const port = targets[at % targets.length];
    if (port === undefined || left === 0) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    const refused = (): void => {
      server.destroy();
      this.dial(client, targets, at + 1, left - 1);
    };
    server.once('error', refused);
    server.once('connect', () => {
      server.off('error', refused);
      this.join({ client, server, isStalled: false });
    });
  }

  private join(pair: Pair): void {
    const { client, server } = pair;
    this.pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => {
        if (!pair.isStalled) from.resume();
      });
      from.on('error', () => from.destroy());
      from.once('close', () => {
        // A ghost's far end stays open.
        if (pair.isStalled && this.kind === 'ghost' && from === client) return;
        end(pair);
        this.pairs.delete(pair);
      });
    }
    if (client.destroyed) end(pair);
    if (this.isDown) this.breakPair(pair);
  }
}

const exponential = (random: Random, mean: number): number => -Math.log(1 - random.next()) * mean;

function end({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}

function reset({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}
