import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Actor } from '../actor';
import { TooMany } from '../errors';

const PER_MINUTE = { user: 600, organisation: 6_000, publicAddress: 300 };

/** Limits of the REST calls, counted by each node for itself: they protect the node, not a quota. */
export class ApiLimits {
  private readonly users = new RateLimiterMemory({ points: PER_MINUTE.user, duration: 60 });
  private readonly organisations = new RateLimiterMemory({ points: PER_MINUTE.organisation, duration: 60 });
  private readonly addresses = new RateLimiterMemory({ points: PER_MINUTE.publicAddress, duration: 60 });

  async take(actor: Actor): Promise<void> {
    await consume(this.users, actor.userId);
    await consume(this.organisations, actor.orgId);
  }

  async takeAddress(ip: string): Promise<void> {
    await consume(this.addresses, ip);
  }
}

/** @throws TooMany with the wait */
async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    // The library rejects with its result, not with an Error.
    throw new TooMany((refused as RateLimiterRes).msBeforeNext);
  }
}
