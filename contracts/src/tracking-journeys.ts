import { z } from 'zod';
import { get, list, PageQuery, patch } from './kit/api';
import { Id, Instant, LocalDate, Position, ShortText } from './kit/values';

/** `cell`: the middle of an H3 cell of about 200 m, for those who may not see exact places. */
export const Precision = z.enum(['exact', 'cell']);
export type Precision = z.infer<typeof Precision>;

export const Reason = z.string().trim().min(3).max(300);

/** How exactly places are asked for, and what for. Left out: as exactly as one may see them. */
export const precisely = { precision: Precision.optional(), reason: Reason.optional() };

export const tripPurposes = ['business', 'private', 'commute', 'unknown'] as const;
export const tripStates = ['open', 'closed', 'recomputed'] as const;

/** Where a trip began or ended: a fence that holds the point, and the point as exactly as the caller may see it. */
export const TripEnd = z.object({
  position: Position,
  fenceId: Id.nullable(),
  name: z.string().nullable(),
});

export const Trip = z.object({
  id: Id,
  trackableId: Id,
  /** The local day that it belongs to, in the zone of the trackable’s branch. */
  date: LocalDate,
  startAt: Instant,
  endAt: Instant,
  start: TripEnd,
  end: TripEnd,
  distanceM: z.number(),
  movingSec: z.number().int(),
  idleSec: z.number().int(),
  maxKmh: z.number().nullable(),
  avgKmh: z.number(),
  purpose: z.enum(tripPurposes),
  note: z.string().nullable(),
  driverId: Id.nullable(),
  state: z.enum(tripStates),
  /** The way as an encoded polyline (five decimals); null while it goes on, and for those who see cells. */
  polyline: z.string().nullable(),
  precision: Precision,
  version: z.number().int(),
});
export type Trip = z.infer<typeof Trip>;

export const TripChange = z
  .strictObject({ purpose: z.enum(tripPurposes), note: ShortText.nullable() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const TrackStop = z.object({
  id: Id,
  trackableId: Id,
  date: LocalDate,
  startAt: Instant,
  endAt: Instant,
  position: Position,
  radiusM: z.number(),
  /** Fixes that were there. */
  fixes: z.number().int(),
  /** 0 to 1: less where fixes were blurred, or spikes lay between them. */
  confidence: z.number(),
  fenceId: Id.nullable(),
  name: z.string().nullable(),
  isOpen: z.boolean(),
  precision: Precision,
});
export type TrackStop = z.infer<typeof TrackStop>;

export const TrackGap = z.object({
  id: Id,
  trackableId: Id,
  date: LocalDate,
  startAt: Instant,
  endAt: Instant,
  /** `silent`: nothing came; `blurred`: only fixes too coarse to count. */
  reason: z.enum(['silent', 'blurred']),
  distanceM: z.number(),
  /** The straight line; false where the device’s own counter told the way. */
  isEstimated: z.boolean(),
});
export type TrackGap = z.infer<typeof TrackGap>;

export const SpeedEvent = z.object({
  id: Id,
  trackableId: Id,
  date: LocalDate,
  startAt: Instant,
  endAt: Instant,
  limitKmh: z.number(),
  source: z.enum(['fence', 'vehicle', 'organisation']),
  maxKmh: z.number(),
  isOpen: z.boolean(),
});
export type SpeedEvent = z.infer<typeof SpeedEvent>;

/** What a trackable’s stored fixes of a local day add up to. */
export const TrackedDay = z.object({
  trackableId: Id,
  date: LocalDate,
  timeZone: z.string(),
  distanceM: z.number(),
  /** Straight lines over silences, not part of `distanceM`. */
  estimatedM: z.number(),
  movingSec: z.number().int(),
  trips: z.number().int(),
  stops: z.number().int(),
  gaps: z.number().int(),
  fixes: z.number().int(),
  leftOut: z.number().int(),
  firstAt: Instant.nullable(),
  lastAt: Instant.nullable(),
  /** Counts how often late fixes changed what was known already. */
  revision: z.number().int(),
});
export type TrackedDay = z.infer<typeof TrackedDay>;

const MOST_DAYS = 366;

/** Of one trackable or of all within reach, by the instant at which they began. */
export const Span = {
  trackableId: Id.optional(),
  branchId: Id.optional(),
  from: Instant,
  to: Instant,
};

const JourneyQuery = PageQuery.extend(Span);
const read = { permission: 'tracking.read', apiKey: true, errors: ['RANGE_TOO_LONG'] } as const;
const readPlaces = { ...read, errors: ['RANGE_TOO_LONG', 'PRECISION_DENIED', 'LOOK_REASON_REQUIRED'] } as const;

export const journeyRows = {
  trips: list('/trips', {
    ...readPlaces,
    query: JourneyQuery.extend({ ...precisely, purpose: z.enum(tripPurposes).optional() }),
    returns: Trip,
    summary: 'List trips, oldest first',
  }),
  trip: get('/trips/:tripId', {
    ...readPlaces,
    query: z.strictObject(precisely),
    returns: Trip,
    summary: 'Read one trip',
  }),
  classify: patch('/trips/:tripId', {
    permission: 'tracking.classify-trips',
    versioned: true,
    body: TripChange,
    returns: Trip,
    errors: ['MILEAGE_CLOSED'],
    summary: 'Say what a trip was for',
  }),
  stops: list('/stops', {
    ...readPlaces,
    query: JourneyQuery.extend(precisely),
    returns: TrackStop,
    summary: 'List stops, oldest first',
  }),
  gaps: list('/gaps', {
    ...read,
    query: JourneyQuery,
    returns: TrackGap,
    summary: 'List silences of more than an hour',
  }),
  speedings: list('/speedings', {
    ...read,
    query: JourneyQuery,
    returns: SpeedEvent,
    summary: 'List where somebody drove faster than the limit',
  }),
  days: get('/trackables/:trackableId/days', {
    permission: 'tracking.read',
    apiKey: true,
    query: z
      .strictObject({ from: LocalDate, to: LocalDate })
      .refine(({ from, to }) => from <= to, { error: 'is before from', path: ['to'] })
      .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < MOST_DAYS * 86_400_000, {
        error: `is more than ${MOST_DAYS} days after from`,
        path: ['to'],
      }),
    returns: z.object({ days: z.array(TrackedDay) }),
    summary: 'Distance, moving time and counts, day by day',
  }),
};

const TripTold = z.object({
  tripId: Id,
  trackableId: Id,
  name: z.string(),
  startAt: Instant,
  endAt: Instant.nullable(),
  distanceM: z.number(),
});
export const TripStarted = TripTold;
export const TripEnded = TripTold;
export const TripsRecomputed = z.object({
  trackableId: Id,
  name: z.string(),
  date: LocalDate,
  revision: z.number().int(),
  /** The trips of the day as they stand now. */
  trips: z.array(TripTold.omit({ trackableId: true, name: true })),
  /** Trips that were told and are none any more. */
  gone: z.array(Id),
});
export const StopTold = z.object({
  stopId: Id,
  trackableId: Id,
  name: z.string(),
  startAt: Instant,
  endAt: Instant.nullable(),
  fenceId: Id.nullable(),
});
export const SpeedAlert = z.object({
  id: Id,
  trackableId: Id,
  name: z.string(),
  limitKmh: z.number(),
  source: SpeedEvent.shape.source,
  maxKmh: z.number(),
  start: Instant,
  end: Instant.nullable(),
});
