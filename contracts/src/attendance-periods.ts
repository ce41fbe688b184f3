import { z } from 'zod';
import { Note, Reason } from './attendance-values';
import { act, create, feed, get, list, PageQuery } from './kit/api';
import { Id, Instant, LocalDate } from './kit/values';

export const periodStates = ['open', 'submitted', 'approved', 'locked'] as const;
export type PeriodState = (typeof periodStates)[number];

/** Days of a person, of a branch, or of everybody. */
export const Period = z.object({
  id: Id,
  userId: Id.nullable(),
  branchId: Id.nullable(),
  from: LocalDate,
  /** The first date that is not part of it. */
  to: LocalDate,
  state: z.enum(periodStates),
  submittedBy: Id.nullable(),
  approvedBy: Id.nullable(),
  lockedBy: Id.nullable(),
  lockedAt: Instant.nullable(),
  reopenReason: z.string().nullable(),
  version: z.number().int(),
});
export type Period = z.infer<typeof Period>;

export const NewPeriod = z
  .strictObject({
    userId: Id.nullable().default(null),
    branchId: Id.nullable().default(null),
    from: LocalDate,
    to: LocalDate,
  })
  .refine(({ from, to }) => from < to, { error: 'ends before it begins', path: ['to'] })
  .refine(({ userId, branchId }) => userId === null || branchId === null, {
    error: 'and `userId` exclude each other',
    path: ['branchId'],
  });

export const reportFormats = ['json', 'csv', 'xlsx', 'pdf'] as const;
export const ReportQuery = z
  .strictObject({
    from: LocalDate,
    /** The first date that is not part of it; by default the day after `from`. */
    to: LocalDate.optional(),
    branchId: Id.optional(),
    userId: Id.optional(),
    format: z.enum(reportFormats).default('json'),
  })
  .refine(({ from, to }) => to === undefined || from < to, { error: 'ends before it begins', path: ['to'] });
export type ReportQuery = z.infer<typeof ReportQuery>;

const feature = 'attendance.basic';
const read = { permission: 'attendance.read', feature } as const;
const report = {
  permission: 'attendance.report',
  feature,
  apiKey: true,
  query: ReportQuery,
  returns: z.unknown(),
} as const;

export const periodRows = {
  periods: list('/timesheet-periods', {
    ...read,
    query: PageQuery.extend({
      state: z.enum(periodStates).optional(),
      userId: Id.optional(),
      branchId: Id.optional(),
    }),
    returns: Period,
    summary: 'List periods, newest first',
  }),
  period: get('/timesheet-periods/:periodId', { ...read, returns: Period, summary: 'Read a period' }),
  openPeriod: create('/timesheet-periods', {
    permission: 'attendance.open-period',
    feature,
    body: NewPeriod,
    returns: Period,
    errors: ['PERIOD_OVERLAP'],
    summary: 'Open a period of a person, a branch or everybody',
  }),
  submitPeriod: act('/timesheet-periods/:periodId/submit', {
    permission: 'attendance.submit-period',
    feature,
    body: Note,
    returns: Period,
    errors: ['STATE_INVALID'],
    summary: 'Hand a period in',
  }),
  approvePeriod: act('/timesheet-periods/:periodId/approve', {
    permission: 'attendance.approve-period',
    feature,
    body: Note,
    returns: Period,
    errors: ['STATE_INVALID', 'SELF_APPROVAL'],
    summary: 'Approve a period that was handed in',
  }),
  lockPeriod: act('/timesheet-periods/:periodId/lock', {
    permission: 'attendance.lock-period',
    feature,
    body: Note,
    returns: Period,
    errors: ['STATE_INVALID', 'PERIOD_UNSETTLED'],
    summary: 'Lock an approved period: its days do not change any more',
  }),
  reopenPeriod: act('/timesheet-periods/:periodId/reopen', {
    permission: 'attendance.reopen-period',
    feature,
    body: z.strictObject({ reason: Reason }),
    returns: Period,
    errors: ['STATE_INVALID'],
    summary: 'Open a locked period again; what came meanwhile counts then',
  }),
  dailyReport: feed('/attendance/reports/daily', {
    ...report,
    summary: 'Who was there, late, away or absent, day by day',
  }),
  timesheetReport: feed('/attendance/reports/timesheet', { ...report, summary: 'Hours of each person and day' }),
  lateReport: feed('/attendance/reports/late', { ...report, summary: 'Who came late or left early' }),
  absenceReport: feed('/attendance/reports/absence', { ...report, summary: 'Who was absent, excused or on leave' }),
  overtimeReport: feed('/attendance/reports/overtime', {
    ...report,
    feature: 'attendance.overtime',
    summary: 'Overtime of each person and day, by what became of it',
  }),
  payrollReport: feed('/attendance/reports/payroll', {
    ...report,
    summary: 'Seconds of each person by factor, for whoever pays',
  }),
};
