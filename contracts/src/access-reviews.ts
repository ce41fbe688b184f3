import { z } from 'zod';
import { RoleKey } from './access-roles';
import { act, create, get, list, PageQuery } from './kit/api';
import { errors } from './kit/problem';
import { Id, Instant, ShortText } from './kit/values';

export const AccessReview = z.object({
  id: Id,
  title: z.string(),
  state: z.enum(['open', 'closed']),
  dueAt: Instant,
  items: z.number().int(),
  decided: z.number().int(),
  revoked: z.number().int(),
  begunBy: Id,
  begunAt: Instant,
  closedBy: Id.nullable(),
  closedAt: Instant.nullable(),
});
export type AccessReview = z.infer<typeof AccessReview>;

/** A role that somebody held when the review began, and what was decided about it. */
export const ReviewItem = z.object({
  id: Id,
  userId: Id,
  role: RoleKey,
  branchId: Id.nullable(),
  grantedAt: Instant,
  decision: z.enum(['keep', 'revoke']).nullable(),
  note: z.string().nullable(),
  decidedBy: Id.nullable(),
  decidedAt: Instant.nullable(),
});
export type ReviewItem = z.infer<typeof ReviewItem>;

const manage = { permission: 'roles.manage' } as const;
const see = { permission: 'roles.read' } as const;

export const reviewRows = {
  beginReview: create('/access/reviews', {
    ...manage,
    body: z.strictObject({ title: ShortText, dueAt: Instant }),
    returns: AccessReview,
    errors: ['REVIEW_OPEN'],
    summary: 'Go through who holds which role: every role that is held now is to be confirmed or taken',
  }),
  reviews: list('/access/reviews', {
    ...see,
    query: PageQuery,
    returns: AccessReview,
    summary: 'List reviews, newest first',
  }),
  review: get('/access/reviews/:reviewId', { ...see, returns: AccessReview, summary: 'How a review stands' }),
  reviewItems: list('/access/reviews/:reviewId/items', {
    ...see,
    query: PageQuery.extend({ open: z.enum(['true', 'false']).default('false') }),
    returns: ReviewItem,
    summary: 'The roles of a review; with `open=true` those that nobody decided about yet',
  }),
  decideItem: act('/access/reviews/:reviewId/items/:itemId/decide', {
    ...manage,
    body: z.strictObject({
      decision: z.enum(['keep', 'revoke']),
      note: z.string().trim().max(500).default(''),
    }),
    returns: ReviewItem,
    errors: ['REVIEW_CLOSED', 'ITEM_DECIDED', 'LAST_ADMIN', 'OWNER_IMMUTABLE'],
    summary: 'Confirm a role, or take it now; nobody decides about his own',
  }),
  closeReview: act('/access/reviews/:reviewId/close', {
    ...manage,
    body: z.strictObject({
      /** What nobody decided about is taken too; otherwise it stays, and the review says so. */
      revokeUndecided: z.boolean().default(false),
    }),
    returns: AccessReview,
    errors: ['REVIEW_CLOSED'],
    summary: 'Close a review; the journal keeps what came of it',
  }),
};

export const reviewErrors = errors({
  REVIEW_OPEN: { status: 409, title: 'A review is open', help: 'Close it before another begins.' },
  REVIEW_CLOSED: { status: 409, title: 'Closed', help: 'Begin another review.' },
  ITEM_DECIDED: {
    status: 409,
    title: 'Decided already',
    help: 'Give or take the role itself: `POST /users/:userId/roles`.',
  },
});
