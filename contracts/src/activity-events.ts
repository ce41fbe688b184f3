import { z } from 'zod';
import {
  ActivityEvent,
  dateSpan,
  DAY_MS,
  MetricKey,
  MetricResult,
  tracked,
  Trend,
  trendDirections,
  Word,
} from './activity-values';
import { act, get, list, PageQuery } from './kit/api';
import { FieldError } from './kit/problem';
import { Id, Instant, LocalDate } from './kit/values';

/** Of one batch. */
export const MOST_EVENTS = 500;
const MOST_BYTES = 4 * 1024;
/** As UTF-8: a percent sign stands for a byte. */
const bytesOf = (text: string): number => encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, 'x').length;

/** One thing that was done, as whoever saw it says; the same id twice is one event. */
export const NewActivityEvent = z.strictObject({
  id: Id,
  verb: Word,
  objectType: Word,
  objectId: z.string().min(1).max(100).nullish(),
  at: Instant,
  /** Oneself, unless one may speak for others. */
  actorId: Id.optional(),
  branchId: Id.optional(),
  sessionId: z.string().min(1).max(64).nullish(),
  props: z
    .record(z.string().max(60), z.unknown())
    .refine((props) => bytesOf(JSON.stringify(props)) <= MOST_BYTES, {
      error: 'is more than 4 KiB of JSON',
    })
    .default({}),
});
export type NewActivityEvent = z.infer<typeof NewActivityEvent>;

export const NewMetricPoint = z.strictObject({
  id: Id,
  metric: MetricKey,
  value: z.number(),
  /** What the value is a part of; ratios need it. */
  of: z.number().min(0).optional(),
  at: Instant,
  dimensions: z.record(z.string().max(40), z.string().min(1).max(120)).default({}),
});
export type NewMetricPoint = z.infer<typeof NewMetricPoint>;

const Rejected = z.object({ index: z.int(), id: z.string().nullable(), errors: z.array(FieldError) });

export const EventsTaken = z.object({ accepted: z.int(), duplicates: z.int(), rejected: z.array(Rejected) });
export type EventsTaken = z.infer<typeof EventsTaken>;

export const PointsTaken = EventsTaken.extend({
  /** Of the accepted ones: counted under `_other`, because a dimension has as many values as it may. */
  other: z.int(),
  /** Of the rejected ones: of no metric that there is; counted in the metric `_other`. */
  unknown: z.int(),
});
export type PointsTaken = z.infer<typeof PointsTaken>;

export const ActivitySession = z.object({
  actorId: Id,
  start: Instant,
  end: Instant,
  events: z.int(),
  /** Without pauses of more than five minutes. */
  activeSec: z.int(),
});
export type ActivitySession = z.infer<typeof ActivitySession>;

export const rankBands = ['top', 'upper', 'lower', 'bottom'] as const;
export const Kpi = z.object({
  key: z.string(),
  unit: z.string(),
  value: z.number().nullable(),
  target: z.number().nullable(),
  /** The quarter of the organisation’s people that one stands in; null among fewer than five. */
  band: z.enum(rankBands).nullable(),
  trend: z.enum(trendDirections),
  days: z.array(z.object({ date: LocalDate, value: z.number().nullable() })),
});
export type Kpi = z.infer<typeof Kpi>;

export const Performance = z.object({
  ownerType: z.enum(['user', 'branch']),
  ownerId: Id,
  from: LocalDate,
  to: LocalDate,
  kpis: z.array(Kpi),
});
export type Performance = z.infer<typeof Performance>;

const UsageDay = z.object({
  date: LocalDate,
  daily: z.int(),
  weekly: z.int(),
  monthly: z.int(),
  stickiness: z.number().nullable(),
});

export const Usage = z.object({
  days: z.array(UsageDay),
  features: z.array(z.object({ feature: z.string(), people: z.int(), events: z.int(), adoption: z.number() })),
  seats: z.int(),
  /** Seats of people who did nothing in the last thirty days of the span. */
  unusedSeats: z.int(),
  heaviest: z.array(z.object({ userId: Id, events: z.int() })),
  /** Calls of REST in the span, and how many there will be by the same time again. */
  apiCalls: z.object({ used: z.int(), forecast: z.int() }),
});

const FunnelStep = z.object({
  people: z.int(),
  ofFirst: z.number().nullable(),
  ofPrevious: z.number().nullable(),
  medianSec: z.number().nullable(),
});

export const Cohort = z.object({
  week: LocalDate,
  people: z.int(),
  weeks: z.array(z.object({ people: z.int(), share: z.number() })),
});

