import type { TimeEntry } from '@loro/contracts/activity-time';
import {
  type Actor,
  allow,
  exportFeed,
  type ExportFormat,
  type Feed,
  type Hub,
  NotFound,
  type Page,
  pageOf,
  startOfDay,
} from '../../platform';
import { configuration } from '../configuration';
import type { ActivityPlaces } from './activity-places';
import { type Scope, scopeOf, scopeSql, scopeValues } from './activity-scope';
import type { ActivityZones } from './activity-zones';
import { type EntryRow, presentEntry, type TimeEntryStore } from './time-entry.store';
import { rounded, splitByDay, sumsOf } from './time-entry.policy';

interface Whose {
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

const PAGE = 1_000;

interface Closed {
  readonly userId: string;
  readonly kind: TimeEntry['kind'];
  readonly source: TimeEntry['source'];
  readonly start: Date;
  readonly end: Date;
}

/** Entries as they are read: lists, sums by local date, and files. */
export class TimeEntryReports {
  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly store: TimeEntryStore;
      readonly places: ActivityPlaces;
      readonly zones: ActivityZones;
    },
  ) {}

  async list(
    actor: Actor,
    query: Whose & {
      limit: number;
      cursor?: string | undefined;
      from?: string | undefined;
      to?: string | undefined;
      kind?: TimeEntry['kind'] | undefined;
    },
  ): Promise<Page<TimeEntry>> {
    const { orgId } = actor;
    const { limit, cursor, from, to, kind } = query;
    const { condition, values } = await this.whose(actor, query);
    const before = this.hub.cursors.decode('time-entries', cursor);
    const rows = await this.by.store.entries(
      [
        'org_id = :orgId',
        condition,
        ...(before ? ['(started_at < :beforeAt OR (started_at = :beforeAt AND id < :beforeId))'] : []),
        ...(from === undefined ? [] : ['(ended_at IS NULL OR ended_at > :from)']),
        ...(to === undefined ? [] : ['started_at < :to']),
        ...(kind === undefined ? [] : ['kind = :kind']),
      ].join(' AND '),
      {
        ...values,
        orgId,
        kind,
        from: new Date(from ?? 0),
        to: new Date(to ?? 0),
        beforeAt: new Date(before?.[0] ?? 0),
        beforeId: before?.[1],
      },
      `ORDER BY started_at DESC, id DESC LIMIT ${limit + 1}`,
    );
    return pageOf(
      rows,
      limit,
      ({ start, id }) => this.hub.cursors.encode('time-entries', [start.getTime(), id]),
      presentEntry,
    );
  }

  async get(actor: Actor, id: string): Promise<TimeEntry> {
    const row = await this.by.store.entry(actor.orgId, id);
    const { userId, branchId } = row;
    allow(actor, 'activity.read', { userId, branchId, what: 'This entry' });
    return presentEntry(row);
  }

  async current({ orgId, userId }: Actor): Promise<{ entry: TimeEntry | null }> {
    const row = await this.by.store.running(orgId, userId, '');
    return { entry: row ? presentEntry(row) : null };
  }

  async summary(actor: Actor, query: Whose & Span) {
    const seen = await this.whose(actor, query);
    return this.sums(actor.orgId, { ...query, seen });
  }

  /** Sums by local date and kind, of what lies within these dates. */
  async sums(orgId: string, asked: Span & { userIds?: readonly string[]; seen?: Seen }) {
    const zone = await this.by.zones.of(orgId);
    const rounding = await this.hub.use(configuration).value('time.rounding', { orgId });
    const days = sumsOf(await this.between(orgId, asked), zone, rounding);
    const total = (of: 'rawSec' | 'sec') => days.reduce((sum, day) => sum + day[of], 0);
    return { days, rawSec: total('rawSec'), sec: total('sec') };
  }

  /** Entries cut to the dates that are asked for; one that runs counts until now. */
  async between(
    orgId: string,
    { from, to, userIds, seen }: Span & { userIds?: readonly string[]; seen?: Seen },
  ): Promise<Closed[]> {
    const zone = await this.by.zones.of(orgId);
    const [first, last] = [startOfDay(from, zone), startOfDay(to, zone)];
    const rows = await this.by.store.entries(
      `org_id = :orgId AND started_at < :last AND (ended_at IS NULL OR ended_at > :first)
         AND ${userIds ? 'user_id IN (:userIds)' : (seen?.condition ?? 'TRUE')}`,
      { orgId, first, last, userIds, ...seen?.values },
      'ORDER BY started_at, id',
    );
    const now = this.hub.now();
    return rows.flatMap(({ start, end, userId, kind, source }) => {
      const cut = { start: start < first ? first : start, end: (end ?? now) > last ? last : (end ?? now) };
      return cut.end > cut.start ? [{ userId, kind, source, ...cut }] : [];
    });
  }

  /** A line for each date that an entry lies on. */
  async export(actor: Actor, { format, ...query }: Whose & Span & { format: ExportFormat }): Promise<Feed> {
    const { orgId } = actor;
    const zone = await this.by.zones.of(orgId);
    const rounding = await this.hub.use(configuration).value('time.rounding', { orgId });
    const seen = await this.whose(actor, query);
    const lines = this.lines(orgId, { ...query, seen, zone });
    const rows = (async function* rowsOf() {
      for await (const { entry, date, sec } of lines)
        yield {
          date,
          person: entry.name,
          kind: entry.kind,
          start: entry.start.toISOString(),
          end: entry.end?.toISOString() ?? null,
          minutes: sec / 60,
          rounded: rounded(sec, rounding) / 60,
          billable: Boolean(entry.billable),
          source: entry.source,
          note: entry.note,
        };
    })();
    return exportFeed(
      {
        format,
        timeZone: zone,
        title: `Time ${query.from} to ${query.to}`,
        columns: [
          { key: 'date', label: 'Date', kind: 'date' },
          { key: 'person', label: 'Person', kind: 'text' },
          { key: 'kind', label: 'Kind', kind: 'text' },
          { key: 'start', label: 'Start', kind: 'instant' },
          { key: 'end', label: 'End', kind: 'instant' },
          { key: 'minutes', label: 'Minutes', kind: 'minutes' },
          { key: 'rounded', label: 'Rounded minutes', kind: 'minutes' },
          { key: 'billable', label: 'Billable', kind: 'flag' },
          { key: 'source', label: 'Source', kind: 'text' },
          { key: 'note', label: 'Note', kind: 'text' },
        ],
        rows,
      },
      `time-${query.from}`,
    );
  }

  /** Page by page, so that a year of many people is never in memory. */
  private async *lines(orgId: string, { from, to, seen, zone }: Span & { seen: Seen; zone: string }) {
    const [first, last] = [startOfDay(from, zone), startOfDay(to, zone)];
    let after = { start: new Date(0), id: '' };
    for (;;) {
      const rows = await this.by.store.entries(
        `org_id = :orgId AND started_at < :last AND ended_at > :first AND ${seen.condition}
           AND (started_at > :afterAt OR (started_at = :afterAt AND id > :afterId))`,
        { orgId, first, last, ...seen.values, afterAt: after.start, afterId: after.id },
        `ORDER BY started_at, id LIMIT ${PAGE}`,
      );
      const names = await this.namesOf(orgId, rows);
      for (const entry of rows) {
        const end = entry.end ?? entry.start;
        const cut = { start: entry.start < first ? first : entry.start, end: end > last ? last : end };
        for (const { date, sec } of splitByDay(cut, zone))
          yield { entry: { ...entry, name: names.get(entry.userId) ?? '' }, date, sec };
      }
      const end = rows.at(-1);
      if (!end || rows.length < PAGE) return;
      after = { start: end.start, id: end.id };
    }
  }

  private async namesOf(orgId: string, rows: readonly EntryRow[]): Promise<Map<string, string>> {
    const found = await this.hub.select<{ id: string; name: string }>(
      'SELECT id, name FROM users WHERE org_id = :orgId AND id IN (:ids)',
      { orgId, ids: ['', ...new Set(rows.map(({ userId }) => userId))] },
    );
    return new Map(found.map(({ id, name }) => [id, name]));
  }

  private async whose(actor: Actor, { userId, branchId }: Whose): Promise<Seen> {
    const { orgId } = actor;
    const scope: Scope = scopeOf(actor, 'activity.read');
    if (userId !== undefined) await this.by.places.homeOf(orgId, userId);
    if (branchId !== undefined && !(await this.by.places.hasBranch(orgId, branchId))) throw new NotFound('This branch');
    return {
      condition: [
        scopeSql(scope, { branch: 'branch_id', user: 'user_id' }),
        ...(userId === undefined ? [] : ['user_id = :userId']),
        ...(branchId === undefined ? [] : ['branch_id = :branchId']),
      ].join(' AND '),
      values: { userId, branchId, ...scopeValues(scope) },
    };
  }
}

/** Whose entries are read, as a condition of SQL. */
interface Seen {
  readonly condition: string;
  readonly values: Record<string, unknown>;
}
