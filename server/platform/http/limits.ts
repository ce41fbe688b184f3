import type { Actor } from '../actor';
import type { Config } from '../config';
import { TooMany } from '../errors';
import { TokenBuckets } from '../token-bucket';

const BURST_S = 10;
/** For whoever did not sign in: a few pages' worth of calls. */
const ADDRESS_PER_SECOND = 5;
const ADDRESS_BURST = 300;
const TIDY_MS = 60_000;

/** Limits of the REST calls, counted by each node for itself: they protect the node, they are not a quota. */
export class ApiLimits {
  private readonly users: TokenBuckets;
  private readonly organisations: TokenBuckets;
  private readonly addresses = new TokenBuckets(ADDRESS_PER_SECOND, ADDRESS_BURST);
  private readonly timer = setInterval(() => this.tidy(), TIDY_MS);

  constructor({ API_RATE_PER_USER: ofUser, API_RATE_PER_ORGANISATION: ofOrganisation }: Config) {
    this.users = new TokenBuckets(ofUser, ofUser * BURST_S);
    this.organisations = new TokenBuckets(ofOrganisation, ofOrganisation * BURST_S);
  }

  /** @throws TooMany with the wait */
  take({ userId, orgId }: Actor): void {
    const now = performance.now();
    refuse(this.users.take(userId, now) || this.organisations.take(orgId, now));
  }

  /** @throws TooMany with the wait */
  takeAddress(ip: string): void {
    refuse(this.addresses.take(ip, performance.now()));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tidy(): void {
    const now = performance.now();
    for (const buckets of [this.users, this.organisations, this.addresses]) buckets.tidy(now);
  }
}

function refuse(waitMs: number): void {
  if (waitMs > 0) throw new TooMany(waitMs);
}
