import { journalContract } from '@loro/contracts/journal';
import { defineModule } from '../../platform';
import { people } from '../people';
import { journalJobs } from './journal.jobs';
import { journalNamespace } from './journal.live';
import { JournalRoom } from './journal.room';
import { journalRoutes } from './journal.routes';

export const journal = defineModule({
  name: 'journal',
  contract: journalContract,
  models: [],
  service: (hub) => new JournalRoom(hub),
  start: async (room, hub) => {
    await room.start();
    hub.use(people).hook({
      onFound: ({ organisation }) => room.sealer.openHead(organisation.id),
      onErase: (user, after) => room.erase(user.orgId, { type: 'user', id: user.id }, after),
    });
  },
  stop: (room) => room.stop(),
  routes: journalRoutes,
  live: journalNamespace,
  jobs: journalJobs,
});
