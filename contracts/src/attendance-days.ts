import { z } from 'zod';
import { RosterDay } from './attendance-rosters';
import {
  Correction,
  correctionStates,
  Day,
  DayExplanation,
  dayStatuses,
  directions,
  MOST_PUNCHES,
  Note,
  ProposedPunch,
  Punch,
  Reason,
} from './attendance-values';
import { act, create, get, list, PageQuery } from './kit/api';
import { Id, Instant, LocalDate, TimeZone } from './kit/values';

export const NewPunch = z.strictObject({
  /** The device’s own name of this punch: the same one again changes nothing. */
  sourceId: z.string().trim().min(1).max(64),
  userId: Id.optional(),
  /** Instead of `userId`; one of the two says whose it is. */
  employeeNo: z.string().trim().min(1).max(40).optional(),
  at: Instant,
  direction: z.enum(directions).default('auto'),
  source: z.enum(['device', 'kiosk']).default('device'),
  deviceId: z.string().trim().min(1).max(64).nullable().default(null),
  /** Where it was taken; by default the branch of the person. */
  branchId: Id.optional(),
});
export type NewPunch = z.infer<typeof NewPunch>;

export const PunchResult = z.object({
  sourceId: z.string(),
  result: z.enum(['accepted', 'duplicate', 'refused']),
  punchId: Id.nullable(),
  code: z.string().nullable(),
});
export const PunchesTaken = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  refused: z.number().int(),
  /** In the order in which they came. */
  results: z.array(PunchResult),
});
export type PunchesTaken = z.infer<typeof PunchesTaken>;

export const Today = z.object({
  userId: Id,
  date: LocalDate,
  timezone: TimeZone,
  at: Instant,
  roster: RosterDay,
  days: z.array(Day),
  punches: z.array(Punch),
  openSince: Instant.nullable(),
  /** Worked so far, what has passed since `openSince` included. */
  workedSec: z.number().int(),
  weekWorkedSec: z.number().int(),
});
export type Today = z.infer<typeof Today>;

const span = z.strictObject({ from: LocalDate.optional(), to: LocalDate.optional() }).shape;

export const NewCorrection = z
  .strictObject({
    dayId: Id.optional(),
    /** Of a date on which nothing stands; instead of `dayId`. */
    date: LocalDate.optional(),
    /** All punches that the day should have. */
    punches: z.array(ProposedPunch).max(40),
    reason: Reason,
  })
  .refine(({ dayId, date }) => (dayId === undefined) !== (date === undefined), {
    error: 'or `date` says which day, and not both',
    path: ['dayId'],
  });

const feature = 'attendance.basic';
const read = { permission: 'attendance.read', feature, apiKey: true } as const;
const decide = { permission: 'attendance.decide-correction', feature } as const;
const onDay = z.strictObject({ reason: Reason });

export const dayRows = {
  punch: act('/attendance/punches', {
    permission: 'attendance.ingest',
    feature,
    apiKey: true,
    body: z.strictObject({ punches: z.array(NewPunch).min(1).max(MOST_PUNCHES) }),
    returns: PunchesTaken,
    errors: ['PUNCH_IN_FUTURE', 'PUNCH_TOO_OLD'],
    maxBytes: 262_144,
    summary: 'Hand in punches of kiosks and readers, at most 500; each is answered for itself',
  }),
  punches: list('/attendance/punches', {
    ...read,
    query: PageQuery.extend({ userId: Id.optional(), ...span }),
    returns: Punch,
    summary: 'List punches by instant',
  }),
  today: get('/attendance/me/today', {
    permission: 'attendance.read',
    feature,
    returns: Today,
    summary: 'One’s own day so far',
  }),
  days: list('/attendance/days', {
    ...read,
    query: PageQuery.extend({
      userId: Id.optional(),
      branchId: Id.optional(),
      status: z.enum(dayStatuses).optional(),
      ...span,
    }),
    returns: Day,
    summary: 'List days by date and person; `to` is not part of them',
  }),
  day: get('/attendance/days/:dayId', { ...read, returns: Day, summary: 'Read a day' }),
  explain: get('/attendance/days/:dayId/explain', {
    ...read,
    returns: DayExplanation,
    summary: 'Why a day is as it is: every pair, break, rounding and rule',
  }),
  excuse: act('/attendance/days/:dayId/excuse', {
    permission: 'attendance.excuse',
    feature,
    body: onDay,
    returns: Day,
    errors: ['PERIOD_LOCKED'],
    summary: 'Excuse somebody for a day',
  }),
  unexcuse: act('/attendance/days/:dayId/unexcuse', {
    permission: 'attendance.excuse',
    feature,
    body: onDay,
    returns: Day,
    errors: ['PERIOD_LOCKED', 'STATE_INVALID'],
    summary: 'Take an excuse back',
  }),
  confirm: act('/attendance/days/:dayId/confirm', {
    ...decide,
    body: onDay,
    returns: Day,
    errors: ['PERIOD_LOCKED', 'SELF_APPROVAL'],
    summary: 'Let unverified punches of a day count, where the organisation asks for verified ones',
  }),
  corrections: list('/attendance/corrections', {
    ...read,
    query: PageQuery.extend({ state: z.enum(correctionStates).optional(), userId: Id.optional() }),
    returns: Correction,
    summary: 'List corrections, newest first',
  }),
  correct: create('/attendance/corrections', {
    permission: 'attendance.request-correction',
    feature,
    body: NewCorrection,
    returns: Correction,
    errors: ['PERIOD_LOCKED', 'PUNCH_IN_FUTURE', 'STATE_INVALID'],
    summary: 'Ask for one’s day to be corrected',
  }),
  approveCorrection: act('/attendance/corrections/:correctionId/approve', {
    ...decide,
    body: Note,
    returns: Correction,
    errors: ['SELF_APPROVAL', 'STATE_INVALID', 'PERIOD_LOCKED'],
    summary: 'Approve a correction: its punches become the day’s',
  }),
  rejectCorrection: act('/attendance/corrections/:correctionId/reject', {
    ...decide,
    body: Note,
    returns: Correction,
    errors: ['SELF_APPROVAL', 'STATE_INVALID'],
    summary: 'Refuse a correction',
  }),
  withdrawCorrection: act('/attendance/corrections/:correctionId/withdraw', {
    permission: 'attendance.request-correction',
    feature,
    returns: Correction,
    errors: ['STATE_INVALID'],
    summary: 'Take one’s own correction back before it is decided',
  }),
};
