import { closeStaleJournalEntry } from '@loro/contracts/journal';
import { handle } from '../../platform';
import type { JournalService } from './journal.service';

export const journalJobs = (journal: JournalService) => [
  handle(closeStaleJournalEntry, ({ orgId, journalEntryId }) => journal.closeStale(orgId, journalEntryId)),
];
