import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';
import { Feature, LimitValues, Money, PlanCode } from './licensing-values';

const Interval = z.enum(['month', 'year', 'custom']);
const planFields = {
  name: ShortText,
  price: Money.extend({ amount: z.int().min(0) }),
  interval: Interval,
  /** The length of a custom term. */
  intervalDays: z.int().min(1).max(3_660).nullable(),
  graceDays: z.int().min(0).max(365),
  trialDays: z.int().min(0).max(365),
  /** Whether owners may choose it. */
  isPublic: z.boolean(),
  /** Where it stands on the way up: a plan of a higher rank is an upgrade. */
  rank: z.int().min(0).max(1_000),
  features: z.array(Feature),
  limits: LimitValues,
};

/** One version of a plan. Once it is published it never changes; a licence points to a version. */
export const PlanVersion = z.object({
  ...planFields,
  id: Id,
  code: PlanCode,
  planVersion: z.number().int(),
  publishedAt: Instant.nullable(),
  createdAt: Instant,
  version: z.number().int(),
});
export type PlanVersion = z.infer<typeof PlanVersion>;

const customLength = (plan: { interval?: string | undefined; intervalDays?: number | null | undefined }): boolean =>
  plan.interval === undefined || (plan.interval === 'custom') === (typeof plan.intervalDays === 'number');
const length = { error: 'a custom interval, and no other, says its length in intervalDays', path: ['intervalDays'] };

export const NewPlan = z
  .strictObject({
    ...planFields,
    code: PlanCode,
    intervalDays: planFields.intervalDays.default(null),
    graceDays: planFields.graceDays.default(15),
    trialDays: planFields.trialDays.default(0),
  })
  .refine(customLength, length);
export type NewPlan = z.output<typeof NewPlan>;

export const PlanChange = z
  .strictObject(planFields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' })
  .refine(customLength, length);

export const MatrixPlan = z.object({
  code: z.string(),
  name: z.string(),
  planVersion: z.number().int(),
  price: Money,
  interval: Interval,
  features: z.array(z.string()),
  limits: LimitValues,
  isCurrent: z.boolean(),
});

const admin = { permission: 'license.admin', license: 'any' } as const;

export const planRows = {
  matrix: get('/licensing/matrix', {
    permission: 'license.read',
    license: 'any',
    returns: z.object({ features: z.array(z.string()), plans: z.array(MatrixPlan) }),
    summary: 'Compare the plans; the one in force is marked',
  }),
  plans: list('/licensing/plans', {
    ...admin,
    query: PageQuery.extend({ code: PlanCode.optional() }),
    returns: PlanVersion,
    summary: 'List every version of every plan, newest first',
  }),
  plan: get('/licensing/plans/:planVersionId', {
    ...admin,
    returns: PlanVersion,
    summary: 'Read one version of a plan',
  }),
  createPlan: create('/licensing/plans', {
    ...admin,
    body: NewPlan,
    returns: PlanVersion,
    errors: ['PLAN_DRAFT_OPEN'],
    summary: 'Draft a plan, or the next version of one',
  }),
  changePlan: patch('/licensing/plans/:planVersionId', {
    ...admin,
    body: PlanChange,
    returns: PlanVersion,
    versioned: true,
    errors: ['PLAN_PUBLISHED'],
    summary: 'Change a draft',
  }),
  publishPlan: act('/licensing/plans/:planVersionId/publish', {
    ...admin,
    freshSignIn: true,
    returns: PlanVersion,
    errors: ['PLAN_PUBLISHED'],
    summary: 'Publish a draft: it never changes again, and new licences take it',
  }),
  removePlan: remove('/licensing/plans/:planVersionId', {
    ...admin,
    versioned: true,
    errors: ['PLAN_PUBLISHED'],
    summary: 'Drop a draft',
  }),
};
