import { z } from 'zod';
import { entryRows } from './journal-entries';
import { keepingRows } from './journal-keeping';
import { journalJobs, journalLive } from './journal-live';
import { outletRows } from './journal-outlets';
import { proofRows } from './journal-proofs';
import { api } from './kit/api';
import { contract } from './kit/contract';
import { permissions, type Scope } from './kit/permissions';
import { errors } from './kit/problem';
import { setting } from './kit/settings';

export const journalApi = api('/journal', { ...entryRows, ...proofRows, ...keepingRows, ...outletRows });

const everybody = {
  hr: 'own',
  finance: 'own',
  manager: 'own',
  sales: 'own',
  warehouse: 'own',
  staff: 'own',
  auditor: 'own',
} as const satisfies Record<string, Scope>;

export const journalContract = contract({
  name: 'journal',
  api: journalApi,
  live: journalLive,
  jobs: journalJobs,
  errors: errors({
    JOURNAL_BAD_VALUE: {
      status: 422,
      title: 'Not a value for the journal',
      help: 'Numbers must be safe integers; send money and decimals as text. `errors` names the path.',
    },
    JOURNAL_READ_ONLY: {
      status: 403,
      title: 'The journal does not change',
      help: 'Nobody changes or removes an entry. Write a note instead: `POST /journal/notes`.',
    },
    JOURNAL_LEGAL_HOLD: {
      status: 409,
      title: 'Under legal hold',
      help: 'Release the hold first, or leave it as it is. See `GET /journal/holds`.',
    },
    VERIFY_RUNNING: { status: 409, title: 'A check is running', help: 'Wait until it is done, then ask again.' },
    JOURNAL_EXPORT_RUNNING: {
      status: 409,
      title: 'An export is running',
      help: 'One export of an organisation runs at a time. Wait until it is done.',
    },
    JOURNAL_NOT_SEALED: {
      status: 409,
      title: 'Not sealed yet',
      help: 'Rows are sealed by the minute. Ask again in two minutes.',
    },
    JOURNAL_RANGE_TOO_LARGE: {
      status: 422,
      title: 'Too long a time',
      help: 'Ask for at most 31 days at once, or name an entity.',
    },
    JOURNAL_PRUNED: {
      status: 410,
      title: 'Let go of',
      help: 'What you ask about was kept as long as the organisation wants, and is gone. `detail` says through which seq.',
    },
    JOURNAL_EXPORT_GONE: {
      status: 410,
      title: 'The file is gone',
      help: 'Files of exports are kept for seven days. Ask for the export again.',
    },
  }),
  permissions: permissions({
    'journal.read': {
      description: 'Search the journal; managers see what happened at their branches',
      grants: { manager: 'subtree', auditor: 'org' },
    },
    'journal.read-own': { description: 'See in the journal what one did oneself', grants: everybody },
    'journal.read-security': { description: 'Search the security events', grants: { auditor: 'org' } },
    'journal.read-operations': {
      description: 'See the log of requests, errors and timings',
      grants: { auditor: 'org' },
    },
    'journal.read-pii': { description: 'See the personal values behind entries', grants: {} },
    'journal.history': {
      description: 'See how a thing changed',
      grants: { manager: 'subtree', auditor: 'org' },
    },
    'journal.write-notes': { description: 'Write notes into the journal', grants: everybody },
    'journal.verify': { description: 'Check the chain, read its head and its checkpoints', grants: { auditor: 'org' } },
    'journal.watch': { description: 'Hear entries and alerts live', grants: {} },
    'journal.export': { description: 'Export entries with a signed manifest', grants: {} },
    'journal.hold': { description: 'Place and release legal holds', grants: {} },
    'journal.erase': { description: 'Erase the personal values of a subject', grants: {} },
  }),
  settings: {
    'journal.anchor-mail': setting(z.boolean(), {
      preset: false,
      levels: ['platform', 'organisation'],
      description: 'Whether signed checkpoints of the journal are mailed to the owner',
      isSensitive: true,
    }),
    'journal.anchor-webhook': setting(z.union([z.literal(''), z.url({ protocol: /^https?$/ }).max(300)]), {
      preset: '',
      levels: ['platform', 'organisation'],
      description: 'An address that every signed checkpoint of the journal is sent to; empty for none',
      isSensitive: true,
    }),
    'journal.anchor-storage': setting(z.boolean(), {
      preset: false,
      levels: ['platform', 'organisation'],
      description: 'Whether signed checkpoints are put where the organisation keeps its exports',
      isSensitive: true,
    }),
    'journal.alert-mails': setting(z.enum(['off', 'critical', 'all']), {
      preset: 'critical',
      levels: ['platform', 'organisation'],
      description: 'Which security alerts are mailed to owner and administrators; of a broken journal they always hear',
      isSensitive: true,
    }),
    'journal.retention-years': setting(z.int().min(1).max(10), {
      preset: 7,
      levels: ['organisation'],
      description: 'How many years entries of the journal are kept',
      isSensitive: true,
    }),
  },
});
