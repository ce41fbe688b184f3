import { TokenBucket, TokenBuckets } from '../token-bucket';

export const MAX_PACKET_BYTES = 64 * 1024;
export const CALLS_PER_SECOND = 20;
export const CALLS_BURST = 60;
/** Batches a second that one connection may hand in; more than any honest phone has. */
export const HOT_PER_SECOND = 200;
export const HOT_BURST = 400;
/** Streams that one connection may follow. */
export const STREAMS_PER_CONNECTION = 500;

/** Calls refused within ten seconds that end a connection: twenty times what is allowed. */
const ABUSE_CALLS = 20 * 10 * CALLS_PER_SECOND;
const ABUSE_WINDOW_MS = 10_000;

/** What one socket may call, and when it has gone too far. */
export class SocketLimits {
  private bucket: TokenBucket | undefined;
  private hotBucket: TokenBucket | undefined;
  private refusedSince = 0;
  private refused = 0;

  take(isHot: boolean, now: number): number {
    if (isHot) {
      this.hotBucket ??= new TokenBucket(HOT_PER_SECOND, HOT_BURST, now);
      return this.hotBucket.take(now);
    }
    this.bucket ??= new TokenBucket(CALLS_PER_SECOND, CALLS_BURST, now);
    return this.bucket.take(now);
  }

  /** Notes a refused call. @returns whether its sender does not listen and should be sent away */
  refuse(now: number): boolean {
    if (now - this.refusedSince > ABUSE_WINDOW_MS) {
      this.refusedSince = now;
      this.refused = 0;
    }
    this.refused += 1;
    return this.refused > ABUSE_CALLS;
  }
}

/** Limits that many sockets share, counted by each node for itself: they protect the node, they are not a quota. */
export class SharedLimits {
  private readonly users = new TokenBuckets(3 * CALLS_PER_SECOND, 3 * CALLS_BURST);
  private readonly organisations = new TokenBuckets(2_000, 6_000);
  /** A person has a few devices and tabs, and all of them come back at once after a cut. */
  private readonly connects = new TokenBuckets(5, 60);

  takeCall({ orgId, userId }: { orgId: string; userId: string }, now: number): number {
    return this.users.take(userId, now) || this.organisations.take(orgId, now);
  }

  takeConnect(userId: string, now: number): number {
    return this.connects.take(userId, now);
  }

  tidy(now: number): void {
    for (const buckets of [this.users, this.organisations, this.connects]) buckets.tidy(now);
  }
}
