import { z } from 'zod';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { Instant } from './kit/values';
import { FenceCrossing, FenceDwelling, FencePassing, GeofenceChanged } from './branches-geofences';
import { Openness } from './branches-hours';
import { Membership } from './branches-members';
import { Allocation } from './branches-resources';
import { Branch } from './branches-values';
import { notificationStreams } from './notifications';

export const treeChanges = ['created', 'updated', 'status-changed', 'moved', 'removed'] as const;

export const branchesLive = live('/notifications', {
  streams: {
    ...notificationStreams,
    branches: stream('log', {
      permission: 'branches.read',
      summary: 'Every branch of the organisation, whose id it has; for those who may see all of them',
    }),
  },
  calls: {},
  events: {
    'branch:created': event('notices', Branch, 'A branch was opened below this one, or is this one'),
    'branch:updated': event('notices', Branch, 'Something about this branch changed'),
    'branch:status-changed': event(
      'notices',
      Branch,
      'A branch opened, paused or closed: this one, or one right below',
    ),
    'branch:moved': event(
      'notices',
      Branch,
      'A branch has another place in the tree: this one, or one that came or went',
    ),
    'branch:opened': event('notices', Openness, 'The branch’s hours began'),
    'branch:closed': event('notices', Openness, 'The branch’s hours ended'),
    'branch:member-changed': event('notices', Membership, 'Somebody came to this branch, left it, or will'),
    'geofence:changed': event('notices', GeofenceChanged, 'A fence of this branch was drawn, changed or taken away'),
    'resource:allocated': event('notices', Allocation, 'Something of this branch was given away, or taken back'),
    'geofence:entered': event('user', FenceCrossing, 'One came into a fence'),
    'geofence:exited': event('user', FenceCrossing, 'One left a fence'),
    'geofence:dwelled': event('user', FenceDwelling, 'One stayed in a fence as long as it asks about'),
    'geofence:crossed': event('user', FencePassing, 'One’s way led through a fence'),
    'membership:changed': event('user', Membership, 'Where one belongs changed'),
    'geofences:changed': event('branches', GeofenceChanged, 'A fence of the organisation or of any branch changed'),
    'branches:changed': event(
      'branches',
      z.object({ change: z.enum(treeChanges), branch: Branch }),
      'The tree, or a branch of it, changed',
    ),
  },
});

export const tickHours = job('branch.hours-tick', {
  payload: z.object({ tick: Instant }),
  summary: 'Say which branches opened and closed, and let begin and end what was planned for a date',
});
