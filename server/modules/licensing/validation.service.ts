import type { Feature } from '@loro/contracts/kit/features';
import type { Validation } from '@loro/contracts/licensing-nodes';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { type Hub, type PublicRequest, TooMany } from '../../platform';
import type { ActivationsService } from './activations.service';
import type { KeysService } from './keys.service';
import type { LicenseBook } from './license-book';
import { effectiveState } from './licensing.policy';
import type { LimitsService } from './limits.service';
import type { QuotasService } from './quotas.service';
import { type Held, planAt, standingOf, termsOf } from './terms.policy';
import { type Checked, validationOf } from './validation.policy';

const A_MINUTE = { points: 30, duration: 60 };

interface Question {
  readonly key: string;
  readonly feature?: Feature | undefined;
  readonly fingerprint?: string | undefined;
}

const UNKNOWN: Checked = {
  state: null,
  isExpired: false,
  isExpiring: false,
  features: new Set(),
  wantedFeature: undefined,
  activation: undefined,
  overLimits: [],
  overQuotas: [],
};

/** What a licence key is good for, for whoever has it. */
export class ValidationService {
  private readonly addresses: RateLimiterRedis;

  constructor(
    private readonly hub: Hub,
    private readonly uses: {
      book: LicenseBook;
      keys: KeysService;
      activations: ActivationsService;
      limits: LimitsService;
      quotas: QuotasService;
    },
  ) {
    this.addresses = new RateLimiterRedis({
      storeClient: hub.redis,
      keyPrefix: `${hub.config.REDIS_PREFIX}:limit:license-validation`,
      ...A_MINUTE,
      rejectIfRedisNotReady: true,
      // With Redis away each node counts for itself.
      insuranceLimiter: new RateLimiterMemory(A_MINUTE),
    });
  }

  async validate({ ip }: Pick<PublicRequest, 'ip'>, { key, feature, fingerprint }: Question): Promise<Validation> {
    await this.take(ip);
    const found = await this.uses.keys.find(key);
    const validatedAt = this.hub.now().toISOString();
    if (!found) return { ...validationOf(UNKNOWN), license: null, validatedAt };
    if (fingerprint !== undefined) await this.uses.keys.sight(found.orgId, found.keyId, fingerprint);
    const held = await this.uses.book.find(found.orgId, found.licenseId);
    const checked = await this.check(held, feature, fingerprint);
    const { state, until } = standingOf(held, this.hub.now());
    return {
      ...validationOf(checked),
      license: {
        type: held.row.type,
        plan: planAt(held, this.hub.now()).code,
        state,
        until: until?.toISOString() ?? null,
        maintenanceUntil: held.row.maintenanceUntil?.toISOString() ?? null,
      },
      validatedAt,
    };
  }

  private async check(held: Held, feature: Feature | undefined, fingerprint: string | undefined): Promise<Checked> {
    const { orgId, id } = held.row;
    const { activations, limits, quotas } = this.uses;
    const now = this.hub.now();
    const standing = standingOf(held, now);
    // Whether it has run out is told beside its being suspended.
    const inTime = effectiveState({ ...termsOf(held), suspendedAt: null, revokedAt: null }, now);
    const quota = await quotas.of(orgId, 'api-calls', now);
    const used = await quotas.used(orgId, 'api-calls', quota.period);
    return {
      state: standing.state,
      isExpired: inTime.state === 'expired',
      isExpiring: standing.isExpiring,
      features: standing.features,
      wantedFeature: feature,
      activation: fingerprint === undefined ? undefined : await activations.stateOf(orgId, id, fingerprint),
      overLimits: await limits.over(orgId, standing),
      overQuotas:
        quota.allowed !== null && used >= quota.allowed && quota.allowed > 0
          ? [{ feature: 'api-calls', allowed: quota.allowed, used }]
          : [],
    };
  }

  private async take(ip: string): Promise<void> {
    try {
      await this.addresses.consume(ip);
    } catch (refused) {
      if (refused instanceof Error) throw refused;
      // The library rejects with its result, not with an Error.
      throw new TooMany((refused as RateLimiterRes).msBeforeNext);
    }
  }
}
