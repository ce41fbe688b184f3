import { z } from 'zod';
import { Tokens } from './auth-sessions';
import { act, api, create, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { event, live } from './kit/live';
import { errors } from './kit/problem';
import { Id, Instant } from './kit/values';
import { notificationStreams } from './notifications';

const MOST_MINUTES = 60;

/** A helper asks a person for leave to act in the account; the person alone gives it, and either ends it. */
export const Impersonation = z.object({
  id: Id,
  helperId: Id,
  userId: Id,
  reason: z.string(),
  minutes: z.number().int(),
  state: z.enum(['asked', 'granted', 'refused', 'ended']),
  askedAt: Instant,
  answeredAt: Instant.nullable(),
  /** Once it was granted. */
  endsAt: Instant.nullable(),
  endedAt: Instant.nullable(),
});
export type Impersonation = z.infer<typeof Impersonation>;

const own = { permission: 'account.use' } as const;

export const impersonationsApi = api('', {
  ask: create('/users/:userId/impersonations', {
    permission: 'people.impersonate',
    freshSignIn: true,
    location: '/impersonations',
    body: z.strictObject({
      reason: z.string().trim().min(1).max(500),
      minutes: z.int().min(5).max(MOST_MINUTES).default(30),
    }),
    returns: Impersonation,
    errors: ['IMPERSONATION_OPEN'],
    summary: 'Ask somebody for leave to act in their account',
  }),
  list: list('/impersonations', {
    ...own,
    query: PageQuery,
    returns: Impersonation,
    summary: 'What I asked for, and what I was asked for, newest first',
  }),
  get: get('/impersonations/:impersonationId', { ...own, returns: Impersonation, summary: 'One of them' }),
  grant: act('/impersonations/:impersonationId/grant', {
    ...own,
    freshSignIn: true,
    returns: Impersonation,
    errors: ['IMPERSONATION_ENDED'],
    summary: 'Give leave; the time runs from now',
  }),
  refuse: act('/impersonations/:impersonationId/refuse', {
    ...own,
    returns: Impersonation,
    errors: ['IMPERSONATION_ENDED'],
    summary: 'Give none',
  }),
  enter: act('/impersonations/:impersonationId/enter', {
    ...own,
    freshSignIn: true,
    returns: Tokens,
    errors: ['IMPERSONATION_ENDED'],
    summary: 'An access token in the person’s place, of ten minutes at most; it can be asked for until the leave ends',
  }),
  end: act('/impersonations/:impersonationId/end', {
    ...own,
    returns: Impersonation,
    summary: 'End it now: the helper’s session is closed on every node',
  }),
});

export const impersonationsLive = live('/notifications', {
  streams: { user: notificationStreams.user },
  calls: {},
  events: {
    'impersonation:changed': event('user', Impersonation, 'Leave to act in an account was asked for, given or ended'),
  },
});

export const impersonationsContract = contract({
  name: 'impersonations',
  api: impersonationsApi,
  live: impersonationsLive,
  errors: errors({
    IMPERSONATION_OPEN: { status: 409, title: 'Asked already', help: 'Wait for the answer, or end the one that runs.' },
    IMPERSONATION_ENDED: { status: 409, title: 'Not open', help: 'It was answered, has ended or ran out. Ask anew.' },
  }),
});
