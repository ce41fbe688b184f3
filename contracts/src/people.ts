import { z } from 'zod';
import { api, get, list, PageQuery } from './kit/api';
import { contract } from './kit/contract';
import { permissions } from './kit/permissions';
import { Email, Id, Instant, ShortText, TimeZone } from './kit/values';

export const Organisation = z.object({
  id: Id,
  name: ShortText,
  slug: z.string(),
  status: z.enum(['trial', 'active', 'suspended', 'closed']),
  timezone: TimeZone,
  locale: z.string(),
  currency: z.string().length(3),
  country: z.string().length(2),
  createdAt: Instant,
  version: z.number().int(),
});
export type Organisation = z.infer<typeof Organisation>;

export const userStatuses = ['invited', 'pending_verification', 'active', 'suspended', 'deactivated'] as const;

export const User = z.object({
  id: Id,
  email: Email,
  name: ShortText,
  status: z.enum(userStatuses),
  kind: z.enum(['person', 'client', 'reseller', 'service']),
  homeBranchId: Id.nullable(),
  jobTitle: z.string().nullable(),
  employeeNo: z.string().nullable(),
  version: z.number().int(),
});
export type User = z.infer<typeof User>;

export const peopleApi = api('/people', {
  organisation: get('/organisation', {
    permission: 'people.read',
    returns: Organisation,
    summary: 'Read the caller’s organisation',
  }),
  list: list('/users', {
    permission: 'people.read',
    query: PageQuery.extend({
      status: z.enum(userStatuses).optional(),
      branchId: Id.optional(),
      q: z.string().trim().min(1).max(120).optional(),
    }),
    returns: User,
    summary: 'List the people of the organisation by name',
  }),
  get: get('/users/:userId', { permission: 'people.read', returns: User, summary: 'Read one person' }),
});

export const peopleContract = contract({
  name: 'people',
  api: peopleApi,
  permissions: permissions({
    'people.read': {
      description: 'See who works here: name, branch, job',
      grants: {
        hr: 'org',
        finance: 'org',
        manager: 'org',
        sales: 'org',
        warehouse: 'org',
        staff: 'org',
        auditor: 'org',
      },
    },
  }),
});
