import { z } from 'zod';
import { features, limits } from './kit/features';
import { Id, Instant, ShortText } from './kit/values';

export const LicenseType = z.enum(['perpetual', 'subscription', 'trial', 'enterprise']);
export type LicenseType = z.infer<typeof LicenseType>;

/** What a licence is at this moment; computed from its dates, never stored. */
export const LicenseState = z.enum(['not_started', 'trial', 'active', 'grace', 'expired', 'suspended', 'revoked']);
export type LicenseState = z.infer<typeof LicenseState>;

/** How far an active licence may go over its limits: not at all, by a quarter, by half, twice, without end. */
export const Overage = z.enum(['none', 'x1_25', 'x1_5', 'x2', 'always']);
export type Overage = z.infer<typeof Overage>;

export const RenewalBasis = z.enum(['from_expiry', 'from_now', 'from_now_if_expired']);
export const PlanCode = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is lower case letters, digits and dashes');
export const Feature = z.enum(features);

/** What a licence limits by number: `activations` are machines of a self-hosted installation. */
export const licenseLimits = [...limits, 'activations'] as const;
export const LicenseLimit = z.enum(licenseLimits);
export type LicenseLimit = z.infer<typeof LicenseLimit>;

const Count = z.int().min(0).nullable();
/** Null: any number. */
export const LimitValues = z.record(LicenseLimit, Count);
export type LimitValues = z.infer<typeof LimitValues>;

/** How a limit is counted: what stands there, or what is used in a period that begins anew. */
export const limitKinds = {
  users: { kind: 'limit', unit: 'people' },
  branches: { kind: 'limit', unit: 'branches' },
  'storage-bytes': { kind: 'limit', unit: 'bytes' },
  'api-calls': { kind: 'quota', unit: 'calls', resets: 'month' },
  integrations: { kind: 'limit', unit: 'integrations' },
  activations: { kind: 'limit', unit: 'machines' },
} as const satisfies Record<LicenseLimit, { kind: 'limit' | 'quota'; unit: string; resets?: 'month' | 'day' }>;

/** What is metered beside the quotas, for analytics. */
export const measured = ['messages', 'exports'] as const;
// The branches of a plan are a feature and a limit; as a measure it is the number of them.
export const UsageFeature = z.enum([...new Set([...licenseLimits, ...measured, ...features])]);
export type UsageFeature = z.infer<typeof UsageFeature>;

export const Money = z.object({ amount: z.int(), currency: z.string().length(3) });
export type Money = z.infer<typeof Money>;

const Until = { reason: ShortText, expiresAt: Instant.nullable().default(null) };
/** What one licence has otherwise than its plan, for a time or for good. */
export const Override = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('feature'), feature: Feature, isHeld: z.boolean(), ...Until }),
  z.strictObject({ kind: z.literal('limit'), limit: LicenseLimit, value: Count, ...Until }),
]);
export type Override = z.infer<typeof Override>;

export const Renewal = z.object({
  auto: z.boolean(),
  basis: RenewalBasis,
  /** The day of the month that terms and quotas go by, UTC; in shorter months the last one. */
  anchorDay: z.int().min(1).max(31),
});

export const Subscription = z.object({
  provider: z.string(),
  externalId: z.string(),
  state: z.enum(['active', 'past_due', 'cancelled']),
  currentPeriodEnd: Instant.nullable(),
  cancelAtPeriodEnd: z.boolean(),
});
export type Subscription = z.infer<typeof Subscription>;

export const OverLimit = z.object({ limit: z.string(), allowed: z.number().int(), used: z.number().int() });
export type OverLimit = z.infer<typeof OverLimit>;

export const License = z.object({
  id: Id,
  orgId: Id,
  type: LicenseType,
  plan: z.object({ code: z.string(), name: z.string(), version: z.number().int() }),
  state: LicenseState,
  /** When the state ends by itself. */
  until: Instant.nullable(),
  /** Works, and ends within thirty days. */
  isExpiring: z.boolean(),
  startsAt: Instant,
  expiresAt: Instant.nullable(),
  /** The last day of updates and support of a perpetual licence. */
  maintenanceUntil: Instant.nullable(),
  graceDays: z.number().int(),
  overage: Overage,
  renewal: Renewal,
  features: z.array(z.string()),
  limits: LimitValues,
  overrides: z.array(Override),
  suspendedAt: Instant.nullable(),
  suspendReason: z.string().nullable(),
  revokedAt: Instant.nullable(),
  /** The smaller plan that takes over at the end of the term. */
  next: z.object({ plan: z.string(), at: Instant }).nullable(),
  subscription: Subscription.nullable(),
  createdAt: Instant,
  /** Grows with every change of what the licence gives. */
  fv: z.number().int(),
  version: z.number().int(),
});
export type License = z.infer<typeof License>;

/** The caller’s own licence, and what it has too much of. */
export const CurrentLicense = License.extend({
  /** Nothing is deleted; nothing can be added to these. */
  overLimit: z.array(OverLimit),
  seats: z.object({ used: z.number().int(), allowed: z.number().int().nullable() }),
  /** What an owner should be shown, worst first. */
  banner: z.enum(['expired', 'suspended', 'revoked', 'grace', 'over_limit', 'expiring']).nullable(),
});

export const LicenseEvent = z.object({
  id: Id,
  type: z.string(),
  at: Instant,
  actorId: Id.nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type LicenseEvent = z.infer<typeof LicenseEvent>;
