import { z } from 'zod';
import { dayFlags, dayStatuses } from './attendance-values';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { Id, Instant, LocalDate } from './kit/values';

export const DayTold = z.object({
  dayId: Id,
  userId: Id,
  workDate: LocalDate,
  status: z.enum(dayStatuses),
  workedSec: z.number().int(),
  flags: z.array(z.enum(dayFlags)),
  version: z.number().int(),
});
export type DayTold = z.infer<typeof DayTold>;

const AbsenceTold = z.object({ alertId: Id, userId: Id, workDate: LocalDate, startsAt: Instant });
const OvertimeWarning = z.object({
  userId: Id,
  weekStart: LocalDate,
  weekSec: z.number().int(),
  thresholdSec: z.number().int(),
  /** 80 and 100: parts of the weekly threshold; `mean`: the mean of many weeks; `cap`: more overtime than allowed. */
  kind: z.enum(['80', '100', 'mean', 'cap']),
});
export type OvertimeWarning = z.infer<typeof OvertimeWarning>;
export const BranchReport = z.object({
  branchId: Id,
  date: LocalDate,
  expected: z.number().int(),
  present: z.number().int(),
  remote: z.number().int(),
  late: z.number().int(),
  absent: z.number().int(),
  missing: z.number().int(),
  onLeave: z.number().int(),
  off: z.number().int(),
  incomplete: z.number().int(),
  workedSec: z.number().int(),
});
export type BranchReport = z.infer<typeof BranchReport>;
const Decided = z.object({ id: Id, userId: Id, workDate: LocalDate, state: z.string() });

/** Attendance has no namespace of its own: it speaks where check-ins do. */
export const attendanceLive = live('/check-ins', {
  streams: {
    attendance: stream('log', {
      permission: 'attendance.read',
      feature: 'attendance.basic',
      summary: 'Days of a branch, or of one person; its id is the branch’s or the person’s',
    }),
  },
  calls: {},
  events: {
    'attendance:day-updated': event(
      'attendance',
      DayTold,
      'Somebody’s day is other than it was; told to the branch, and to the person',
    ),
    'attendance:days-updated': event(
      'attendance',
      z.object({ branchId: Id, from: LocalDate, to: LocalDate, days: z.number().int() }),
      'Many days of a branch changed at once, as by a change of a plan; they are to be read again',
    ),
    'attendance:absent': event('attendance', AbsenceTold, 'Somebody who is on the roster did not come'),
    'attendance:absence-withdrawn': event('attendance', AbsenceTold, 'Somebody was there after all, or need not be'),
    'attendance:auto-closed': event('attendance', DayTold, 'One did not check out: the day was closed, correct it'),
    'attendance:correction-requested': event('attendance', Decided, 'A correction waits for a decision'),
    'attendance:correction-decided': event('attendance', Decided, 'One’s correction was decided'),
    'attendance:morning-reported': event('attendance', BranchReport, 'How the branch’s day began'),
    'attendance:evening-reported': event('attendance', BranchReport, 'How the branch’s day was'),
    'attendance:period-changed': event(
      'attendance',
      z.object({ periodId: Id, from: LocalDate, to: LocalDate, state: z.string() }),
      'A period of this branch, or of somebody of it, was handed in, approved, locked or opened again',
    ),
    'overtime:warning': event(
      'attendance',
      OvertimeWarning,
      'Somebody comes near the overtime threshold of the week; told to the branch, and to the person',
    ),
    'overtime:claimed': event('attendance', Decided, 'Worked overtime waits for a decision'),
    'overtime:decided': event('attendance', Decided, 'One’s overtime was decided'),
  },
});

const Tick = z.object({ tick: Instant });
const Day = z.object({ orgId: Id, branchId: Id, date: LocalDate });

export const tickDays = job('attendance.tick', {
  payload: Tick,
  summary: 'Begin local days, close and settle days whose time has come, tell who did not come',
});
export const planBranch = job('attendance.plan-branch', {
  payload: Day,
  summary: 'Look at the new day of everybody of a branch',
});
export const recomputeDays = job('attendance.recompute', {
  payload: z.object({
    orgId: Id,
    userIds: z.array(Id).max(200),
    from: LocalDate,
    to: LocalDate,
  }),
  summary: 'Compute the days of many people anew',
});
export const reportMorning = job('attendance.morning-report', {
  payload: Day,
  summary: 'Tell how the day of a branch began, half an hour after it opened',
});
export const reportEvening = job('attendance.evening-report', {
  payload: Day,
  summary: 'Tell how the day of a branch was, half an hour after it closed',
});
export const watchOvertime = job('attendance.ot-watch', {
  payload: Tick,
  summary: 'Warn at 80 and 100 % of the weekly threshold',
});
