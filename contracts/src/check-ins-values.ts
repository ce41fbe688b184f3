import { z } from 'zod';
import { Id, Instant, Latitude, LocalDate, Longitude, TimeZone } from './kit/values';

/** `office` and `remote` are a day's work at a place, `client-visit` and `meeting` happen within it, `field-work` is on the way. */
export const checkInTypes = ['office', 'remote', 'client-visit', 'field-work', 'meeting'] as const;
export type CheckInType = (typeof checkInTypes)[number];
export const checkInKinds = ['in', 'out', 'visit'] as const;
export type CheckInKind = (typeof checkInKinds)[number];
export const checkInStates = [
  'received',
  'accepted',
  'flagged',
  'rejected',
  'superseded',
  'voided',
  'redacted',
] as const;
export type CheckInState = (typeof checkInStates)[number];
export const placeDecisions = ['inside', 'outside', 'uncertain', 'not-required'] as const;
export type PlaceDecision = (typeof placeDecisions)[number];
export const timeSources = ['server', 'trusted', 'bounded', 'manual'] as const;
export type TimeSource = (typeof timeSources)[number];
export const targetTypes = ['client', 'lead', 'meeting', 'task', 'project'] as const;

/** Items of one batch. */
export const MAX_BATCH = 500;

/** Where a person stood: WGS84 degrees, and the radius in metres that holds the truth 68 % of the time. */
export const Place = z.strictObject({
  lat: Latitude,
  lng: Longitude,
  accuracy: z.number().min(0).max(100_000).optional(),
});

/** What the positioning of a phone said, in the units of a fix; `ageMs` is how old it was when the person checked in. */
export const Reading = z.strictObject({
  lat: Latitude,
  lng: Longitude,
  accuracy: z.number().min(0).max(100_000),
  ageMs: z.number().int().min(0).max(2_147_483_647).optional(),
  altitude: z.number().min(-20_000).max(100_000).nullish(),
  speed: z.number().min(0).max(20_000).nullish(),
  heading: z.number().min(0).max(360).nullish(),
  provider: z.string().trim().min(1).max(20).optional(),
  mock: z.boolean().optional(),
});
export type Reading = z.output<typeof Reading>;

const Circle = z.strictObject({ lat: Latitude, lng: Longitude, radiusM: z.number().min(5).max(50_000) });

/** What a phone knows of itself. */
export const DeviceClaims = z.strictObject({
  isEmulator: z.boolean().optional(),
  isRooted: z.boolean().optional(),
  attestation: z.enum(['passed', 'failed', 'none']).optional(),
});

const Category = z.string().trim().min(1).max(40);
const Note = z.string().trim().min(1).max(500);

export const RecordCheckIn = z
  .strictObject({
    /** The command's ULID, made by the phone: the same one again is the same check-in. */
    clientId: Id,
    type: z.enum(checkInTypes),
    kind: z.enum(checkInKinds),
    branchId: Id.optional(),
    /** What `out` ends; by default the open one of its kind. */
    pairId: Id.optional(),
    target: z.strictObject({ type: z.enum(targetTypes), id: Id }).optional(),
    /** Where the target is, as long as no room knows it. */
    targetFence: Circle.optional(),
    /** When the meeting begins, and what stands in the room’s code. */
    meeting: z.strictObject({ startsAt: Instant, code: z.string().max(40).optional() }).optional(),
    category: Category.optional(),
    note: Note.optional(),
    /** What came of a visit, said at its end. */
    outcome: z.string().trim().min(1).max(1_000).optional(),
    /** False for what is handed in later: then the times below say when it happened. */
    live: z.boolean().optional(),
    /** The phone’s clock at the moment, ms since 1970. */
    wallMs: z.number().int().min(0).max(7_258_118_400_000).optional(),
    /** Its clock that is never set, ms since `bootId` began. */
    monoMs: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    bootId: z.string().min(1).max(64).optional(),
    tz: TimeZone.optional(),
    position: Reading.optional(),
    /** Readings just before, oldest first: frozen ones are told from a phone that lies still. */
    before: z.array(Place).max(20).optional(),
    device: DeviceClaims.optional(),
    deviceId: Id.optional(),
    /** Ed25519 over the canonical JSON of all the other fields, base64. */
    signature: z.string().max(200).optional(),
    photoNonce: z.string().max(64).optional(),
    /** Hand it to a reviewer, though the place is not known well enough. */
    forceReview: z.boolean().optional(),
    appVersion: z.string().max(40).optional(),
    batteryPct: z.number().int().min(0).max(100).optional(),
  })
  .superRefine((input, context) => {
    if (input.deviceId !== undefined && input.signature === undefined)
      context.addIssue({ code: 'custom', path: ['signature'], message: 'is needed beside `deviceId`' });
    if (input.live === false && input.wallMs === undefined)
      context.addIssue({ code: 'custom', path: ['wallMs'], message: 'is needed for what was recorded earlier' });
  });
