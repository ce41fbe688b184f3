import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, LocalDate } from './kit/values';
import { CalendarLeave, halves, LeaveRequest, LeaveRequestInFull, leaveStates } from './leave-values';

const Reason = z.string().trim().min(1).max(500);
const half = z.enum(halves).nullable();
const order = { error: 'ends before it begins', path: ['to'] };

const requestShape = {
  typeId: Id,
  from: LocalDate,
  to: LocalDate,
  firstHalf: half.default(null),
  lastHalf: half.default(null),
  /** Of one date, where the type is counted in hours. */
  minutes: z.int().min(1).max(1_440).nullable().default(null),
  reason: Reason.nullable().default(null),
  documentIds: z.array(Id).max(20).default([]),
};
export const NewLeaveRequest = z
  .strictObject({
    ...requestShape,
    /** By default the caller; whoever decides about leave may enter it for others. */
    userId: Id.optional(),
    /** Kept and not sent yet: nothing is reserved. */
    isDraft: z.boolean().default(false),
  })
  .refine(({ from, to }) => from <= to, order);
export const LeaveRequestChange = z
  .strictObject({
    typeId: Id,
    from: LocalDate,
    to: LocalDate,
    firstHalf: half,
    lastHalf: half,
    minutes: requestShape.minutes.unwrap(),
    reason: Reason.nullable(),
    documentIds: z.array(Id).max(20),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

const Note = z.strictObject({ note: Reason.optional() });
const feature = 'leave';
const request = { permission: 'leave.request', feature } as const;
const decide = { permission: 'leave.decide', feature } as const;
const read = { permission: 'leave.read', feature, apiKey: true } as const;
const refusals = [
  'LEAVE_OVERLAP',
  'LEAVE_INSUFFICIENT',
  'LEAVE_NOTICE',
  'LEAVE_PROBATION',
  'LEAVE_TOO_LONG',
  'LEAVE_NOT_ELIGIBLE',
  'LEAVE_DOCUMENT_MISSING',
  'LEAVE_NO_WORKDAY',
  'HALF_DAY_INVALID',
  'COVER_TOO_LOW',
  'PERIOD_LOCKED',
] as const;

export const requestRows = {
  requestLeave: create('/leave/requests', {
    ...request,
    body: NewLeaveRequest,
    returns: LeaveRequestInFull,
    errors: refusals,
    summary: 'Ask for leave, or keep a draft',
  }),
  requests: list('/leave/requests', {
    ...read,
    query: PageQuery.extend({
      userId: Id.optional(),
      branchId: Id.optional(),
      typeId: Id.optional(),
      state: z.enum(leaveStates).optional(),
      from: LocalDate.optional(),
      to: LocalDate.optional(),
    }),
    returns: LeaveRequest,
    summary: 'List requests, newest first',
  }),
  request: get('/leave/requests/:requestId', { ...read, returns: LeaveRequestInFull, summary: 'Read a request' }),
  changeLeave: patch('/leave/requests/:requestId', {
    ...request,
    body: LeaveRequestChange,
    returns: LeaveRequestInFull,
    versioned: true,
    errors: ['STATE_INVALID', 'LEAVE_NO_WORKDAY', 'HALF_DAY_INVALID'],
    summary: 'Change a draft',
  }),
  dropLeave: remove('/leave/requests/:requestId', {
    ...request,
    versioned: true,
    errors: ['STATE_INVALID'],
    summary: 'Throw a draft away',
  }),
  submitLeave: act('/leave/requests/:requestId/submit', {
    ...request,
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID', ...refusals],
    summary: 'Send a draft',
  }),
  approveLeave: act('/leave/requests/:requestId/approve', {
    ...decide,
    body: Note,
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID', 'SELF_APPROVAL', 'COVER_TOO_LOW', 'LEAVE_INSUFFICIENT', 'PERIOD_LOCKED'],
    summary: 'Agree to a request',
  }),
  rejectLeave: act('/leave/requests/:requestId/reject', {
    ...decide,
    body: z.strictObject({ note: Reason }),
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID', 'SELF_APPROVAL'],
    summary: 'Refuse a request, and say why',
  }),
  withdrawLeave: act('/leave/requests/:requestId/withdraw', {
    ...request,
    body: Note,
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID'],
    summary: 'Take back what was not decided yet',
  }),
  cancelLeave: act('/leave/requests/:requestId/cancel', {
    ...request,
    body: Note,
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID', 'PERIOD_LOCKED'],
    summary: 'Give back approved leave that has not begun',
  }),
  shortenLeave: act('/leave/requests/:requestId/shorten', {
    ...request,
    body: Note.extend({
      /** The last day that is still taken. */
      to: LocalDate,
    }),
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID', 'PERIOD_LOCKED'],
    summary: 'Come back earlier: the days after `to` are given back',
  }),
  giveBackLeave: act('/leave/requests/:requestId/give-back', {
    ...decide,
    body: Note.extend({ dates: z.array(LocalDate).min(1).max(366) }),
    returns: LeaveRequestInFull,
    errors: ['STATE_INVALID', 'PERIOD_LOCKED'],
    summary: 'Give back days on which somebody worked after all',
  }),
  calendar: list('/leave/calendar', {
    ...read,
    query: PageQuery.extend({ from: LocalDate, to: LocalDate, branchId: Id.optional(), userId: Id.optional() }).refine(
      ({ from, to }) => from <= to && Date.parse(to) - Date.parse(from) <= 366 * 86_400_000,
      { error: 'is before `from`, or more than a year after it', path: ['to'] },
    ),
    returns: CalendarLeave,
    summary: 'Who is away on which dates',
  }),
};
