import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';

const LOOK_MS = 3_000;
const LEASE_MS = 10_000;
/** A stream counts as watched for this long after its last watcher left, so that what follows from it does not flutter. */
const HOLD_MS = 15_000;
const SOON_MS = 250;

export interface WatchersOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly nodeId: string;
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Which streams of some kinds anybody hears, on whichever node. Every node says what is heard there and reads what the
 * others say, once in three seconds; asking costs nothing. Without Redis a node knows its own listeners.
 */
export class Watchers {
  private readonly kinds = new Set<string>();
  private readonly here = new Set<string>();
  private readonly seen = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(private readonly options: WatchersOptions) {}

  /** Keeps an eye on streams of these kinds. */
  follow(...kinds: string[]): void {
    for (const kind of kinds) this.kinds.add(kind);
  }

  /** Calls back after every look. */
  onLook(listener: () => void): void {
    this.listeners.push(listener);
  }

  isWatched(stream: string): boolean {
    const at = this.seen.get(stream);
    return at !== undefined && at > this.options.now().getTime() - HOLD_MS;
  }

  /** To be called once the namespaces stand. */
  start(io: Server): void {
    for (const { adapter } of io._nsps.values()) {
      adapter.on('create-room', (room: string) => this.opened(room));
      adapter.on('delete-room', (room: string) => this.here.delete(room));
    }
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.soon);
    if (this.options.redis.status === 'ready') await this.options.redis.del(this.keyOf(this.options.nodeId));
  }

  private opened(room: string): void {
    if (!this.kinds.has(room.split(':')[1] ?? '')) return;
    this.here.add(room);
    this.seen.set(room, this.options.now().getTime());
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      void this.look();
    }, SOON_MS);
  }

  private async look(): Promise<void> {
    this.note(this.here);
    const { redis, log } = this.options;
    // While Redis is away its commands would only pile up.
    if (!this.isLooking && redis.status === 'ready') {
      this.isLooking = true;
      try {
        await this.say([...this.here]);
        this.note(await this.elsewhere());
      } catch (error) {
        log.warn({ err: error }, 'reading who watches failed, will repeat');
      } finally {
        this.isLooking = false;
      }
    }
    for (const listener of this.listeners) listener();
  }

  private note(streams: Iterable<string>): void {
    const now = this.options.now().getTime();
    for (const [stream, at] of this.seen) if (at <= now - HOLD_MS) this.seen.delete(stream);
    for (const stream of streams) this.seen.set(stream, now);
  }

  private async say(streams: readonly string[]): Promise<void> {
    const { redis, nodeId } = this.options;
    await redis.set(this.keyOf(nodeId), streams.join('\n'), 'PX', LEASE_MS);
    await redis.sadd(this.nodes, nodeId);
  }

  private async elsewhere(): Promise<string[]> {
    const { redis, nodeId } = this.options;
    const nodes = (await redis.smembers(this.nodes)).filter((node) => node !== nodeId);
    if (nodes.length === 0) return [];
    const said = await redis.mget(nodes.map((node) => this.keyOf(node)));
    const dead = nodes.filter((_, index) => said[index] === null);
    if (dead.length > 0) await redis.srem(this.nodes, ...dead);
    return said.flatMap((text) => (text ? text.split('\n') : []));
  }

  private get nodes(): string {
    return `${this.options.prefix}:watchers`;
  }

  private keyOf(node: string): string {
    return `${this.options.prefix}:watchers:${node}`;
  }
}
