import { backlogOf, type Connection, directSocket, linkOf } from './connection';

/** Above this, values that a newer one replaces are no longer queued for a connection. */
export const CONFLATE_BYTES = 64 * 1024;
/** Above this, or undrained for so long, a connection that has lossless events waiting is ended: it resumes. */
export const END_BYTES = 1024 * 1024;
const END_AFTER_MS = 10_000;
/** Drained enough to be given the newest values: below what made it slow, so that it does not flutter. */
const RECOVERED_BYTES = 16 * 1024;
const LOOK_MS = 250;

interface Slow {
  readonly since: number;
  /** `<namespace> <stream>` → values that were skipped. */
  readonly skipped: Map<string, number>;
  hasLossless: boolean;
}

export interface Skipped {
  readonly namespace: string;
  readonly stream: string;
  readonly count: number;
}

export interface SlowReadersOptions {
  readonly now: () => number;
  /** The connection drained: give it the newest value of what was skipped. */
  readonly onRecovered: (connection: Connection, skipped: Skipped[]) => void;
  /** The connection cannot follow: end it, it will resume. */
  readonly onEnded: (connection: Connection, bytes: number) => void;
  readonly onSkipped: (count: number) => void;
}

/** Connections that do not drain. Few at any time, so that the others pay nothing for them. */
export class SlowReaders {
  private readonly slow = new Map<Connection, Slow>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SlowReadersOptions) {}

  /** Whether a value that a newer one replaces should be left out for this connection. */
  skips(connection: Connection, namespace: string, stream: string, backlog: number): boolean {
    if (backlog <= CONFLATE_BYTES && !this.slow.has(connection)) return false;
    const { skipped } = this.mark(connection);
    const key = `${namespace} ${stream}`;
    skipped.set(key, (skipped.get(key) ?? 0) + 1);
    this.options.onSkipped(1);
    return true;
  }

  /** Notes lossless bytes that wait behind a backlog. @returns false when the connection was ended for it */
  carries(connection: Connection, backlog: number): boolean {
    if (backlog <= CONFLATE_BYTES) return true;
    this.mark(connection).hasLossless = true;
    if (backlog <= END_BYTES) return true;
    this.end(connection, backlog);
    return false;
  }

  /** The slowest, for operators. */
  list(limit: number): { connection: Connection; bytes: number; since: number }[] {
    return [...this.slow]
      .map(([connection, { since }]) => ({ connection, bytes: backlogOf(connection), since }))
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, limit);
  }

  get size(): number {
    return this.slow.size;
  }

  forget(connection: Connection): void {
    this.slow.delete(connection);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private mark(connection: Connection): Slow {
    let slow = this.slow.get(connection);
    if (!slow) {
      slow = { since: this.options.now(), skipped: new Map(), hasLossless: false };
      this.slow.set(connection, slow);
      // A timer and not the socket's `drain`: that may have fired between the look at the backlog and the listening.
      this.timer ??= setInterval(() => this.look(), LOOK_MS);
    }
    return slow;
  }

  private look(): void {
    for (const [connection, { since, skipped, hasLossless }] of this.slow) {
      if (connection.readyState !== 'open') this.slow.delete(connection);
      else if (backlogOf(connection) <= RECOVERED_BYTES && directSocket(linkOf(connection))) {
        this.slow.delete(connection);
        this.options.onRecovered(connection, [...skipped].map(toSkipped));
      } else if (hasLossless && this.options.now() - since > END_AFTER_MS) this.end(connection, backlogOf(connection));
    }
    if (this.slow.size === 0) this.stop();
  }

  private end(connection: Connection, bytes: number): void {
    this.slow.delete(connection);
    this.options.onEnded(connection, bytes);
  }
}

const toSkipped = ([key, count]: [string, number]): Skipped => {
  const at = key.indexOf(' ');
  return { namespace: key.slice(0, at), stream: key.slice(at + 1), count };
};
