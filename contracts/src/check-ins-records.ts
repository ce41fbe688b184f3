import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, put } from './kit/api';
import { Problem } from './kit/problem';
import { Id, Instant } from './kit/values';
import {
  CheckInRecord,
  checkInKinds,
  checkInStates,
  checkInTypes,
  Evidence,
  RecordBatch,
  RecordCheckIn,
  Recorded,
} from './check-ins-values';

export const recordRefusals = [
  'ALREADY_CHECKED_IN',
  'NOT_CHECKED_IN',
  'IDEMPOTENCY_MISMATCH',
  'NO_BRANCH',
  'NOTICE_REQUIRED',
  'DEVICE_NOT_ENROLLED',
  'LOCATION_REQUIRED',
  'LOCATION_TOO_INACCURATE',
  'LOCATION_STALE',
  'LOCATION_INVALID',
  'OUTSIDE_GEOFENCE',
  'MOCK_LOCATION',
  'DEVICE_UNSOUND',
  'PHOTO_REQUIRED',
  'PHOTO_NONCE',
  'CHECKIN_IN_FUTURE',
  'CHECKIN_TOO_OLD',
  'MEETING_WINDOW',
  'MEETING_CODE',
] as const;

/** In the order of the items; a bad one never stops the others. */
export const BatchAnswer = z.object({
  results: z.array(
    z.object({
      /** Null where it could not be read. */
      clientId: z.string().nullable(),
      ok: z.boolean(),
      recorded: Recorded.optional(),
      error: Problem.pick({ code: true, title: true, status: true, detail: true, errors: true }).optional(),
    }),
  ),
});
export type BatchAnswer = z.infer<typeof BatchAnswer>;

export const PhotoNonce = z.object({
  nonce: z.string(),
  expiresAt: Instant,
  /** What to do while the photo is taken, where a rule asks for it. */
  gesture: z.string().nullable(),
});
export const CheckInPhoto = z.object({
  checkInId: Id,
  verdict: z.enum(['pending', 'ok', 'mismatch', 'duplicate']),
  status: z.enum(checkInStates),
  sha256: z.string(),
});
export type CheckInPhoto = z.infer<typeof CheckInPhoto>;

const hand = { permission: 'check-ins.create', only: ['offline-upload'] } as const;

export const recordRows = {
  record: create('/records', {
    ...hand,
    body: RecordCheckIn,
    returns: Recorded,
    errors: recordRefusals,
    summary: 'Record a check-in with all its evidence, as it happens or later',
  }),
  recordBatch: act('/batch', {
    ...hand,
    body: RecordBatch,
    maxBytes: 2 * 1024 * 1024,
    returns: BatchAnswer,
    errors: ['BATCH_TOO_LARGE'],
    summary: 'Hand in up to 500 that were recorded offline; each is answered for itself',
  }),
  records: list('/records', {
    permission: 'check-ins.read',
    apiKey: true,
    query: PageQuery.extend({
      userId: Id.optional(),
      branchId: Id.optional(),
      from: Instant.optional(),
      to: Instant.optional(),
      type: z.enum(checkInTypes).optional(),
      kind: z.enum(checkInKinds).optional(),
      status: z.enum(checkInStates).optional(),
    }),
    returns: CheckInRecord,
    summary: 'List every in, out and visit, newest first, without places',
  }),
  recorded: get('/records/:recordId', {
    permission: 'check-ins.read',
    apiKey: true,
    returns: CheckInRecord,
    summary: 'Read one of them',
  }),
  categorise: patch('/:checkInId', {
    permission: 'check-ins.create',
    body: z
      .strictObject({
        category: z.string().trim().min(1).max(40).nullable().optional(),
        note: z.string().trim().min(1).max(500).nullable().optional(),
      })
      .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' }),
    returns: CheckInRecord,
    errors: ['TOO_LATE', 'CHECK_IN_STATE'],
    summary: 'Say within a day what one’s own check-in was about',
  }),
  photoNonce: act('/photo-nonce', {
    permission: 'check-ins.create',
    returns: PhotoNonce,
    summary: 'Get a nonce for a photo that is taken now',
  }),
  photo: put('/:checkInId/photo', {
    permission: 'check-ins.create',
    multipart: true,
    maxBytes: 2 * 1024 * 1024,
    body: z.strictObject({ nonce: z.string().min(1).max(64), capturedAt: Instant.optional() }),
    returns: CheckInPhoto,
    errors: ['PHOTO_NONCE', 'PHOTO_NOT_READABLE', 'CHECK_IN_STATE'],
    summary: 'Hand in the photo of one’s own check-in: JPEG or WebP, at most 2 MB',
  }),
};

const Why = z.string().trim().min(1).max(500);

export const reviewRows = {
  evidence: get('/:checkInId/evidence', {
    permission: 'check-ins.review',
    query: z.strictObject({ reason: z.string().trim().min(1).max(300).optional() }),
    returns: Evidence,
    errors: ['REASON_REQUIRED'],
    summary: 'Everything that is known of a check-in; who sees the exact place is noted',
  }),
  reviewQueue: list('/review-queue', {
    permission: 'check-ins.review',
    query: PageQuery.extend({ branchId: Id.optional() }),
    returns: CheckInRecord,
    summary: 'What waits for a reviewer, oldest first',
  }),
  review: act('/:checkInId/review', {
    permission: 'check-ins.review',
    body: z.strictObject({ decision: z.enum(['accepted', 'rejected']), reason: Why }),
    returns: CheckInRecord,
    errors: ['SELF_REVIEW', 'CHECK_IN_STATE'],
    summary: 'Accept or reject a doubtful check-in of somebody else',
  }),
  void: act('/:checkInId/void', {
    permission: 'check-ins.void',
    body: z.strictObject({ reason: Why, supersededBy: Id.optional() }),
    returns: CheckInRecord,
    errors: ['SELF_REVIEW', 'CHECK_IN_STATE'],
    summary: 'Make a check-in not count; another may stand in its place',
  }),
};
