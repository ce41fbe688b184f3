import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { TooMany } from '../../platform';

/** Attempts a minute: 5 for an account from one address, 20 from one address; shared by all nodes. */
export class SignInLimits {
  private readonly account: RateLimiterRedis;
  private readonly address: RateLimiterRedis;

  constructor(redis: Redis, prefix: string) {
    const limiter = (name: string, points: number) =>
      new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `${prefix}:limit:${name}`,
        points,
        duration: 60,
        rejectIfRedisNotReady: true,
        // With Redis away each node counts for itself, rather than letting guesses through or people stand outside.
        insuranceLimiter: new RateLimiterMemory({ points, duration: 60 }),
      });
    this.account = limiter('sign-in-account', 5);
    this.address = limiter('sign-in-address', 20);
  }

  /** @throws TooMany with the wait */
  async take(email: string, ip: string): Promise<void> {
    try {
      await this.address.consume(ip);
      await this.account.consume(`${email}:${ip}`);
    } catch (refused) {
      if (refused instanceof Error) throw refused;
      // The library rejects with its result, not with an Error.
      throw new TooMany((refused as RateLimiterRes).msBeforeNext);
    }
  }

  /** A right password gives the tries back: many people behind one address are no attack. */
  async forgive(email: string, ip: string): Promise<void> {
    await Promise.all([this.address.reward(ip), this.account.delete(`${email}:${ip}`)]);
  }
}
