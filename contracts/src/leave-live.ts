import { z } from 'zod';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { Id, Instant, LocalDate } from './kit/values';
import { LeaveRequest } from './leave-values';

/** Leave speaks where attendance does. */
export const leaveLive = live('/check-ins', {
  streams: {
    leave: stream('log', {
      permission: 'leave.read',
      feature: 'leave',
      summary: 'Leave of one person, and what waits for this person’s decision; its id is the person’s',
    }),
  },
  calls: {},
  events: {
    'leave:requested': event(
      'leave',
      z.object({ requestId: Id, state: LeaveRequest.shape.state, request: LeaveRequest }),
      'Somebody asks for leave; told to the person, and to whoever is to decide',
    ),
    'leave:decided': event(
      'leave',
      z.object({ requestId: Id, state: LeaveRequest.shape.state, request: LeaveRequest }),
      'A request was approved, rejected, withdrawn, cancelled or shortened; told to the person, and to its approvers',
    ),
    'leave:expiring': event(
      'leave',
      z.object({ userId: Id, typeId: Id, typeCode: z.string(), milliDays: z.number().int(), expiresOn: LocalDate }),
      'Days of one’s balance can be taken for thirty days more, or for seven',
    ),
  },
});

const Run = z.object({ orgId: Id, timezone: z.string(), date: LocalDate });

export const tickLeave = job('leave.tick', {
  payload: z.object({ tick: Instant }),
  summary: 'Ask for what is due in the local time of each zone, once a local date',
});
export const accrueLeave = job('leave.accrual', { payload: Run, summary: 'Give what accrued by a local date' });
export const expireLeave = job('leave.expiry', { payload: Run, summary: 'Let lots expire whose last day is over' });
export const closeLeaveYears = job('leave.year-end', { payload: Run, summary: 'Carry over what a leave year leaves' });
export const markTaken = job('leave.taken-marker', { payload: Run, summary: 'Mark leave whose last day is over' });
export const reconcileLeave = job('leave.reconcile', {
  payload: z.object({ tick: Instant }),
  summary: 'Check that every lot is the sum of its entries',
});
