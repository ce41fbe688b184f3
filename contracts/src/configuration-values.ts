import { z } from 'zod';
import { settingLevels } from './kit/settings';
import { Id, Instant } from './kit/values';

export const SettingKey = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/);
const Reason = z.string().trim().min(1).max(300);

/** What is set at one level for one owner. A secret shows its last four characters at most. */
export const OwnValue = z.object({
  key: SettingKey,
  level: z.enum(settingLevels),
  ownerId: z.string(),
  value: z.unknown(),
  last4: z.string().nullable(),
  /** Levels below must do with this value. */
  isLocked: z.boolean(),
  updatedBy: Id.nullable(),
  updatedAt: Instant,
  version: z.number().int(),
});
export type OwnValue = z.infer<typeof OwnValue>;

export const SetValue = z.strictObject({
  value: z.unknown().refine((value) => value !== undefined, { error: 'is missing' }),
  isLocked: z.boolean().default(false),
  reason: Reason.optional(),
});

export const valueSources = ['default', 'environment', ...settingLevels] as const;

/** One place where a value may come from, and whether it counts. */
export const ChainLink = z.object({
  level: z.enum(valueSources),
  ownerId: z.string().nullable(),
  isSet: z.boolean(),
  value: z.unknown(),
  last4: z.string().nullable(),
  isLocked: z.boolean(),
  /** 0 where nothing was ever set: the version to send when setting it first. */
  version: z.number().int(),
  /** Why a value that is set does not count, or that it does. */
  outcome: z.enum(['counts', 'overridden', 'locked-above', 'below-floor', 'not-set', 'no-longer-valid']),
});
export type ChainLink = z.infer<typeof ChainLink>;

export const EffectiveValue = z.object({
  key: SettingKey,
  value: z.unknown(),
  last4: z.string().nullable(),
  source: z.enum(valueSources),
  isLocked: z.boolean(),
  chain: z.array(ChainLink).optional(),
});
export type EffectiveValue = z.infer<typeof EffectiveValue>;

export const SettingInfo = z.object({
  key: SettingKey,
  description: z.string(),
  levels: z.array(z.enum(settingLevels)),
  /** JSON Schema of its values. */
  schema: z.record(z.string(), z.unknown()),
  preset: z.unknown(),
  isSecret: z.boolean(),
  isSensitive: z.boolean(),
  hasFloor: z.boolean(),
});
export type SettingInfo = z.infer<typeof SettingInfo>;

export const SettingChange = z.object({
  id: Id,
  key: SettingKey,
  level: z.enum(settingLevels),
  ownerId: z.string(),
  /** Absent where nothing was set, and of secrets. */
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  /** Of secrets: tell whether it was another one, and nothing else. */
  beforeHash: z.string().nullable(),
  afterHash: z.string().nullable(),
  wasLocked: z.boolean(),
  isLocked: z.boolean(),
  actorId: Id.nullable(),
  reason: z.string().nullable(),
  changeSetId: Id.nullable(),
  at: Instant,
});
export type SettingChange = z.infer<typeof SettingChange>;

export const ChangeItem = z
  .strictObject({
    level: z.enum(settingLevels),
    ownerId: z.string().max(26),
    key: z.string().max(80),
    value: z.unknown().optional(),
    isLocked: z.boolean().default(false),
    /** Takes away what is set instead of setting something. */
    isRemoval: z.boolean().default(false),
  })
  .refine(({ isRemoval, value }) => isRemoval === (value === undefined), {
    path: ['value'],
    error: 'is given unless `isRemoval` is true',
  });
export type ChangeItem = z.output<typeof ChangeItem>;

export const ChangeItems = z
  .array(ChangeItem)
  .min(1)
  .max(200)
  .refine(
    (items) => new Set(items.map(({ level, ownerId, key }) => `${level} ${ownerId} ${key}`)).size === items.length,
    {
      error: 'names a setting of one owner twice',
    },
  );

export const NewChangeSet = z.strictObject({
  items: ChangeItems,
  /** When it is applied; without it at once, unless it is a draft. */
  applyAt: Instant.optional(),
  isDraft: z.boolean().default(false),
  reason: Reason.optional(),
});
export const ChangeSetChange = z.strictObject({
  items: ChangeItems.optional(),
  /** Null makes it a draft again. */
  applyAt: Instant.nullable().optional(),
  reason: Reason.optional(),
});

export const ChangeSet = z.object({
  id: Id,
  state: z.enum(['draft', 'scheduled', 'applied', 'rolled_back']),
  items: z.array(z.object({ ...ChangeItem.shape, value: z.unknown() })),
  applyAt: Instant.nullable(),
  appliedAt: Instant.nullable(),
  reason: z.string().nullable(),
  createdBy: Id,
  createdAt: Instant,
  /** Why it could not be applied when it was due. */
  failure: z.string().nullable(),
  version: z.number().int(),
});
export type ChangeSet = z.infer<typeof ChangeSet>;

export const Rollback = z
  .strictObject({ changeId: Id.optional(), changeSetId: Id.optional(), reason: Reason.optional() })
  .refine(({ changeId, changeSetId }) => (changeId === undefined) !== (changeSetId === undefined), {
    error: 'names either a change or a change set',
  });

export const EnvironmentEntry = z.object({
  name: z.string(),
  help: z.string(),
  source: z.enum(['default', 'environment', 'file', 'not-set']),
  isSecret: z.boolean(),
  /** Secrets are masked. */
  value: z.string().nullable(),
});
export type EnvironmentEntry = z.infer<typeof EnvironmentEntry>;

export const SettingsExport = z.object({ exportedAt: Instant, items: z.array(z.object({ ...ChangeItem.shape })) });
