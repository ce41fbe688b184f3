import { z } from 'zod';
import { act, list, PageQuery, remove } from './kit/api';
import { Id, Instant, LocalDate } from './kit/values';
import { UsageFeature } from './licensing-values';

const Forecast = z.object({
  elapsedDays: z.number(),
  periodDays: z.number(),
  /** What will be used at the end of the period, if it goes on so. */
  expected: z.number(),
  /** The day of the period on which the limit is used up. */
  exhaustedOnDay: z.number().nullable(),
  /** Null where it lasts for the period. */
  exhaustedAt: Instant.nullable(),
});

export const Usage = z.object({
  feature: UsageFeature,
  kind: z.enum(['limit', 'quota', 'measure']),
  /** Of a quota or a measure. */
  periodStart: Instant.nullable(),
  periodEnd: Instant.nullable(),
  used: z.number().int(),
  /** Null: any number. */
  limit: z.number().int().nullable(),
  /** The limit and what the licence may go over it. */
  allowed: z.number().int().nullable(),
  percent: z.number().int().nullable(),
});
export type Usage = z.infer<typeof Usage>;

export const UsageAnalysis = Usage.extend({
  trend: z.array(z.object({ day: LocalDate, quantity: z.number().int() })),
  forecast: Forecast.nullable(),
  /** People who used it in the period, and their share of the seats in percent. */
  users: z.number().int(),
  adoptionPercent: z.number().int(),
});

export const UsageReport = z.strictObject({
  /** A ULID or another name of at most 64 characters: the same event counts once in forty days. */
  id: z.string().regex(/^[\w:.-]{1,64}$/, 'is letters, digits and _ : . - only'),
  feature: UsageFeature,
  quantity: z.int().min(1).max(1_000_000_000),
  /** When it was used; late ones count into their own period for three days. */
  at: Instant.optional(),
});
export type UsageReport = z.output<typeof UsageReport>;

export const UsageAnswer = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.array(
    z.object({
      index: z.number().int(),
      id: z.string(),
      code: z.enum(['TOO_LATE', 'IN_THE_FUTURE', 'NOT_METERED', 'QUOTA_EXCEEDED']),
    }),
  ),
});
export type UsageAnswer = z.infer<typeof UsageAnswer>;

const From = z.iso.datetime().optional();

export const Seat = z.object({ userId: Id, isTaken: z.boolean(), since: Instant });
export type Seat = z.infer<typeof Seat>;

const seat = { permission: 'license.seat' } as const;

export const usageRows = {
  usage: list('/licensing/usage', {
    permission: 'license.read',
    license: 'any',
    query: PageQuery.extend({ feature: UsageFeature.optional(), from: From }),
    returns: Usage,
    summary: 'List what is used of each limit and quota now, or in the periods since a time',
  }),
  analytics: list('/licensing/usage/analytics', {
    permission: 'license.read',
    license: 'any',
    query: PageQuery.extend({ feature: UsageFeature.optional(), from: From }),
    returns: UsageAnalysis,
    summary: 'See how the use of each feature grows, when it will be used up, and by how many it is used',
  }),
  reportUsage: act('/licensing/usage', {
    permission: 'license.meter',
    apiKey: true,
    body: z.strictObject({ events: z.array(UsageReport).min(1).max(1_000) }),
    returns: UsageAnswer,
    maxBytes: 512 * 1024,
    errors: ['QUOTA_EXCEEDED'],
    summary: 'Report use, at most a thousand events at once; each counts once',
  }),
  seats: list('/licensing/seats', {
    ...seat,
    query: PageQuery,
    returns: Seat,
    summary: 'List seats that were freed by hand, newest first',
  }),
  assignSeat: act('/licensing/seats/:userId', {
    ...seat,
    returns: Seat,
    errors: ['LICENSE_LIMIT_REACHED', 'SEAT_NOT_NEEDED'],
    summary: 'Give a person a seat; who has one keeps it',
  }),
  freeSeat: remove('/licensing/seats/:userId', {
    ...seat,
    errors: ['SEAT_IN_USE', 'SEAT_NOT_NEEDED'],
    summary: 'Free the seat of somebody who is suspended',
  }),
};