const instants = (query: { from?: string | undefined; to?: string | undefined }) =>
  query.from === undefined || query.to === undefined || query.from < query.to;

const read = { permission: 'activity.read', apiKey: true, ...tracked } as const;
const ingest = { permission: 'tracking.ingest', apiKey: true, ...tracked } as const;

export const eventRows = {
  ingestEvents: act('/events', {
    ...ingest,
    body: z.strictObject({ events: z.array(z.unknown()).min(1).max(MOST_EVENTS) }),
    returns: EventsTaken,
    maxBytes: 1024 * 1024,
    summary: 'Hand in what was done; a bad event does not hold back its neighbours',
  }),
  ingestMetrics: act('/metrics', {
    ...ingest,
    body: z.strictObject({ points: z.array(z.unknown()).min(1).max(MOST_EVENTS) }),
    returns: PointsTaken,
    maxBytes: 512 * 1024,
    errors: ['METRIC_UNKNOWN'],
    summary: 'Hand in values of metrics, at most 72 hours old',
  }),
  activity: list('/activity', {
    ...read,
    query: PageQuery.extend({
      actorId: Id.optional(),
      branchId: Id.optional(),
      objectType: Word.optional(),
      objectId: z.string().max(100).optional(),
      verb: Word.optional(),
      from: Instant.optional(),
      to: Instant.optional(),
    }).refine(instants, { error: 'is not after `from`', path: ['to'] }),
    returns: ActivityEvent,
    summary: 'List what was done, newest first',
  }),
  sessions: list('/activity/sessions', {
    ...read,
    query: PageQuery.extend({ actorId: Id.optional(), from: Instant.optional(), to: Instant.optional() }).refine(
      instants,
      { error: 'is not after `from`', path: ['to'] },
    ),
    returns: ActivitySession,
    summary: 'List sessions, newest first: half an hour of nothing ends one',
  }),
  userPerformance: get('/performance/user/:userId', {
    ...read,
    query: dateSpan(370),
    returns: Performance,
    summary: 'How somebody does by what counts for their role, beside targets and trend',
  }),
  branchPerformance: get('/performance/branch/:branchId', {
    ...read,
    query: dateSpan(370),
    returns: Performance,
    summary: 'How a branch and those below it do',
  }),
  usage: get('/usage', {
    permission: 'activity.analyse',
    ...tracked,
    query: dateSpan(92),
    returns: Usage,
    summary: 'Who uses the hub: by day, week and month, features, seats and heavy users',
  }),
  trends: list('/trends', {
    ...read,
    query: PageQuery.extend({
      metric: MetricKey.optional(),
      branchId: Id.optional(),
      days: z.coerce.number().int().min(8).max(370).default(28),
    }),
    returns: Trend,
    errors: ['METRIC_UNKNOWN'],
    summary: 'The trend of a metric by day; without a metric what last night found',
  }),
  funnel: act('/funnels', {
    permission: 'activity.analyse',
    ...tracked,
    body: z
      .strictObject({
        steps: z
          .array(z.strictObject({ verb: Word, objectType: Word.optional() }))
          .min(2)
          .max(10),
        from: Instant,
        to: Instant,
        /** Of the first step. */
        windowSec: z
          .int()
          .min(1)
          .max(31 * 86_400),
      })
      .refine(({ from, to }) => from < to, { error: 'is not after `from`', path: ['to'] }),
    returns: z.object({ steps: z.array(FunnelStep) }),
    errors: ['RANGE_TOO_LONG'],
    summary: 'How many took these steps in order, and where the others stopped',
  }),
  retention: act('/retention', {
    permission: 'activity.analyse',
    ...tracked,
    body: z
      .strictObject({ from: LocalDate, to: LocalDate })
      .refine(({ from, to }) => from < to, { error: 'is not after `from`', path: ['to'] }),
    returns: z.object({ cohorts: z.array(Cohort) }),
    errors: ['RANGE_TOO_LONG'],
    summary: 'Who came for the first time in which week, and came again',
  }),
  system: get('/system', {
    permission: 'platform.observe',
    query: z.strictObject({
      metric: MetricKey,
      res: z.enum(['1m', '1h', '1d']).default('1m'),
      steps: z.coerce.number().int().min(1).max(1_000).default(60),
      by: z.enum(['node', 'route', 'queue']).optional(),
    }),
    returns: MetricResult,
    errors: ['METRIC_UNKNOWN'],
    summary: 'How the hub itself did: latency by route, event loop, heap, pools, queues, sockets, Redis',
  }),
};

/** A funnel may look back so far. */
export const MOST_FUNNEL_MS = 92 * DAY_MS;
export const MOST_RETENTION_DAYS = 182;
