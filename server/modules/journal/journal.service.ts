import {
  closeStaleJournalEntry,
  type NewJournalEntry,
  type JournalEntry,
  type JournalEntryChange,
  journalLive,
} from '@loro/contracts/journal';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { JournalEntryModel } from './journal-entry.model';
import { journalPolicy as policy, STALE_AFTER_MS } from './journal.policy';

interface JournalEntryQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly branchId?: string | undefined;
}

export class JournalService {
  constructor(private readonly hub: Hub) {}

  async create(actor: Actor, { branchId, name }: z.output<typeof NewJournalEntry>): Promise<JournalEntry> {
    allow(actor, 'journal.manage', { branchId, what: 'This branch' });
    const { orgId, userId } = actor;
    if (!(await this.hub.use(branches).exists(orgId, branchId))) throw new NotFound('This branch');
    return this.hub.transact(async (after) => {
      const now = this.hub.now();
      const row = await JournalEntryModel.create({
        orgId,
        id: ulid(now.getTime()),
        branchId,
        name,
        status: 'open',
        createdBy: userId,
        createdAt: now,
        closedAt: null,
        version: 1,
      });
      const journalEntry = row.toContract();
      after.publish(journalLive, 'journal-entry:created', { orgId, id: branchId }, journalEntry);
      after.enqueue(closeStaleJournalEntry, { orgId, journalEntryId: row.id }, { delayMs: STALE_AFTER_MS });
      return journalEntry;
    });
  }

  async rename(
    actor: Actor,
    journalEntryId: string,
    version: number,
    { name }: z.output<typeof JournalEntryChange>,
  ): Promise<JournalEntry> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, journalEntryId);
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this journal entry meanwhile.', {
          current: row.toContract(),
        });

      await row.update({ name, version: version + 1 });
      const journalEntry = row.toContract();
      after.publish(journalLive, 'journal-entry:renamed', { orgId, id: row.branchId }, journalEntry);
      return journalEntry;
    });
  }

  async close(actor: Actor, journalEntryId: string): Promise<JournalEntry> {
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, journalEntryId);
      if (!policy.mayClose(row)) throw new Conflict('JOURNAL_ENTRY_CLOSED', 'It was closed earlier.');
      return this.markClosed(row, after);
    });
  }

  /** What the job asks for. Safe to run twice: the second time there is nothing left to close. */
  async closeStale(orgId: string, journalEntryId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await JournalEntryModel.findOne({ where: { orgId, id: journalEntryId }, lock: true });
      if (row && policy.isStale(row, this.hub.now())) await this.markClosed(row, after);
    });
  }

  async get(actor: Actor, journalEntryId: string): Promise<JournalEntry> {
    const row = await JournalEntryModel.findOne({ where: { orgId: actor.orgId, id: journalEntryId } });
    if (!row) throw new NotFound('This journal entry');
    allow(actor, 'journal.read', { branchId: row.branchId, what: 'This journal entry' });
    return row.toContract();
  }

  async list(actor: Actor, { limit, cursor, branchId }: JournalEntryQuery): Promise<Page<JournalEntry>> {
    const { scope, branchIds } = reachOf(actor, 'journal.read');
    const before = this.hub.cursors.decode('journal', cursor);
    const where: WhereOptions = {
      orgId: actor.orgId,
      ...(branchId && { branchId }),
      ...(before && { id: { [Op.lt]: before[0] } }),
      ...(scope !== 'org' && { [Op.and]: [{ branchId: [...branchIds] }] }),
    };
    const rows = await JournalEntryModel.findAll({ where, order: [['id', 'DESC']], limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('journal', [id]),
      (row) => row.toContract(),
    );
  }

  /** What the right to hear a branch's journal is asked about. */
  async branchSubject(orgId: string, branchId: string): Promise<{ branchId: string } | null> {
    return (await this.hub.use(branches).exists(orgId, branchId)) ? { branchId } : null;
  }

  private async lock(actor: Actor, journalEntryId: string): Promise<JournalEntryModel> {
    const row = await JournalEntryModel.findOne({ where: { orgId: actor.orgId, id: journalEntryId }, lock: true });
    if (!row) throw new NotFound('This journal entry');
    allow(actor, 'journal.manage', { branchId: row.branchId, what: 'This journal entry' });
    return row;
  }

  private async markClosed(row: JournalEntryModel, after: After): Promise<JournalEntry> {
    await row.update({ status: 'closed', closedAt: this.hub.now(), version: row.version + 1 });
    const journalEntry = row.toContract();
    after.publish(journalLive, 'journal-entry:closed', { orgId: row.orgId, id: row.branchId }, journalEntry);
    return journalEntry;
  }
}
