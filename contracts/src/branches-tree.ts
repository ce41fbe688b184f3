import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, remove } from './kit/api';
import { Id, LocalDate, Position, TimeZone } from './kit/values';
import { Branch, BranchDetails, branchKinds, branchStatuses } from './branches-values';

export const NewBranch = BranchDetails.extend({
  parentId: Id.nullable().default(null),
  code: z
    .string()
    .trim()
    .regex(/^[A-Z0-9][A-Z0-9-]{0,31}$/, 'is upper case letters, digits and dashes, at most 32'),
  kind: Branch.shape.kind.default('branch'),
  /** A planned one does not count towards the licence until it is opened. */
  status: z.enum(['planned', 'active']).default('active'),
  position: Position.nullable().default(null),
  fence: BranchDetails.shape.fence.default(null),
  address: BranchDetails.shape.address.default(null),
  country: BranchDetails.shape.country.default(null),
  phone: BranchDetails.shape.phone.default(null),
  email: BranchDetails.shape.email.default(null),
  managerId: BranchDetails.shape.managerId.default(null),
  capacityHeads: BranchDetails.shape.capacityHeads.default(null),
  capacityFte: BranchDetails.shape.capacityFte.default(null),
  holidayCalendarId: BranchDetails.shape.holidayCalendarId.default(null),
  openedOn: BranchDetails.shape.openedOn.default(null),
});

export const BranchChange = BranchDetails.extend({
  /** The first local date on which a new zone counts; by default the branch’s today. */
  timezoneFrom: LocalDate,
  /** Says yes to a fence whose middle is more than a kilometre away from the branch. */
  confirm: z.boolean(),
})
  .partial()
  .refine((change) => Object.keys(change).some((name) => name !== 'confirm' && name !== 'timezoneFrom'), {
    error: 'names nothing to change',
  })
  .refine(({ timezone, timezoneFrom }) => timezoneFrom === undefined || timezone !== undefined, {
    error: 'says from when, and not which zone',
    path: ['timezoneFrom'],
  });

export const BranchMove = z.strictObject({ parentId: Id.nullable() });

export const BranchStep = z.strictObject({
  status: z.enum(['active', 'suspended', 'closed']),
  /** Takes over people, children and whatever else would keep a branch from closing. */
  reassignTo: Id.optional(),
  reason: z.string().trim().min(1).max(300).optional(),
});

/** A branch in its tree, and how many people belong to it today. */
export const TreeNode = Branch.pick({
  id: true,
  parentId: true,
  code: true,
  name: true,
  kind: true,
  status: true,
}).extend({
  depth: z.number().int(),
  children: z.number().int(),
  members: z.number().int(),
});

/** What stands in the way of closing, by name. */
export const Blockers = z.record(z.string(), z.number().int());

export const BranchFigures = z.object({
  branchId: Id,
  /** The branch alone, or with everything below it. */
  isSubtree: z.boolean(),
  branches: z.number().int(),
  members: z.number().int(),
  /** What other rooms count here, by their names. */
  figures: z.record(z.string(), z.number()),
});

/** From this local date on the zone counts, until the next one. */
export const ZoneSpan = z.object({ from: LocalDate.nullable(), timezone: TimeZone });

const read = { permission: 'branches.read', apiKey: true } as const;
const manage = { permission: 'branches.manage' } as const;

export const treeRows = {
  list: list('/branches', {
    ...read,
    query: PageQuery.extend({
      status: z.enum(branchStatuses).optional(),
      kind: z.enum(branchKinds).optional(),
      /** Part of a name or code. */
      q: z.string().trim().min(1).max(60).optional(),
    }),
    returns: Branch,
    summary: 'List the branches that the caller may see, by code',
  }),
  tree: get('/branches/tree', {
    ...read,
    returns: z.object({ nodes: z.array(TreeNode) }),
    summary: 'The tree as far as the caller sees it, parents before children, siblings by code',
  }),
  get: get('/branches/:branchId', { ...read, returns: Branch, summary: 'Read one branch' }),
  ancestors: get('/branches/:branchId/ancestors', {
    ...read,
    returns: z.object({ branches: z.array(Branch) }),
    summary: 'The branches above, nearest first, as far as the caller sees them',
  }),
  descendants: list('/branches/:branchId/descendants', {
    ...read,
    query: PageQuery,
    returns: Branch,
    summary: 'Everything below a branch, parents before children',
  }),
  zones: get('/branches/:branchId/zones', {
    ...read,
    returns: z.object({ zones: z.array(ZoneSpan) }),
    summary: 'Which time zone counted, counts and will count, by local date',
  }),
  figures: get('/branches/:branchId/figures', {
    ...read,
    query: z.strictObject({
      subtree: z
        .enum(['true', 'false'])
        .default('false')
        .transform((text) => text === 'true'),
    }),
    returns: BranchFigures,
    summary: 'Counts of a branch, or of everything below it too',
  }),
  blockers: get('/branches/:branchId/blockers', {
    ...manage,
    returns: z.object({ blockers: Blockers }),
    summary: 'What keeps a branch from closing, and how many of each',
  }),
  create: create('/branches', {
    ...manage,
    body: NewBranch,
    returns: Branch,
    errors: ['CODE_TAKEN', 'BRANCH_DEPTH', 'BRANCH_CLOSED', 'LICENSE_LIMIT_REACHED'],
    summary: 'Open a branch, at the top or below another',
  }),
  update: patch('/branches/:branchId', {
    permission: 'branches.update',
    body: BranchChange,
    returns: Branch,
    versioned: true,
    errors: ['LOCATION_MOVES_FAR', 'ZONE_IN_THE_PAST'],
    summary: 'Change what is known of a branch',
  }),
  move: act('/branches/:branchId/move', {
    ...manage,
    body: BranchMove,
    returns: Branch,
    errors: ['BRANCH_CYCLE', 'BRANCH_DEPTH', 'BRANCH_CLOSED'],
    summary: 'Put a branch with everything below it under another, or at the top',
  }),
  setStatus: act('/branches/:branchId/status', {
    ...manage,
    body: BranchStep,
    returns: Branch,
    errors: [
      'BRANCH_STATE_INVALID',
      'BRANCH_NOT_EMPTY',
      'BRANCH_CLOSED',
      'BRANCH_CYCLE',
      'BRANCH_DEPTH',
      'LICENSE_LIMIT_REACHED',
      'MEMBERSHIP_OVERLAP',
    ],
    summary: 'Open, suspend or close a branch, or open a closed one again',
  }),
  remove: remove('/branches/:branchId', {
    ...manage,
    versioned: true,
    errors: ['BRANCH_STATE_INVALID', 'BRANCH_NOT_EMPTY'],
    summary: 'Remove a branch that was only planned and never used',
  }),
};
