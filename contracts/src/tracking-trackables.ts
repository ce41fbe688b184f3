import { z } from 'zod';
import { act, command, create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { Id, Instant, Latitude, Longitude, ShortText } from './kit/values';
import { Precision, Reason } from './tracking-journeys';

export const trackingModes = ['quiet', 'manual', 'significant', 'move'] as const;

/** How finely a device records where nobody watches; left out, the hub’s own pace. */
export const Resolution = z.strictObject({
  /** 68 % radius that is good enough, in metres. */
  accuracyM: z.number().int().min(1).max(1_000),
  minIntervalSec: z.number().int().min(1).max(86_400),
  minDisplacementM: z.number().int().min(0).max(10_000),
});

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

export const TrackableDetails = Trackable.extend({
  mode: z.enum(trackingModes),
  resolution: Resolution.nullable(),
  speedLimitKmh: z.number().int().nullable(),
  /** Who drives it now; of a person: null. */
  driverId: Id.nullable(),
  /** Until when its person keeps it dark; null while it may report. */
  pausedUntil: Instant.nullable(),
  version: z.number().int(),
});
export type TrackableDetails = z.infer<typeof TrackableDetails>;

const details = {
  name: ShortText,
  branchId: Id,
  mode: z.enum(trackingModes),
  resolution: Resolution.nullable(),
  speedLimitKmh: z.number().int().min(1).max(400).nullable(),
};

export const NewTrackable = z.strictObject({
  ...details,
  kind: z.enum(['vehicle', 'asset', 'device']),
  /** The vehicle’s or asset’s own id, where another list keeps it. */
  refId: Id.optional(),
  mode: details.mode.default('move'),
  resolution: details.resolution.default(null),
  speedLimitKmh: details.speedLimitKmh.default(null),
});

export const TrackableChange = z
  .strictObject(details)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const EnrolledDevice = z.object({ deviceId: Id, trackableId: Id, userId: Id, enrolledAt: Instant });
export type EnrolledDevice = z.infer<typeof EnrolledDevice>;

const angle = z.string().regex(/^-?\d{1,3}(\.\d{1,9})?$/);
/** `west,south,east,north` in degrees; a west beyond the east crosses the antimeridian. */
export const BoundingBox = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.tuple([angle, angle, angle, angle]))
  .transform(([west, south, east, north]) => ({
    west: Number(west),
    south: Number(south),
    east: Number(east),
    north: Number(north),
  }))
  .pipe(z.object({ west: Longitude, south: Latitude, east: Longitude, north: Latitude }))
  .refine(({ south, north }) => south <= north, { error: 'its north is south of its south' });
export type BoundingBox = z.output<typeof BoundingBox>;

export const lookedAt = ['position', 'track', 'trips', 'live', 'export', 'share'] as const;

/** That somebody looked at where exactly a person was. */
export const Look = z.object({
  viewerId: Id,
  viewerName: z.string(),
  trackableId: Id.nullable(),
  /** A whole branch’s people at once, on a live map. */
  branchId: Id.nullable(),
  what: z.enum(lookedAt),
  reason: z.string().nullable(),
  firstAt: Instant,
  lastAt: Instant,
  times: z.number().int(),
});
export type Look = z.infer<typeof Look>;

export const OpenLook = z.object({ until: Instant, precision: Precision });

const manage = { permission: 'tracking.manage', apiKey: true } as const;
const pause = { permission: 'tracking.pause', errors: ['PAUSE_NOT_ALLOWED'] } as const;

export const trackableRows = {
  addTrackable: create('/trackables', {
    ...manage,
    body: NewTrackable,
    returns: TrackableDetails,
    errors: ['TRACKABLE_EXISTS'],
    summary: 'Track a vehicle, an asset or a device',
  }),
  trackable: get('/trackables/:trackableId', {
    permission: 'tracking.read',
    apiKey: true,
    returns: TrackableDetails,
    summary: 'Read one trackable',
  }),
  changeTrackable: patch('/trackables/:trackableId', {
    ...manage,
    versioned: true,
    body: TrackableChange,
    returns: TrackableDetails,
    summary: 'Change its name, branch, mode, resolution or speed limit',
  }),
  dropTrackable: remove('/trackables/:trackableId', {
    ...manage,
    errors: ['TRACKABLE_OF_PERSON'],
    summary: 'Stop tracking a vehicle, an asset or a device; its fixes go with their months',
  }),
  devices: get('/trackables/:trackableId/devices', {
    ...manage,
    returns: z.object({ devices: z.array(EnrolledDevice) }),
    summary: 'Which devices report for it',
  }),
  enrolDevice: put('/trackables/:trackableId/devices/:deviceId', {
    ...manage,
    body: z.strictObject({
      /** The person or service whose token the device reports with. */
      userId: Id,
    }),
    returns: EnrolledDevice,
    errors: ['DEVICE_TAKEN', 'TRACKABLE_OF_PERSON'],
    summary: 'Let a device report for a vehicle or an asset',
  }),
  dropDevice: remove('/trackables/:trackableId/devices/:deviceId', {
    ...manage,
    errors: ['TRACKABLE_OF_PERSON'],
    summary: 'Let it report no more',
  }),
  setDriver: put('/trackables/:trackableId/driver', {
    ...manage,
    body: z.strictObject({ userId: Id.nullable() }),
    returns: TrackableDetails,
    errors: ['TRACKABLE_OF_PERSON'],
    summary: 'Say who drives from now on; trips that begin later are his',
  }),
  pause: act('/trackables/:trackableId/pause', {
    ...pause,
    body: z.strictObject({ minutes: z.number().int().min(1).max(1_440) }),
    returns: TrackableDetails,
    summary: 'Keep oneself dark for a while; what is recorded meanwhile is never stored',
  }),
  resume: act('/trackables/:trackableId/resume', { ...pause, returns: TrackableDetails, summary: 'Be seen again' }),
  looks: list('/looks', {
    permission: 'tracking.read',
    query: PageQuery.extend({ trackableId: Id }),
    returns: Look,
    summary: 'Who looked at where exactly somebody was, newest first',
  }),
  look: act('/looks', {
    permission: 'tracking.read-precise',
    body: z
      .strictObject({ trackableId: Id.optional(), branchId: Id.optional(), reason: Reason })
      .refine(({ trackableId, branchId }) => (trackableId === undefined) !== (branchId === undefined), {
        error: 'name one of trackableId and branchId',
        path: ['trackableId'],
      }),
    returns: OpenLook,
    summary: 'Say why one looks; exact places, live ones too, are open for an hour',
  }),
  endLook: command('/looks/end', { permission: 'tracking.read-precise', summary: 'End what one was looking at' }),
};
