import {
  anchorOutside,
  batchOperations,
  exportEntries,
  pruneEntries,
  sealEntries,
  signCheckpoints,
  verifyChain,
  verifyDaily,
  watchSecurity,
} from '@loro/contracts/journal-live';
import { shipEntries } from '@loro/contracts/journal-outlets';
import { handle } from '../../platform';
import type { JournalRoom } from './journal.room';

export const journalJobs = (room: JournalRoom) => {
  const { sealer, checkpoints, verify, operations, alerts, exports, retention, outlets, outside } = room;
  return [
    handle(sealEntries, () => sealer.sealAll()),
    handle(signCheckpoints, ({ tick }) => (tick === undefined ? checkpoints.anchor() : checkpoints.signAll())),
    handle(verifyChain, ({ orgId, verificationId }, { lastAttempt }) => verify.run(orgId, verificationId, lastAttempt)),
    handle(verifyDaily, ({ tick }) => verify.askAll(tick)),
    handle(batchOperations, () => operations.batch()),
    handle(watchSecurity, ({ orgId, seqs }) => alerts.watch(orgId, seqs)),
    handle(exportEntries, ({ orgId, exportId }, { lastAttempt }) => exports.run(orgId, exportId, lastAttempt)),
    handle(pruneEntries, () => retention.pruneAll()),
    handle(anchorOutside, ({ orgId, checkpointId, kind }, { lastAttempt }) =>
      outside.put(orgId, checkpointId, kind, lastAttempt),
    ),
    handle(shipEntries, () => outlets.ship()),
  ];
};
