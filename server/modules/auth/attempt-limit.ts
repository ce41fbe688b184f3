import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { TooMany } from '../../platform';

/** So many attempts in so long for each key, counted by all nodes together. */
export class AttemptLimit {
  private readonly limiter: RateLimiterRedis;

  constructor(
    redis: Redis,
    { prefix, name, points, perSec }: { prefix: string; name: string; points: number; perSec: number },
  ) {
    this.limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}:limit:${name}`,
      points,
      duration: perSec,
      rejectIfRedisNotReady: true,
      // With Redis away each node counts for itself, rather than letting guesses through or people stand outside.
      insuranceLimiter: new RateLimiterMemory({ points, duration: perSec }),
    });
  }

  /** @throws TooMany with the wait */
  async take(key: string): Promise<void> {
    try {
      await this.limiter.consume(key);
    } catch (refused) {
      if (refused instanceof Error) throw refused;
      // The library rejects with its result, not with an Error.
      throw new TooMany((refused as RateLimiterRes).msBeforeNext);
    }
  }

  /** It was no attempt after all. */
  async giveBack(key: string): Promise<void> {
    await this.limiter.reward(key);
  }

  async forgive(key: string): Promise<void> {
    await this.limiter.delete(key);
  }
}
