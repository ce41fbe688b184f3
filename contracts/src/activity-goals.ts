import { z } from 'zod';
import { MetricKey, tracked } from './activity-values';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, LocalDate, ShortText } from './kit/values';

export const goalOwners = ['user', 'branch', 'organisation'] as const;
export const goalStates = ['ahead', 'on-track', 'at-risk', 'reached', 'missed'] as const;

const Progress = z.object({
  value: z.number(),
  /** Parts of a whole. */
  done: z.number(),
  elapsed: z.number(),
  gap: z.number(),
  planned: z.number(),
  /** Theil and Sen through the last fourteen readings: at the end, and when the target will be reached. */
  forecast: z.number().nullable(),
  forecastOn: LocalDate.nullable(),
  state: z.enum(goalStates),
});

export const Goal = z.object({
  id: Id,
  name: z.string(),
  ownerType: z.enum(goalOwners),
  ownerId: Id,
  /** Read from this metric, or told by hand. */
  metric: z.string().nullable(),
  unit: z.string(),
  start: z.number(),
  target: z.number(),
  direction: z.enum(['up', 'down']),
  from: LocalDate,
  to: LocalDate,
  progress: Progress,
  createdAt: Instant,
  version: z.int(),
});
export type Goal = z.infer<typeof Goal>;

const plan = {
  name: ShortText,
  unit: z.string().trim().max(20),
  start: z.number(),
  target: z.number(),
  from: LocalDate,
  to: LocalDate,
};
const inOrder = ({ from, to }: { from?: string | undefined; to?: string | undefined }) =>
  from === undefined || to === undefined || from <= to;

export const NewGoal = z
  .strictObject({
    ...plan,
    unit: plan.unit.default(''),
    start: plan.start.default(0),
    ownerType: z.enum(goalOwners),
    /** Left out: oneself, or the organisation. */
    ownerId: Id.optional(),
    metric: MetricKey.nullable().default(null),
  })
  .refine(inOrder, { error: 'is before `from`', path: ['to'] })
  .refine(({ start, target }) => start !== target, { error: 'is where it starts', path: ['target'] })
  .refine(({ ownerType, ownerId }) => ownerType !== 'branch' || ownerId !== undefined, {
    error: 'says which branch',
    path: ['ownerId'],
  });
export type NewGoal = z.infer<typeof NewGoal>;

export const GoalChange = z
  .strictObject(plan)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' })
  .refine(inOrder, { error: 'is before `from`', path: ['to'] });

export const GoalPoint = z.object({ date: LocalDate, value: z.number(), planned: z.number() });

/** Further behind its plan than the organisation lets it be. */
export const GoalAtRisk = z.object({
  goalId: Id,
  name: z.string(),
  gapPct: z.number(),
  forecastAt: LocalDate.nullable(),
  goal: Goal,
});
export type GoalAtRisk = z.infer<typeof GoalAtRisk>;

const manage = { permission: 'goals.manage', ...tracked } as const;
const read = { permission: 'activity.read', apiKey: true, ...tracked } as const;

export const goalRows = {
  goals: list('/goals', {
    ...read,
    query: PageQuery.extend({ ownerType: z.enum(goalOwners).optional(), ownerId: Id.optional() }),
    returns: Goal,
    summary: 'List goals, newest first',
  }),
  goal: get('/goals/:goalId', { ...read, returns: Goal, summary: 'Read a goal and how it stands' }),
  burnUp: get('/goals/:goalId/points', {
    ...read,
    returns: z.object({ points: z.array(GoalPoint) }),
    summary: 'What it came to by date, beside the straight plan',
  }),
  createGoal: create('/goals', {
    ...manage,
    body: NewGoal,
    returns: Goal,
    errors: ['METRIC_UNKNOWN'],
    summary: 'Set a goal',
  }),
  updateGoal: patch('/goals/:goalId', {
    ...manage,
    body: GoalChange,
    returns: Goal,
    versioned: true,
    summary: 'Change a goal',
  }),
  removeGoal: remove('/goals/:goalId', { ...manage, versioned: true, summary: 'Give a goal up' }),
  tellGoal: act('/goals/:goalId/points', {
    ...manage,
    body: z.strictObject({ date: LocalDate.optional(), value: z.number() }),
    returns: Goal,
    errors: ['GOAL_MEASURED'],
    summary: 'Say by hand how far it is',
  }),
};
