/** A token bucket: `burst` at once, then `perSecond`. */
export class TokenBucket {
  private tokens: number;
  private last: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.last = now;
  }

  /** Takes `cost` tokens: 0, or the milliseconds until they are there. */
  take(now: number, cost = 1): number {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.last) / 1000) * this.perSecond);
    this.last = now;
    if (this.tokens >= cost) {
      this.tokens -= cost;
      return 0;
    }
    return Math.ceil(((cost - this.tokens) / this.perSecond) * 1000);
  }
}

export const MAX_PACKET_BYTES = 64 * 1024;
export const CALLS_PER_SECOND = 20;
export const CALLS_BURST = 60;
/** Batches a second that one connection may hand in; more than any honest phone has. */
export const HOT_PER_SECOND = 200;
export const HOT_BURST = 400;
