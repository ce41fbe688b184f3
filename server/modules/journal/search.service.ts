import type { EntryQuery, JournalEntry, JournalFilter } from '@loro/contracts/journal-entries';
import { type Actor, allow, type Hub, HubError, NotFound, type Page, pageOf, reachOf } from '../../platform';
import { ENTRY_COLUMNS, type EntryRow, type EntryStore } from './entry.store';
import type { Presenter } from './presenter';
import { conditionsOf, rangeOf, type Sight, sightConditions } from './search.policy';

const EVERYTHING = { reach: { scope: 'org', branchIds: new Set<string>() }, hidesSecurity: false } as const;

/** What looking into the journal leaves in it is of the least weight, and always its own. */
const NOT_MY_SEARCHES =
  "NOT (actor_id <=> :me AND type = 'user_action' AND severity = 'debug' AND action LIKE 'journal.%')";

/** Who looks into the journal is told in it. */
export class SearchService {
  constructor(
    private readonly hub: Hub,
    private readonly entries: EntryStore,
    private readonly presenter: Presenter,
  ) {}

  async list(actor: Actor, query: EntryQuery): Promise<Page<JournalEntry>> {
    const found = await this.search(actor, query, sightOf(actor));
    await this.tellRead(actor, 'journal.searched', query);
    return found;
  }

  async security(actor: Actor, query: EntryQuery): Promise<Page<JournalEntry>> {
    const sight = { reach: reachOf(actor, 'journal.read-security'), hidesSecurity: false };
    const found = await this.search(actor, { ...query, type: 'security_event' }, sight);
    await this.tellRead(actor, 'journal.security-searched', query);
    return found;
  }

  async mine(actor: Actor, query: EntryQuery): Promise<Page<JournalEntry>> {
    allow(actor, 'journal.read-own', { userId: actor.userId });
    return this.search(actor, { ...query, actorId: actor.userId }, EVERYTHING);
  }

  async get(actor: Actor, id: string): Promise<JournalEntry> {
    const sight = sightOf(actor);
    const [row] = await this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries
       WHERE ${['org_id = :orgId', 'id = :id', ...sightConditions(sight)].join(' AND ')}`,
      { orgId: actor.orgId, id, branchIds: [...sight.reach.branchIds] },
    );
    if (!row) throw new NotFound('This entry');
    await this.tellRead(actor, 'journal.entry-read', { entryId: id });
    const [entry] = await this.presenter.entries(actor, [row]);
    if (!entry) throw new NotFound('This entry');
    return entry;
  }

  /** Tells the journal that somebody looked into it. */
  async tellRead(actor: Actor, action: string, asked: object): Promise<void> {
    // What was not asked for is not told: the default shows everything.
    const { cursor: _, ...filter }: Record<string, unknown> = { ...asked };
    if (filter['ownSearches'] === 'true') delete filter['ownSearches'];
    await this.hub.transact(async (after) =>
      after.record({
        type: 'user_action',
        action,
        severity: 'debug',
        orgId: actor.orgId,
        data: { filter: Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, String(value)])) },
      }),
    );
  }

  private async search(actor: Actor, query: EntryQuery, sight: Sight): Promise<Page<JournalEntry>> {
    const { limit, cursor, ownSearches, ...filter } = query;
    const { from, to } = rangeOf(filter, this.hub.now());
    const before = this.hub.cursors.decode('journal', cursor);
    await this.refusePruned(actor.orgId, filter);
    const conditions = [
      'org_id = :orgId',
      'occurred_at < :to',
      ...(from ? ['occurred_at >= :from'] : []),
      ...(before ? ['id < :before'] : []),
      ...conditionsOf(filter),
      ...sightConditions(sight),
      ...(ownSearches === 'false' ? [NOT_MY_SEARCHES] : []),
    ];
    const rows = await this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT :limit`,
      {
        ...filter,
        orgId: actor.orgId,
        me: actor.userId,
        from,
        to,
        before: before?.[0],
        branchIds: [...sight.reach.branchIds],
        limit: limit + 1,
      },
    );
    const page = pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('journal', [id]),
      (row) => row,
    );
    return { items: await this.presenter.entries(actor, page.items), nextCursor: page.nextCursor };
  }

  /** What was let go of is not the same as what never was. */
  private async refusePruned(orgId: string, { from, to }: JournalFilter): Promise<void> {
    if (from === undefined && to === undefined) return;
    const pruned = await this.entries.prunedThrough(orgId);
    if (pruned && to !== undefined && new Date(to) <= pruned.at)
      throw new HubError('JOURNAL_PRUNED', `Entries through ${pruned.seq} were let go of.`);
  }
}

function sightOf(actor: Actor): Sight {
  const reach = reachOf(actor, 'journal.read');
  return { reach, hidesSecurity: reach.scope !== 'org' };
}
