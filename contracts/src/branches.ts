import { z } from 'zod';
import { api, create, get, list, PageQuery, patch } from './kit/api';
import { contract } from './kit/contract';
import { event, live } from './kit/live';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Id, Position, ShortText, TimeZone } from './kit/values';
import { notificationStreams } from './notifications';

/** A circle on the ground: centre in WGS84 degrees, radius in metres. */
export const Circle = z.strictObject({ center: Position, radiusM: z.number().min(10).max(50_000) });
export type Circle = z.infer<typeof Circle>;

export const Branch = z.object({
  id: Id,
  parentId: Id.nullable(),
  /** Ids from the root to this branch, `/01…/01…/`. */
  path: z.string(),
  code: z.string(),
  name: ShortText,
  kind: z.enum(['headquarters', 'region', 'branch', 'store', 'warehouse', 'kiosk', 'virtual']),
  status: z.enum(['planned', 'active', 'suspended', 'closed']),
  timezone: TimeZone,
  fence: Circle.nullable(),
  version: z.number().int(),
});
export type Branch = z.infer<typeof Branch>;

export const NewBranch = z.strictObject({
  parentId: Id.nullable().default(null),
  code: z
    .string()
    .trim()
    .regex(/^[A-Z0-9][A-Z0-9-]{0,31}$/, 'is upper case letters, digits and dashes, at most 32'),
  name: ShortText,
  kind: Branch.shape.kind.default('branch'),
  timezone: TimeZone,
  fence: Circle.nullable().default(null),
});
export const BranchChange = z
  .strictObject({ name: ShortText, timezone: TimeZone, fence: Circle.nullable() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const branchesApi = api('/branches', {
  list: list('/', {
    permission: 'branches.read',
    query: PageQuery,
    returns: Branch,
    summary: 'List the branches that the caller may see, by code',
  }),
  get: get('/:branchId', { permission: 'branches.read', returns: Branch, summary: 'Read one branch' }),
  create: create('/', {
    permission: 'branches.manage',
    body: NewBranch,
    returns: Branch,
    errors: ['CODE_TAKEN', 'BRANCH_DEPTH'],
    summary: 'Open a branch, at the top or below another',
  }),
  update: patch('/:branchId', {
    permission: 'branches.update',
    body: BranchChange,
    returns: Branch,
    versioned: true,
    summary: 'Change a branch’s name, zone or fence',
  }),
});

export const branchesLive = live('/notifications', {
  streams: notificationStreams,
  calls: {},
  events: {
    'branch:created': event('notices', Branch, 'A branch was opened below this one, or is this one'),
    'branch:updated': event('notices', Branch, 'A branch’s name, zone or fence changed'),
  },
});

export const branchesContract = contract({
  name: 'branches',
  api: branchesApi,
  live: branchesLive,
  errors: errors({
    CODE_TAKEN: { status: 409, title: 'Code taken', help: 'Another branch of the organisation has this code.' },
    BRANCH_DEPTH: { status: 409, title: 'Tree too deep', help: 'A branch stands at most six levels deep.' },
  }),
  permissions: permissions({
    'branches.read': {
      description: 'See branches, their place and fence',
      grants: {
        hr: 'org',
        finance: 'org',
        manager: 'subtree',
        sales: 'branch',
        warehouse: 'branch',
        staff: 'branch',
        auditor: 'org',
      },
    },
    'branches.update': { description: 'Change a branch', grants: { manager: 'subtree' } },
    'branches.manage': { description: 'Open, move and close branches', grants: {} },
  }),
});
