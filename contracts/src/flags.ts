import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch, remove } from './kit/api';
import { contract } from './kit/contract';
import { type Feature, features } from './kit/features';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Flag as Truth, Id, Instant } from './kit/values';
import { flagTypes } from './flag-jobs';

export const FlagKey = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9.-]*$/);

const Ids = z.array(Id).min(1).max(500);
const Window = z
  .strictObject({ kind: z.literal('date_window'), from: Instant.optional(), until: Instant.optional() })
  .refine(({ from, until }) => from !== undefined || until !== undefined, {
    error: 'has neither a beginning nor an end',
  });

/** One thing that may hold of whoever is asked about. */
export const Condition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('org'), orgIds: Ids }),
  z.strictObject({ kind: z.literal('plan'), plans: z.array(z.string().max(60)).min(1).max(50) }),
  z.strictObject({ kind: z.literal('role'), roles: z.array(z.string().max(60)).min(1).max(50) }),
  z.strictObject({ kind: z.literal('branch'), branchIds: Ids }),
  z.strictObject({ kind: z.literal('user'), userIds: Ids }),
  Window,
]);
export type Condition = z.infer<typeof Condition>;

export const stickiness = ['org', 'branch', 'user', 'random'] as const;

const RuleBase = {
  /** Of those it is about, how many are in: 0 to 100. */
  percent: z.int().min(0).max(100).optional(),
  /** What stays together. */
  stickiness: z.enum(stickiness).default('org'),
  /** The variant of those it matches; by weight where it names none. */
  variant: z.string().max(60).optional(),
};

export const FlagRule = z.union([
  z.strictObject({
    ...RuleBase,
    /** All of these, or none of them where `isNot`. */
    segment: z
      .array(z.strictObject({ when: Condition, isNot: z.boolean().default(false) }))
      .min(1)
      .max(20),
  }),
  z.strictObject({ ...RuleBase, when: Condition }),
  z.strictObject({ ...RuleBase, percent: z.int().min(0).max(100) }),
]);
export type FlagRule = z.output<typeof FlagRule>;

export const Variant = z.strictObject({
  name: z.string().min(1).max(60),
  /** Thousandths; together 1000. */
  weight: z.int().min(0).max(1_000),
  payload: z.unknown().optional(),
});
const Variants = z
  .array(Variant)
  .max(50)
  .refine((variants) => new Set(variants.map(({ name }) => name)).size === variants.length, {
    error: 'names a variant twice',
  });

const Prerequisite = z.strictObject({ flag: FlagKey, variant: z.string().max(60).optional() });

const changeable = {
  description: z.string().trim().min(1).max(500),
  isEnabled: z.boolean(),
  /** Sent to clients that ask what is on. */
  isPublic: z.boolean(),
  /** Administrators may switch it for their organisation. */
  isTenantControllable: z.boolean(),
  isPermanent: z.boolean(),
  prerequisites: z.array(Prerequisite).max(20),
  requiredFeature: z.enum(features as readonly [Feature, ...Feature[]]).nullable(),
  expiresOn: Instant.nullable(),
  variants: Variants,
  rules: z.array(FlagRule).max(100),
};

export const NewFlag = z.strictObject({
  key: FlagKey,
  type: z.enum(flagTypes),
  ...changeable,
  isEnabled: changeable.isEnabled.default(false),
  isPublic: changeable.isPublic.default(false),
  isTenantControllable: changeable.isTenantControllable.default(false),
  isPermanent: changeable.isPermanent.default(false),
  prerequisites: changeable.prerequisites.default([]),
  requiredFeature: changeable.requiredFeature.default(null),
  expiresOn: changeable.expiresOn.default(null),
  variants: changeable.variants.default([]),
  rules: changeable.rules.default([]),
});
export const FlagChange = z.strictObject(changeable).partial();

export const FeatureFlag = z.object({
  id: Id,
  key: FlagKey,
  type: z.enum(flagTypes),
  ...changeable,
  ownerId: Id,
  createdAt: Instant,
  archivedAt: Instant.nullable(),
  version: z.number().int(),
});
export type FeatureFlag = z.infer<typeof FeatureFlag>;

export const reasons = [
  'unknown',
  'archived',
  'disabled',
  'killed',
  'not_licensed',
  'prerequisite',
  'user_override',
  'org_override',
  'rule',
  'default',
] as const;

/** Whether it is on for somebody, and which variant. */
export const Evaluation = z.object({
  key: z.string(),
  isOn: z.boolean(),
  variant: z.string().nullable(),
  payload: z.unknown().optional(),
});
export type Evaluation = z.infer<typeof Evaluation>;

export const Explanation = z.object({
  ...Evaluation.shape,
  reason: z.enum(reasons),
  /** The rule that matched, counted from 0; or the prerequisite that is not met. */
  rule: z.number().int().nullable(),
  prerequisite: z.string().nullable(),
  /** 1 to 100, of each rule that asked for a share, in their order. */
  buckets: z.array(
    z.object({ rule: z.number().int(), stickyId: z.string().nullable(), bucket: z.number().int().nullable() }),
  ),
});
export type Explanation = z.infer<typeof Explanation>;

