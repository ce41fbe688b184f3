import { z } from 'zod';
import { job } from './kit/job';
import { Id } from './kit/values';

/**
 * Said by check-ins whenever one is recorded, reviewed, voided or corrected; attendance reads it through the door of
 * that room and makes, keeps or voids its punch, so that any number of these in any order leads to the same punches.
 */
export const takeCheckIn = job('attendance.take-check-in', {
  payload: z.object({ orgId: Id, checkInId: Id }),
  summary: 'Make the punch of a check-in what the check-in is now',
});

/** Debounced: one waiting job a person and date. Leave, shifts, holidays and policies that change enqueue it for their dates. */
export const computeDay = job('attendance.compute-day', {
  payload: z.object({ orgId: Id, userId: Id, date: z.iso.date() }),
  summary: 'Compute a person’s day anew from its punches, shift, holidays, leave and policy',
});
