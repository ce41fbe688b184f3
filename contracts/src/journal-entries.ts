import { z } from 'zod';
import { create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { Id, Instant, ShortText } from './kit/values';

export const entryTypes = ['data_change', 'user_action', 'security_event', 'system_event'] as const;
export const outcomes = ['success', 'failure', 'denied'] as const;
export const severities = ['debug', 'info', 'notice', 'warning', 'error', 'critical'] as const;
export const actorKinds = ['user', 'service', 'portal', 'rule', 'system', 'anonymous'] as const;

const Name = z.string().trim().min(1).max(60);
const Key = z.string().trim().min(1).max(100);
/** What an entry, a hold or a key is about: `{ type: 'user', id: '01J…' }`. */
export const JournalSubject = z.strictObject({ type: Name, id: Key });
export type JournalSubject = z.infer<typeof JournalSubject>;

export const JournalActor = z.object({ kind: z.enum(actorKinds), id: z.string().optional() });

/**
 * One thing that happened. `hash` is the SHA-256 of `"loro.journal.v1\n" + prevHash + "\n" + body`, where `body` is the
 * RFC 8785 JSON of seq, orgId, at, type, action, outcome, severity, actor, entity, data and piiRefs; an entry without
 * an entity has no such key. Personal values stand in `data` as `{ "$pii", "c" }`; for who may read them, `value` stands
 * beside, which is no part of the hash.
 */
export const JournalEntry = z.object({
  id: Id,
  orgId: Id,
  /** Its place in the chain; null for the second until it is sealed. */
  seq: z.number().int().nullable(),
  type: z.enum(entryTypes),
  action: z.string(),
  outcome: z.enum(outcomes),
  severity: z.enum(severities),
  actor: JournalActor,
  entity: z.object({ type: z.string(), id: z.string() }).nullable(),
  branchId: Id.nullable(),
  at: Instant,
  data: z.record(z.string(), z.unknown()),
  piiRefs: z.array(z.string()),
  prevHash: z.string().nullable(),
  hash: z.string().nullable(),
  sealedAt: Instant.nullable(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

/** What a search asks for. Without an entity it spans at most 31 days, and by default the last 31. */
const filters = {
  actorId: Key.optional(),
  entityType: Name.optional(),
  entityId: Key.optional(),
  type: z.enum(entryTypes).optional(),
  action: z.string().trim().min(1).max(80).optional(),
  outcome: z.enum(outcomes).optional(),
  severity: z.enum(severities).optional(),
  branchId: Id.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
};
export const JournalFilter = z.strictObject(filters);
export type JournalFilter = z.infer<typeof JournalFilter>;

export const EntryQuery = PageQuery.extend({
  ...filters,
  /** `false` leaves out that the caller himself looked into the journal. */
  ownSearches: z.enum(['true', 'false']).default('true'),
});
export type EntryQuery = z.output<typeof EntryQuery>;

/** The whole of `from` or `to` is missing where the field was not there. */
export const FieldChange = z.object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() });

export const HistoryStep = z.object({
  entryId: Id,
  seq: z.number().int().nullable(),
  at: Instant,
  action: z.string(),
  actor: JournalActor,
  changes: z.array(FieldChange),
});
export type HistoryStep = z.infer<typeof HistoryStep>;

export const AsOf = z.object({
  entity: JournalSubject,
  at: Instant,
  /** Whether the thing existed then, as far as the journal saw it made or removed. */
  exists: z.boolean(),
  /** Whether the journal saw it being made; otherwise fields that never changed are missing. */
  isWhole: z.boolean(),
  state: z.record(z.string(), z.unknown()),
});
export type AsOf = z.infer<typeof AsOf>;

export const NewJournalNote = z.strictObject({
  title: ShortText,
  text: z.string().trim().min(1).max(10_000),
  entity: JournalSubject.optional(),
  documents: z.array(Id).max(20).optional(),
});

const entityParams = z.object({ type: Name, entityId: Key });
/** Whatever the id is, the answer is the same. */
const anyEntry = z.object({ entryId: z.string().max(100) });
const readOnly = { permission: 'journal.read-own', params: anyEntry, errors: ['JOURNAL_READ_ONLY'] } as const;
const search = {
  query: EntryQuery,
  returns: JournalEntry,
  feature: 'journal.read',
  errors: ['JOURNAL_RANGE_TOO_LARGE', 'JOURNAL_PRUNED'],
} as const;

export const entryRows = {
  list: list('/', { ...search, permission: 'journal.read', summary: 'Search the journal, newest first' }),
  security: list('/security', {
    ...search,
    permission: 'journal.read-security',
    summary: 'Search the security events, newest first',
  }),
  mine: list('/mine', {
    ...search,
    permission: 'journal.read-own',
    summary: 'What I did myself, newest first',
  }),
  get: get('/:entryId', { permission: 'journal.read', returns: JournalEntry, summary: 'Read one entry' }),
  history: list('/entities/:type/:entityId/history', {
    permission: 'journal.history',
    params: entityParams,
    query: PageQuery,
    returns: HistoryStep,
    feature: 'journal.read',
    summary: 'How a thing changed, field by field, oldest first',
  }),
  asOf: get('/entities/:type/:entityId/as-of', {
    permission: 'journal.history',
    params: entityParams,
    query: z.strictObject({ at: Instant }),
    returns: AsOf,
    feature: 'journal.read',
    errors: ['JOURNAL_PRUNED'],
    summary: 'A thing as it stood at an instant, from its changes',
  }),
  writeNote: create('/notes', {
    permission: 'journal.write-notes',
    body: NewJournalNote,
    returns: JournalEntry,
    summary: 'Write a note by hand',
  }),
  replace: put('/:entryId', { ...readOnly, returns: JournalEntry, summary: 'Refused: entries do not change' }),
  change: patch('/:entryId', { ...readOnly, returns: JournalEntry, summary: 'Refused: entries do not change' }),
  remove: remove('/:entryId', { ...readOnly, summary: 'Refused: entries stay' }),
};
