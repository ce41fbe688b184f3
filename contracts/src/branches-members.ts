import { z } from 'zod';
import { act, create, list, PageQuery, remove } from './kit/api';
import { Id, LocalDate, ShortText } from './kit/values';
import { Fte } from './branches-values';

/** Half-open: `to` is the first local date on which somebody does not belong any more. */
export const Membership = z.object({
  id: Id,
  branchId: Id,
  userId: Id,
  role: z.string().nullable(),
  fte: z.number(),
  /** Where somebody belongs first; at most one at any date. */
  isPrimary: z.boolean(),
  from: LocalDate,
  to: LocalDate.nullable(),
});
export type Membership = z.infer<typeof Membership>;

export const Member = Membership.extend({ name: z.string() });

const inOrder = ({ from, to }: { from?: string | undefined; to?: string | null | undefined }): boolean =>
  from === undefined || to === null || to === undefined || from < to;

export const NewMembership = z
  .strictObject({
    userId: Id,
    role: ShortText.nullable().default(null),
    fte: Fte.default(1),
    isPrimary: z.boolean().default(false),
    /** By default the branch’s today. */
    from: LocalDate.optional(),
    to: LocalDate.nullable().default(null),
  })
  .refine(inOrder, { error: 'ends before it begins', path: ['to'] });

export const Transfer = z.strictObject({
  toBranchId: Id,
  /** The first date at the new branch; by default its today. */
  on: LocalDate.optional(),
  /** By default as before. */
  fte: Fte.optional(),
});

const staff = { permission: 'branches.staff' } as const;

export const memberRows = {
  members: list('/branches/:branchId/members', {
    permission: 'branches.read',
    query: PageQuery.extend({
      /** Who belonged, belongs or will belong on this local date; by default today. */
      on: LocalDate.optional(),
      /** `true`: everybody who ever did or will. */
      history: z
        .enum(['true', 'false'])
        .default('false')
        .transform((text) => text === 'true'),
    }),
    returns: Member,
    summary: 'List who belongs to a branch on a date',
  }),
  addMember: create('/branches/:branchId/members', {
    ...staff,
    body: NewMembership,
    returns: Membership,
    errors: ['PRIMARY_EXISTS', 'MEMBERSHIP_OVERLAP', 'BRANCH_CLOSED', 'USER_NOT_WORKING'],
    summary: 'Let somebody belong to a branch, from a date on',
  }),
  transferMember: act('/branches/:branchId/members/:membershipId/transfer', {
    ...staff,
    body: Transfer,
    returns: Membership,
    errors: ['PRIMARY_EXISTS', 'MEMBERSHIP_OVERLAP', 'MEMBERSHIP_OVER', 'BRANCH_CLOSED'],
    summary: 'End a membership and begin one at another branch, on one date',
  }),
  endMember: remove('/branches/:branchId/members/:membershipId', {
    ...staff,
    query: z.strictObject({ on: LocalDate.optional() }),
    errors: ['MEMBERSHIP_OVER'],
    summary: 'End a membership today, or on a date; what was stays known',
  }),
};
