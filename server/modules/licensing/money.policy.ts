import { DAY_MS } from './licensing.policy';
import type { Period } from './periods.policy';

/** Halves go away from zero. */
function dividedHalfUp(numerator: bigint, denominator: bigint): bigint {
  const sign = numerator < 0n ? -1n : 1n;
  return (sign * (2n * sign * numerator + denominator)) / (2n * denominator);
}

/** Whole days; a day that has begun counts whole. */
const daysOf = (ms: number): bigint => BigInt(Math.max(0, Math.ceil(ms / DAY_MS)));

/** What a dearer plan costs for the rest of a term that is paid: `(new − old) · days left / days`, in minor units. */
export function prorated(oldPrice: bigint, newPrice: bigint, { start, end }: Period, now: Date): bigint {
  const days = daysOf(end.getTime() - start.getTime());
  const left = daysOf(end.getTime() - now.getTime());
  if (days === 0n) return 0n;
  return dividedHalfUp((newPrice - oldPrice) * (left < days ? left : days), days);
}

/** `9900` of USD → `99.00 USD`: as many decimals as the currency has. */
export function moneyText({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const sign = amount < 0 ? '-' : '';
  const figures = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = figures.slice(0, figures.length - digits);
  return `${sign}${whole}${digits === 0 ? '' : `.${figures.slice(-digits)}`} ${currency}`;
}
