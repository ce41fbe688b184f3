import type { CurrentLicense, License, LicenseType, Money } from '@loro/contracts/licensing-values';
import type { z } from 'zod';
import type { Tone } from '../../ui/badge';
import { formatCount } from '../../ui/format';

export type Current = z.infer<typeof CurrentLicense>;

export const stateWords: Readonly<Record<License['state'], { title: string; tone: Tone }>> = {
  not_started: { title: 'Not begun', tone: 'info' },
  trial: { title: 'Trial', tone: 'info' },
  active: { title: 'Active', tone: 'good' },
  grace: { title: 'Grace', tone: 'warn' },
  expired: { title: 'Ended', tone: 'bad' },
  suspended: { title: 'Suspended', tone: 'bad' },
  revoked: { title: 'Revoked', tone: 'bad' },
};

export const typeTitles: Readonly<Record<LicenseType, string>> = {
  perpetual: 'Without an end',
  subscription: 'Subscription',
  trial: 'Trial',
  enterprise: 'Enterprise agreement',
};

/** `attendance.basic` and `storage-bytes` in words. */
export function featureTitle(feature: string): string {
  const words = feature.replaceAll(/[.-]/g, ' ').replaceAll(/\b(api|sms|sso)\b/g, (word) => word.toUpperCase());
  const text = feature === 'storage-bytes' ? 'storage' : words;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** A limit or what is used of it; null is any number. */
export function quantity(feature: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return 'any number';
  if (feature !== 'storage-bytes') return formatCount(value);
  const step = value === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(1024)));
  return `${formatCount(Math.round((10 * value) / 1024 ** step) / 10)} ${units[step] ?? 'B'}`;
}

/** Amounts are in minor units. */
export function priceText({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
