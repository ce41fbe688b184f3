import { z } from 'zod';
import { accept, act, command, create, feed, get, list, PageQuery } from './kit/api';
import { JournalFilter, JournalSubject } from './journal-entries';
import { Id, Instant, ShortText } from './kit/values';

export const exportFormats = ['csv', 'jsonl'] as const;

export const NewExport = z.strictObject({ filter: JournalFilter.default({}), format: z.enum(exportFormats) });

export const Manifest = z.object({
  count: z.number().int(),
  firstSeq: z.number().int().nullable(),
  lastSeq: z.number().int().nullable(),
  headSeq: z.number().int(),
  headHash: z.string(),
  /** Of the file's bytes. */
  sha256: z.string(),
  /** The exact text under the signature. */
  signed: z.string(),
  keyId: z.string(),
  publicKey: z.string(),
  signature: z.string(),
});
export type Manifest = z.infer<typeof Manifest>;

export const JournalExport = z.object({
  id: Id,
  filter: JournalFilter,
  format: z.enum(exportFormats),
  status: z.enum(['queued', 'running', 'done', 'failed']),
  count: z.number().int(),
  manifest: Manifest.nullable(),
  requestedBy: z.string(),
  requestedAt: Instant,
  finishedAt: Instant.nullable(),
  /** After this the file is gone. */
  expiresAt: Instant.nullable(),
});
export type JournalExport = z.infer<typeof JournalExport>;

export const NewLegalHold = z.strictObject({ subject: JournalSubject, reason: z.string().trim().min(1).max(500) });
export const LegalHold = z.object({
  id: Id,
  subject: JournalSubject,
  reason: z.string(),
  placedBy: z.string(),
  placedAt: Instant,
  releasedBy: z.string().nullable(),
  releasedAt: Instant.nullable(),
});
export type LegalHold = z.infer<typeof LegalHold>;

export const keepingRows = {
  export: accept('/export', {
    permission: 'journal.export',
    feature: 'journal.export',
    license: 'export',
    body: NewExport,
    returns: JournalExport,
    errors: ['JOURNAL_EXPORT_RUNNING'],
    summary: 'Ask for a file of entries with a signed manifest; a worker makes it',
  }),
  exports: list('/export', {
    permission: 'journal.export',
    license: 'export',
    query: PageQuery,
    returns: JournalExport,
    summary: 'List exports, newest first',
  }),
  exported: get('/export/:exportId', {
    permission: 'journal.export',
    license: 'export',
    returns: JournalExport,
    summary: 'How an export goes, and its manifest',
  }),
  exportFile: feed('/export/:exportId/file', {
    permission: 'journal.export',
    license: 'export',
    errors: ['JOURNAL_EXPORT_GONE'],
    summary: 'Download the file of an export',
  }),
  holds: list('/holds', {
    permission: 'journal.hold',
    query: PageQuery,
    returns: LegalHold,
    summary: 'List legal holds, newest first',
  }),
  hold: create('/holds', {
    permission: 'journal.hold',
    body: NewLegalHold,
    returns: LegalHold,
    errors: ['JOURNAL_LEGAL_HOLD'],
    summary: 'Keep everything about somebody or something until further notice',
  }),
  release: act('/holds/:holdId/release', {
    permission: 'journal.hold',
    body: z.strictObject({ reason: ShortText }),
    returns: LegalHold,
    errors: ['JOURNAL_LEGAL_HOLD'],
    summary: 'End a legal hold',
  }),
  erase: command('/erasures', {
    permission: 'journal.erase',
    freshSignIn: true,
    body: z.strictObject({ subject: JournalSubject }),
    errors: ['JOURNAL_LEGAL_HOLD'],
    summary: 'Destroy the key of a subject: its personal values in the journal are gone for good',
  }),
};
