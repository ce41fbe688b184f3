import { z } from 'zod';
import { create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, LocalDate, ShortText, TimeZone } from './kit/values';

/** Wall time of a branch, `08:30`. */
export const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time of the day such as 08:30');
const Minutes = z.number().int().min(0).max(1_440);

export const ShiftBreak = z.strictObject({
  /** Counts once somebody worked longer than this. */
  afterMin: Minutes,
  lengthMin: z.number().int().min(1).max(480),
  paid: z.boolean().default(false),
  /** Taken off by itself, as far as nobody punched it. */
  auto: z.boolean().default(true),
});
export type ShiftBreak = z.infer<typeof ShiftBreak>;

export const roundingModes = ['none', 'nearest', 'employee_favour', 'employer_favour'] as const;
export const Rounding = z.strictObject({
  mode: z.enum(roundingModes),
  stepMin: z.number().int().min(1).max(60).default(15),
  applyTo: z.enum(['punch', 'total']).default('punch'),
});
export type Rounding = z.infer<typeof Rounding>;

const shiftShape = {
  name: ShortText,
  startLocal: WallTime,
  /** At or before the start: on the next day. */
  endLocal: WallTime,
  windowBeforeMin: z.number().int().min(0).max(720),
  windowAfterMin: z.number().int().min(0).max(960),
  graceLateMin: z.number().int().min(0).max(480),
  graceEarlyMin: z.number().int().min(0).max(480),
  breaks: z.array(ShiftBreak).max(10),
  minHalfDayMin: Minutes,
  minPresentMin: Minutes,
  rounding: Rounding,
  overtimePolicyId: Id.nullable(),
  nightFrom: WallTime,
  nightTo: WallTime,
  isPaid: z.boolean(),
};
export const Shift = z.object({ id: Id, ...shiftShape, version: z.number().int() });
export type Shift = z.infer<typeof Shift>;

const half = (input: { minHalfDayMin?: number | undefined; minPresentMin?: number | undefined }): boolean =>
  input.minHalfDayMin === undefined || input.minPresentMin === undefined || input.minHalfDayMin <= input.minPresentMin;
const halfFirst = { error: 'is more than a whole day needs', path: ['minHalfDayMin'] };

export const NewShift = z
  .strictObject({
    ...shiftShape,
    windowBeforeMin: shiftShape.windowBeforeMin.default(60),
    windowAfterMin: shiftShape.windowAfterMin.default(240),
    graceLateMin: shiftShape.graceLateMin.default(15),
    graceEarlyMin: shiftShape.graceEarlyMin.default(15),
    breaks: shiftShape.breaks.default([]),
    minHalfDayMin: shiftShape.minHalfDayMin.default(240),
    minPresentMin: shiftShape.minPresentMin.default(420),
    rounding: shiftShape.rounding.default({ mode: 'none', stepMin: 15, applyTo: 'punch' }),
    overtimePolicyId: shiftShape.overtimePolicyId.default(null),
    nightFrom: shiftShape.nightFrom.default('22:00'),
    nightTo: shiftShape.nightTo.default('06:00'),
    isPaid: shiftShape.isPaid.default(true),
  })
  .refine(half, halfFirst);
export const ShiftChange = z
  .strictObject(shiftShape)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' })
  .refine(half, halfFirst);

/** Repeats from its anchor in both directions. @example 4 on, 2 off */
export const Cycle = z.strictObject({
  anchoredOn: LocalDate,
  days: z
    .array(z.enum(['on', 'off']))
    .min(1)
    .max(56),
});
export type Cycle = z.infer<typeof Cycle>;

export const targetTypes = ['user', 'team', 'branch'] as const;
export const Assignment = z.object({
  id: Id,
  targetType: z.enum(targetTypes),
  targetId: Id,
  shiftId: Id,
  from: LocalDate,
  /** The first date on which it does not count any more. */
  to: LocalDate.nullable(),
  /** Without one it counts on every date. */
  cycle: Cycle.nullable(),
  version: z.number().int(),
});
export type Assignment = z.infer<typeof Assignment>;

const span = { error: 'ends before it begins', path: ['to'] };
export const NewAssignment = z
  .strictObject({
    targetType: z.enum(targetTypes),
    targetId: Id,
    shiftId: Id,
    from: LocalDate,
    to: LocalDate.nullable().default(null),
    cycle: Cycle.nullable().default(null),
  })
  .refine(({ from, to }) => to === null || from < to, span);
