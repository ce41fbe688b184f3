import { z } from 'zod';
import { act, create, get, list, PageQuery, patch } from './kit/api';
import { Id, Instant } from './kit/values';
import { OwnChange } from './people-users';
import { Profile, User } from './people-values';

export const OwnUser = User.extend({ profile: Profile });

export const DataExport = z.object({
  exportedAt: Instant,
  user: OwnUser,
  teams: z.array(z.object({ teamId: Id, name: z.string(), from: Instant, to: Instant.nullable() })),
  /** What each room keeps of the person, by its name for it. */
  rooms: z.record(z.string(), z.unknown()),
});
export type DataExport = z.infer<typeof DataExport>;

export const Erasure = z.object({
  id: Id,
  userId: Id,
  status: z.enum(['open', 'approved', 'refused', 'withdrawn']),
  reason: z.string().nullable(),
  requestedAt: Instant,
  decidedBy: Id.nullable(),
  decidedAt: Instant.nullable(),
  /** Why it was refused. */
  answer: z.string().nullable(),
});
export type Erasure = z.infer<typeof Erasure>;

const Reason = z.string().trim().min(1).max(500);

export const meRows = {
  me: get('/me', { permission: 'account.use', license: 'any', returns: OwnUser, summary: 'Read oneself' }),
  updateMe: patch('/me', {
    permission: 'account.use',
    body: OwnChange,
    returns: OwnUser,
    versioned: true,
    errors: ['FIELD_FORBIDDEN'],
    summary: 'Change what one may change about oneself',
  }),
  dataExport: get('/me/data-export', {
    permission: 'account.use',
    license: 'any',
    returns: DataExport,
    summary: 'Everything that is kept about oneself',
  }),
  requestErasure: create('/me/erasure', {
    permission: 'account.use',
    body: z.strictObject({ reason: Reason.nullable().default(null) }),
    returns: Erasure,
    errors: ['ERASURE_OPEN', 'OWNER_IMMUTABLE'],
    summary: 'Ask to be forgotten; somebody of HR decides',
  }),
  withdrawErasure: act('/me/erasure/withdraw', {
    permission: 'account.use',
    returns: Erasure,
    summary: 'Take the request back',
  }),
  erasures: list('/erasures', {
    permission: 'people.erase',
    query: PageQuery.extend({ status: Erasure.shape.status.optional() }),
    returns: Erasure,
    summary: 'List requests to be forgotten, newest first',
  }),
  approveErasure: act('/erasures/:erasureId/approve', {
    permission: 'people.erase',
    freshSignIn: true,
    returns: Erasure,
    errors: ['ERASURE_DECIDED', 'OWNER_IMMUTABLE', 'LAST_ADMIN'],
    summary: 'Forget a person for good: what is personal goes, sums stay',
  }),
  refuseErasure: act('/erasures/:erasureId/refuse', {
    permission: 'people.erase',
    body: z.strictObject({ answer: Reason }),
    returns: Erasure,
    errors: ['ERASURE_DECIDED'],
    summary: 'Refuse to forget a person, and say why',
  }),
};
