import { journalContract } from '@loro/contracts/journal';
import { defineModule } from '../../platform';
import { JournalEntryModel } from './journal-entry.model';
import { journalJobs } from './journal.jobs';
import { journalNamespace } from './journal.live';
import { journalRoutes } from './journal.routes';
import { JournalService } from './journal.service';

export const journal = defineModule({
  name: 'journal',
  contract: journalContract,
  models: [JournalEntryModel],
  service: (hub) => new JournalService(hub),
  routes: journalRoutes,
  live: journalNamespace,
  jobs: journalJobs,
});
