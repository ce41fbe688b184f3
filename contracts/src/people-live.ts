import { z } from 'zod';
import { event, live, stream } from './kit/live';
import { Id } from './kit/values';
import { notificationStreams } from './notifications';
import { ImportProgress } from './people-import';
import { OwnershipTransfer } from './people-organisation';
import { Team } from './people-teams';
import { Colleague, Organisation } from './people-values';

/** A branch hears of its people what every colleague may see; who may see more reads it. */
export const peopleLive = live('/notifications', {
  streams: {
    user: notificationStreams.user,
    notices: notificationStreams.notices,
    organisation: stream('log', {
      permission: 'account.use',
      summary: 'What concerns everybody of the organisation; its id is the organisation’s',
    }),
  },
  calls: {},
  events: {
    'user:invited': event('notices', Colleague, 'Somebody was invited to this branch'),
    'user:activated': event('notices', Colleague, 'Somebody of this branch accepted, or is let in again'),
    'user:updated': event('notices', Colleague, 'Something changed about somebody who is, or was, of this branch'),
    'user:suspended': event('notices', Colleague, 'Somebody of this branch is kept out for a while'),
    'user:deactivated': event('notices', Colleague, 'Somebody of this branch left'),
    'users:imported': event(
      'notices',
      z.object({ branchId: Id, created: z.number().int(), updated: z.number().int() }),
      'A file brought or changed people of this branch; the list is to be read again',
    ),
    'team:changed': event(
      'notices',
      z.object({ team: Team, memberIds: z.array(Id), isRemoved: z.boolean() }),
      'A team with people of this branch was made, changed or removed',
    ),
    'organisation:updated': event('organisation', Organisation, 'The organisation changed'),
    'import:progress': event('user', ImportProgress, 'An import that one asked for goes on'),
    'ownership:offered': event('user', OwnershipTransfer, 'The owner offers one the organisation'),
  },
});
