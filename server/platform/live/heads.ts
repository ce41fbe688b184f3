import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import type { StreamLog } from '../outbox/stream-log';

const EVERY_MS = 3_000;
const BATCH = 500;

/**
 * Tells local members where their streams stand, when that moved since the last look. It is what finds the lost last
 * event of a stream, which no gap in the numbers can show.
 */
export class HeadWatch {
  private readonly told = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly io: Server,
    private readonly streams: StreamLog,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const rooms = this.localStreams();
      for (const stream of this.told.keys()) if (!rooms.has(stream)) this.told.delete(stream);
      const names = [...rooms.keys()];
      for (let from = 0; from < names.length; from += BATCH)
        for (const head of await this.streams.heads(names.slice(from, from + BATCH))) {
          if (this.told.get(head.stream) === head.n) continue;
          this.told.set(head.stream, head.n);
          const namespace = rooms.get(head.stream);
          if (namespace !== undefined) this.io.of(namespace).local.to(head.stream).emit('stream:head', head);
        }
    } catch (error) {
      this.log.warn({ err: error }, 'reading stream heads failed, will repeat');
    } finally {
      this.looking = false;
    }
  }

  private localStreams(): Map<string, string> {
    const rooms = new Map<string, string>();
    for (const [name, namespace] of this.io._nsps)
      for (const room of namespace.adapter.rooms.keys()) if (room.includes(':')) rooms.set(room, name);
    return rooms;
  }
}
