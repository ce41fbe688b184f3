import { z } from 'zod';
import { explainRows } from './access-explain';
import { reviewErrors, reviewRows } from './access-reviews';
import { HeldRoles, roleRows } from './access-roles';
import { api } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live } from './kit/live';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Instant } from './kit/values';
import { notificationStreams } from './notifications';

export const accessApi = api('', { ...roleRows, ...explainRows, ...reviewRows });

export const accessLive = live('/notifications', {
  streams: { user: notificationStreams.user },
  calls: {},
  events: { 'roles:changed': event('user', HeldRoles, 'Roles were given or taken: ask again what is open') },
});

export const endExpiredRoles = job('access.end-expired-roles', {
  payload: z.strictObject({ tick: Instant }),
  summary: 'Removes roles that ran out, and tells the journal; they counted no more from that instant',
});

export const accessContract = contract({
  name: 'access',
  api: accessApi,
  live: accessLive,
  jobs: [endExpiredRoles],
  permissions: permissions({
    'roles.read': { description: 'See roles and who holds them', grants: { hr: 'org', auditor: 'org' } },
    'roles.manage': { description: 'Make roles, give and take them', grants: {} },
    'access.explain': {
      description: 'See every rule of the hub, and why somebody may or may not do something',
      grants: { auditor: 'org' },
    },
  }),
  errors: errors({
    ...reviewErrors,
    ROLE_NAME_TAKEN: { status: 409, title: 'Name taken', help: 'Another role has this name.' },
    ROLE_IN_USE: { status: 409, title: 'Role in use', help: 'Take it from everybody who holds it first.' },
  }),
});
