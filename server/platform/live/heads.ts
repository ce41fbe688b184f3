import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import type { Head, StreamLog } from '../outbox/stream-log';

const EVERY_MS = 3_000;
/** How soon it looks again after MySQL did not answer. */
const RETRY_MS = 500;
const BATCH = 500;

/** How far the members of a stream on this node have been brought; `epoch` is not known before the first look. */
interface Reached {
  readonly n: number;
  readonly epoch: string | null;
}

/**
 * Tells local members where a stream stands when that is beyond what this node has sent them. It is what finds the lost
 * last event of a stream, which no gap in the numbers can show.
 */
export class HeadWatch {
  private readonly reached = new Map<string, Reached>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isRunning = false;
  private behind = 0;

  constructor(
    private readonly io: Server,
    private readonly streams: StreamLog,
    private readonly log: Logger,
    private readonly redis: Redis,
    private readonly everyMs = EVERY_MS,
  ) {}

  start(): void {
    this.isRunning = true;
    this.redis.on('ready', this.onRedisBack);
    this.timer = setTimeout(() => void this.look(), this.everyMs);
  }

  stop(): void {
    this.isRunning = false;
    this.redis.off('ready', this.onRedisBack);
    clearTimeout(this.timer);
  }

  /** Events by which the log was ahead of this node's members at the last look. */
  get lag(): number {
    return this.behind;
  }

  /** An event went into the stream's room on this node. */
  sent(stream: string, n: number): void {
    const known = this.reached.get(stream);
    if (known) {
      if (n > known.n) this.reached.set(stream, { epoch: known.epoch, n });
      return;
    }
    if (this.isHeardHere(stream)) this.reached.set(stream, { epoch: null, n });
  }

  /** Looks now; together with a look that is under way. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private readonly onRedisBack = () => void this.look();

  private async lookOnce(): Promise<void> {
    clearTimeout(this.timer);
    let nextMs = this.everyMs;
    try {
      const rooms = this.localStreams();
      for (const stream of this.reached.keys()) if (!rooms.has(stream)) this.reached.delete(stream);
      const names = [...rooms.keys()];
      let behind = 0;
      for (let from = 0; from < names.length; from += BATCH) {
        const batch = names.slice(from, from + BATCH);
        // Before the heads are read: what is sent meanwhile may be newer than they are.
        const before = new Map(batch.map((stream) => [stream, this.reached.get(stream)]));
        for (const head of await this.streams.heads(batch))
          behind += await this.compare(head, before.get(head.stream), rooms.get(head.stream) ?? '/');
      }
      this.behind = behind;
    } catch (error) {
      nextMs = RETRY_MS;
      this.log.warn({ err: error }, 'reading stream heads failed, will repeat');
    }
    if (this.isRunning) this.timer = setTimeout(() => void this.look(), nextMs);
  }

  /** @returns by how many events the members were behind */
  private async compare(read: Head, before: Reached | undefined, namespace: string): Promise<number> {
    const isBehindUs = before !== undefined && read.n < before.n && (before.epoch ?? read.epoch) === read.epoch;
    const head = (isBehindUs && (await this.streams.renew(read, before.n))) || read;
    const now = this.reached.get(head.stream);
    const isNewEpoch = now !== undefined && now.epoch !== null && now.epoch !== head.epoch;
    if (now && !isNewEpoch && head.epoch === read.epoch && head.n <= now.n) {
      if (now.epoch === null) this.reached.set(head.stream, { epoch: head.epoch, n: now.n });
      return 0;
    }
    this.reached.set(head.stream, { epoch: head.epoch, n: head.n });
    this.io.of(namespace).local.to(head.stream).emit('stream:head', head);
    // Before the first look nobody knows how far they are.
    return now && !isNewEpoch ? Math.max(0, head.n - now.n) : 0;
  }

  private isHeardHere(stream: string): boolean {
    for (const { adapter } of this.io._nsps.values()) if (adapter.rooms.has(stream)) return true;
    return false;
  }

  private localStreams(): Map<string, string> {
    const rooms = new Map<string, string>();
    for (const [name, { adapter }] of this.io._nsps)
      for (const room of adapter.rooms.keys()) if (room.includes(':')) rooms.set(room, name);
    return rooms;
  }
}
