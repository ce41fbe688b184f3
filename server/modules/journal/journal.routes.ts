import { journalApi } from '@loro/contracts/journal';
import { routes } from '../../platform';
import type { JournalService } from './journal.service';

export const journalRoutes = (journal: JournalService) =>
  routes(journalApi, {
    list: ({ actor, query }) => journal.list(actor, query),
    get: ({ actor, params }) => journal.get(actor, params.journalEntryId),
    create: ({ actor, body }) => journal.create(actor, body),
    rename: ({ actor, params, ifMatch, body }) => journal.rename(actor, params.journalEntryId, ifMatch, body),
    close: ({ actor, params }) => journal.close(actor, params.journalEntryId),
  });
