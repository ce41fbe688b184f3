import { Client, type OnEvent, type Opening } from './client';
import type { Target } from './wire';

const AT_ONCE = 32;
// Each address has its own 28 000 ports, and a closed connection keeps its port for a minute.
const ADDRESSES = 64;

export interface CrowdOptions {
  readonly target: Target;
  readonly tokens: readonly string[];
  readonly count: number;
  /** Streams that each of them subscribes to. */
  readonly streams: readonly string[];
}

let opened = 0;

/** The next loopback address in turn. */
const nextAddress = (): string => `127.0.1.${1 + ((opened += 1) % ADDRESSES)}`;

const openingOf = ({ target, tokens }: CrowdOptions, index: number, onEvent: OnEvent): Opening => {
  const token = tokens[index % tokens.length];
  if (token === undefined) throw new Error('nobody has a token');
  return { target, token, from: nextAddress(), onEvent };
};

/** Opens many connections, some at a time. */
export async function openCrowd(options: CrowdOptions, onEvent: (index: number) => OnEvent): Promise<Client[]> {
  const clients: Client[] = [];
  await inTurns(options.count, AT_ONCE, async (index) => {
    const client = await Client.open(openingOf(options, index, onEvent(index)));
    if (options.streams.length > 0)
      await client.ask('stream:subscribe', { streams: options.streams.map((stream) => ({ stream })) });
    clients[index] = client;
  });
  return clients;
}

/** Connects and leaves, `count` times. */
export const handshakes = (options: CrowdOptions): Promise<void> =>
  inTurns(options.count, AT_ONCE, async (index) => {
    const client = await Client.open(openingOf(options, index, () => {}));
    await client.close();
  });

export const closeCrowd = (clients: readonly Client[]): Promise<void> =>
  inTurns(clients.length, 500, async (index) => clients[index]?.close());

async function inTurns(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}
