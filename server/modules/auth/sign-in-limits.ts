import type { Redis } from 'ioredis';
import { type Hub, Remembered, TooMany } from '../../platform';
import { AttemptLimit } from './attempt-limit';
import { networkOf } from './network.policy';
import { type Failures, FORGOTTEN_AFTER_MS, LONGEST_AFTER, nextTry, waitSec } from './sign-in.policy';

/** A try that was let through, and counts as a failure unless it turns out to be none. */
export interface Try {
  /** The password was right: many people behind one address are no attack. */
  forgive(): Promise<void>;
  /** Nobody looked at the password. */
  giveBack(): Promise<void>;
}

const KEPT_WITHOUT_REDIS = 50_000;
const WAITS_MS = Array.from({ length: LONGEST_AFTER + 1 }, (_, failures) => waitSec(failures) * 1000);

/** `nextTry` where all nodes count together. The waits by number of failures come from outside, that they stand once. */
const script = `
local known = redis.call('HMGET', KEYS[1], 'count', 'lastAt')
local count, lastAt, now = tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(ARGV[1])
if now - lastAt >= tonumber(ARGV[2]) then count = 0 end
local wait = lastAt + tonumber(ARGV[3 + math.min(count, #ARGV - 3)]) - now
if count > 0 and wait > 0 then return { wait, count, lastAt } end
redis.call('HSET', KEYS[1], 'count', count + 1, 'lastAt', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 0, count, lastAt }
`;

/**
 * Slows down guessing: growing waits for one account from one network, twenty failures a minute from one network. With
 * Redis away each node counts for itself, rather than letting guesses through or people stand outside.
 */
export class SignInLimits {
  private readonly networks: AttemptLimit;
  private readonly alone: Remembered<Failures>;
  private readonly redis: Redis;
  private readonly prefix: string;

  constructor(private readonly hub: Pick<Hub, 'redis' | 'config' | 'now' | 'secrets'>) {
    this.redis = hub.redis;
    this.prefix = hub.config.REDIS_PREFIX;
    this.networks = new AttemptLimit(hub.redis, {
      prefix: this.prefix,
      name: 'sign-in-network',
      points: 20,
      perSec: 60,
    });
    this.alone = new Remembered(FORGOTTEN_AFTER_MS, KEPT_WITHOUT_REDIS, hub.now);
  }

  /** What stands for an address in counters and in what is kept of tries. */
  accountKey(email: string): string {
    return this.hub.secrets.hmac('pepper', `account ${email}`).toString('hex');
  }

  /** @throws TooMany with the wait */
  async take(email: string, ip: string): Promise<Try> {
    const network = networkOf(ip);
    const key = `${this.prefix}:limit:sign-in:${this.accountKey(email)}:${network}`;
    await this.networks.take(network);
    const before = await this.count(key);
    if ('waitMs' in before) {
      await this.networks.giveBack(network);
      throw new TooMany(before.waitMs);
    }
    return {
      forgive: async () => {
        await Promise.all([this.networks.giveBack(network), this.restore(key, { count: 0, lastAt: 0 })]);
      },
      giveBack: async () => {
        await Promise.all([this.networks.giveBack(network), this.restore(key, before)]);
      },
    };
  }

  /** @returns how long to wait, or the failures as they were before this one */
  private async count(key: string): Promise<{ waitMs: number } | Failures> {
    const now = this.hub.now().getTime();
    if (this.redis.status === 'ready')
      try {
        // The script answers with three numbers.
        const [waitMs, count, lastAt] = (await this.redis.eval(
          script,
          1,
          key,
          now,
          FORGOTTEN_AFTER_MS,
          ...WAITS_MS,
        )) as [number, number, number];
        return waitMs > 0 ? { waitMs } : { count, lastAt };
      } catch {
        // Counted below.
      }
    const known = this.alone.get(key);
    const next = nextTry(known, now);
    if ('waitMs' in next) return next;
    this.alone.set(key, next);
    return known ?? { count: 0, lastAt: 0 };
  }

  private async restore(key: string, { count, lastAt }: Failures): Promise<void> {
    this.alone.delete(key);
    if (count > 0) this.alone.set(key, { count, lastAt });
    if (this.redis.status !== 'ready') return;
    await (count > 0 ? this.redis.hset(key, { count, lastAt }) : this.redis.del(key)).catch(() => {});
  }
}
