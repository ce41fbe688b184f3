import { z } from 'zod';
import { act, get, list, PageQuery, put } from './kit/api';
import { Id, LocalDate } from './kit/values';
import { EffectiveValue, SettingKey } from './configuration-values';
import { Fte } from './branches-values';

const Span = z
  .strictObject({ from: LocalDate, to: LocalDate })
  .refine(({ from, to }) => from < to, { error: 'is not after `from`', path: ['to'] })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= 370 * 86_400_000, {
    error: 'is more than 370 days away',
    path: ['to'],
  });

export const CapacityDay = z.object({
  date: LocalDate,
  heads: z.number().int(),
  /** Of everybody who belongs to the branch, less who is on approved leave. */
  fte: z.number(),
  onLeaveHeads: z.number().int(),
  onLeaveFte: z.number(),
  vacantHeads: z.number().int().nullable(),
  vacantFte: z.number().nullable(),
  /** Of what the branch is made for, in parts per million; null where nobody said what that is. */
  usePpm: z.number().int().nullable(),
});
export type CapacityDay = z.infer<typeof CapacityDay>;

export const Capacity = z.object({
  branchId: Id,
  capacityHeads: z.number().int().nullable(),
  capacityFte: z.number().nullable(),
  days: z.array(CapacityDay),
});

/** What if: people who would come, and members who would leave. */
export const Simulation = z
  .strictObject({
    from: LocalDate,
    to: LocalDate,
    joiners: z
      .array(
        z.strictObject({
          fte: Fte.default(1),
          count: z.number().int().min(1).max(1_000).default(1),
          from: LocalDate,
          to: LocalDate.nullable().default(null),
        }),
      )
      .max(100)
      .default([]),
    leavers: z
      .array(z.strictObject({ userId: Id, from: LocalDate }))
      .max(1_000)
      .default([]),
    capacityHeads: z.number().int().min(0).nullable().optional(),
    capacityFte: z.number().min(0).nullable().optional(),
  })
  .refine(({ from, to }) => from < to && Date.parse(to) - Date.parse(from) <= 370 * 86_400_000, {
    error: 'is not within 370 days after `from`',
    path: ['to'],
  });

export const MetricName = z.string().regex(/^[a-z][a-z0-9.-]{0,59}$/, 'is lower case letters, digits, dots and dashes');
export const MetricDay = z.object({ date: LocalDate, value: z.number().nullable(), target: z.number().nullable() });
export type MetricDay = z.infer<typeof MetricDay>;

export const Metrics = z.object({
  branchId: Id,
  metric: z.string(),
  days: z.array(MetricDay),
  sum: z.number(),
  mean: z.number().nullable(),
  /** Of the days that have a target: how many reached it. */
  reached: z.number().int(),
  targeted: z.number().int(),
});

export const Comparison = z.object({
  metric: z.string(),
  by: z.enum(['total', 'fte', 'head']),
  branches: z.array(
    z.object({
      branchId: Id,
      code: z.string(),
      name: z.string(),
      total: z.number(),
      /** Mean over the days of the span. */
      fte: z.number(),
      heads: z.number(),
      /** What it is ranked by; null where nobody works there. */
      value: z.number().nullable(),
      rank: z.number().int().nullable(),
    }),
  ),
});

export const BranchSettings = z.object({ branchId: Id, settings: z.array(EffectiveValue) });
const config = { apiKey: true } as const;
const measured = { permission: 'branches.read-metrics' } as const;

export const figureRows = {
  capacity: get('/branches/:branchId/capacity', {
    permission: 'branches.read',
    query: Span,
    returns: Capacity,
    summary:
      'Who is there on each day of a span, and how much of the branch’s capacity that is; `to` is not part of it',
  }),
  simulateCapacity: act('/branches/:branchId/capacity/simulate', {
    permission: 'branches.staff',
    body: Simulation,
    returns: Capacity,
    summary: 'The same as it would be if people came or left; nothing is changed',
  }),
  metrics: get('/branches/:branchId/metrics', {
    ...measured,
    query: Span.safeExtend({ metric: MetricName }),
    returns: Metrics,
    summary: 'A metric of a branch by day',
  }),
  metricNames: get('/branches/:branchId/metric-names', {
    ...measured,
    returns: z.object({ metrics: z.array(z.string()) }),
    summary: 'Which metrics a branch has',
  }),
  setMetrics: put('/branches/:branchId/metrics', {
    permission: 'branches.manage',
    apiKey: true,
    body: z.strictObject({
      metric: MetricName,
      days: z
        .array(
          z.strictObject({
            date: LocalDate,
            value: z.number().nullable().optional(),
            target: z.number().nullable().optional(),
          }),
        )
        .min(1)
        .max(400),
    }),
    returns: z.object({ written: z.number().int() }),
    summary: 'Write values or targets of a metric by day; what is left out stays',
  }),
  compare: get('/branches/compare', {
    ...measured,
    query: Span.safeExtend({ metric: MetricName, by: z.enum(['total', 'fte', 'head']).default('fte') }),
    returns: Comparison,
    summary: 'Branches by a metric, as such, by full-time person or by head; ties by code',
  }),
  settings: list('/branches/:branchId/settings', {
    permission: 'config.read',
    ...config,
    query: PageQuery,
    returns: EffectiveValue,
    summary: 'What can be set for a branch, and what holds',
  }),
  setSettings: put('/branches/:branchId/settings', {
    permission: 'config.write-branch',
    body: z.strictObject({
      settings: z
        .array(
          z.strictObject({
            key: SettingKey,
            /** Left out: what is set for the branch is taken away. */
            value: z.unknown(),
            isLocked: z.boolean().default(false),
          }),
        )
        .min(1)
        .max(100),
      reason: z.string().trim().min(1).max(300).optional(),
    }),
    returns: BranchSettings,
    errors: ['CONFIG_UNKNOWN_KEY', 'CONFIG_LOCKED', 'CONFIG_LEVEL_NOT_ALLOWED', 'BELOW_FLOOR'],
    summary: 'Set values for a branch and those below it: all of them or none',
  }),
};
