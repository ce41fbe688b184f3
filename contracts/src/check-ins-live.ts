import { z } from 'zod';
import { checkInStates, CheckInTold, reviewReasons } from './check-ins-values';
import { job } from './kit/job';
import { event } from './kit/live';
import { Id, Instant, LocalDate } from './kit/values';

export const dutyStates = ['on', 'break', 'away', 'off'] as const;
export type DutyState = (typeof dutyStates)[number];

export const Duty = z.object({
  userId: Id,
  branchId: Id.nullable(),
  state: z.enum(dutyStates),
  since: Instant,
  /** Since when the device of somebody on duty says nothing; null while it does. */
  unreachableSince: Instant.nullable(),
});
export type Duty = z.infer<typeof Duty>;

export const Challenge = z.object({
  id: Id,
  userId: Id,
  askedAt: Instant,
  expiresAt: Instant,
  answeredAt: Instant.nullable(),
  state: z.enum(['open', 'answered', 'missed']),
});
export type Challenge = z.infer<typeof Challenge>;

export const Alarm = z.object({
  id: Id,
  userId: Id,
  branchId: Id,
  at: Instant,
  kind: z.enum(['panic', 'lone-worker']),
  endedAt: Instant.nullable(),
});
export type Alarm = z.infer<typeof Alarm>;

/** Flagged with these reasons, and how surely it is not what it says. */
export const Flagged = z.object({
  id: Id,
  userId: Id,
  branchId: Id,
  reasons: z.array(z.enum(reviewReasons)),
  score: z.number().int(),
});

export const Reviewed = z.object({
  id: Id,
  userId: Id,
  branchId: Id,
  status: z.enum(checkInStates),
  reason: z.string().nullable(),
});

/** Three refused tries within ten minutes. */
export const Attempts = z.object({ userId: Id, branchId: Id, count: z.number().int(), at: Instant });

export const DailyReport = z.object({
  branchId: Id,
  date: LocalDate,
  people: z.number().int(),
  checkIns: z.number().int(),
  visits: z.number().int(),
  flagged: z.number().int(),
  rejected: z.number().int(),
  stillIn: z.number().int(),
  byType: z.record(z.string(), z.number().int()),
  /** Visits by H3 cell of resolution 7; cells in which fewer than three people were are left out. */
  cells: z.array(z.object({ cell: z.string(), visits: z.number().int() })),
});
export type DailyReport = z.infer<typeof DailyReport>;

export const recordEvents = {
  'check-in:recorded': event('records', CheckInTold, 'A check-in was recorded, there and then or offline'),
  'check-in:noted': event('person', CheckInTold, 'One’s own check-in was recorded, reviewed or voided'),
  'check-in:flagged': event('review', Flagged, 'A check-in waits for a reviewer'),
  'check-in:attempted': event('review', Attempts, 'Somebody tried to check in from elsewhere again and again'),
  'check-in:reviewed': event('records', Reviewed, 'A reviewer decided'),
  'check-in:voided': event('records', Reviewed, 'A check-in does not count any more'),
  'check-in:reminded': event('person', CheckInTold, 'A visit has no end yet'),
  'duty:changed': event('records', Duty, 'Somebody is on duty, on a break, away, off or unreachable'),
  'challenge:asked': event('person', Challenge, 'Answer where you are'),
  'challenge:answered': event('review', Challenge, 'Somebody answered where he is'),
  'challenge:missed': event('review', Challenge, 'Somebody did not answer where he is'),
  'alarm:raised': event('records', Alarm, 'Somebody needs help, or did not say that all is well'),
  'alarm:ended': event('records', Alarm, 'Somebody is safe'),
  'check-ins:summed-up': event('records', DailyReport, 'The branch’s day of check-ins'),
};

const Tick = z.object({ tick: Instant });
export const sweepReviews = job('check-ins.review-sweep', {
  payload: Tick,
  summary: 'Decide by rule what nobody reviewed for seven days',
});
export const watchVisits = job('check-ins.visit-watch', {
  payload: Tick,
  summary: 'Remind of visits without an end after an hour, end them after six',
});
export const keepRetention = job('check-ins.retention', {
  payload: Tick,
  summary: 'Coarsen, redact and erase places and photos that have served their time',
});
export const reportDay = job('check-ins.daily-report', {
  payload: Tick,
  summary: 'Sum up the day of every branch that closed half an hour ago',
});
export const sweepDuty = job('check-ins.duty-sweep', {
  payload: Tick,
  summary: 'Tell whose device on duty is silent, ask where people are, and note who did not answer',
});
