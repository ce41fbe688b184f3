import { licensingLive } from '@loro/contracts/licensing-live';
import { licenseLimits, type LicenseLimit, limitKinds, type UsageFeature } from '@loro/contracts/licensing-values';
import { type After, type Hub, HubError } from '../../platform';
import type { CountersStore } from './counters.store';
import type { LicenseBook } from './license-book';
import { allowedOf, crossed, thresholdsOf } from './limits.policy';
import { monthOf, type Period } from './periods.policy';
import type { RedisUsage } from './redis-usage.store';
import { type Standing, standingOf } from './terms.policy';

/** What may be used of something in a period. */
export interface Quota {
  readonly period: Period;
  readonly limit: number | null;
  readonly allowed: number | null;
  readonly standing: Standing | null;
}

const isLimit = (feature: UsageFeature): feature is LicenseLimit => licenseLimits.some((limit) => limit === feature);
export const isQuota = (feature: UsageFeature): boolean => isLimit(feature) && limitKinds[feature].kind === 'quota';
/** What counts as it stands is taken and released, not reported. */
export const isMetered = (feature: UsageFeature): boolean => !isLimit(feature) || isQuota(feature);

/** Quotas begin anew with every period; Redis counts for all nodes, and MySQL where Redis is away. */
export class QuotasService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: { book: LicenseBook; counters: CountersStore; redis: RedisUsage },
  ) {}

  /** Also of an earlier period, into which something late belongs. */
  async of(orgId: string, feature: UsageFeature, at: Date): Promise<Quota> {
    const held = await this.uses.book.of(orgId);
    const standing = held ? standingOf(held, this.hub.now()) : null;
    const period = monthOf(standing?.anchorDay ?? 1, at);
    if (!standing || !isLimit(feature) || !isQuota(feature)) return { period, limit: null, allowed: null, standing };
    const limit = standing.limits[feature];
    return { period, limit, allowed: allowedOf(limit, standing.overage, standing.state), standing };
  }

  /**
   * Counts in Redis what fits; null: it does not fit. `counts`: whether it is already made and counts in any case;
   * such a count waits in Redis to be written to MySQL.
   */
  async spend(
    orgId: string,
    feature: UsageFeature,
    quota: Quota,
    quantity: number,
    counts: boolean,
  ): Promise<number | null> {
    const { redis, counters } = this.uses;
    const { period, allowed } = quota;
    const asked = { feature, period, quantity, allowed: counts ? null : allowed, waits: counts };
    let spent = await redis.spend(orgId, asked);
    if (spent.outcome === 'unknown') {
      await redis.bring(orgId, feature, period, await counters.used(orgId, feature, period.start));
      spent = await redis.spend(orgId, asked);
    }
    return spent.outcome === 'refused' ? null : spent.used;
  }

  /** What is used so far, as far as it is known. */
  async used(orgId: string, feature: UsageFeature, period: Period): Promise<number> {
    const { redis, counters } = this.uses;
    if (!redis.isThere) return counters.used(orgId, feature, period.start);
    const used = await this.spend(orgId, feature, { period, limit: null, allowed: null, standing: null }, 0, true);
    return used ?? 0;
  }

  /** In the caller’s transaction: tells of thresholds, once each in a period. */
  async tell(
    orgId: string,
    feature: UsageFeature,
    { quota, before, now }: { quota: Quota; before: number; now: number },
    after: After,
  ): Promise<void> {
    const { limit, allowed, standing, period } = quota;
    if (!standing) return;
    const to = { orgId, id: orgId };
    for (const threshold of crossed(limit, before, now, thresholdsOf(standing.overage, standing.state)))
      if (await this.uses.counters.alert(orgId, feature, period.start, threshold)) {
        after.publish(licensingLive, 'license:usage', to, { feature, used: now, limit, threshold, allowed });
        const isEdge = allowed !== null && now >= allowed && threshold >= 100;
        if (isEdge) after.publish(licensingLive, 'license:limit-reached', to, { feature, used: now, limit });
      }
  }

  /** Whether something is to be told, so that most counts need no transaction. */
  tells({ limit, standing }: Quota, before: number, now: number): boolean {
    return standing !== null && crossed(limit, before, now, thresholdsOf(standing.overage, standing.state)).length > 0;
  }
}

export const exceeded = (feature: UsageFeature, { period, allowed }: Quota, used: number, now: Date): HubError =>
  new HubError('QUOTA_EXCEEDED', `The quota of ${feature} is used up until ${period.end.toISOString()}.`, {
    retryAfterMs: Math.max(0, period.end.getTime() - now.getTime()),
    current: { feature, allowed, used, resetAt: period.end.toISOString() },
  });
