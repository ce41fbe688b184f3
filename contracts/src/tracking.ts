import { z } from 'zod';
import { act, api, document, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { call, event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { errors, FieldError } from './kit/problem';
import { FlowPace } from './kit/session';
import { Id, Instant, Latitude, Longitude } from './kit/values';

/** Fixes of one batch; the packet's 64 KiB may end a batch earlier. */
export const MAX_FIXES = 500;

/**
 * One reading of a positioning device. Degrees WGS84; accuracy and altitude in metres (accuracy: the 68 % radius);
 * speed in metres a second; heading in degrees clockwise from north; battery 0 to 1.
 */
export const Fix = z.strictObject({
  /** Counts from 1 within a boot. */
  n: z.number().int().min(1).max(2_147_483_647),
  /** The device's clock, between 1970 and 2199. */
  at: Instant.refine((at) => at >= '1970' && at < '2200', { error: 'is not between 1970 and 2199' }),
  /** Counts the breaks of a recording: length is summed within a segment, never over a break. */
  segment: z.number().int().min(0).max(65_535).optional(),
  lat: Latitude,
  lng: Longitude,
  accuracy: z.number().min(0).max(1_000_000),
  altitude: z.number().min(-20_000).max(100_000).nullish(),
  speed: z.number().min(0).max(20_000).nullish(),
  heading: z.number().min(0).max(360).nullish(),
  battery: z.number().min(0).max(1).nullish(),
  mock: z.boolean().optional(),
});
export type Fix = z.infer<typeof Fix>;

/** What the envelope must be; every fix inside is judged for itself, so that a bad one does not hold back its neighbours. */
export const ReportFixes = z.strictObject({
  device: Id,
  boot: Id,
  signature: z.string().max(200).optional(),
  fixes: z.array(z.unknown()).min(1).max(MAX_FIXES),
});
export type ReportFixes = z.infer<typeof ReportFixes>;

/** What `flow:pace` and the answers to reports say. */
export const Pace = FlowPace;

export const FixesTaken = z.object({
  /** The largest `n` of the batch: every fix sent up to it is durable or rejected, and may be forgotten. */
  upTo: z.number().int(),
  rejected: z.array(z.object({ index: z.number().int(), n: z.number().int().nullable(), errors: z.array(FieldError) })),
  /** How to record from now on: who watches sets the pace. */
  pace: Pace.optional(),
});
export type FixesTaken = z.infer<typeof FixesTaken>;

export const Trackable = z.object({
  id: Id,
  /** The small integer that stands for this trackable in `fixes:moved`. */
  key: z.number().int(),
  kind: z.enum(['user', 'vehicle', 'asset', 'device']),
  name: z.string(),
  branchId: Id,
  userId: Id.nullable(),
  /** Since when nothing was heard, or null while it reports. */
  lostAt: Instant.nullable(),
});
export type Trackable = z.infer<typeof Trackable>;

export const fixFlags = ['coarse', 'jump', 'mock', 'future', 'late', 'ancient', 'null_island'] as const;

/** A trackable's newest position, in the units of a fix. */
export const LastPosition = z.object({
  trackableId: Id,
  key: z.number().int(),
  at: Instant,
  receivedAt: Instant,
  lat: z.number(),
  lng: z.number(),
  accuracy: z.number(),
  speed: z.number().nullable(),
  heading: z.number().nullable(),
  battery: z.number().nullable(),
  flags: z.array(z.enum(fixFlags)),
});
export type LastPosition = z.infer<typeof LastPosition>;

/** A step of one trackable, unpacked, for those who follow it alone. */
export const TrackableMoved = LastPosition.pick({
  trackableId: true,
  key: true,
  at: true,
  lat: true,
  lng: true,
  accuracy: true,
  speed: true,
  heading: true,
});
export type TrackableMoved = z.infer<typeof TrackableMoved>;

/** `[key, dtMs, latE7, lngE7, accuracyM, speedCmS, headingDeg]`; dtMs counts back from `at`; −1 stands for unknown. */
export const PackedFix = z.tuple([
  z.number().int(),
  z.number().int(),
  z.number().int(),
  z.number().int(),
  z.number().int(),
  z.number().int(),
  z.number().int(),
]);
export type PackedFix = z.infer<typeof PackedFix>;

export const FixesMoved = z.object({ at: Instant, fixes: z.array(PackedFix) });
export type FixesMoved = z.infer<typeof FixesMoved>;

export const FenceCrossing = z.object({
  id: Id,
  branchId: Id,
  trackableId: Id,
  name: z.string(),
  /** When the border was crossed, by the fix's own clock. */
  at: Instant,
  /** The fix that settled it; later than `at` where leaving needs a second look. */
  confirmedAt: Instant,
});
export type FenceCrossing = z.infer<typeof FenceCrossing>;

export const TrackQuery = z.strictObject({
  from: Instant.optional(),
  to: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(20_000),
});

const LineString = z.object({
  type: z.literal('MultiLineString'),
  /** `[lng, lat]` in degrees, a line a segment. */
  coordinates: z.array(z.array(z.tuple([z.number(), z.number()]))),
});

/** A past track as a GeoJSON feature: lines by segment, and beside them the instant of every point. */
export const Track = z.object({
  type: z.literal('Feature'),
  geometry: LineString,
  properties: z.object({
    trackableId: Id,
    name: z.string(),
    from: Instant.nullable(),
    to: Instant.nullable(),
    points: z.number().int(),
    /** Sum of the great-circle lengths within segments, in metres. */
    lengthM: z.number(),
    times: z.array(z.array(Instant)),
    speeds: z.array(z.array(z.number().nullable())),
    /** Older points than the limit took were left out. */
    truncated: z.boolean(),
  }),
});
export type Track = z.infer<typeof Track>;

export const trackingApi = api('/tracking', {
  report: act('/fixes', {
    permission: 'tracking.report',
    only: ['offline-upload'],
    body: ReportFixes,
    returns: FixesTaken,
    errors: ['DEVICE_NOT_YOURS', 'NO_BRANCH'],
    summary: 'Hand in fixes; the answer means that they are stored',
  }),
  trackables: list('/trackables', {
    permission: 'tracking.read',
    apiKey: true,
    query: PageQuery.extend({ branchId: Id.optional() }),
    returns: Trackable,
    summary: 'List who and what is tracked, by name',
  }),
  trackable: get('/trackables/:trackableId', {
    permission: 'tracking.read',
    apiKey: true,
    returns: Trackable,
    summary: 'Read one trackable',
  }),
  positions: list('/positions', {
    permission: 'tracking.read',
    apiKey: true,
    query: PageQuery.extend({ branchId: Id.optional() }),
    returns: LastPosition,
    summary: 'List the newest position of each trackable, with the positions of the branches’ log streams',
  }),
  track: document('/trackables/:trackableId/track', {
    permission: 'tracking.read',
    apiKey: true,
    query: TrackQuery,
    returns: Track,
    summary: 'Play back a past track as GeoJSON',
  }),
});

export const trackingLive = live('/tracking', {
  streams: {
    fleet: stream('latest', { permission: 'tracking.read', summary: 'Newest positions of a branch' }),
    trackable: stream('latest', { permission: 'tracking.read', summary: 'Newest position of one trackable' }),
    yard: stream('log', { permission: 'tracking.read', summary: 'Fence crossings, lost and found of a branch' }),
  },
  calls: {
    'fix:report': call({
      permission: 'tracking.report',
      input: ReportFixes,
      output: FixesTaken,
      errors: ['DEVICE_NOT_YOURS', 'NO_BRANCH'],
      summary: 'Hand in fixes; the ack means that they are stored',
    }),
  },
  events: {
    'fixes:moved': event('fleet', FixesMoved, 'Newest fixes since the last tick, packed'),
    'trackable:keyed': event(
      'fleet',
      z.object({ trackables: z.array(Trackable) }),
      'Says whom the keys of `fixes:moved` mean',
    ),
    'trackable:moved': event('trackable', TrackableMoved, 'The newest fix since the last tick'),
    'trackable:lost': event('yard', Trackable, 'Nothing was heard for five minutes'),
    'trackable:found': event('yard', Trackable, 'It reports again'),
    'geofence:entered': event('yard', FenceCrossing, 'Somebody came into a branch’s circle'),
    'geofence:exited': event('yard', FenceCrossing, 'Somebody left a branch’s circle'),
  },
});

/** Follows the stored fixes of trackables that moved. */
export const followTracks = job('tracking.follow-tracks', {
  payload: z.object({}),
  summary: 'Work off the tracks that have new fixes: fences, lost and found',
});
export const sweepSilent = job('tracking.sweep-silent', {
  payload: z.object({ tick: Instant }),
  summary: 'Declare trackables lost that were silent for five minutes',
});
export const tendPartitions = job('tracking.tend-partitions', {
  payload: z.object({ tick: Instant }),
  summary: 'Make next month’s partition of the fixes',
});

export const trackingContract = contract({
  name: 'tracking',
  api: trackingApi,
  live: trackingLive,
  jobs: [followTracks, sweepSilent, tendPartitions],
  errors: errors({
    DEVICE_NOT_YOURS: {
      status: 403,
      title: 'Somebody else’s device',
      help: 'A device id belongs to the first person who reported with it. Make a new one for this person.',
    },
  }),
  permissions: permissions({
    'tracking.report': {
      description: 'Report one’s own position',
      grants: { hr: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' },
    },
    'tracking.read': {
      description: 'See positions and tracks',
      grants: { hr: 'org', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own', auditor: 'org' },
    },
  }),
});
