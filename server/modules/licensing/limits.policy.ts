import type { LicenseState, Overage } from '@loro/contracts/licensing-values';

/** In hundredths, so that no half is lost. */
const FACTORS: Readonly<Record<Exclude<Overage, 'always'>, bigint>> = {
  none: 100n,
  x1_25: 125n,
  x1_5: 150n,
  x2: 200n,
};
const ALERTS = [80, 90, 100];

/** How many there may be: what a licence may go over is for those that are paid for. Null: any number. */
export function allowedOf(limit: number | null, overage: Overage, state: LicenseState): number | null {
  if (limit === null) return null;
  if (state === 'trial') return limit;
  if (overage === 'always') return null;
  return Number((BigInt(limit) * FACTORS[overage]) / 100n);
}

/** In percent: 80, 90, 100, and the edge up to which a licence may go over. */
export const thresholdsOf = (overage: Overage, state: LicenseState): number[] =>
  state === 'trial' || overage === 'always' || overage === 'none' ? ALERTS : [...ALERTS, Number(FACTORS[overage])];

/** The edge is floored, as what is allowed is; of the others a part of a thing counts. */
const isReached = (limit: number, used: number, threshold: number): boolean =>
  threshold > 100 ? used >= Math.floor((limit * threshold) / 100) : used * 100 >= limit * threshold;

/** Thresholds that a count came to stand at, lowest first. */
export const crossed = (limit: number | null, before: number, after: number, thresholds: readonly number[]): number[] =>
  limit === null ? [] : thresholds.filter((one) => isReached(limit, after, one) && !isReached(limit, before, one));

/** Thresholds that a count stands below again: reaching them anew is told anew. */
export const uncrossed = (limit: number | null, used: number): number[] =>
  [...ALERTS, 125, 150, 200].filter((one) => limit === null || !isReached(limit, used, one));
