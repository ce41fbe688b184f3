import { z } from 'zod';
import { WallInterval } from './branches-hours';
import { Circle } from './branches-values';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, Instant, Latitude, Longitude, Position, ShortText, TimeZone } from './kit/values';

const MOST_CORNERS = 200;
/** Room for an outline that is much too long, so that the answer can name its field. */
const OUTLINE_BYTES = 1024 * 1024;

export const GeofenceShape = z.discriminatedUnion('kind', [
  Circle.extend({ kind: z.literal('circle') }),
  /** A closed line that does not cross itself; its last corner joins its first. */
  z.strictObject({ kind: z.literal('polygon'), corners: z.array(Position).min(3).max(MOST_CORNERS) }),
]);
export type GeofenceShape = z.infer<typeof GeofenceShape>;

/** 1 is Monday. A time at or before the other one lies on the next day. */
export const ActiveInterval = WallInterval.extend({ weekday: z.number().int().min(1).max(7) });
export type ActiveInterval = z.infer<typeof ActiveInterval>;

/** What every geofence says beside its shape. */
const details = {
  name: ShortText,
  /** Whose fence it is; null: the whole organisation’s. */
  branchId: Id.nullable(),
  /** The client whose place it surrounds. */
  clientId: Id.nullable(),
  /** Metres beyond the border that still do not count as outside; null: a fifth of the radius, 20 at least. */
  bufferM: z.number().min(0).max(10_000).nullable(),
  /** Readings less accurate than this say nothing here. */
  accMaxM: z.number().min(1).max(500),
  /** When the fence is in force, by wall time; null: always. */
  activeHours: z.array(ActiveInterval).min(1).max(100).nullable(),
  /** The zone of `activeHours`. */
  timezone: TimeZone,
  /** Above this somebody inside drives too fast. */
  speedLimitKmh: z.number().int().min(1).max(400).nullable(),
  /** After so long inside somebody has dwelled; null: nobody is told. */
  dwellMinutes: z.number().int().min(1).max(10_080).nullable(),
};

export const Geofence = z.object({ id: Id, shape: GeofenceShape, ...details, version: z.number().int() });
export type Geofence = z.infer<typeof Geofence>;

export const NewGeofence = z.strictObject({
  shape: GeofenceShape,
  ...details,
  branchId: details.branchId.default(null),
  clientId: details.clientId.default(null),
  bufferM: details.bufferM.default(null),
  accMaxM: details.accMaxM.default(100),
  activeHours: details.activeHours.default(null),
  /** Left out: the zone of the branch, else of the organisation. */
  timezone: details.timezone.optional(),
  speedLimitKmh: details.speedLimitKmh.default(null),
  dwellMinutes: details.dwellMinutes.default(null),
});

export const GeofenceChange = z
  .strictObject({ shape: GeofenceShape, ...details })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const GeofenceTest = z.strictObject({
  lat: Latitude,
  lng: Longitude,
  /** 68 % radius in metres, as phones report it. */
  accuracy: z.number().min(0).max(100_000).default(5),
});

export const GeofenceVerdict = z.object({
  /** Of the geofence, or of the branch whose own fence it is. */
  fenceId: Id,
  branchId: Id.nullable(),
  name: z.string(),
  decision: z.enum(['inside', 'outside', 'uncertain']),
  /** How likely the true place is inside. */
  insideP: z.number().min(0).max(1),
  /** Metres to the border, positive inside. */
  signedDistanceM: z.number(),
  /** Whether the hour is one of the fence’s. */
  isActive: z.boolean(),
  /** A sentence for the person who asked. */
  reason: z.string(),
});
export type GeofenceVerdict = z.infer<typeof GeofenceVerdict>;

export const FenceCrossing = z.object({
  id: Id,
  /** Where it is told: the branch of the fence; of a fence that belongs to none, the trackable’s. */
  branchId: Id,
  trackableId: Id,
  /** The trackable’s. */
  name: z.string(),
  /** Of the geofence, or of the branch whose own fence it is. */
  fenceId: Id,
  fenceName: z.string(),
  /** When it happened, by the fix’s own clock. */
  at: Instant,
  /** The fix that settled it; later than `at` where leaving needs a second look. */
  confirmedAt: Instant,
});
export type FenceCrossing = z.infer<typeof FenceCrossing>;

export const FenceDwelling = FenceCrossing.extend({ since: Instant });
export type FenceDwelling = z.infer<typeof FenceDwelling>;
/** Between two fixes outside, the way led through the fence; the instants lie between theirs. */
export const FencePassing = FenceCrossing.extend({ leftAt: Instant });
export type FencePassing = z.infer<typeof FencePassing>;

export const geofenceChanges = ['created', 'updated', 'removed'] as const;
export const GeofenceChanged = z.object({ change: z.enum(geofenceChanges), geofence: Geofence });

const read = { permission: 'geofences.read', apiKey: true } as const;
const write = { permission: 'geofences.manage', apiKey: true, maxBytes: OUTLINE_BYTES } as const;

export const geofenceRows = {
  geofences: list('/geofences', {
    ...read,
    query: PageQuery.extend({ branchId: Id.optional(), clientId: Id.optional() }),
    returns: Geofence,
    summary: 'List fences of their own, by name',
  }),
  geofence: get('/geofences/:geofenceId', { ...read, returns: Geofence, summary: 'Read one fence' }),
  createGeofence: create('/geofences', {
    ...write,
    feature: 'fences',
    body: NewGeofence,
    returns: Geofence,
    errors: ['GEOFENCES_FULL'],
    summary: 'Draw a fence: a circle, or a polygon of at most 200 corners',
  }),
  updateGeofence: patch('/geofences/:geofenceId', {
    ...write,
    feature: 'fences',
    body: GeofenceChange,
    returns: Geofence,
    versioned: true,
    errors: ['GEOFENCES_FULL'],
    summary: 'Change a fence; where somebody stands towards it is judged anew by the next reading',
  }),
  // Without the feature: whoever leaves the plan must still be able to take away what it put up.
  removeGeofence: remove('/geofences/:geofenceId', {
    permission: 'geofences.manage',
    apiKey: true,
    versioned: true,
    summary: 'Take a fence away; visits of the past keep its name',
  }),
  testGeofences: act('/geofences/test', {
    ...read,
    body: GeofenceTest,
    returns: z.object({ fences: z.array(GeofenceVerdict) }),
    summary: 'Towards which fences a reading stands, and why; branches’ own fences too, the surest first',
  }),
};
