import { z } from 'zod';
import { tracked } from './activity-values';
import { act, create, feed, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, LocalDate } from './kit/values';

export const entryKinds = ['work', 'travel', 'break', 'other'] as const;
export const entrySources = ['timer', 'manual', 'attendance', 'trip'] as const;

/** A piece of somebody’s time, `[start, end)`; one that runs has no end. */
export const TimeEntry = z.object({
  id: Id,
  userId: Id,
  branchId: Id.nullable(),
  start: Instant,
  end: Instant.nullable(),
  kind: z.enum(entryKinds),
  taskId: Id.nullable(),
  clientId: Id.nullable(),
  billable: z.boolean(),
  source: z.enum(entrySources),
  note: z.string(),
  /** Since when its week is approved; it stays as it is. */
  lockedAt: Instant.nullable(),
  version: z.int(),
});
export type TimeEntry = z.infer<typeof TimeEntry>;

const Note = z.string().trim().max(500);
const about = {
  kind: z.enum(entryKinds),
  taskId: Id.nullable(),
  clientId: Id.nullable(),
  billable: z.boolean(),
  note: Note,
};

export const StartTimer = z.strictObject({
  kind: about.kind.default('work'),
  taskId: about.taskId.default(null),
  clientId: about.clientId.default(null),
  billable: about.billable.default(false),
  note: about.note.default(''),
  /** Earlier than now where the call had to wait for a network. */
  at: Instant.optional(),
});
export const StopTimer = z.strictObject({ at: Instant.optional() });

/** What a timer became: all devices of a person agree on it. */
export const TimerChanged = z.object({
  entryId: Id,
  start: Instant,
  end: Instant.nullable(),
  entry: TimeEntry,
  /** The one that ended at the instant at which this one began. */
  ended: TimeEntry.nullable(),
});
export type TimerChanged = z.infer<typeof TimerChanged>;

export const NewTimeEntry = z
  .strictObject({
    userId: Id.optional(),
    start: Instant,
    end: Instant,
    kind: about.kind.default('work'),
    taskId: about.taskId.default(null),
    clientId: about.clientId.default(null),
    billable: about.billable.default(false),
    note: about.note.default(''),
  })
  .refine(({ start, end }) => start < end, { error: 'is not after `start`', path: ['end'] });
export type NewTimeEntry = z.infer<typeof NewTimeEntry>;

export const TimeEntryChange = z
  .strictObject({ start: Instant, end: Instant, ...about })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });
export type TimeEntryChange = z.infer<typeof TimeEntryChange>;

const Whose = z.strictObject({ userId: Id.optional(), branchId: Id.optional(), from: LocalDate, to: LocalDate });
const span = <S extends { from: string; to: string }>(schema: z.ZodType<S>) =>
  schema
    .refine(({ from, to }) => from < to, { error: 'is not after `from`', path: ['to'] })
    .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= 370 * 86_400_000, {
      error: 'is more than 370 days away',
      path: ['to'],
    });

/** What somebody did on one date: `rawSec` as it was, `sec` as the organisation rounds. */
export const DaySum = z.object({ date: LocalDate, kind: z.enum(entryKinds), rawSec: z.int(), sec: z.int() });

export const sheetStates = ['open', 'submitted', 'approved'] as const;
export const Timesheet = z.object({
  id: Id,
  userId: Id,
  branchId: Id.nullable(),
  /** The Monday. */
  week: LocalDate,
  state: z.enum(sheetStates),
  submittedAt: Instant.nullable(),
  decidedAt: Instant.nullable(),
  decidedBy: Id.nullable(),
  reason: z.string().nullable(),
  version: z.int(),
});
export type Timesheet = z.infer<typeof Timesheet>;
export const TimesheetDays = Timesheet.extend({ days: z.array(DaySum), rawSec: z.int(), sec: z.int() });

const Difference = z.object({
  date: LocalDate,
  /** Work and travel of the sheet, and what attendance has; null where nobody kept it. */
  entriesSec: z.int(),
  attendanceSec: z.int().nullable(),
  differenceSec: z.int().nullable(),
  bySource: z.record(z.enum(entrySources), z.int()),
});

const write = { permission: 'time.write', ...tracked } as const;
const read = { permission: 'activity.read', apiKey: true, ...tracked } as const;
const refusals = ['ENTRY_OVERLAP', 'PERIOD_LOCKED'] as const;