export const AssignmentChange = z
  .strictObject({ shiftId: Id, from: LocalDate, to: LocalDate.nullable(), cycle: Cycle.nullable() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' })
  .refine(({ from, to }) => from === undefined || to === undefined || to === null || from < to, span);

export const Override = z.object({
  id: Id,
  userId: Id,
  date: LocalDate,
  /** Null: off. */
  shiftId: Id.nullable(),
  note: z.string().nullable(),
  version: z.number().int(),
});
export type Override = z.infer<typeof Override>;
const overrideNote = z.string().trim().min(1).max(300).nullable();
export const NewOverride = z.strictObject({
  userId: Id,
  date: LocalDate,
  shiftId: Id.nullable(),
  note: overrideNote.default(null),
});
export const OverrideChange = z
  .strictObject({ shiftId: Id.nullable(), note: overrideNote })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const scheduleSources = ['override', 'user', 'team', 'branch', 'organisation', 'none'] as const;
export const RosterShift = z.object({
  occurrenceKey: z.string(),
  shiftId: Id.nullable(),
  name: z.string(),
  startsAt: Instant,
  endsAt: Instant,
  scheduledSec: z.number().int(),
});
export const RosterDay = z.object({
  date: LocalDate,
  timezone: TimeZone,
  branchId: Id.nullable(),
  /** What of the plans decided. */
  source: z.enum(scheduleSources),
  /** A plan says that this date is off. */
  isOff: z.boolean(),
  shifts: z.array(RosterShift),
  holiday: z.string().nullable(),
  /** Milli-days of approved leave. */
  leaveMilliDays: z.number().int(),
});
export type RosterDay = z.infer<typeof RosterDay>;
export const Roster = z.object({
  from: LocalDate,
  to: LocalDate,
  people: z.array(z.object({ userId: Id, name: z.string(), days: z.array(RosterDay) })),
});
export type Roster = z.infer<typeof Roster>;

const feature = 'attendance.basic';
const read = { permission: 'shifts.read', feature } as const;
const manage = { permission: 'shifts.manage', feature } as const;

export const rosterRows = {
  shifts: list('/shifts', { ...read, query: PageQuery, returns: Shift, summary: 'List shifts by name' }),
  shift: get('/shifts/:shiftId', { ...read, returns: Shift, summary: 'Read a shift' }),
  createShift: create('/shifts', {
    ...manage,
    body: NewShift,
    returns: Shift,
    errors: ['SHIFT_NAME_TAKEN'],
    summary: 'Make a shift that people and branches can be given',
  }),
  updateShift: patch('/shifts/:shiftId', {
    ...manage,
    body: ShiftChange,
    returns: Shift,
    versioned: true,
    errors: ['SHIFT_NAME_TAKEN', 'SHIFT_OVERLAP'],
    summary: 'Change a shift; days that are not locked are computed anew',
  }),
  removeShift: remove('/shifts/:shiftId', {
    ...manage,
    versioned: true,
    errors: ['SHIFT_IN_USE'],
    summary: 'Remove a shift that nobody was ever given',
  }),
  assignments: list('/shift-assignments', {
    ...read,
    query: PageQuery.extend({
      targetType: z.enum(targetTypes).optional(),
      targetId: Id.optional(),
      shiftId: Id.optional(),
      on: LocalDate.optional(),
    }),
    returns: Assignment,
    summary: 'List who was given which shift',
  }),
  assign: create('/shift-assignments', {
    ...manage,
    body: NewAssignment,
    returns: Assignment,
    errors: ['SHIFT_OVERLAP'],
    summary: 'Give a shift to a person, a team or a branch',
  }),
  updateAssignment: patch('/shift-assignments/:assignmentId', {
    ...manage,
    body: AssignmentChange,
    returns: Assignment,
    versioned: true,
    errors: ['SHIFT_OVERLAP'],
    summary: 'Change an assignment',
  }),
  removeAssignment: remove('/shift-assignments/:assignmentId', {
    ...manage,
    versioned: true,
    summary: 'Take a shift back, as if it had never been given',
  }),
  overrides: list('/roster-overrides', {
    ...read,
    query: PageQuery.extend({ userId: Id.optional(), from: LocalDate.optional(), to: LocalDate.optional() }),
    returns: Override,
    summary: 'List dates on which somebody works otherwise than planned',
  }),
  createOverride: create('/roster-overrides', {
    ...manage,
    body: NewOverride,
    returns: Override,
    errors: ['OVERRIDE_EXISTS', 'SHIFT_OVERLAP'],
    summary: 'Let somebody work otherwise on a date, or not at all',
  }),
  updateOverride: patch('/roster-overrides/:overrideId', {
    ...manage,
    body: OverrideChange,
    returns: Override,
    versioned: true,
    errors: ['SHIFT_OVERLAP'],
    summary: 'Change what somebody does on a date',
  }),
  removeOverride: remove('/roster-overrides/:overrideId', {
    ...manage,
    versioned: true,
    summary: 'Let a date be as it was planned',
  }),
  rosters: get('/rosters', {
    ...read,
    query: z.strictObject({
      branchId: Id.optional(),
      userId: Id.optional(),
      from: LocalDate,
      /** The first date that is not shown; by default a week after `from`. */
      to: LocalDate.optional(),
    }),
    returns: Roster,
    summary: 'Who works when, at a branch or of one’s own, at most 62 days',
  }),
};
