import type { Feature } from '@loro/contracts/kit/features';
import type {
  License,
  LicenseLimit,
  LimitValues,
  Overage,
  Override,
  Subscription,
} from '@loro/contracts/licensing-values';
import { exceptionsOf, type LicenseRow } from './license.model';
import { type Effective, effectiveState, type Terms } from './licensing.policy';
import type { Plan } from './plan-book';

/** A licence with the plans that it names: all that is needed to say what it gives at any instant. */
export interface Held<Row extends LicenseRow = LicenseRow> {
  readonly row: Row;
  readonly plan: Plan;
  /** What takes over at the end of the term. */
  readonly next: { readonly plan: Plan; readonly at: Date } | null;
  /** For how long the clock has been behind, of a licence that stands on a file. */
  readonly tamperedMs: number | null;
}

/** What an organisation may use at this moment. */
export interface Standing extends Effective {
  readonly licenseId: string | null;
  readonly plan: string | null;
  readonly features: ReadonlySet<Feature>;
  readonly limits: LimitValues;
  readonly overage: Overage;
  readonly anchorDay: number;
  /** Grows with every change of what the licence gives. */
  readonly fv: number;
  /** The next instant at which any of this is another by itself; null: never. */
  readonly changesAt: Date | null;
}

export const termsOf = ({ row, tamperedMs }: Held): Terms => ({
  type: row.type,
  startsAt: row.startsAt,
  expiresAt: row.expiresAt,
  graceDays: row.graceDays,
  suspendedAt: row.suspendedAt,
  revokedAt: row.revokedAt,
  tamperedMs,
});

const endOf = ({ expiresAt }: Override): Date | null => (expiresAt === null ? null : new Date(expiresAt));
const inForce = (overrides: readonly Override[], now: Date): Override[] =>
  overrides.filter((one) => {
    const end = endOf(one);
    return end === null || end > now;
  });

export const overrideEnds = (row: LicenseRow): Date[] => exceptionsOf(row).flatMap((one) => endOf(one) ?? []);

/** The plan at an instant: a smaller one takes over by itself, whenever somebody looks. */
export const planAt = ({ plan, next }: Held, now: Date): Plan => (next && now >= next.at ? next.plan : plan);

export function given(
  plan: Plan,
  overrides: readonly Override[],
  now: Date,
): { features: Set<Feature>; limits: LimitValues } {
  const features = new Set(plan.features);
  const limits = { ...plan.limits };
  for (const one of inForce(overrides, now)) {
    if (one.kind === 'limit') limits[one.limit] = one.value;
    else if (one.isHeld) features.add(one.feature);
    else features.delete(one.feature);
  }
  return { features, limits };
}

const earliest = (instants: readonly (Date | null)[], now: Date): Date | null =>
  instants.reduce<Date | null>((first, at) => (at && at > now && (first === null || at < first) ? at : first), null);

export function standingOf(held: Held, now: Date): Standing & { readonly plan: string } {
  const { row, next } = held;
  const effective = effectiveState(termsOf(held), now);
  const plan = planAt(held, now);
  return {
    ...effective,
    ...given(plan, exceptionsOf(row), now),
    licenseId: row.id,
    plan: plan.code,
    overage: row.overage,
    anchorDay: row.anchorDay,
    fv: row.fv,
    changesAt: earliest([effective.until, next?.at ?? null, ...overrideEnds(row)], now),
  };
}

/** Nobody gave it a licence: only buying one is open. */
export const noLicense: Standing = {
  state: 'expired',
  until: null,
  lapsedAt: null,
  isExpiring: false,
  licenseId: null,
  plan: null,
  features: new Set(),
  limits: { users: 0, branches: 0, 'storage-bytes': 0, 'api-calls': 0, integrations: 0, activations: 0 },
  overage: 'none',
  anchorDay: 1,
  fv: 0,
  changesAt: null,
};

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export function presentLicense(held: Held, subscription: Subscription | null, now: Date): License {
  const { row, next } = held;
  const { state, until, isExpiring, features, limits } = standingOf(held, now);
  const plan = planAt(held, now);
  return {
    id: row.id,
    orgId: row.orgId,
    type: row.type,
    plan: { code: plan.code, name: plan.name, version: plan.planVersion },
    state,
    until: iso(until),
    isExpiring,
    startsAt: row.startsAt.toISOString(),
    expiresAt: iso(row.expiresAt),
    maintenanceUntil: iso(row.maintenanceUntil),
    graceDays: row.graceDays,
    overage: row.overage,
    renewal: { auto: row.renewalAuto, basis: row.renewalBasis, anchorDay: row.anchorDay },
    features: [...features],
    limits,
    overrides: exceptionsOf(row),
    suspendedAt: iso(row.suspendedAt),
    suspendReason: row.suspendReason,
    revokedAt: iso(row.revokedAt),
    next: next && now < next.at ? { plan: next.plan.code, at: next.at.toISOString() } : null,
    subscription,
    createdAt: row.createdAt.toISOString(),
    fv: row.fv,
    version: row.version,
  };
}

/** Limits that two plans differ in. */
export const limitChanges = (
  from: LimitValues,
  to: LimitValues,
  isWanted: (before: number | null, after: number | null) => boolean,
) =>
  Object.fromEntries(
    // The keys of a full record are its names.
    (Object.keys(to) as LicenseLimit[]).flatMap((limit) => {
      const [before, after] = [from[limit], to[limit]];
      return before !== after && isWanted(before, after) ? [[limit, after]] : [];
    }),
  );
