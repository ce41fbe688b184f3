import { z } from 'zod';
import { act, api, create, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { call, event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Flag, Id, Instant, Latitude, Longitude } from './kit/values';

/** Where a person stood: WGS84 degrees, and the radius in metres that holds the truth 68 % of the time. */
export const Place = z.strictObject({
  lat: Latitude,
  lng: Longitude,
  accuracy: z.number().min(0).max(100_000).optional(),
});

export const CheckIn = z.object({
  id: Id,
  branchId: Id,
  userId: Id,
  userName: z.string(),
  startedAt: Instant,
  startedPlace: Place,
  endedAt: Instant.nullable(),
  endedPlace: Place.nullable(),
  note: z.string().nullable(),
});
export type CheckIn = z.infer<typeof CheckIn>;

export const StartCheckIn = z.strictObject({
  position: Place,
  /** Defaults to the person's home branch. */
  branchId: Id.optional(),
  note: z.string().trim().min(1).max(500).optional(),
});
export const EndCheckIn = z.strictObject({ position: Place });

export const checkInsApi = api('/check-ins', {
  list: list('/', {
    permission: 'check-ins.read',
    apiKey: true,
    query: PageQuery.extend({ branchId: Id.optional(), userId: Id.optional(), open: Flag.optional() }),
    returns: CheckIn,
    summary: 'List check-ins, newest first, with the streams’ positions',
  }),
  get: get('/:checkInId', {
    permission: 'check-ins.read',
    apiKey: true,
    returns: CheckIn,
    summary: 'Read one check-in',
  }),
  start: create('/', {
    permission: 'check-ins.create',
    body: StartCheckIn,
    returns: CheckIn,
    errors: ['CHECK_IN_OPEN', 'NO_BRANCH'],
    summary: 'Check in',
  }),
  end: act('/:checkInId/end', {
    permission: 'check-ins.create',
    body: EndCheckIn,
    returns: CheckIn,
    errors: ['CHECK_IN_ENDED'],
    summary: 'Check out',
  }),
});

export const checkInsLive = live('/check-ins', {
  streams: { branch: stream('log', { permission: 'check-ins.read', summary: 'Check-ins of a branch' }) },
  calls: {
    'check-in:start': call({
      permission: 'check-ins.create',
      input: StartCheckIn,
      output: CheckIn,
      errors: ['CHECK_IN_OPEN', 'NO_BRANCH'],
      summary: 'Check in',
    }),
    'check-in:end': call({
      permission: 'check-ins.create',
      input: EndCheckIn.extend({ checkInId: Id }),
      output: CheckIn,
      errors: ['CHECK_IN_ENDED'],
      summary: 'Check out',
    }),
  },
  events: {
    'check-in:started': event('branch', CheckIn, 'Somebody checked in'),
    'check-in:ended': event('branch', CheckIn, 'Somebody checked out'),
  },
});

export const checkInsContract = contract({
  name: 'check-ins',
  api: checkInsApi,
  live: checkInsLive,
  errors: errors({
    CHECK_IN_OPEN: { status: 409, title: 'Already checked in', help: 'Check out before checking in again.' },
    CHECK_IN_ENDED: { status: 409, title: 'Already checked out', help: 'This check-in ended earlier.' },
    NO_BRANCH: { status: 409, title: 'No branch', help: 'Name `branchId`: you have no home branch.' },
  }),
  permissions: permissions({
    'check-ins.create': {
      description: 'Check in and out',
      grants: { hr: 'own', manager: 'own', sales: 'own', warehouse: 'own', staff: 'own' },
    },
    'check-ins.read': {
      description: 'See check-ins',
      grants: { hr: 'org', manager: 'subtree', sales: 'own', warehouse: 'own', staff: 'own', auditor: 'org' },
    },
  }),
});
