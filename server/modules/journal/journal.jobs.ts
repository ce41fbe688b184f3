import {
  batchOperations,
  exportEntries,
  pruneEntries,
  sealEntries,
  signCheckpoints,
  verifyChain,
  verifyDaily,
  watchSecurity,
} from '@loro/contracts/journal-live';
import { handle } from '../../platform';
import type { JournalRoom } from './journal.room';

export const journalJobs = ({ sealer, checkpoints, verify, operations, alerts, exports, retention }: JournalRoom) => [
  handle(sealEntries, () => sealer.sealAll()),
  handle(signCheckpoints, ({ tick }) => (tick === undefined ? checkpoints.anchor() : checkpoints.signAll())),
  handle(verifyChain, ({ orgId, verificationId }, { lastAttempt }) => verify.run(orgId, verificationId, lastAttempt)),
  handle(verifyDaily, ({ tick }) => verify.askAll(tick)),
  handle(batchOperations, () => operations.batch()),
  handle(watchSecurity, ({ orgId, seqs }) => alerts.watch(orgId, seqs)),
  handle(exportEntries, ({ orgId, exportId }, { lastAttempt }) => exports.run(orgId, exportId, lastAttempt)),
  handle(pruneEntries, () => retention.pruneAll()),
];
