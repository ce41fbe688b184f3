import { z } from 'zod';
import { act, feed, get, list, PageQuery } from './kit/api';
import { Id, Instant, LocalDate } from './kit/values';
import { precisely, tripPurposes } from './tracking-journeys';

const Month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, { error: 'is not a month such as 2026-11' });

/** A line of the log that tax authorities ask for. */
export const MileageLine = z.object({
  tripId: Id,
  date: LocalDate,
  startAt: Instant,
  endAt: Instant,
  from: z.string(),
  to: z.string(),
  km: z.number(),
  purpose: z.enum(tripPurposes),
  note: z.string().nullable(),
  driver: z.string().nullable(),
  /** What the counter showed, or counted on from the month’s first reading by the trips. */
  odometerStartKm: z.number().nullable(),
  odometerEndKm: z.number().nullable(),
});
export type MileageLine = z.infer<typeof MileageLine>;

const Kilometres = z.object({
  business: z.number(),
  private: z.number(),
  commute: z.number(),
  unknown: z.number(),
  total: z.number(),
});

export const Mileage = z.object({
  trackableId: Id,
  name: z.string(),
  month: Month,
  timeZone: z.string(),
  lines: z.array(MileageLine),
  km: Kilometres,
  /** Straight lines over silences: in no line and in no sum. */
  estimatedKm: z.number(),
  closedAt: Instant.nullable(),
  /** SHA-256 of the closed lines. */
  digest: z.string().nullable(),
});
export type Mileage = z.infer<typeof Mileage>;

export const MileageClose = z.object({
  trackableId: Id,
  month: Month,
  trips: z.number().int(),
  km: Kilometres,
  digest: z.string(),
  closedAt: Instant,
  /** Null: closed by itself. */
  closedBy: Id.nullable(),
});
export type MileageClose = z.infer<typeof MileageClose>;

const read = { permission: 'tracking.read', apiKey: true } as const;
const places = ['RANGE_TOO_LONG', 'PRECISION_DENIED', 'LOOK_REASON_REQUIRED'] as const;
const disposition = { 'Content-Disposition': 'The file’s name' };

export const mileageRows = {
  mileage: get('/trackables/:trackableId/mileage/:month', {
    ...read,
    params: z.object({ trackableId: Id, month: Month }),
    returns: Mileage,
    summary: 'A month’s log of trips, as tax authorities ask for it',
  }),
  mileageFile: feed('/trackables/:trackableId/mileage/:month/file', {
    ...read,
    params: z.object({ trackableId: Id, month: Month }),
    query: z.strictObject({ format: z.enum(['csv', 'xlsx', 'pdf']) }),
    headers: disposition,
    summary: 'The same as a file',
  }),
  closeMileage: act('/trackables/:trackableId/mileage/:month/close', {
    permission: 'tracking.close-mileage',
    params: z.object({ trackableId: Id, month: Month }),
    returns: MileageClose,
    errors: ['MILEAGE_CLOSED', 'MONTH_NOT_OVER'],
    summary: 'Close a month: its purposes and distances change no more',
  }),
  mileageCloses: list('/mileage-closes', {
    ...read,
    query: PageQuery.extend({ trackableId: Id.optional() }),
    returns: MileageClose,
    summary: 'List closed months, newest first',
  }),
  tripsFile: feed('/exports/:table', {
    ...read,
    params: z.object({ table: z.enum(['trips', 'stops', 'gaps', 'speedings']) }),
    query: z.strictObject({
      trackableId: Id.optional(),
      branchId: Id.optional(),
      from: Instant,
      to: Instant,
      format: z.enum(['csv', 'xlsx', 'pdf', 'json']),
      ...precisely,
    }),
    headers: disposition,
    errors: places,
    summary: 'Trips, stops, silences or speeding as a table',
  }),
  trackFile: feed('/trackables/:trackableId/track/file', {
    ...read,
    query: z.strictObject({ from: Instant, to: Instant, format: z.enum(['gpx', 'kml', 'geojson']), ...precisely }),
    headers: disposition,
    errors: places,
    summary: 'A past track as a file, however long it is',
  }),
};
