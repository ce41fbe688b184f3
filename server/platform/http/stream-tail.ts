import type { Logger } from 'pino';
import type { Head, StreamLog } from '../outbox/stream-log';

const EVERY_MS = 500;
const BATCH = 500;

interface Waiter {
  readonly after: Head;
  readonly wake: () => void;
}

/**
 * Wakes readers that wait for the next event of a stream: at once when this process sends it, within half a second when
 * another one does. All who wait share one look at the heads.
 */
export class StreamTail {
  private readonly waiting = new Map<string, Set<Waiter>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly streams: StreamLog,
    private readonly log: Logger,
  ) {}

  /** Resolves when the stream is beyond `after`, after `ms`, or when the signal says so. */
  wait(after: Head, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(late);
        signal.removeEventListener('abort', done);
        this.forget(waiter);
        resolve();
      };
      const late = setTimeout(done, ms);
      const waiter: Waiter = { after, wake: done };
      if (signal.aborted) return done();
      signal.addEventListener('abort', done);
      const others = this.waiting.get(after.stream);
      if (others) others.add(waiter);
      else this.waiting.set(after.stream, new Set([waiter]));
      this.timer ??= setTimeout(() => void this.look(), EVERY_MS);
    });
  }

  /** This process sent the stream's event `n`. */
  sent(stream: string, n: number): void {
    for (const { after, wake } of this.waiting.get(stream) ?? []) if (n > after.n) wake();
  }

  private forget(waiter: Waiter): void {
    const others = this.waiting.get(waiter.after.stream);
    others?.delete(waiter);
    if (others?.size === 0) this.waiting.delete(waiter.after.stream);
  }

  private async look(): Promise<void> {
    try {
      const names = [...this.waiting.keys()];
      for (let from = 0; from < names.length; from += BATCH)
        for (const head of await this.streams.heads(names.slice(from, from + BATCH)))
          for (const { after, wake } of this.waiting.get(head.stream) ?? [])
            if (head.epoch !== after.epoch || head.n > after.n) wake();
    } catch (error) {
      this.log.warn({ err: error }, 'waiting readers could not be served, will repeat');
    }
    this.timer = this.waiting.size > 0 ? setTimeout(() => void this.look(), EVERY_MS) : undefined;
  }
}
