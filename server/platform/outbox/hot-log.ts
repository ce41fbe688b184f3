import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { grouped } from '../grouped';
import { type Head, type LoggedEvent, toWire, type WireEvent } from './events';

const KEEP = 500;
const EXPIRE_SEC = 3_600;
const PATIENCE_MS = 100;
const MAX_UNANSWERED = 1_000;

/** A number of a stream that two different events hold. */
export type OnClash = (head: Omit<Head, 'n'>) => void;

/**
 * The newest events of busy streams in Redis, so that a thousand clients that come back at once do not all ask MySQL.
 * Deliveries are not ordered as commits are, so it may have holes; readers take a range only when it is whole. Losing
 * it costs time, never an event.
 */
export class HotLog {
  private unanswered = 0;
  private isFrozen = false;

  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly log: Logger,
    private readonly onClash: OnClash,
  ) {}

  /** Adds committed events; nobody waits for it, and nothing is added while Redis is away. */
  add(events: readonly LoggedEvent[]): void {
    if (!this.answers || this.unanswered >= MAX_UNANSWERED) return;
    for (const [key, batch] of grouped(events, (event) => this.keyOf(event))) {
      const [first, last] = [batch[0], batch.at(-1)];
      if (!first || !last) continue;
      const { n: low } = batch.reduce((least, event) => (event.n < least.n ? event : least), first);
      const { n: high } = batch.reduce((most, event) => (event.n > most.n ? event : most), last);
      this.unanswered += 1;
      this.redis
        .pipeline()
        .zadd(key, 'NX', ...batch.flatMap((event) => [event.n, JSON.stringify(toWire(event))]))
        .zcount(key, low, high)
        .zremrangebyrank(key, 0, -KEEP - 1)
        .expire(key, EXPIRE_SEC)
        .exec()
        .then((answers) => {
          // Under one number there can only be two members when they are two events.
          if (Number(answers?.[1]?.[1]) > high - low + 1) this.onClash(first);
        })
        .catch((error: unknown) => this.log.debug({ err: error }, 'the hot log was not written'))
        .finally(() => {
          this.unanswered -= 1;
        });
    }
  }

  /** The events after `after` up to `upTo` of the head's epoch; null when they are not all here, or Redis is away. */
  async range(head: Head, after: number, upTo: number): Promise<WireEvent[] | null> {
    const members = await this.ask(() => this.redis.zrangebyscore(this.keyOf(head), after + 1, upTo));
    if (members?.length !== upTo - after) return null;
    // Written by `add`.
    const events = members.map((member) => JSON.parse(member) as WireEvent);
    return events.every(([, , meta], index) => meta.n === after + 1 + index) ? events : null;
  }

  /** The highest number that was sent in this epoch, as far as it is known here; 0 otherwise. */
  async last(head: Omit<Head, 'n'>): Promise<number> {
    const answer = await this.ask(() => this.redis.zrange(this.keyOf(head), -1, -1, 'WITHSCORES'));
    return Number(answer?.[1] ?? 0);
  }

  private keyOf({ stream, epoch }: Omit<Head, 'n'>): string {
    return `${this.prefix}:log:{${stream}}:${epoch}`;
  }

  private get answers(): boolean {
    return this.redis.status === 'ready' && !this.isFrozen;
  }

  /** Asks Redis, and gives up soon: MySQL knows it all anyway. One that was late is left alone until it answers. */
  private async ask<T>(question: () => Promise<T>): Promise<T | null> {
    if (!this.answers) return null;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        this.isFrozen = true;
        resolve(null);
      }, PATIENCE_MS);
    });
    const asked = question()
      .catch(() => null)
      .finally(() => {
        clearTimeout(timer);
        this.isFrozen = false;
      });
    return Promise.race([asked, late]);
  }
}
