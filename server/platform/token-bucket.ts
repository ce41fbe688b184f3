/** A token bucket: `burst` at once, then `perSecond`. It counts in thousandths and whole milliseconds, which V8 keeps in place. */
export class TokenBucket {
  private tokens: number;
  private last: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst * 1_000;
    this.last = Math.floor(now);
  }

  /** Takes `cost` tokens: 0, or the milliseconds until they are there. */
  take(now: number, cost = 1): number {
    this.refill(now);
    const price = Math.round(cost * 1_000);
    if (this.tokens >= price) {
      this.tokens -= price;
      return 0;
    }
    return Math.ceil((price - this.tokens) / this.perSecond);
  }

  /** Whether nothing was taken for so long that a new bucket would be the same. */
  isFull(now: number): boolean {
    this.refill(now);
    return this.tokens >= this.burst * 1_000;
  }

  private refill(now: number): void {
    const at = Math.floor(now);
    this.tokens = Math.min(this.burst * 1_000, this.tokens + (at - this.last) * this.perSecond);
    this.last = at;
  }
}

/** A bucket for each key; those that filled up again are forgotten. */
export class TokenBuckets {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {}

  take(key: string, now: number): number {
    let bucket = this.buckets.get(key);
    if (!bucket) this.buckets.set(key, (bucket = new TokenBucket(this.perSecond, this.burst, now)));
    return bucket.take(now);
  }

  tidy(now: number): void {
    for (const [key, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(key);
  }
}
