import { z } from 'zod';
import { Id, Instant, LocalDate } from './kit/values';

/** The plan's feature that the room belongs to, and what every row of it takes. */
export const tracked = { feature: 'tracking' } as const;

export const DAY_MS = 86_400_000;

/** `from` is part of the span and `to` is not. */
export const dateSpan = <N extends number>(mostDays: N) =>
  z
    .strictObject({ from: LocalDate, to: LocalDate })
    .refine(({ from, to }) => from < to, { error: 'is not after `from`', path: ['to'] })
    .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= mostDays * DAY_MS, {
      error: `is more than ${mostDays} days away`,
      path: ['to'],
    });

/** What was done, and to what: lower case words, joined by dashes or dots. */
export const Word = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/, 'is lower case words')
  .max(60);

export const activitySources = ['api', 'socket', 'job', 'client'] as const;

/** One thing that somebody, or the hub by itself, did. */
export const ActivityEvent = z.object({
  id: Id,
  actorId: Id.nullable(),
  branchId: Id.nullable(),
  verb: z.string(),
  objectType: z.string(),
  objectId: z.string().nullable(),
  at: Instant,
  receivedAt: Instant,
  sessionId: z.string().nullable(),
  source: z.enum(activitySources),
  props: z.record(z.string(), z.unknown()),
});
export type ActivityEvent = z.infer<typeof ActivityEvent>;

export const MetricKey = z
  .string()
  .regex(/^(?:_other|[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*)$/, 'is lower case words, joined by dots or dashes')
  .max(60);
export const DimensionName = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'is one word');
/** What a value was measured at; `branchId` and `userId` also say who may see it. */
export const Dimensions = z.record(DimensionName, z.string().min(1).max(120));
export type Dimensions = z.infer<typeof Dimensions>;

/** As many names of dimensions has a metric, and as many values each of them. */
export const MOST_DIMENSIONS = 5;
export const MOST_DIMENSION_VALUES = 1_000;

/**
 * `counter`: every value adds up; `gauge`: the last one holds; `histogram`: all are kept as counts, for percentiles;
 * `ratio`: `value` of `of`; `formula`: reckoned from other metrics.
 */
export const metricKinds = ['counter', 'gauge', 'histogram', 'ratio', 'formula'] as const;
export type MetricKind = (typeof metricKinds)[number];

export const aggregations = [
  'natural',
  'sum',
  'count',
  'avg',
  'min',
  'max',
  'last',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
] as const;
/** `natural` is the sum of a counter, the last of a gauge, the mean of a histogram, and a ratio or formula as such. */
export type Aggregation = (typeof aggregations)[number];

export const resolutions = ['1m', '1h', '1d'] as const;
export type Resolution = (typeof resolutions)[number];

export const MetricQuery = z.strictObject({
  metric: MetricKey,
  agg: z.enum(aggregations).default('natural'),
  where: Dimensions.default({}),
  /** One line for each value of these. */
  by: z.array(DimensionName).max(2).default([]),
  /** Of this branch and those below it; left out: everything that the caller sees. */
  branchId: Id.nullable().default(null),
  res: z.enum(resolutions).default('1h'),
  /** Until now, so many steps of the resolution. */
  steps: z.int().min(1).max(1_000).default(24),
  /** Gives beside each value a smoothed one, for a line that does not jump. */
  smooth: z.boolean().default(false),
});
export type MetricQuery = z.infer<typeof MetricQuery>;

export const MetricSeries = z.object({
  dims: z.record(z.string(), z.string()),
  /** Over the whole span. */
  value: z.number().nullable(),
  points: z.array(z.object({ at: z.string(), value: z.number().nullable(), smoothed: z.number().optional() })),
});

export const MetricResult = z.object({
  metric: z.string(),
  unit: z.string(),
  res: z.enum(resolutions),
  agg: z.enum(aggregations),
  asOf: Instant,
  /** Of all lines together, over the whole span. */
  value: z.number().nullable(),
  series: z.array(MetricSeries),
});
export type MetricResult = z.infer<typeof MetricResult>;

export const trendDirections = ['up', 'down', 'flat'] as const;
export const Trend = z.object({
  metric: z.string(),
  branchId: Id.nullable(),
  from: LocalDate,
  to: LocalDate,
  direction: z.enum(trendDirections),
  days: z.int(),
  /** Mann and Kendall, two-sided. */
  p: z.number(),
  /** Theil and Sen, by day. */
  slope: z.number(),
  median: z.number(),
  /** A fixed phrase with these numbers. */
  text: z.string(),
});
export type Trend = z.infer<typeof Trend>;
