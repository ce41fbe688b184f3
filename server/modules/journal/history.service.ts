import { type AsOf, FieldChange, type HistoryStep, type JournalSubject } from '@loro/contracts/journal-entries';
import { z } from 'zod';
import { type Actor, type Hub, HubError, NotFound, type Page, pageOf, reachOf } from '../../platform';
import { stateAt } from './diff.policy';
import { ENTRY_COLUMNS, type EntryRow, type EntryStore } from './entry.store';
import type { Presenter } from './presenter';
import type { SearchService } from './search.service';

const MOST_STEPS = 20_000;
const Changes = z.array(FieldChange);

/** Whether somebody may read a thing, as the room says that keeps it. */
export type MayRead = (actor: Actor, id: string) => Promise<boolean>;

/** How things changed, and how they stood. */
export class HistoryService {
  private readonly readers = new Map<string, MayRead>();

  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly entries: EntryStore;
      readonly presenter: Presenter;
      readonly search: SearchService;
    },
  ) {}

  /** A room says who may read its things; without its word the branch of the thing's latest entry decides. */
  readable(type: string, mayRead: MayRead): void {
    this.readers.set(type, mayRead);
  }

  async history(
    actor: Actor,
    { type, id }: JournalSubject,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<HistoryStep>> {
    await this.admit(actor, { type, id });
    const behind = this.hub.cursors.decode(`history:${type}:${id}`, cursor);
    const rows = await this.rows(actor.orgId, { type, id }, limit + 1, String(behind?.[0] ?? ''));
    const page = pageOf(
      rows,
      limit,
      (row) => this.hub.cursors.encode(`history:${type}:${id}`, [row.id]),
      (row) => row,
    );
    await this.by.search.tellRead(actor, 'journal.history-read', { type, id });
    const data = await this.by.presenter.plain(actor, page.items);
    const items = page.items.map((row, index) => stepOf(row, data[index] ?? {}));
    return { items, nextCursor: page.nextCursor };
  }

  async asOf(actor: Actor, entity: JournalSubject, at: string): Promise<AsOf> {
    await this.admit(actor, entity);
    const pruned = await this.by.entries.prunedThrough(actor.orgId);
    if (pruned && new Date(at) <= pruned.at)
      throw new HubError('JOURNAL_PRUNED', `Entries through ${pruned.seq} were let go of.`);
    const rows = await this.rows(actor.orgId, entity, MOST_STEPS, '');
    const data = await this.by.presenter.plain(actor, rows);
    await this.by.search.tellRead(actor, 'journal.history-read', { ...entity, at });
    const steps = rows.map((row, index) => {
      const said = data[index] ?? {};
      return {
        isAfter: row.occurred_at > new Date(at),
        isMade: said['created'] === true,
        isGone: said['removed'] === true,
        changes: changesIn(said),
      };
    });
    const until = steps.filter(({ isAfter }) => !isAfter);
    const isWhole = steps.some(({ isMade }) => isMade);
    const last = until.findLast(({ isMade, isGone }) => isMade || isGone);
    const exists = last ? last.isMade : !isWhole;
    return { entity, at, exists, isWhole, state: exists ? stateAt(steps) : {} };
  }

  private async admit(actor: Actor, { type, id }: JournalSubject): Promise<void> {
    const reach = reachOf(actor, 'journal.history');
    const known = this.readers.get(type);
    if (known ? !(await known(actor, id)) : false) throw new NotFound('This thing');
    const [latest] = await this.hub.select<{ branchId: string | null }>(
      `SELECT branch_id AS branchId FROM journal_entries WHERE org_id = :orgId AND entity_type = :type AND entity_id = :id
       ORDER BY branch_id IS NULL, id DESC LIMIT 1`,
      { orgId: actor.orgId, type, id },
    );
    if (!latest) throw new NotFound('This thing');
    if (known || reach.scope === 'org') return;
    if (latest.branchId === null || !reach.branchIds.has(latest.branchId)) throw new NotFound('This thing');
  }

  private rows(orgId: string, { type, id }: JournalSubject, limit: number, behind: string): Promise<EntryRow[]> {
    return this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries
       WHERE org_id = :orgId AND entity_type = :type AND entity_id = :id AND id > :behind ORDER BY id LIMIT :limit`,
      { orgId, type, id, behind, limit },
    );
  }
}

const changesIn = (data: Record<string, unknown>): HistoryStep['changes'] =>
  Changes.safeParse(data['changes']).data ?? [];

const stepOf = (row: EntryRow, data: Record<string, unknown>): HistoryStep => ({
  entryId: row.id,
  seq: row.seq,
  at: row.occurred_at.toISOString(),
  action: row.action,
  actor: { kind: row.actor_kind, ...(row.actor_id !== null && { id: row.actor_id }) },
  changes: changesIn(data),
});
