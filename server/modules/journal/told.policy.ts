import { JournalAlert, JournalVerified, type LiveEntry } from '@loro/contracts/journal-live';
import type { z } from 'zod';
import type { EntryRow } from './entry.store';

export const ALERT = 'security.alert';
export const VERIFIED = 'journal.verified';
export const VERIFICATION_FAILED = 'journal.verification_failed';

interface Told {
  readonly entry: z.output<typeof LiveEntry>;
  readonly alert?: JournalAlert | undefined;
  readonly verified?: z.output<typeof JournalVerified> | undefined;
}

/** What is told live of an entry: that it is there, and what the hub itself says in entries of its own. */
export function told(row: EntryRow, seq: number, data: Record<string, unknown>): Told {
  const { type, action, severity } = row;
  const entity = row.entity_type === null ? null : { type: row.entity_type, id: row.entity_id ?? '' };
  const actor = { kind: row.actor_kind, ...(row.actor_id !== null && { id: row.actor_id }) };
  return {
    entry: { seq, type, action, severity, actor, entity },
    ...(action === ALERT && { alert: JournalAlert.safeParse({ ...data, severity, subject: entity }).data }),
    ...((action === VERIFIED || action === VERIFICATION_FAILED) && {
      verified: JournalVerified.safeParse(data).data,
    }),
  };
}
