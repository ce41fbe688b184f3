import { z } from 'zod';
import { FenceCrossing, FenceDwelling, FencePassing } from './branches-geofences';
import { act, api, document, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { call, event, live, stream } from './kit/live';
import { FieldError } from './kit/problem';
import { FlowPace } from './kit/session';
import { Id, Instant, Latitude, Longitude } from './kit/values';
import { FenceDay, fenceRows } from './tracking-fences';
import {
  journeyRows,
  precisely,
  Precision,
  SpeedAlert,
  StopTold,
  TripEnded,
  TripsRecomputed,
  TripStarted,
} from './tracking-journeys';
import { jobs } from './tracking-jobs';
import { mileageRows } from './tracking-mileage';
import { trackingErrors, trackingPermissions, trackingSettings } from './tracking-rights';
import { shareRows } from './tracking-shares';
import { BoundingBox, Trackable, trackableRows } from './tracking-trackables';

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
  /** 68 % of `speed`, in metres a second: a speed is believed where it is at most 3. */
  speedAccuracy: z.number().min(0).max(20_000).nullish(),
  /** Metres that the vehicle’s or the device’s own counter shows. */
  odometer: z.number().min(0).max(1e10).nullish(),
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
  /** Fixes outside the time in which their person is tracked: acknowledged, and never stored. */
  offWindow: z.number().int().optional(),
  rejected: z.array(z.object({ index: z.number().int(), n: z.number().int().nullable(), errors: z.array(FieldError) })),
  /** How to record from now on: who watches sets the pace. */
  pace: Pace.optional(),
});
export type FixesTaken = z.infer<typeof FixesTaken>;

export { Trackable };

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
  /** Left out: `exact`. Of a cell the middle is shown, and its radius as accuracy. */
  precision: Precision.optional(),
  /** The H3 cell, where that is all that is shown. */
  cell: z.string().optional(),
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

/** `[key, dtMs, cell]`; dtMs counts back from `at`, the cell is H3 of resolution 9. */
export const CellsMoved = z.object({
  at: Instant,
  cells: z.array(z.tuple([z.number().int(), z.number().int(), z.string()])),
});
export type CellsMoved = z.infer<typeof CellsMoved>;

export const TrackQuery = z.strictObject({
  from: Instant.optional(),
  to: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(100_000).default(20_000),
  /** By how many metres the line may be off; left out: every point. */
  simplify: z.coerce.number().min(0).max(10_000).optional(),
  ...precisely,
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

const reportErrors = ['DEVICE_NOT_YOURS', 'DEVICE_NOT_ENROLLED', 'NOTICE_REQUIRED', 'NO_BRANCH'] as const;

export const trackingApi = api('/tracking', {
  ...fenceRows,
  ...trackableRows,
  ...journeyRows,
  ...mileageRows,
  ...shareRows,
  report: act('/fixes', {
    permission: 'tracking.report',
    only: ['offline-upload'],
    apiKey: true,
    body: ReportFixes,
    returns: FixesTaken,
    errors: reportErrors,
    summary: 'Hand in fixes; the answer means that they are stored',
  }),
  trackables: list('/trackables', {
    permission: 'tracking.read',
    apiKey: true,
    query: PageQuery.extend({
      branchId: Id.optional(),
      bbox: BoundingBox.optional(),
      kind: Trackable.shape.kind.optional(),
    }),
    returns: Trackable,
    summary: 'List who and what is tracked, by name',
  }),
  positions: list('/positions', {
    permission: 'tracking.read',
    apiKey: true,
    query: PageQuery.extend({ branchId: Id.optional(), ...precisely }),
    returns: LastPosition,
    errors: ['PRECISION_DENIED'],
    summary: 'List the newest position of each trackable, with the positions of the branches’ log streams',
  }),
  track: document('/trackables/:trackableId/track', {
    permission: 'tracking.read',
    apiKey: true,
    query: TrackQuery,
    returns: Track,
    errors: ['PRECISION_DENIED', 'LOOK_REASON_REQUIRED'],
    summary: 'Play back a past track as GeoJSON',
  }),
});

export const trackingLive = live('/tracking', {
  streams: {
    fleet: stream('latest', { permission: 'tracking.read-precise', summary: 'Newest positions of a branch' }),
    cells: stream('latest', { permission: 'tracking.read', summary: 'Newest positions of a branch, to about 200 m' }),
    trackable: stream('latest', { permission: 'tracking.read-precise', summary: 'Newest position of one trackable' }),
    yard: stream('log', {
      permission: 'tracking.read',
      summary: 'Trips, stops, fences, speeding, lost and found of a branch',
    }),
  },
  calls: {
    'fix:report': call({
      permission: 'tracking.report',
      input: ReportFixes,
      output: FixesTaken,
      errors: reportErrors,
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
    'cells:moved': event('cells', CellsMoved, 'Cells that somebody came into since the last tick'),
    'cells:keyed': event(
      'cells',
      z.object({ trackables: z.array(Trackable) }),
      'Says whom the keys of `cells:moved` mean',
    ),
    'trackable:moved': event('trackable', TrackableMoved, 'The newest fix since the last tick'),
    'trackable:lost': event('yard', Trackable, 'Nothing was heard for five minutes'),
    'trackable:found': event('yard', Trackable, 'It reports again'),
    'trip:started': event('yard', TripStarted, 'Somebody is under way for certain'),
    'trip:ended': event('yard', TripEnded, 'The trip is over'),
    'trip:recomputed': event('yard', TripsRecomputed, 'Late fixes changed the trips of a day; this is how they stand'),
    'stop:started': event('yard', StopTold, 'Somebody has stood for three minutes'),
    'stop:ended': event('yard', StopTold, 'He goes on'),
    'speed:alert': event('yard', SpeedAlert, 'Somebody drives too fast; said again when it ended'),
    'geofence:entered': event('yard', FenceCrossing, 'Somebody came into a fence'),
    'geofence:exited': event('yard', FenceCrossing, 'Somebody left a fence'),
    'geofence:dwelled': event('yard', FenceDwelling, 'Somebody stayed in a fence as long as it asks about'),
    'geofence:crossed': event('yard', FencePassing, 'Somebody’s way led through a fence, between two fixes'),
    'geofence:corrected': event(
      'yard',
      FenceDay.extend({ name: z.string() }),
      'Late fixes changed what a day says of fences; alerts that left stay',
    ),
  },
});

export const trackingContract = contract({
  name: 'tracking',
  api: trackingApi,
  live: trackingLive,
  jobs,
  errors: trackingErrors,
  permissions: trackingPermissions,
  settings: trackingSettings,
});
