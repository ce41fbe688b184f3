import { z } from 'zod';
import { actorKinds, entryTypes, JournalSubject, severities } from './journal-entries';
import { shipEntries } from './journal-outlets';
import { breakCodes } from './journal-proofs';
import { job } from './kit/job';
import { event, live, stream } from './kit/live';
import { Id } from './kit/values';

export const securityRules = [
  'failed-sign-ins-of-account',
  'failed-sign-ins-of-address',
  'denied-requests',
  'new-country',
  'many-deletions',
  'large-export',
  'raised-to-admin',
  'impersonation',
  'verification-failed',
  'token-reused',
] as const;
export type SecurityRule = (typeof securityRules)[number];

/** Without data and without who exactly: what a screen needs to show that something happens. */
export const LiveEntry = z.object({
  seq: z.number().int(),
  type: z.enum(entryTypes),
  action: z.string(),
  severity: z.enum(severities),
  actor: z.object({ kind: z.enum(actorKinds), id: z.string().optional() }),
  entity: z.object({ type: z.string(), id: z.string() }).nullable(),
});

export const JournalAlert = z.object({
  rule: z.enum(securityRules),
  severity: z.enum(severities),
  count: z.number().int(),
  windowSec: z.number().int(),
  subject: JournalSubject,
});
export type JournalAlert = z.infer<typeof JournalAlert>;

export const JournalVerified = z.object({
  verificationId: Id,
  isOk: z.boolean(),
  firstBadSeq: z.number().int().optional(),
  code: z.enum(breakCodes).optional(),
});

export const journalLive = live('/notifications', {
  streams: {
    journal: stream('log', {
      permission: 'journal.watch',
      summary: 'The journal of the organisation, as it is sealed',
    }),
  },
  calls: {},
  events: {
    'journal:entry': event('journal', LiveEntry, 'An entry was sealed'),
    'journal:alert': event('journal', JournalAlert, 'A security rule was met'),
    'journal:verified': event('journal', JournalVerified, 'The chain was checked'),
  },
});

const Tick = z.object({ tick: z.string().optional() });

export const sealEntries = job('journal.seal-entries', {
  payload: z.object({}).loose(),
  summary: 'Chain the entries that wait',
  attempts: 1,
});
export const signCheckpoints = job('journal.sign-checkpoints', {
  payload: Tick,
  summary: 'Sign where the chains stand, and put the signatures outside the database',
});
export const verifyChain = job('journal.verify-chain', {
  payload: z.object({ orgId: Id, verificationId: Id }),
  summary: 'Check one chain',
  attempts: 3,
});
export const verifyDaily = job('journal.verify-daily', {
  payload: Tick,
  summary: 'Check every chain since its last good check; on Sundays whole',
});
export const batchOperations = job('journal.batch-operations', {
  payload: Tick,
  summary: 'Seal the log of requests of past minutes by one root each',
});
export const watchSecurity = job('journal.watch-security', {
  payload: z.object({ orgId: Id, seqs: z.array(z.number().int()).max(500) }),
  summary: 'Hold sealed entries against the security rules',
});
export const exportEntries = job('journal.export-entries', {
  payload: z.object({ orgId: Id, exportId: Id }),
  summary: 'Write the file of an export',
  attempts: 3,
});
export const pruneEntries = job('journal.prune-entries', {
  payload: Tick,
  summary: 'Let go of what has been kept long enough',
});

export const anchorOutside = job('journal.anchor-outside', {
  payload: z.object({ orgId: Id, checkpointId: Id, kind: z.enum(['email', 'webhook', 's3']) }),
  summary: 'Put a signed point of a chain where this hub cannot change it any more',
  attempts: 8,
});

export const journalJobs = [
  sealEntries,
  signCheckpoints,
  verifyChain,
  verifyDaily,
  batchOperations,
  watchSecurity,
  exportEntries,
  pruneEntries,
  anchorOutside,
  shipEntries,
] as const;