export type RecordCheckIn = z.output<typeof RecordCheckIn>;

export const RecordBatch = z.strictObject({ items: z.array(z.unknown()).min(1) });

/** Why a check-in waits for a look, or did. */
export const reviewReasons = [
  'uncertain',
  'spoof',
  'late_upload',
  'clock_skew',
  'unsure_time',
  'double_in',
  'no_in',
  'out_before_in',
  'outside',
  'period_locked',
  'inaccurate',
  'photo_missing',
  'photo_mismatch',
  'photo_duplicate',
  'challenge_missed',
  'auto_closed',
  'not_on_roster',
  'code_missing',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** A check-in without its place. */
export const CheckInRecord = z.object({
  id: Id,
  clientId: Id,
  userId: Id,
  userName: z.string(),
  branchId: Id,
  type: z.enum(checkInTypes),
  kind: z.enum(checkInKinds),
  pairId: Id.nullable(),
  target: z.object({ type: z.enum(targetTypes), id: Id }).nullable(),
  category: z.string().nullable(),
  suggestedCategory: z.string().nullable(),
  note: z.string().nullable(),
  outcome: z.string().nullable(),
  occurredAt: Instant,
  tz: z.string(),
  localDate: LocalDate,
  timeSource: z.enum(timeSources),
  uncertaintyMs: z.number().int(),
  receivedAt: Instant,
  network: z.enum(['online', 'offline']),
  decision: z.enum(placeDecisions),
  insideP: z.number().nullable(),
  /** To the border of the fence, positive inside. */
  signedDistanceM: z.number().nullable(),
  spoofScore: z.number().int(),
  status: z.enum(checkInStates),
  reasons: z.array(z.enum(reviewReasons)),
  reviewReason: z.string().nullable(),
  photo: z.enum(['none', 'wanted', 'pending', 'ok', 'mismatch', 'duplicate']),
});
export type CheckInRecord = z.infer<typeof CheckInRecord>;

/** The answer to `check-in:record`. */
export const Recorded = z.object({
  id: Id,
  clientId: Id,
  status: z.enum(checkInStates),
  decision: z.enum(placeDecisions),
  insideP: z.number().nullable(),
  /** How far outside of the fence; 0 inside. */
  distanceM: z.number().nullable(),
  occurredAt: Instant,
  timeSource: z.enum(timeSources),
  branchId: Id,
  pairId: Id.nullable(),
  reasons: z.array(z.enum(reviewReasons)),
  /** In the person’s words why it is so. */
  explanation: z.string(),
  /** Send a photo with this nonce to `PUT /check-ins/{id}/photo`. */
  photoWanted: z.boolean(),
  duplicate: z.boolean(),
});
export type Recorded = z.infer<typeof Recorded>;

/** What everybody of a branch who may see check-ins hears: no place. */
export const CheckInTold = CheckInRecord.pick({
  id: true,
  userId: true,
  type: true,
  kind: true,
  occurredAt: true,
  branchId: true,
  decision: true,
  status: true,
  timeSource: true,
});
export type CheckInTold = z.infer<typeof CheckInTold>;

export const Signal = z.object({ name: z.string(), weight: z.number() });
export type Signal = z.infer<typeof Signal>;

export const Evidence = CheckInRecord.extend({
  claimedAt: Instant.nullable(),
  skewMs: z.number().int().nullable(),
  accuracyM: z.number().nullable(),
  fixAgeMs: z.number().int().nullable(),
  fenceId: z.string().nullable(),
  /** City-level cell, H3 resolution 7; null once nothing is kept of the place. */
  cell: z.string().nullable(),
  /** H3 resolution 9, once the exact place was given up. */
  fineCell: z.string().nullable(),
  /** Only for whoever may see exact places. */
  place: Reading.nullable(),
  placeState: z.enum(['none', 'hidden', 'exact', 'coarse', 'redacted', 'erased']),
  signals: z.array(Signal),
  deviceId: Id.nullable(),
  appVersion: z.string().nullable(),
  batteryPct: z.number().int().nullable(),
  reviewerId: Id.nullable(),
  reviewedAt: Instant.nullable(),
});
export type Evidence = z.infer<typeof Evidence>;

export const AccessEntry = z.object({
  id: Id,
  viewerId: Id,
  viewerName: z.string(),
  scope: z.string(),
  reason: z.string().nullable(),
  at: Instant,
  rows: z.number().int(),
});
export type AccessEntry = z.infer<typeof AccessEntry>;