export const Override = z.object({
  flag: FlagKey,
  userId: Id.nullable(),
  isOn: z.boolean(),
  expiresAt: Instant.nullable(),
});
export const FlagUsage = z.object({
  hour: Instant,
  on: z.number().int(),
  off: z.number().int(),
  variants: z.record(z.string(), z.number().int()),
});
export type FlagUsage = z.infer<typeof FlagUsage>;

const byKey = { params: z.object({ key: z.string().max(80) }) };
const refusals = ['FLAG_CYCLE', 'WEIGHTS_NOT_1000'] as const;

export const flagsApi = api('/flags', {
  list: list('/', {
    permission: 'flags.read',
    query: PageQuery.extend({ isArchived: Truth.optional() }),
    returns: FeatureFlag,
    summary: 'List flags by key; administrators see those that they may switch',
  }),
  evaluate: get('/evaluate', {
    permission: 'account.use',
    returns: z.object({ flags: z.array(Evaluation) }),
    summary: 'What is on for me, of the flags that clients may know',
  }),
  get: get('/:key', { ...byKey, permission: 'flags.read', returns: FeatureFlag, summary: 'Read a flag' }),
  create: create('/', {
    permission: 'flags.manage',
    body: NewFlag,
    returns: FeatureFlag,
    errors: [...refusals, 'FLAG_EXISTS'],
    summary: 'Make a flag',
  }),
  change: patch('/:key', {
    ...byKey,
    permission: 'flags.manage',
    body: FlagChange,
    returns: FeatureFlag,
    versioned: true,
    errors: refusals,
    summary: 'Change a flag, its rules or its variants',
  }),
  addRule: act('/:key/rules', {
    ...byKey,
    permission: 'flags.manage',
    body: z.strictObject({
      rule: FlagRule,
      /** Before which rule it comes, counted from 0; last without it. */
      before: z.int().min(0).max(100).optional(),
    }),
    returns: FeatureFlag,
    errors: refusals,
    summary: 'Add a rule; the first that matches decides',
  }),
  archive: act('/:key/archive', {
    ...byKey,
    permission: 'flags.manage',
    returns: FeatureFlag,
    summary: 'Switch a flag off for good; it stays to be read',
  }),
  remove: remove('/:key', {
    ...byKey,
    permission: 'flags.manage',
    versioned: true,
    errors: ['FLAG_IN_USE'],
    summary: 'Remove a flag that no other one needs',
  }),
  override: act('/:key/override', {
    ...byKey,
    permission: 'flags.override',
    body: z.strictObject({ isOn: z.boolean(), userId: Id.optional(), expiresAt: Instant.optional() }),
    returns: Override,
    errors: ['FLAG_NOT_CONTROLLABLE'],
    summary: 'Switch a flag for the organisation, or for one of its people',
  }),
  clearOverride: remove('/:key/override', {
    ...byKey,
    permission: 'flags.override',
    errors: ['FLAG_NOT_CONTROLLABLE'],
    summary: 'Let the rules decide for the organisation again',
  }),
  clearOverrideOf: remove('/:key/override/:userId', {
    params: z.object({ key: z.string().max(80), userId: Id }),
    permission: 'flags.override',
    errors: ['FLAG_NOT_CONTROLLABLE'],
    summary: 'Let the rules decide for one person again',
  }),
  explain: get('/:key/explain', {
    ...byKey,
    permission: 'flags.explain',
    query: z.strictObject({
      orgId: Id.optional(),
      userId: Id.optional(),
      branchId: Id.optional(),
      /** Comma-separated. */
      roles: z.string().max(400).optional(),
    }),
    returns: Explanation,
    summary: 'Why a flag is on or off for somebody of the organisation',
  }),
  usage: list('/:key/usage', {
    ...byKey,
    permission: 'flags.manage',
    query: PageQuery,
    returns: FlagUsage,
    summary: 'How often a flag was asked and what the answer was, by hour, newest first',
  }),
});

export const flagsContract = contract({
  name: 'flags',
  api: flagsApi,
  errors: errors({
    FLAG_EXISTS: { status: 409, title: 'Key is taken', help: 'Choose another key; archived flags keep theirs.' },
    FLAG_CYCLE: {
      status: 409,
      title: 'Flags that wait for each other',
      help: 'Take away a prerequisite: following them must never lead back.',
    },
    FLAG_IN_USE: { status: 409, title: 'Another flag needs it', help: 'Take it out of their prerequisites first.' },
    FLAG_NOT_CONTROLLABLE: {
      status: 403,
      title: 'Not yours to switch',
      help: 'Only flags marked so can be switched by an organisation.',
    },
    WEIGHTS_NOT_1000: {
      status: 422,
      title: 'Weights do not add up',
      help: 'The weights of variants are 1000 together.',
    },
  }),
  permissions: permissions({
    'flags.read': { description: 'See feature flags', grants: { platform_admin: 'org', auditor: 'org' } },
    'flags.manage': {
      description: 'Make, change and archive feature flags of the hub',
      isHubWide: true,
      grants: { platform_admin: 'org' },
    },
    'flags.override': { description: 'Switch flags for the organisation', grants: {} },
    'flags.explain': {
      description: 'See why a flag is on or off',
      grants: { platform_admin: 'org', auditor: 'org' },
    },
  }),
});
