import type { Meta } from '@loro/contracts/kit/live';
import type { Subscribed } from '@loro/contracts/kit/session';
import { badAnswer } from '../errors';

export interface Position {
  readonly epoch: string;
  readonly n: number;
}

/** An event as it travels. */
export type Packet = readonly [name: string, data: unknown, meta: Meta];

export type Answer = Exclude<Subscribed['streams'][number], { error: unknown }>;

/** One `subscribe` of the app; several may share a stream. */
export interface Subscriber {
  readonly onReady: () => void;
  /** An event was delivered, or missing ones were given up. */
  readonly onMoved: () => void;
  readonly onReset: () => void;
  readonly onEnded: (code: string) => void;
}

/** How long an event that came too early waits for the ones before it. */
export const GAP_MS = 500;
/** Held back while a subscribe is under way; what exceeds it is asked for again. */
const MOST_WAITING = 5_000;

/**
 * Follows one stream: puts its events in order, drops repeats, notices gaps. `log` streams are counted by (epoch, n);
 * `latest` streams have no count, their consumers compare instants.
 */
export class Follower {
  readonly subscribers = new Set<Subscriber>();
  /** The hub joined it for us. */
  auto = false;
  position: Position | null = null;
  /** Has been in step with the hub at least once. */
  known = false;
  failures = 0;
  #syncing = true;
  #waiting: Packet[] = [];
  readonly #early = new Map<number, Packet>();
  #gap: ReturnType<typeof setTimeout> | undefined;

  readonly #deliver: (packet: Packet) => void;
  readonly #ask: (follower: Follower) => void;

  constructor(
    readonly stream: string,
    deliver: (packet: Packet) => void,
    /** Asks the hub for what is missing after `position`. */
    ask: (follower: Follower) => void,
  ) {
    this.#deliver = deliver;
    this.#ask = ask;
  }

  get wanted(): boolean {
    return this.auto || this.subscribers.size > 0;
  }

  /** Takes a live event. */
  take(packet: Packet): void {
    if (!this.#syncing) return this.#apply(packet);
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(packet);
  }

  /** The connection is gone: whatever comes next is compared with where we stood. */
  pause(): void {
    this.#syncing = true;
    this.#waiting = [];
    this.#forgetEarly();
  }

  resync(): void {
    this.#syncing = true;
    this.#waiting.unshift(...this.#early.values());
    this.#forgetEarly();
    this.#ask(this);
  }

  /** We are where the hub is: lets through what came meanwhile. */
  settle(): void {
    this.#syncing = false;
    this.failures = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.known) {
      this.known = true;
      for (const { onReady } of this.subscribers) onReady();
    }
    // Each may find a gap, and the rest then waits for the next answer.
    for (const packet of waiting) this.take(packet);
  }

  /** The hub says where the stream stands. */
  onHead({ epoch, n }: Position): void {
    if (this.#syncing) return;
    if (epoch !== this.position?.epoch || n > this.position.n) this.resync();
  }

  /**
   * Takes the answer to a subscribe that asked for what follows `asked`.
   *
   * @returns whether to ask again for the rest
   */
  accept(answer: Answer, asked: Position | null): boolean {
    const { epoch, n } = answer;
    // What was published has travelled as JSON and has the shape that its contract says.
    const events = answer.events as Packet[];
    if (answer.class === 'latest' || epoch === undefined || n === undefined) {
      for (const packet of events) this.#deliver(packet);
      this.settle();
      return false;
    }
    if (!asked || answer.recovered === false) {
      this.position = { epoch, n };
      for (const { onMoved, onReset } of this.subscribers) {
        onMoved();
        if (asked) onReset();
      }
      this.settle();
      return false;
    }
    const before = this.position;
    for (const packet of events) if (this.#isNext(packet)) this.#step(packet);
    const rest = answer.more === true || (this.position?.n ?? 0) < n;
    if (!rest) this.settle();
    else if (this.position === before) throw badAnswer();
    return rest;
  }

  end(code: string): void {
    this.#forgetEarly();
    const told = [...this.subscribers];
    this.subscribers.clear();
    for (const { onEnded } of told) onEnded(code);
  }

  #apply(packet: Packet): void {
    const { epoch, n } = packet[2];
    if (epoch === undefined || n === undefined) return this.#deliver(packet);
    if (epoch !== this.position?.epoch) {
      this.#waiting.push(packet);
      return this.resync();
    }
    if (n <= this.position.n) return;
    if (n > this.position.n + 1) {
      this.#early.set(n, packet);
      this.#gap ??= setTimeout(() => this.resync(), GAP_MS);
      return;
    }
    let next: Packet | undefined = packet;
    while (next) {
      this.#step(next);
      next = this.#early.get(this.position.n + 1);
      this.#early.delete(this.position.n + 1);
    }
    if (this.#early.size === 0) this.#forgetEarly();
  }

  #isNext([, , { epoch, n }]: Packet): boolean {
    return this.position !== null && epoch === this.position.epoch && n === this.position.n + 1;
  }

  #step(packet: Packet): void {
    const { epoch, n } = packet[2];
    if (epoch !== undefined && n !== undefined) this.position = { epoch, n };
    this.#deliver(packet);
    for (const { onMoved } of this.subscribers) onMoved();
  }

  #forgetEarly(): void {
    clearTimeout(this.#gap);
    this.#gap = undefined;
    this.#early.clear();
  }
}
