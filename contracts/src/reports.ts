import { z } from 'zod';
import { accept, api, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Id, Instant, LocalDate } from './kit/values';

/** Metres and minutes of every person and day, both dates included, days in the organisation's zone. */
export const DailyDistanceParams = z
  .strictObject({ from: LocalDate, to: LocalDate, branchId: Id.optional() })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'is before `from`' })
  .refine(({ from, to }) => !(Date.parse(to) - Date.parse(from) >= 92 * 86_400_000), {
    path: ['to'],
    error: 'is more than 92 days after `from`',
  });

export const DailyDistanceRow = z.object({
  trackableId: Id,
  name: z.string(),
  date: LocalDate,
  /** Distance in metres; drift within the accuracy of the fixes is not counted. */
  metres: z.number().int(),
  /** Minutes in which the counted metres were made. */
  movingMinutes: z.number().int(),
  /** Minutes between the first and the last fix. */
  trackedMinutes: z.number().int(),
  fixes: z.number().int(),
});
export type DailyDistanceRow = z.infer<typeof DailyDistanceRow>;

export const RequestReport = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tracking.daily-distance'), params: DailyDistanceParams }),
]);

export const ReportResult = z.object({
  columns: z.array(z.object({ key: z.string(), title: z.string(), unit: z.string().nullable() })),
  rows: z.array(DailyDistanceRow),
  totals: z.object({ metres: z.number().int(), movingMinutes: z.number().int(), people: z.number().int() }),
});
export type ReportResult = z.infer<typeof ReportResult>;

export const ReportRun = z.object({
  id: Id,
  kind: z.literal('tracking.daily-distance'),
  params: DailyDistanceParams,
  status: z.enum(['queued', 'running', 'done', 'failed']),
  requestedBy: Id,
  requestedAt: Instant,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  /** Why it failed, in words for the person who asked. */
  failure: z.string().nullable(),
  result: ReportResult.nullable(),
});
export type ReportRun = z.infer<typeof ReportRun>;

export const RunProgress = z.object({
  runId: Id,
  /** Whole percent, 0 to 100. */
  percent: z.number().int(),
  stage: z.string(),
});
export type RunProgress = z.infer<typeof RunProgress>;

export const reportsApi = api('/reports', {
  request: accept('/runs', {
    permission: 'reports.run',
    feature: 'reports',
    body: RequestReport,
    returns: ReportRun,
    errors: ['TOO_MANY_RUNS'],
    summary: 'Ask for a report; a worker makes it',
  }),
  runs: list('/runs', {
    permission: 'reports.run',
    license: 'export',
    query: PageQuery,
    returns: ReportRun,
    summary: 'List my report runs, newest first, without their rows',
  }),
  run: get('/runs/:runId', {
    permission: 'reports.run',
    license: 'export',
    returns: ReportRun,
    summary: 'Read one run with its rows',
  }),
});

export const reportsLive = live('/reports', {
  streams: {
    requests: stream('log', { permission: 'reports.run', summary: 'Report runs of one person' }),
    progress: stream('latest', { permission: 'reports.run', summary: 'Progress of one person’s running reports' }),
  },
  calls: {},
  events: {
    'report:requested': event('requests', ReportRun, 'A report was asked for'),
    'report:finished': event(
      'requests',
      ReportRun,
      'A report is ready; rows are read over REST where they exceed 32 KiB',
    ),
    'report:failed': event('requests', ReportRun, 'A report could not be made'),
    'report:progressed': event('progress', RunProgress, 'How far a running report is'),
  },
});

export const runReport = job('reports.run-report', {
  payload: z.object({ orgId: Id, runId: Id }),
  summary: 'Make one requested report',
  attempts: 3,
});

export const reportsContract = contract({
  name: 'reports',
  api: reportsApi,
  live: reportsLive,
  jobs: [runReport],
  errors: errors({
    TOO_MANY_RUNS: { status: 409, title: 'Too many runs', help: 'At most ten of your reports wait or run at a time.' },
  }),
  permissions: permissions({
    'reports.run': {
      description: 'Run reports over what one may see',
      grants: { hr: 'org', finance: 'org', manager: 'subtree', sales: 'branch', staff: 'own', auditor: 'org' },
    },
  }),
});
