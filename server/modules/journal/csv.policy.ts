import type { JournalEntry } from '@loro/contracts/journal-entries';
import { canonicalJson, csvCell, csvLine } from '../../platform';

const COLUMNS = [
  'seq',
  'at',
  'type',
  'action',
  'outcome',
  'severity',
  'actorKind',
  'actorId',
  'entityType',
  'entityId',
  'branchId',
  'data',
  'piiRefs',
  'prevHash',
  'hash',
] as const;

export const csvHeader = csvLine(COLUMNS);

/** One line for each entry, whatever its texts hold; no cell is a formula to the program that opens the file. */
export function entryLine(entry: JournalEntry): string {
  const cells: Record<(typeof COLUMNS)[number], string> = {
    seq: String(entry.seq ?? ''),
    at: entry.at,
    type: entry.type,
    action: entry.action,
    outcome: entry.outcome,
    severity: entry.severity,
    actorKind: entry.actor.kind,
    actorId: entry.actor.id ?? '',
    entityType: entry.entity?.type ?? '',
    entityId: entry.entity?.id ?? '',
    branchId: entry.branchId ?? '',
    data: canonicalJson(entry.data),
    piiRefs: entry.piiRefs.join(' '),
    prevHash: entry.prevHash ?? '',
    hash: entry.hash ?? '',
  };
  return csvLine(COLUMNS.map((name) => csvCell(cells[name])));
}
