import type { JournalSubject } from '@loro/contracts/journal-entries';
import type { LegalHold, NewLegalHold } from '@loro/contracts/journal-keeping';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import type { PersonalStore } from './personal.store';

interface HoldRow {
  readonly id: string;
  readonly type: string;
  readonly subjectId: string;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAt: Date;
  readonly releasedBy: string | null;
  readonly releasedAt: Date | null;
}

const COLUMNS = `id, subject_type AS type, subject_id AS subjectId, reason, placed_by AS placedBy, placed_at AS placedAt,
  released_by AS releasedBy, released_at AS releasedAt`;

/** What must be kept, and what must be forgotten. */
export class KeepingService {
  constructor(
    private readonly hub: Hub,
    private readonly personal: PersonalStore,
  ) {}

  async hold(actor: Actor, { subject, reason }: z.output<typeof NewLegalHold>): Promise<LegalHold> {
    allow(actor, 'journal.hold', { orgId: actor.orgId });
    const { orgId, userId } = actor;
    const id = ulid(this.hub.now().getTime());
    return this.hub.transact(async (after) => {
      await this.hub.sequelize
        .query(
          `INSERT INTO journal_holds (org_id, id, subject_type, subject_id, reason, placed_by, placed_at)
           VALUES (:orgId, :id, :type, :subjectId, :reason, :userId, :at)`,
          {
            replacements: {
              orgId,
              id,
              type: subject.type,
              subjectId: subject.id,
              reason,
              userId,
              at: this.hub.now(),
            },
          },
        )
        .catch(onDuplicate((cause) => new Conflict('JOURNAL_LEGAL_HOLD', 'It is under a hold already.', { cause })));
      after.record({
        type: 'user_action',
        action: 'legal-hold.placed',
        severity: 'notice',
        entity: subject,
        data: { holdId: id, reason },
      });
      return present(await this.row(orgId, id));
    });
  }

  async release(actor: Actor, id: string, reason: string): Promise<LegalHold> {
    allow(actor, 'journal.hold', { orgId: actor.orgId });
    const { orgId, userId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.row(orgId, id, 'FOR UPDATE');
      if (row.releasedAt) throw new Conflict('JOURNAL_LEGAL_HOLD', 'This hold was released earlier.');
      await this.hub.sequelize.query(
        `UPDATE journal_holds SET released_by = :userId, released_at = :at, is_open = NULL
         WHERE org_id = :orgId AND id = :id`,
        { replacements: { orgId, id, userId, at: this.hub.now() } },
      );
      after.record({
        type: 'user_action',
        action: 'legal-hold.released',
        severity: 'notice',
        entity: { type: row.type, id: row.subjectId },
        data: { holdId: id, reason },
      });
      return present(await this.row(orgId, id));
    });
  }

  async holds(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<LegalHold>> {
    allow(actor, 'journal.hold', { orgId: actor.orgId });
    const before = this.hub.cursors.decode('journal-holds', cursor);
    const rows = await this.hub.select<HoldRow>(
      `SELECT ${COLUMNS} FROM journal_holds WHERE org_id = :orgId ${before ? 'AND id < :id' : ''}
       ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, id: before?.[0], limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('journal-holds', [id]), present);
  }

  async erase(actor: Actor, subject: JournalSubject): Promise<void> {
    allow(actor, 'journal.erase', { orgId: actor.orgId });
    await this.hub.transact((after) => this.eraseSubject(actor.orgId, subject, after));
  }

  /** For other rooms, in their transaction: what is personal of a subject is gone, and the chain still verifies. */
  async eraseSubject(orgId: string, subject: JournalSubject, after: After): Promise<void> {
    const [hold] = await this.hub.select<{ id: string }>(
      `SELECT id FROM journal_holds WHERE org_id = :orgId AND subject_type = :type AND subject_id = :id AND is_open = 1
       LOCK IN SHARE MODE`,
      { orgId, ...subject },
    );
    if (hold) throw new Conflict('JOURNAL_LEGAL_HOLD', 'It is under a legal hold.');
    await this.personal.erase(orgId, subject);
    after.record({
      type: 'security_event',
      action: 'subject.erased',
      severity: 'notice',
      orgId,
      entity: subject,
    });
  }

  private async row(orgId: string, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<HoldRow> {
    const [row] = await this.hub.select<HoldRow>(
      `SELECT ${COLUMNS} FROM journal_holds WHERE org_id = :orgId AND id = :id ${lock}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This hold');
    return row;
  }
}

const present = ({ type, subjectId, ...row }: HoldRow): LegalHold => ({
  ...row,
  subject: { type, id: subjectId },
  placedAt: row.placedAt.toISOString(),
  releasedAt: row.releasedAt?.toISOString() ?? null,
});
