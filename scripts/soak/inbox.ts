/** One event as a client's app was given it. */
interface Received {
  readonly id: string;
  readonly at: number;
  /** When the connection that it came over was ready. */
  readonly upSince: number;
}

interface StreamInbox {
  readonly seen: Map<number, Received>;
  newest: number;
}

/** Everything that one client's app was given, and how. */
export class Inbox {
  readonly streams = new Map<string, StreamInbox>();
  repeated = 0;
  disordered = 0;
  /** Told that events are missing and cannot be had, or that a stream has ended. */
  readonly losses: string[] = [];
  /** How long it took to be ready again, from when the line was and the loss was noticed. */
  readonly reconnects: number[] = [];
  total = 0;
  private upSince = 0;
  private downSince: number | null = null;

  /** `n` counts the events of a stream. */
  take(stream: string, n: number, id: string): void {
    const inbox = this.of(stream);
    this.total += 1;
    if (inbox.seen.has(n)) {
      this.repeated += 1;
      return;
    }
    if (n < inbox.newest) this.disordered += 1;
    inbox.newest = Math.max(inbox.newest, n);
    inbox.seen.set(n, { id, at: Date.now(), upSince: this.upSince });
  }

  of(stream: string): StreamInbox {
    let inbox = this.streams.get(stream);
    if (!inbox) this.streams.set(stream, (inbox = { seen: new Map(), newest: 0 }));
    return inbox;
  }

  /** The client noticed that its connection is gone. */
  down(): void {
    this.downSince ??= Date.now();
  }

  /** The connection is ready; `lineUpAt` is when the line was mended, where it had been broken. */
  up(lineUpAt = 0): void {
    const now = Date.now();
    if (this.downSince !== null) this.reconnects.push(Math.max(0, now - Math.max(this.downSince, lineUpAt)));
    this.downSince = null;
    this.upSince = now;
  }
}
