import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

interface PokesOptions {
  readonly redis: Redis;
  readonly subscriber: Redis;
  readonly prefix: string;
  readonly log: Logger;
}

/**
 * Tells every process to look again now at something it looks at by itself. A poke carries nothing; one that is lost
 * costs the wait for the next look.
 */
export class Pokes {
  private readonly listeners = new Map<string, () => void>();

  constructor(private readonly options: PokesOptions) {}

  /** `look` runs at every poke of this name, and when Redis is back, since nobody knows what was poked meanwhile. */
  on(name: string, look: () => void): void {
    const { redis, subscriber, log } = this.options;
    const channel = this.channel(name);
    if (this.listeners.size === 0) {
      subscriber.on('message', (from: string) => this.listeners.get(from)?.());
      redis.on('ready', () => {
        for (const listener of this.listeners.values()) listener();
      });
    }
    this.listeners.set(channel, look);
    subscriber.subscribe(channel).catch((error: unknown) => log.warn({ err: error, name }, 'pokes will not be heard'));
  }

  /** Says it to every process, this one included. */
  poke(name: string): void {
    const { redis } = this.options;
    if (redis.status === 'ready') redis.publish(this.channel(name), '').catch(() => {});
  }

  private channel(name: string): string {
    return `${this.options.prefix}:poke:${name}`;
  }
}
