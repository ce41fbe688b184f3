import { z } from 'zod';
import { Id, Instant, LocalDate, TimeZone } from './kit/values';

export const directions = ['in', 'out', 'break_start', 'break_end', 'auto'] as const;
export type Direction = (typeof directions)[number];
export const punchSources = ['checkin', 'device', 'kiosk', 'manual', 'auto'] as const;
export const verifications = ['verified', 'unverified', 'remote', 'failed'] as const;
export type Verification = (typeof verifications)[number];

/** Punches of one batch. */
export const MOST_PUNCHES = 500;

/** `expected`: the day is not over and nobody punched yet. */
export const dayStatuses = [
  'expected',
  'present',
  'half_day',
  'absent',
  'on_leave',
  'holiday',
  'weekly_off',
  'remote',
  'incomplete',
  'excused',
] as const;
export type DayStatus = (typeof dayStatuses)[number];

export const dayFlags = [
  'auto_closed',
  'break_not_ended',
  'break_not_started',
  'break_outside',
  'double_in',
  'double_out',
  'in_progress',
  'leave_conflict',
  'missing_in',
  'missing_out',
  'ot_cap_exceeded',
  'rest_short',
  'short_day',
  'too_long',
  'too_short',
  'unscheduled',
  'worked_on_leave',
] as const;
export type DayFlag = (typeof dayFlags)[number];

const Seconds = z.number().int().min(0);

export const Punch = z.object({
  id: Id,
  userId: Id,
  branchId: Id.nullable(),
  at: Instant,
  timezone: TimeZone,
  localDate: LocalDate,
  direction: z.enum(directions),
  source: z.enum(punchSources),
  sourceId: z.string(),
  deviceId: z.string().nullable(),
  verification: z.enum(verifications),
  checkInId: Id.nullable(),
  /** Of a visit or a meeting, which happen within a day’s work: it counts where nothing else was punched. */
  isVisit: z.boolean(),
  /** Who said that it counts though nothing verified it. */
  confirmedBy: Id.nullable(),
  voidedAt: Instant.nullable(),
});
export type Punch = z.infer<typeof Punch>;

export const Day = z.object({
  id: Id,
  userId: Id,
  userName: z.string(),
  branchId: Id.nullable(),
  workDate: LocalDate,
  /** Tells the shifts of one date apart; `none` is what belongs to no shift. */
  occurrenceKey: z.string(),
  shiftId: Id.nullable(),
  timezone: TimeZone,
  scheduledStart: Instant.nullable(),
  scheduledEnd: Instant.nullable(),
  status: z.enum(dayStatuses),
  scheduledSec: Seconds,
  workedSec: Seconds,
  breakSec: Seconds,
  lateSec: Seconds,
  earlySec: Seconds,
  nightSec: Seconds,
  regularSec: Seconds,
  ot1Sec: Seconds,
  ot2Sec: Seconds,
  /** Overtime that nobody approved. */
  otUnapprovedSec: Seconds,
  /** Time that waits for somebody to confirm its punches. */
  pendingSec: Seconds,
  firstIn: Instant.nullable(),
  lastOut: Instant.nullable(),
  /** Since when somebody is at work; what has passed since is not part of `workedSec`. */
  openSince: Instant.nullable(),
  flags: z.array(z.enum(dayFlags)),
  /** How many of its punches were verified how. */
  verification: z.record(z.enum(verifications), Seconds),
  computedAt: Instant,
  lockedAt: Instant.nullable(),
  version: z.number().int(),
});
export type Day = z.infer<typeof Day>;

const Ppm = z.number().int().min(0);

/** Seconds at a factor, in parts per million of the usual pay. */
export const PayLine = z.object({
  bucket: z.enum(['regular', 'ot1', 'ot2']),
  seconds: Seconds,
  factorPpm: Ppm,
  reason: z.enum(['regular', 'daily', 'daily-double', 'weekly', 'seventh-day', 'holiday', 'rest-day', 'sunday']),
});
export type PayLine = z.infer<typeof PayLine>;

export const ExplainedPair = z.object({
  in: Instant,
  out: Instant.nullable(),
  /** As they count, after rounding. */
  countsFrom: Instant.nullable(),
  countsTo: Instant.nullable(),
  seconds: Seconds,
  breaks: z.array(z.object({ from: Instant, to: Instant })),
  closedBy: z.enum(['punch', 'evidence', 'scheduled-end', 'nobody']),
  isPending: z.boolean(),
});

export const DayExplanation = z.object({
  day: Day,
  punches: z.array(Punch),
  pairs: z.array(ExplainedPair),
  /** Elapsed time by local date. */
  byDate: z.array(z.object({ date: LocalDate, seconds: Seconds })),
  breaks: z.object({ punchedSec: Seconds, automaticSec: Seconds, paidSec: Seconds }),
  rounding: z.object({ mode: z.string(), stepMin: z.number(), applyTo: z.string() }),
  pay: z.array(PayLine),
  /** What decided, in the order in which it was asked, in plain words. */
  rules: z.array(z.object({ rule: z.string(), says: z.string() })),
  schedule: z.object({ source: z.string(), shiftName: z.string().nullable() }),
  policyName: z.string().nullable(),
  leave: z.array(z.object({ typeCode: z.string(), milliDays: z.number().int(), half: z.string().nullable() })),
  holiday: z.string().nullable(),
  inputsHash: z.string(),
});
export type DayExplanation = z.infer<typeof DayExplanation>;

export const Reason = z.string().trim().min(1).max(500);
export const Note = z.strictObject({ note: Reason.optional() });

export const correctionStates = ['pending', 'approved', 'rejected', 'withdrawn'] as const;
export const ProposedPunch = z.strictObject({ direction: z.enum(directions), at: Instant });

export const Correction = z.object({
  id: Id,
  userId: Id,
  branchId: Id.nullable(),
  workDate: LocalDate,
  dayId: Id.nullable(),
  /** `late-fact`: something arrived for a day that is locked. */
  kind: z.enum(['request', 'late-fact']),
  punches: z.array(ProposedPunch),
  reason: z.string(),
  state: z.enum(correctionStates),
  requestedAt: Instant,
  decidedBy: Id.nullable(),
  decidedAt: Instant.nullable(),
  note: z.string().nullable(),
  version: z.number().int(),
});
export type Correction = z.infer<typeof Correction>;
