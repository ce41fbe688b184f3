import { z } from 'zod';
import { act, api, command, create, get, list, PageQuery, put } from './kit/api';
import { contract } from './kit/contract';
import { Id, Instant } from './kit/values';
import { AccessEntry } from './check-ins-values';

/** Days are counted from the moment of the check-in. */
export const PrivacySettings = z
  .strictObject({
    /** The newest notice; raising it asks everybody to read it. */
    noticeVersion: z.number().int().min(1).max(1_000_000),
    noticeText: z.string().trim().min(1).max(20_000).nullable().default(null),
    /** Exact places become H3 cells of resolution 9 after so many days, */
    coarseAfterDays: z.number().int().min(1).max(3_650).default(30),
    /** nothing after so many, */
    rawDays: z.number().int().min(1).max(3_650).default(90),
    /** and photos go after these. */
    photoDays: z.number().int().min(1).max(3_650).default(30),
    trackOnlyOnShift: z.boolean().default(true),
    /** Who looks at an exact place says why. */
    reasonRequired: z.boolean().default(true),
  })
  .refine(({ coarseAfterDays, rawDays }) => coarseAfterDays <= rawDays, {
    error: 'must not be more than `rawDays`',
    path: ['coarseAfterDays'],
  });

export const PrivacyProfile = PrivacySettings.safeExtend({ version: z.number().int() });
export type PrivacyProfile = z.output<typeof PrivacyProfile>;

export const NoticeStanding = z.object({
  version: z.number().int().nullable(),
  text: z.string().nullable(),
  acknowledgedAt: Instant.nullable(),
});

const requestStates = ['open', 'done', 'refused'] as const;
export const LocationRequest = z.object({
  id: Id,
  userId: Id,
  kind: z.enum(['export', 'erase']),
  state: z.enum(requestStates),
  reason: z.string().nullable(),
  requestedAt: Instant,
  decidedAt: Instant.nullable(),
  answer: z.string().nullable(),
});
export type LocationRequest = z.infer<typeof LocationRequest>;

export const LocationHold = z.object({
  id: Id,
  userId: Id,
  reason: z.string(),
  placedBy: Id,
  placedAt: Instant,
  releasedAt: Instant.nullable(),
});
export type LocationHold = z.infer<typeof LocationHold>;

const Why = z.string().trim().min(1).max(500);
const own = { permission: 'account.use' } as const;
const manage = { permission: 'privacy.manage' } as const;

export const locationPrivacyApi = api('', {
  profile: get('/privacy-profile', {
    ...own,
    returns: PrivacyProfile,
    summary: 'How long places are kept, and who may see them',
  }),
  setProfile: put('/privacy-profile', {
    ...manage,
    freshSignIn: true,
    body: PrivacySettings,
    returns: PrivacyProfile,
    summary: 'Set it; the first one begins to ask everybody to read the notice',
  }),
  notice: get('/me/notice', {
    ...own,
    returns: NoticeStanding,
    summary: 'The newest notice, and whether one has read it',
  }),
  acknowledge: act('/me/notices/:version/ack', {
    ...own,
    params: z.object({ version: z.string().regex(/^\d{1,7}$/) }),
    returns: NoticeStanding,
    errors: ['NOTICE_UNKNOWN'],
    summary: 'Say that one has read the notice',
  }),
  looks: list('/me/location-access', {
    ...own,
    query: PageQuery,
    returns: AccessEntry,
    summary: 'Who looked at where exactly one was, newest first',
  }),
  ask: create('/me/data-requests', {
    ...own,
    body: z.strictObject({ kind: z.enum(['export', 'erase']), reason: Why.nullable().default(null) }),
    returns: LocationRequest,
    errors: ['REQUEST_OPEN'],
    summary: 'Ask for a copy of one’s places, or that they be erased',
  }),
  asked: list('/me/data-requests', {
    ...own,
    query: PageQuery,
    returns: LocationRequest,
    summary: 'One’s own requests',
  }),
  copy: get('/me/data-requests/:requestId/export', {
    ...own,
    returns: z.object({ exportedAt: Instant, checkIns: z.array(z.record(z.string(), z.unknown())) }),
    summary: 'The copy that one asked for',
  }),
  requests: list('/data-requests', {
    ...manage,
    query: PageQuery.extend({ state: z.enum(requestStates).optional() }),
    returns: LocationRequest,
    summary: 'List requests, newest first',
  }),
  answer: act('/data-requests/:requestId/answer', {
    ...manage,
    freshSignIn: true,
    body: z.strictObject({ decision: z.enum(['done', 'refused']), answer: Why }),
    returns: LocationRequest,
    errors: ['REQUEST_DECIDED', 'LOCATION_HELD'],
    summary: 'Do what was asked for, or refuse it and say why; erasing destroys the person’s keys',
  }),
  holds: list('/legal-holds', {
    ...manage,
    query: PageQuery,
    returns: LocationHold,
    summary: 'List legal holds on places',
  }),
  hold: create('/legal-holds', {
    ...manage,
    freshSignIn: true,
    body: z.strictObject({ userId: Id, reason: Why }),
    returns: LocationHold,
    errors: ['LOCATION_HELD'],
    summary: 'Keep a person’s places until further notice',
  }),
  release: command('/legal-holds/:locationHoldId/release', {
    ...manage,
    freshSignIn: true,
    summary: 'End a legal hold; what is due goes with the next night',
  }),
});

export const locationPrivacyContract = contract({ name: 'location-privacy', api: locationPrivacyApi });