export const timeRows = {
  startTimer: act('/timers/start', {
    ...write,
    body: StartTimer,
    returns: TimerChanged,
    errors: ['TIMER_RUNNING', ...refusals],
    summary: 'Start one’s timer; one that runs ends at that instant',
  }),
  stopTimer: act('/timers/stop', {
    ...write,
    body: StopTimer,
    returns: TimerChanged,
    errors: ['TIMER_NOT_RUNNING', 'PERIOD_LOCKED'],
    summary: 'Stop one’s timer',
  }),
  timer: get('/timers/current', {
    ...write,
    returns: z.object({ entry: TimeEntry.nullable() }),
    summary: 'Which entry runs, if any',
  }),
  timeEntries: list('/time-entries', {
    ...read,
    query: PageQuery.extend({
      userId: Id.optional(),
      branchId: Id.optional(),
      from: Instant.optional(),
      to: Instant.optional(),
      kind: z.enum(entryKinds).optional(),
    }),
    returns: TimeEntry,
    summary: 'List entries, newest first',
  }),
  exportTime: feed('/time-entries/export', {
    ...read,
    query: span(Whose.extend({ format: z.enum(['csv', 'xlsx', 'pdf', 'json']).default('csv') })),
    summary: 'Download entries, a line for each date that one lies on',
  }),
  timeSummary: get('/time-entries/summary', {
    ...read,
    query: span(Whose),
    returns: z.object({ days: z.array(DaySum), rawSec: z.int(), sec: z.int() }),
    summary: 'Sums by date and kind, split at local midnight and rounded as the organisation does',
  }),
  timeEntry: get('/time-entries/:timeEntryId', { ...read, returns: TimeEntry, summary: 'Read one entry' }),
  createTimeEntry: create('/time-entries', {
    ...write,
    body: NewTimeEntry,
    returns: TimeEntry,
    errors: refusals,
    summary: 'Write down time that is over',
  }),
  updateTimeEntry: patch('/time-entries/:timeEntryId', {
    ...write,
    body: TimeEntryChange,
    returns: TimeEntry,
    versioned: true,
    errors: [...refusals, 'TIMER_RUNNING'],
    summary: 'Change an entry',
  }),
  removeTimeEntry: remove('/time-entries/:timeEntryId', {
    ...write,
    versioned: true,
    errors: ['PERIOD_LOCKED'],
    summary: 'Take an entry away',
  }),
  timesheets: list('/timesheets', {
    ...read,
    query: PageQuery.extend({
      userId: Id.optional(),
      branchId: Id.optional(),
      state: z.enum(sheetStates).optional(),
      week: LocalDate.optional(),
    }),
    returns: Timesheet,
    summary: 'List weekly sheets, newest week first',
  }),
  openTimesheet: act('/timesheets', {
    ...write,
    body: z.strictObject({ userId: Id.optional(), week: LocalDate }),
    returns: Timesheet,
    summary: 'The sheet of the week of a date, made where there is none',
  }),
  timesheet: get('/timesheets/:timesheetId', {
    ...read,
    returns: TimesheetDays,
    summary: 'A week by date and kind',
  }),
  differences: get('/timesheets/:timesheetId/differences', {
    ...read,
    returns: z.object({ days: z.array(Difference) }),
    summary: 'Where a sheet and attendance disagree',
  }),
  submitTimesheet: act('/timesheets/:timesheetId/submit', {
    ...write,
    returns: Timesheet,
    errors: ['TIMESHEET_STATE_INVALID', 'TIMER_RUNNING'],
    summary: 'Hand a week in; its entries stay as they are until it is decided',
  }),
  approveTimesheet: act('/timesheets/:timesheetId/approve', {
    permission: 'time.approve',
    ...tracked,
    returns: Timesheet,
    errors: ['TIMESHEET_STATE_INVALID', 'OWN_TIMESHEET'],
    summary: 'Approve a week: its entries are locked',
  }),
  reopenTimesheet: act('/timesheets/:timesheetId/reopen', {
    permission: 'time.approve',
    ...tracked,
    body: z.strictObject({ reason: z.string().trim().min(1).max(300) }),
    returns: Timesheet,
    errors: ['TIMESHEET_STATE_INVALID', 'OWN_TIMESHEET'],
    summary: 'Give a week back with the reason why',
  }),
};
