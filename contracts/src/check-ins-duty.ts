import { z } from 'zod';
import { act, api, command, create, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { Id, Instant } from './kit/values';
import { Alarm, Challenge, Duty, dutyStates } from './check-ins-live';
import { Reading } from './check-ins-values';

/** A row of the presence board. */
export const DutyRow = Duty.extend({
  name: z.string(),
  since: Instant.nullable(),
  /** The newest check-in, without its place. */
  last: z.object({ id: Id, type: z.string(), kind: z.string(), at: Instant }).nullable(),
});
export type DutyRow = z.infer<typeof DutyRow>;

const set = { permission: 'duty.set' } as const;

export const dutyApi = api('/duty', {
  board: list('/', {
    permission: 'duty.read',
    query: PageQuery.extend({ branchId: Id, state: z.enum(dutyStates).optional() }),
    returns: DutyRow,
    summary: 'Who of a branch is on duty, by name',
  }),
  mine: get('/me', { ...set, returns: Duty, summary: 'Whether one is on duty' }),
  set: act('/me', {
    ...set,
    body: z.strictObject({ state: z.enum(dutyStates) }),
    returns: Duty,
    errors: ['NO_BRANCH'],
    summary: 'Say that one is on duty, on a break, away or off',
  }),
  challenge: create('/challenges', {
    permission: 'duty.challenge',
    body: z.strictObject({ userId: Id }),
    returns: Challenge,
    errors: ['CHALLENGE_OVER'],
    summary: 'Ask somebody on duty where he is; five minutes to answer',
  }),
  answer: act('/challenges/:challengeId/answer', {
    ...set,
    body: z.strictObject({ position: Reading }),
    returns: Challenge,
    errors: ['CHALLENGE_OVER', 'LOCATION_STALE'],
    summary: 'Answer where one is',
  }),
  panic: create('/alarms', {
    ...set,
    body: z.strictObject({ position: Reading.optional() }),
    returns: Alarm,
    errors: ['NO_BRANCH'],
    summary: 'Call for help',
  }),
  endAlarm: act('/alarms/:alarmId/end', {
    permission: 'duty.set',
    returns: Alarm,
    errors: ['ALARM_OVER'],
    summary: 'Say that all is well again: one’s own, or as the manager who was told',
  }),
  aliveUntil: command('/lone-work', {
    ...set,
    body: z.strictObject({ minutes: z.number().int().min(0).max(480) }),
    summary: 'Promise a word within so many minutes, or an alarm is raised; 0 ends it',
  }),
});

export const dutyContract = contract({ name: 'duty', api: dutyApi });
