import { z } from 'zod';
import {
  Challenge,
  Duty,
  dutyStates,
  keepRetention,
  recordEvents,
  reportDay,
  sweepDuty,
  sweepReviews,
  watchVisits,
} from './check-ins-live';
import { checkInErrors, checkInPermissions } from './check-ins-rights';
import { checkInStates, checkInTypes, Place, Reading, RecordBatch, RecordCheckIn, Recorded } from './check-ins-values';
import { act, api, create, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { call, event, live, stream } from './kit/live';
import { Flag, Id, Instant } from './kit/values';
import { BatchAnswer, recordRefusals, recordRows, reviewRows } from './check-ins-records';

export { Place } from './check-ins-values';

/** A stay: from checking in to checking out. */
export const CheckIn = z.object({
  id: Id,
  branchId: Id,
  userId: Id,
  userName: z.string(),
  startedAt: Instant,
  /** Null where it is not kept, or not for these eyes. */
  startedPlace: Place.nullable(),
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
    query: PageQuery.extend({
      branchId: Id.optional(),
      userId: Id.optional(),
      open: Flag.optional(),
      from: Instant.optional(),
      to: Instant.optional(),
      type: z.enum(checkInTypes).optional(),
      status: z.enum(checkInStates).optional(),
    }),
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
    errors: ['CHECK_IN_OPEN', 'CHECK_IN_STATE', ...recordRefusals],
    summary: 'Check in',
  }),
  end: act('/:checkInId/end', {
    permission: 'check-ins.create',
    body: EndCheckIn,
    returns: CheckIn,
    errors: ['CHECK_IN_ENDED', 'CHECK_IN_STATE', ...recordRefusals],
    summary: 'Check out',
  }),
  ...recordRows,
  ...reviewRows,
});

const hand = { permission: 'check-ins.create', only: ['offline-upload'] } as const;

export const checkInsLive = live('/check-ins', {
  streams: {
    branch: stream('log', { permission: 'check-ins.read', summary: 'Check-ins of a branch' }),
    records: stream('log', {
      permission: 'check-ins.read',
      summary: 'Every in, out and visit of a branch, what reviewers say of them, and who is on duty',
    }),
    review: stream('log', { permission: 'check-ins.review', summary: 'What waits for a reviewer of a branch' }),
    person: stream('log', { permission: 'account.use', license: 'any', summary: 'What concerns one person' }),
  },
  calls: {
    'check-in:start': call({
      permission: 'check-ins.create',
      input: StartCheckIn,
      output: CheckIn,
      errors: ['CHECK_IN_OPEN', 'CHECK_IN_STATE', ...recordRefusals],
      summary: 'Check in',
    }),
    'check-in:end': call({
      permission: 'check-ins.create',
      input: EndCheckIn.extend({ checkInId: Id }),
      output: CheckIn,
      errors: ['CHECK_IN_ENDED', 'CHECK_IN_STATE', ...recordRefusals],
      summary: 'Check out',
    }),
    'check-in:record': call({
      ...hand,
      input: RecordCheckIn,
      output: Recorded,
      errors: recordRefusals,
      summary: 'Record a check-in with all its evidence, as it happens or later',
    }),
    'check-in:record-batch': call({
      ...hand,
      input: RecordBatch,
      output: BatchAnswer,
      errors: ['BATCH_TOO_LARGE'],
      summary: 'Hand in what was recorded offline; each is answered for itself',
    }),
    'time:sync': call({
      ...hand,
      input: z.strictObject({
        /** The phone’s clock as it asks, ms since 1970. */
        c0: z.number(),
        deviceId: Id.optional(),
        bootId: z.string().min(1).max(64).optional(),
        monoMs: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
      }),
      output: z.object({ s1: z.number(), s2: z.number() }),
      errors: ['DEVICE_NOT_ENROLLED'],
      summary: 'Compare clocks; with a device, its boot and its steady clock the hub remembers the pair',
    }),
    'duty:set': call({
      permission: 'duty.set',
      input: z.strictObject({ state: z.enum(dutyStates) }),
      output: Duty,
      errors: ['NO_BRANCH'],
      summary: 'Say that one is on duty, on a break, away or off',
    }),
    'challenge:answer': call({
      permission: 'duty.set',
      input: z.strictObject({ challengeId: Id, position: Reading }),
      output: Challenge,
      errors: ['CHALLENGE_OVER', 'LOCATION_STALE'],
      summary: 'Answer where one is',
    }),
  },
  events: {
    'check-in:started': event('branch', CheckIn, 'Somebody checked in'),
    'check-in:ended': event('branch', CheckIn, 'Somebody checked out'),
    ...recordEvents,
  },
});

export const checkInsContract = contract({
  name: 'check-ins',
  api: checkInsApi,
  live: checkInsLive,
  jobs: [sweepReviews, watchVisits, keepRetention, reportDay, sweepDuty],
  errors: checkInErrors,
  permissions: checkInPermissions,
});
