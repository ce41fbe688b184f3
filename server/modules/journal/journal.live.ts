import { journalLive } from '@loro/contracts/journal';
import { namespace } from '../../platform';
import type { JournalService } from './journal.service';

export const journalNamespace = (journal: JournalService) =>
  namespace(journalLive, {
    streams: { journal: { subject: ({ orgId }, id) => journal.branchSubject(orgId, id) } },
    calls: {},
  });
