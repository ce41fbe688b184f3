import { z } from 'zod';
import { accept, act, api, create, get, list, PageQuery, patch, remove } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { errors } from './kit/problem';
import { Id, Instant, ShortText } from './kit/values';
import { connectionStates, HttpUrl, ProbeResult, Rotation, Secret } from './integrations';

export const fileKinds = ['photos', 'documents', 'exports'] as const;
export type FileKind = (typeof fileKinds)[number];

const Prefix = z
  .string()
  .max(200)
  .regex(/^([\w-][\w.-]*(\/[\w-][\w.-]*)*)?$/, 'is not a path of letters, digits, dots, dashes and underscores');
const Bucket = z
  .string()
  .min(3)
  .max(63)
  .regex(/^[\da-z][\d.a-z-]*[\da-z]$/, 'is not a name of a bucket');

/** Where files lie. Google's storage is spoken to by its S3-compatible side, Azure's by a shared access signature. */
export const StoragePlace = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('local'), prefix: Prefix.default('') }),
  z.strictObject({
    driver: z.literal('s3'),
    endpoint: HttpUrl.nullable().default(null),
    region: z.string().min(1).max(60),
    bucket: Bucket,
    prefix: Prefix.default(''),
    accessKeyId: z.string().min(1).max(200),
    encryption: z.enum(['none', 'AES256', 'aws:kms']).default('none'),
    kmsKeyId: z.string().max(300).nullable().default(null),
  }),
  z.strictObject({
    driver: z.literal('gcs'),
    endpoint: HttpUrl.default('https://storage.googleapis.com'),
    region: z.string().min(1).max(60).default('auto'),
    bucket: Bucket,
    prefix: Prefix.default(''),
    accessKeyId: z.string().min(1).max(200),
  }),
  z.strictObject({ driver: z.literal('azure'), endpoint: HttpUrl, bucket: Bucket, prefix: Prefix.default('') }),
]);
export type StoragePlace = z.output<typeof StoragePlace>;

const rules = {
  name: ShortText,
  place: StoragePlace,
  /** Kinds of files that go here from now; a kind goes to one target. */
  kinds: z.array(z.enum(fileKinds)).max(fileKinds.length),
  maxFileMb: z.int().min(1).max(5_000),
  /** `image/*` means every image. Empty: any. */
  mimeAllow: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[\w.+-]+\/([\w.+-]+|\*)$/),
    )
    .max(100),
  /** How long a link to a file opens it. */
  urlTtlSec: z.int().min(30).max(3_600),
  /** At most so much lies here; the plan's own limit holds beside it. */
  quotaBytes: z.int().min(1).nullable(),
  retention: z.enum(['temporary', 'standard', 'archive']),
  /** Asked about every new file before anybody may open it. */
  scanUrl: HttpUrl.nullable(),
};

export const NewStorageTarget = z.strictObject({
  ...rules,
  kinds: rules.kinds.default([]),
  maxFileMb: rules.maxFileMb.default(50),
  mimeAllow: rules.mimeAllow.default([]),
  urlTtlSec: rules.urlTtlSec.default(600),
  quotaBytes: rules.quotaBytes.default(null),
  retention: rules.retention.default('standard'),
  scanUrl: rules.scanUrl.default(null),
  /** The secret access key, or Azure's signature. */
  secret: Secret.optional(),
});
export const StorageTargetChange = z.strictObject(rules).partial();

export const StorageTarget = z.object({
  id: Id,
  ...rules,
  hasSecret: z.boolean(),
  last4: z.string().nullable(),
  state: z.enum(connectionStates),
  lastCheckAt: Instant.nullable(),
  lastError: z.string().nullable(),
  createdAt: Instant,
  version: z.number().int(),
});
export type StorageTarget = z.infer<typeof StorageTarget>;

export const Migration = z.object({
  id: Id,
  fromId: Id,
  toId: Id,
  state: z.enum(['running', 'done', 'failed']),
  copied: z.number().int(),
  bytes: z.number().int(),
  /** The last file that arrived whole; a worker that dies goes on after it. */
  upTo: z.string().nullable(),
  failure: z.string().nullable(),
  startedAt: Instant,
  finishedAt: Instant.nullable(),
});
export type Migration = z.infer<typeof Migration>;

const manage = { permission: 'integrations.manage', freshSignIn: true } as const;

export const storageTargetsApi = api('/storage-targets', {
  list: list('/', {
    permission: 'integrations.manage',
    query: PageQuery,
    returns: StorageTarget,
    summary: 'List where the organisation keeps its files',
  }),
  get: get('/:storageTargetId', {
    permission: 'integrations.manage',
    returns: StorageTarget,
    summary: 'Read one storage target',
  }),
  create: create('/', { ...manage, body: NewStorageTarget, returns: StorageTarget, summary: 'Name a place for files' }),
  change: patch('/:storageTargetId', {
    ...manage,
    body: StorageTargetChange,
    returns: StorageTarget,
    versioned: true,
    summary: 'Change a storage target or what goes there',
  }),
  remove: remove('/:storageTargetId', {
    ...manage,
    versioned: true,
    errors: ['STORAGE_IN_USE'],
    summary: 'Forget a place that no kind of files goes to; the files stay',
  }),
  test: act('/:storageTargetId/test', {
    ...manage,
    returns: ProbeResult,
    summary: 'Write a file, read it back and delete it',
  }),
  rotate: act('/:storageTargetId/rotate', {
    ...manage,
    body: Rotation,
    returns: StorageTarget,
    summary: 'Give it a new secret',
  }),
  migrate: accept('/:storageTargetId/migrate', {
    ...manage,
    body: z.strictObject({ toId: Id }),
    returns: Migration,
    errors: ['MIGRATION_RUNNING'],
    summary: 'Copy every file to another target; each is compared byte by byte, the originals stay',
  }),
  migration: get('/:storageTargetId/migrations/:migrationId', {
    permission: 'integrations.manage',
    returns: Migration,
    summary: 'How far a migration is',
  }),
});

export const migrateStorage = job('storage-targets.copy-files', {
  payload: z.object({ orgId: Id, migrationId: Id }),
  summary: 'Copy a part of the files of a storage target to another one',
  attempts: 8,
});

export const storageTargetsContract = contract({
  name: 'storage-targets',
  api: storageTargetsApi,
  jobs: [migrateStorage],
  errors: errors({
    STORAGE_IN_USE: { status: 409, title: 'Files go there', help: 'Send their kinds to another target first.' },
    MIGRATION_RUNNING: {
      status: 409,
      title: 'A migration is under way',
      help: 'Wait until the migration of this target is done.',
    },
  }),
});
