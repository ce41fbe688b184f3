import { z } from 'zod';
import { get, put, remove } from './kit/api';
import { Id, Instant, LocalDate, ShortText, TimeZone } from './kit/values';

/** Wall time of a branch, `08:30`. */
export const LocalTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is a time of the day such as 08:30');
export const hoursKinds = ['public', 'staff'] as const;

/** A closing time at or before the opening time lies on the next day. */
export const WallInterval = z.strictObject({ opensAt: LocalTime, closesAt: LocalTime });
export type WallInterval = z.infer<typeof WallInterval>;

/** 1 is Monday. */
export const WeekInterval = WallInterval.extend({
  weekday: z.number().int().min(1).max(7),
  kind: z.enum(hoursKinds).default('public'),
});

export const HoursException = z.object({
  date: LocalDate,
  isClosed: z.boolean(),
  intervals: z.array(WallInterval),
  /** Ends what the evening before opened at the first instant of this date. */
  cutTail: z.boolean(),
  reason: z.string().nullable(),
});
export type HoursException = z.infer<typeof HoursException>;

export const BranchHours = z.object({
  branchId: Id,
  timezone: TimeZone,
  weekly: z.array(WeekInterval),
  closedOnHolidays: z.boolean(),
  holidayCalendarId: Id.nullable(),
  /** Those of the last month and all to come, by date. */
  exceptions: z.array(HoursException),
  version: z.number().int(),
});

export const NewHours = z.strictObject({
  weekly: z.array(WeekInterval).max(100),
  closedOnHolidays: z.boolean().default(true),
});

export const NewException = z
  .strictObject({
    isClosed: z.boolean().default(false),
    intervals: z.array(WallInterval).max(20).default([]),
    cutTail: z.boolean().default(false),
    reason: ShortText.nullable().default(null),
  })
  .refine(({ isClosed, intervals }) => isClosed === (intervals.length === 0), {
    error: 'is either closed or has hours',
    path: ['intervals'],
  });

/** Why it is open or not. */
export const openReasons = ['hours', 'exception', 'holiday', 'no-hours', 'not-active'] as const;

export const Openness = z.object({
  branchId: Id,
  at: Instant,
  localDate: LocalDate,
  timezone: TimeZone,
  isOpen: z.boolean(),
  /** When what is open closes; null where it never does within a year. */
  closesAt: Instant.nullable(),
  /** When it opens next; null while it is open, or where it does not within a year. */
  opensAt: Instant.nullable(),
  reason: z.enum(openReasons),
});
export type Openness = z.infer<typeof Openness>;

const read = { permission: 'branches.read', apiKey: true } as const;
const update = { permission: 'branches.update' } as const;
const onDate = z.object({ branchId: Id, date: LocalDate });

export const hoursRows = {
  hours: get('/branches/:branchId/hours', {
    ...read,
    returns: BranchHours,
    summary: 'When a branch is open, by weekday and by exception',
  }),
  setHours: put('/branches/:branchId/hours', {
    ...update,
    body: NewHours,
    returns: BranchHours,
    versioned: true,
    errors: ['HOURS_OVERLAP'],
    summary: 'Say when a branch is open, for the whole week',
  }),
  setException: put('/branches/:branchId/hours/exceptions/:date', {
    ...update,
    params: onDate,
    body: NewException,
    returns: HoursException,
    errors: ['HOURS_OVERLAP'],
    summary: 'Say that one date is different; the hours of its weekday do not count then',
  }),
  removeException: remove('/branches/:branchId/hours/exceptions/:date', {
    ...update,
    params: onDate,
    summary: 'Let a date be as its weekday again',
  }),
  open: get('/branches/:branchId/open', {
    ...read,
    query: z.strictObject({ at: Instant.optional(), kind: z.enum(hoursKinds).default('public') }),
    returns: Openness,
    summary: 'Whether a branch is open, now or at an instant, and until when or from when',
  }),
};
