import { z } from 'zod';
import { api, get } from './kit/api';
import { contract } from './kit/contract';
import { event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { Id, Instant } from './kit/values';

/** Up to this many people of a branch are named one by one; of more, the count and a sample. */
export const PRESENCE_NAMED = 200;

export const PresentPerson = z.object({ userId: Id, name: z.string() });
export type PresentPerson = z.infer<typeof PresentPerson>;

/** Who of a branch is connected; somebody with two devices is there once. */
export const Presence = z.object({
  branchId: Id,
  at: Instant,
  total: z.number().int(),
  people: z.array(PresentPerson),
  /** More are there than are named. */
  isSample: z.boolean(),
  /** The hub’s shared memory does not answer: these are only the people of one node. */
  isPartial: z.boolean(),
});
export type Presence = z.infer<typeof Presence>;

export const PresenceChanged = z.object({
  at: Instant,
  branchId: Id,
  /** How many are there now. A receiver whose own count differs missed something, and reads the presence again. */
  total: z.number().int(),
  joined: z.array(PresentPerson),
  left: z.array(Id),
  /** `joined` replaces what was known, as in the answer to a subscription. */
  isSnapshot: z.boolean(),
  /** More came, went or are there than are named. */
  isSample: z.boolean(),
});
export type PresenceChanged = z.infer<typeof PresenceChanged>;

export const presenceApi = api('/presence', {
  read: get('/', {
    permission: 'presence.read',
    query: z.strictObject({ branchId: Id }),
    returns: Presence,
    summary: 'Read who of a branch is connected',
  }),
});

export const presenceLive = live('/notifications', {
  streams: { presence: stream('latest', { permission: 'presence.read', summary: 'Who of a branch is connected' }) },
  calls: {},
  events: {
    'presence:changed': event(
      'presence',
      PresenceChanged,
      'People of the branch came or went, a quarter second at once',
    ),
  },
});

export const presenceContract = contract({
  name: 'presence',
  api: presenceApi,
  live: presenceLive,
  permissions: permissions({
    'presence.read': {
      description: 'See who is connected',
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
  }),
});
