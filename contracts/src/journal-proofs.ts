import { z } from 'zod';
import { accept, get, list, PageQuery } from './kit/api';
import { Id, Instant } from './kit/values';

const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower case hex');
const Seq = z.number().int().min(0);

/** A point of the chain that the hub vouches for; `signature` is Ed25519 over `signed`, both to be kept by the reader. */
export const SignedPoint = z.object({
  seq: Seq,
  hash: Hash,
  at: Instant,
  /** The exact text under the signature. */
  signed: z.string(),
  keyId: z.string(),
  /** SPKI, PEM. */
  publicKey: z.string(),
  /** Base64. */
  signature: z.string(),
});
export type SignedPoint = z.infer<typeof SignedPoint>;

export const anchorKinds = ['file', 'email', 's3', 'webhook'] as const;
export const Checkpoint = SignedPoint.extend({
  id: Id,
  /** Entries since genesis or the last pruning. */
  entryCount: z.number().int(),
  /** Where a copy stands outside the database. */
  anchors: z.array(z.object({ kind: z.enum(anchorKinds), ref: z.string() })),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export const breakCodes = [
  'SEQ_GAP',
  'LINK_BROKEN',
  'HASH_MISMATCH',
  'HEAD_MISMATCH',
  'TRUNCATED',
  'CHECKPOINT_MISMATCH',
  'SIGNATURE_INVALID',
  'OPS_ROOT_MISMATCH',
] as const;

export const ChainBreak = z.object({
  seq: z.number().int(),
  code: z.enum(breakCodes),
  expected: z.string().optional(),
  found: z.string().optional(),
});
export type ChainBreak = z.infer<typeof ChainBreak>;

/** From genesis by default; from a point that the caller kept, when both are given. */
export const VerifyRequest = z
  .strictObject({ fromSeq: z.number().int().min(1).optional(), fromHash: Hash.optional() })
  .refine(({ fromSeq, fromHash }) => (fromSeq === undefined) === (fromHash === undefined), {
    path: ['fromHash'],
    error: 'goes together with `fromSeq`',
  });

export const Verification = z.object({
  id: Id,
  kind: z.enum(['asked', 'daily', 'full']),
  status: z.enum(['queued', 'running', 'done', 'failed']),
  /** Null until it is done. */
  isOk: z.boolean().nullable(),
  fromSeq: Seq,
  toSeq: Seq.nullable(),
  checked: z.number().int(),
  firstBadSeq: z.number().int().nullable(),
  code: z.enum(breakCodes).nullable(),
  /** At most a hundred. */
  breaks: z.array(ChainBreak),
  requestedBy: z.string().nullable(),
  requestedAt: Instant,
  finishedAt: Instant.nullable(),
});
export type Verification = z.infer<typeof Verification>;

/** Why a row of the log of requests belongs to a sealed entry: RFC 6962 §2.1.1. */
export const OperationProof = z.object({
  id: Id,
  /** The row as it was hashed. */
  row: z.string(),
  leafHash: Hash,
  index: z.number().int(),
  count: z.number().int(),
  path: z.array(Hash),
  root: Hash,
  /** The entry `ops.batch_sealed` that holds the root; its seq is null until it is sealed. */
  entryId: Id,
  entrySeq: z.number().int().nullable(),
});
export type OperationProof = z.infer<typeof OperationProof>;

export const Operation = z.object({
  id: Id,
  at: Instant,
  kind: z.enum(['access_log', 'error_log', 'performance_metric']),
  data: z.record(z.string(), z.unknown()),
});
export type Operation = z.infer<typeof Operation>;

export const ErrorGroup = z.object({
  fingerprint: z.string(),
  name: z.string(),
  message: z.string(),
  where: z.string(),
  stack: z.string(),
  count: z.number().int(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
});
export type ErrorGroup = z.infer<typeof ErrorGroup>;

export const MetricPoint = z.object({
  at: Instant,
  count: z.number().int(),
  p50: z.number().int(),
  p95: z.number().int(),
  p99: z.number().int(),
});
export type MetricPoint = z.infer<typeof MetricPoint>;

export const MetricQuery = z.strictObject({
  /** `route:GET /api/v1/tasks`, `job:tasks.remind-owner`, `event-loop-delay`, `queue-lag:tasks`; milliseconds all. */
  name: z.string().min(1).max(160),
  from: Instant,
  to: Instant,
  stepSec: z.coerce.number().int().min(60).max(86_400).default(60),
});
export type MetricQuery = z.output<typeof MetricQuery>;

const Range = PageQuery.extend({ from: Instant.optional(), to: Instant.optional() });

export const proofRows = {
  head: get('/head', {
    permission: 'journal.verify',
    apiKey: true,
    returns: SignedPoint,
    summary: 'The end of the chain, signed, to be kept and checked against later',
  }),
  checkpoints: list('/checkpoints', {
    permission: 'journal.verify',
    apiKey: true,
    feature: 'journal.checkpoints',
    query: PageQuery,
    returns: Checkpoint,
    summary: 'List signed points of the chain, newest first',
  }),
  verify: accept('/verify', {
    permission: 'journal.verify',
    location: '/journal/verifications',
    body: VerifyRequest,
    returns: Verification,
    errors: ['VERIFY_RUNNING', 'JOURNAL_PRUNED'],
    summary: 'Check the chain; a worker does it',
  }),
  verifications: list('/verifications', {
    permission: 'journal.verify',
    query: PageQuery,
    returns: Verification,
    summary: 'List checks of the chain, newest first',
  }),
  verification: get('/verifications/:verificationId', {
    permission: 'journal.verify',
    returns: Verification,
    summary: 'How a check goes, and what it found',
  }),
  operations: list('/operations', {
    permission: 'journal.read-operations',
    query: Range.extend({ kind: z.enum(['access_log', 'error_log']).optional() }),
    returns: Operation,
    errors: ['JOURNAL_RANGE_TOO_LARGE'],
    summary: 'The log of requests and errors, newest first',
  }),
  proof: get('/operations/:operationId/proof', {
    permission: 'journal.read-operations',
    returns: OperationProof,
    errors: ['JOURNAL_NOT_SEALED'],
    summary: 'Prove that a row of the log of requests was there when its minute was sealed',
  }),
  errors: list('/errors', {
    permission: 'journal.read-operations',
    query: Range,
    returns: ErrorGroup,
    summary: 'Errors of our side by fingerprint, last seen first',
  }),
  metrics: list('/metrics', {
    permission: 'journal.read-operations',
    query: MetricQuery.extend({ limit: z.coerce.number().int().min(1).max(2_000).default(1_500) }),
    returns: MetricPoint,
    errors: ['JOURNAL_RANGE_TOO_LARGE'],
    summary: 'How long routes, jobs and the event loop took, by the minute or a longer step',
  }),
};
