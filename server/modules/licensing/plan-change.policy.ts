import type { PlanPreview } from '@loro/contracts/licensing-billing';
import type { LicenseType, OverLimit } from '@loro/contracts/licensing-values';
import { prorated } from './money.policy';
import type { Plan } from './plan-book';
import { limitChanges } from './terms.policy';

/** What a change of plan is reckoned from. */
export interface Standpoint {
  readonly type: LicenseType;
  /** A term is paid and under way. */
  readonly isPaid: boolean;
  readonly termStart: Date;
  readonly expiresAt: Date | null;
}

type Kind = PlanPreview['kind'];

const sameTerm = (a: Plan, b: Plan): boolean => JSON.stringify(a.term) === JSON.stringify(b.term);

export function kindOf(from: Plan, to: Plan, { isPaid }: Standpoint): Kind {
  if (!isPaid) return 'begin';
  if (from.code === to.code) return 'same';
  // A plan of another term begins with a term of its own.
  return to.rank > from.rank && sameTerm(from, to) ? 'upgrade' : 'downgrade';
}

function priceNow(kind: Kind, from: Plan, to: Plan, { termStart, expiresAt }: Standpoint, now: Date): number {
  if (kind === 'begin') return to.price.amount;
  if (kind !== 'upgrade' || expiresAt === null) return 0;
  const amount = prorated(
    BigInt(from.price.amount),
    BigInt(to.price.amount),
    { start: termStart, end: expiresAt },
    now,
  );
  return Math.max(0, Number(amount));
}

const isMore = (before: number | null, after: number | null): boolean =>
  before !== null && (after === null || after > before);

/** What another plan costs and changes. */
export function previewOf(from: Plan, to: Plan, at: Standpoint, over: OverLimit[], now: Date): PlanPreview {
  const kind = kindOf(from, to, at);
  const { currency } = to.price;
  const takesOver = kind === 'downgrade' && at.expiresAt ? at.expiresAt : now;
  return {
    kind,
    from: from.code,
    to: to.code,
    at: takesOver.toISOString(),
    priceNow: { amount: priceNow(kind, from, to, at, now), currency },
    nextPrice: to.price,
    gained: {
      features: to.features.filter((feature) => !from.features.includes(feature)),
      limits: limitChanges(from.limits, to.limits, isMore),
    },
    lost: {
      features: from.features.filter((feature) => !to.features.includes(feature)),
      limits: limitChanges(from.limits, to.limits, (before, after) => !isMore(before, after)),
    },
    over,
  };
}
