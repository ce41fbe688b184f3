import { z } from 'zod';
import { act, api, create, get, list, PageQuery, patch } from './kit/api';
import { contract } from './kit/contract';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { permissions } from './kit/permissions';
import { errors } from './kit/problem';
import { Id, Instant, ShortText } from './kit/values';

export const JournalEntry = z.object({
  id: Id,
  branchId: Id,
  name: ShortText,
  status: z.enum(['open', 'closed']),
  createdBy: Id,
  createdAt: Instant,
  closedAt: Instant.nullable(),
  version: z.number().int(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

export const NewJournalEntry = z.strictObject({ branchId: Id, name: ShortText });
export const JournalEntryChange = z.strictObject({ name: ShortText });

export const journalApi = api('/journal', {
  list: list('/', {
    permission: 'journal.read',
    query: PageQuery.extend({ branchId: Id.optional() }),
    returns: JournalEntry,
    summary: 'List journal, newest first',
  }),
  get: get('/:journalEntryId', {
    permission: 'journal.read',
    returns: JournalEntry,
    summary: 'Read one journal entry',
  }),
  create: create('/', {
    permission: 'journal.manage',
    body: NewJournalEntry,
    returns: JournalEntry,
    summary: 'Make a journal entry',
  }),
  rename: patch('/:journalEntryId', {
    permission: 'journal.manage',
    body: JournalEntryChange,
    returns: JournalEntry,
    versioned: true,
    summary: 'Give a journal entry another name',
  }),
  close: act('/:journalEntryId/close', {
    permission: 'journal.manage',
    returns: JournalEntry,
    errors: ['JOURNAL_ENTRY_CLOSED'],
    summary: 'Close a journal entry',
  }),
});

export const journalLive = live('/notifications', {
  streams: {
    journal: stream('log', { permission: 'journal.read', summary: 'Journal of a branch' }),
  },
  calls: {},
  events: {
    'journal-entry:created': event('journal', JournalEntry, 'A journal entry was made'),
    'journal-entry:renamed': event('journal', JournalEntry, 'A journal entry has another name'),
    'journal-entry:closed': event('journal', JournalEntry, 'A journal entry was closed'),
  },
});

export const closeStaleJournalEntry = job('journal.close-stale-journal-entry', {
  payload: z.object({ orgId: Id, journalEntryId: Id }),
  summary: 'Close a journal entry that nobody closed in time',
});

export const journalContract = contract({
  name: 'journal',
  api: journalApi,
  live: journalLive,
  jobs: [closeStaleJournalEntry],
  errors: errors({
    JOURNAL_ENTRY_CLOSED: { status: 409, title: 'Already closed', help: 'This journal entry was closed earlier.' },
  }),
  permissions: permissions({
    'journal.read': {
      description: 'See journal',
      grants: { manager: 'subtree', staff: 'branch', auditor: 'org' },
    },
    'journal.manage': { description: 'Make, rename and close journal', grants: { manager: 'subtree' } },
  }),
});
