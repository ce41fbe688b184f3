import type { Meta } from '@loro/contracts/kit/live';
import type { SessionReady, Subscribed } from '@loro/contracts/kit/session';
import { badAnswer, fieldOf, isPassing, LoroError, toLoroError } from '../errors';
import type { Log } from '../types';
import { Follower, type Packet, type Position, type Subscriber } from './follower';
import { jitter } from './timing';

export interface StreamsOptions {
  /** Calls the hub; rejects with a LoroError. */
  readonly send: (event: string, input: unknown) => Promise<unknown>;
  readonly deliver: (packet: Packet) => void;
  readonly log: Log;
}

const MOST_AT_ONCE = 50;
/** A page that is left and entered again at once (React's double mount) must not lose its stream meanwhile. */
const LEAVE_AFTER_MS = 100;

/** The streams of one namespace: which are followed, and how they catch up. */
export class Streams {
  readonly #followers = new Map<string, Follower>();
  readonly #pending = new Set<Follower>();
  /** Left on this connection; their last events may still be on the way. */
  readonly #left = new Set<string>();
  #online = false;
  /** Counts connections: an answer of an earlier one is of no use. */
  #turn = 0;

  readonly #options: StreamsOptions;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  follow(stream: string, after: Position | undefined, subscriber: Subscriber): Follower {
    const found = this.#followers.get(stream);
    const follower = found ?? this.#add(stream);
    follower.subscribers.add(subscriber);
    if (!follower.known) {
      // Several may begin together, each from a snapshot of its own: the oldest misses nothing.
      const { position } = follower;
      if (after && (!position || after.n < position.n)) follower.position = { epoch: after.epoch, n: after.n };
    } else if (!follower.position) {
      // Newest values are told to whoever comes, and those who have them already know them by their instant.
      follower.known = false;
      this.#request(follower);
    } else {
      const { position } = follower;
      const isBehind = after && (after.epoch !== position.epoch || after.n < position.n);
      // What lies between was delivered before this subscriber came, and is not delivered twice.
      queueMicrotask(() => {
        if (!follower.subscribers.has(subscriber)) return;
        subscriber.onReady();
        if (isBehind) subscriber.onReset();
      });
    }
    if (!found) this.#request(follower);
    return follower;
  }

  leave(follower: Follower, subscriber: Subscriber): void {
    if (!follower.subscribers.delete(subscriber) || follower.wanted) return;
    setTimeout(() => {
      if (follower.wanted || this.#followers.get(follower.stream) !== follower) return;
      this.#drop(follower);
      if (!this.#online) return;
      this.#left.add(follower.stream);
      this.#options.send('stream:unsubscribe', { streams: [follower.stream] }).catch(() => {
        // A connection that is gone has left everything.
      });
    }, LEAVE_AFTER_MS);
  }

  /** A connection begins; the hub has joined `joined` already. */
  onReady(joined: SessionReady['streams']): void {
    this.#online = true;
    this.#turn += 1;
    const listed = new Map(joined.map((row) => [row.stream, row]));
    for (const row of joined) this.#add(row.stream).auto = true;
    for (const follower of this.#followers.values()) {
      const row = listed.get(follower.stream);
      follower.auto = row !== undefined;
      if (!follower.wanted) {
        this.#drop(follower);
        continue;
      }
      if (row?.epoch === undefined || row.n === undefined) {
        this.#request(follower);
        continue;
      }
      const head = { epoch: row.epoch, n: row.n };
      follower.position ??= head;
      const { position } = follower;
      if (position.epoch === head.epoch && position.n >= head.n) follower.settle();
      else this.#request(follower);
    }
  }

  offline(): void {
    this.#online = false;
    this.#turn += 1;
    this.#pending.clear();
    this.#left.clear();
    for (const follower of this.#followers.values()) follower.pause();
  }

  onEvent(packet: Packet): void {
    const { stream, epoch, n } = packet[2];
    let follower = this.#followers.get(stream);
    if (!follower) {
      if (this.#left.has(stream)) return;
      // Rights grow while we are connected, and the hub joins us to more.
      follower = this.#add(stream);
      follower.auto = true;
      if (epoch !== undefined && n !== undefined) follower.position = { epoch, n: n - 1 };
      follower.settle();
    }
    follower.take(packet);
  }

  onHead({ stream, epoch, n }: Position & { readonly stream: string }): void {
    this.#followers.get(stream)?.onHead({ epoch, n });
  }

  onEnded(stream: string, code: string): void {
    const follower = this.#followers.get(stream);
    if (!follower) return;
    this.#drop(follower);
    this.#left.add(stream);
    follower.end(code);
  }

  /** Everything is over: signed out, or closed. */
  endAll(code: string): void {
    for (const follower of this.#followers.values()) {
      this.#drop(follower);
      follower.end(code);
    }
  }

  #add(stream: string): Follower {
    const known = this.#followers.get(stream);
    if (known) return known;
    const follower: Follower = new Follower(
      stream,
      (packet) => {
        if (follower.wanted) this.#options.deliver(packet);
      },
      () => this.#request(follower),
    );
    this.#followers.set(stream, follower);
    this.#left.delete(stream);
    return follower;
  }

  #drop(follower: Follower): void {
    follower.pause();
    this.#followers.delete(follower.stream);
    this.#pending.delete(follower);
  }

  #request(follower: Follower): void {
    if (!this.#online) return;
    this.#pending.add(follower);
    if (this.#pending.size === 1) queueMicrotask(() => this.#flush());
  }

  /** Sends what was asked for in one turn as few packets. */
  #flush(): void {
    const all = [...this.#pending];
    this.#pending.clear();
    for (let from = 0; from < all.length; from += MOST_AT_ONCE)
      void this.#subscribe(all.slice(from, from + MOST_AT_ONCE));
  }

  async #subscribe(followers: readonly Follower[]): Promise<void> {
    const turn = this.#turn;
    const asked = new Map(followers.map((follower) => [follower, follower.position]));
    const streams = followers.map(({ stream, position }) =>
      position ? { stream, after: { epoch: position.epoch, n: position.n } } : { stream },
    );
    try {
      const answers = rowsOf(await this.#options.send('stream:subscribe', { streams }));
      if (turn !== this.#turn) return;
      const byStream = new Map(answers.map((answer) => [answer.stream, answer]));
      for (const follower of followers)
        this.#accept(follower, byStream.get(follower.stream), asked.get(follower) ?? null);
    } catch (error) {
      if (turn === this.#turn) for (const follower of followers) this.#retry(follower, toLoroError(error));
    }
  }

  #accept(follower: Follower, answer: Subscribed['streams'][number] | undefined, asked: Position | null): void {
    if (this.#followers.get(follower.stream) !== follower) return;
    try {
      if (!answer) throw badAnswer();
      if ('error' in answer) throw new LoroError(answer.error);
      if (follower.accept(answer, asked)) this.#request(follower);
    } catch (error) {
      const problem = toLoroError(error);
      if (isPassing(problem) || problem.code === 'BAD_RESPONSE') return this.#retry(follower, problem);
      this.#drop(follower);
      follower.end(problem.code);
    }
  }

  #retry(follower: Follower, problem: LoroError): void {
    const turn = this.#turn;
    this.#options.log('warn', 'a stream could not be followed', {
      stream: follower.stream,
      code: problem.code,
    });
    setTimeout(
      () => {
        if (turn === this.#turn && this.#followers.get(follower.stream) === follower) this.#request(follower);
      },
      problem.retryAfterMs ?? 250 + jitter(follower.failures++),
    );
  }
}

function rowsOf(answer: unknown): Subscribed['streams'] {
  const rows = fieldOf(answer, 'streams');
  if (Array.isArray(rows)) return rows;
  throw badAnswer();
}

/** What came beside an event, where it is an event of a stream. */
export const isMeta = (value: unknown): value is Meta => typeof fieldOf(value, 'stream') === 'string';
