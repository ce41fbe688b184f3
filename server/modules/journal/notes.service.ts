import type { JournalEntry, NewJournalNote } from '@loro/contracts/journal-entries';
import type { z } from 'zod';
import { type Actor, allow, context, type Hub, NotFound } from '../../platform';
import { ENTRY_COLUMNS, type EntryRow } from './entry.store';
import type { Presenter } from './presenter';
import type { RecorderService } from './recorder.service';

/** What people write into the journal by hand. */
export class NotesService {
  constructor(
    private readonly hub: Hub,
    private readonly recorder: RecorderService,
    private readonly presenter: Presenter,
  ) {}

  /** Free text may name people, so it is kept under a key: that of the thing, or of who writes. */
  async write(
    actor: Actor,
    { title, text, entity, documents }: z.output<typeof NewJournalNote>,
  ): Promise<JournalEntry> {
    allow(actor, 'journal.write-notes', { userId: actor.userId });
    const { orgId, userId } = actor;
    return this.hub.transact(async () => {
      const note = {
        type: 'user_action',
        action: 'note.written',
        branchId: actor.homeBranchId,
        data: { title, text, ...(documents && { documents }) },
        personal: ['title', 'text'],
        subject: entity ?? { type: 'user', id: userId },
        ...(entity && { entity }),
      } as const;
      const [id] = await this.recorder.record([note], context().caller);
      const [row] = await this.hub.select<EntryRow>(
        `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId AND id = :id`,
        { orgId, id },
      );
      const [entry] = row ? await this.presenter.opened(orgId, [row]) : [];
      if (!entry) throw new NotFound('This note');
      return entry;
    });
  }
}
