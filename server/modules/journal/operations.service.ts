import type { ErrorGroup, MetricPoint, MetricQuery, Operation, OperationProof } from '@loro/contracts/journal-proofs';
import { type Actor, allow, Conflict, type Hub, NotFound, type Page, pageOf } from '../../platform';
import { HUB_JOURNAL } from './draft.policy';
import { parsed } from './entry.store';
import { countOf, type Histogram, merge, percentile } from './histogram.policy';
import type { MeasureStore } from './measure.store';
import { leafHash, merklePath, merkleRoot } from './merkle.policy';
import type { OperationStore } from './operation.store';
import { rangeOf } from './search.policy';
import type { SearchService } from './search.service';

interface PageOfTime {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Late lines of a slow node come within this time; the minute is sealed after it. */
const SETTLE_MS = 5_000;
const MINUTE_MS = 60_000;

/** What the hub did, read: requests, errors and times of the caller's organisation, and those of the hub itself. */
export class OperationsService {
  constructor(
    private readonly hub: Hub,
    private readonly operations: OperationStore,
    private readonly measures: MeasureStore,
    private readonly search: SearchService,
  ) {}

  async list(actor: Actor, query: PageOfTime & { kind?: Operation['kind'] | undefined }): Promise<Page<Operation>> {
    allow(actor, 'journal.read-operations', { orgId: actor.orgId });
    const { limit, cursor, kind } = query;
    const { from, to } = rangeOf(query, this.hub.now());
    const before = this.hub.cursors.decode('journal-operations', cursor);
    const rows = await this.hub.select<{ id: string; at: Date; kind: Operation['kind']; data: string }>(
      `SELECT id, at, kind, data FROM journal_operations WHERE org_id = :orgId AND at >= :from AND at < :to
         ${before ? 'AND id < :before' : ''} ${kind ? 'AND kind = :kind' : ''} ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, from, to, kind, before: before?.[0], limit: limit + 1 },
    );
    await this.search.tellRead(actor, 'journal.operations-read', query);
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('journal-operations', [id]),
      (row) => ({ id: row.id, kind: row.kind, at: row.at.toISOString(), data: parsed(row.data) }),
    );
  }

  /** @throws Conflict JOURNAL_NOT_SEALED */
  async proof(actor: Actor, id: string): Promise<OperationProof> {
    allow(actor, 'journal.read-operations', { orgId: actor.orgId });
    const { orgId } = actor;
    const [row] = await this.hub.select<{ batchId: string | null; data: string }>(
      'SELECT batch_id AS batchId, data FROM journal_operations WHERE org_id = :orgId AND id = :id',
      { orgId, id },
    );
    if (!row) throw new NotFound('This row');
    if (row.batchId === null) throw new Conflict('JOURNAL_NOT_SEALED', 'Its minute is not sealed yet.');
    const rows = await this.operations.rowsOf(orgId, row.batchId);
    const leaves = rows.map(({ data }) => leafHash(data));
    const index = rows.findIndex((each) => each.id === id);
    const [entry] = await this.hub.select<{ id: string; seq: number | null }>(
      `SELECT id, seq FROM journal_entries WHERE org_id = :orgId AND entity_type = 'ops-batch' AND entity_id = :batchId`,
      { orgId, batchId: row.batchId },
    );
    if (!entry) throw new NotFound('The entry of its minute');
    return {
      id,
      row: row.data,
      leafHash: leafHash(row.data).toString('hex'),
      index,
      count: rows.length,
      path: merklePath(index, leaves).map((hash) => hash.toString('hex')),
      root: merkleRoot(leaves).toString('hex'),
      entryId: entry.id,
      entrySeq: entry.seq,
    };
  }

  async errors(actor: Actor, query: PageOfTime): Promise<Page<ErrorGroup>> {
    allow(actor, 'journal.read-operations', { orgId: actor.orgId });
    const now = this.hub.now();
    const from = query.from === undefined ? new Date(0) : new Date(query.from);
    const to = query.to === undefined ? new Date(now.getTime() + MINUTE_MS) : new Date(query.to);
    const before = this.hub.cursors.decode('journal-errors', query.cursor);
    const groups = await this.measures.errors(actor.orgId, {
      from,
      to,
      before: before ? [String(before[0]), String(before[1])] : null,
      limit: query.limit + 1,
    });
    await this.search.tellRead(actor, 'journal.errors-read', query);
    return pageOf(
      groups,
      query.limit,
      ({ lastSeenAt, fingerprint }) => this.hub.cursors.encode('journal-errors', [lastSeenAt, fingerprint]),
      (group) => group,
    );
  }

  /** Percentiles of longer steps come from the buckets of their minutes, not from percentiles of percentiles. */
  async metrics(actor: Actor, query: MetricQuery & { limit: number }): Promise<Page<MetricPoint>> {
    allow(actor, 'journal.read-operations', { orgId: actor.orgId });
    const { name, stepSec, limit } = query;
    const { from, to } = rangeOf(query, this.hub.now());
    const step = Math.ceil(stepSec / 60);
    const minuteOf = (at: Date | null): number => Math.floor((at?.getTime() ?? 0) / MINUTE_MS);
    const rows = await this.measures.times([actor.orgId, HUB_JOURNAL], name, minuteOf(from), minuteOf(to) + 1);
    await this.search.tellRead(actor, 'journal.metrics-read', query);
    const steps = new Map<number, Histogram[]>();
    for (const [minute, histogram] of rows) {
      const start = Math.floor(minute / step) * step;
      steps.set(start, [...(steps.get(start) ?? []), histogram]);
    }
    const points = [...steps].map(([minute, histograms]) => pointOf(minute, merge(histograms)));
    return { items: points.slice(0, limit), nextCursor: null };
  }

  /** What the job asks for: seals the minutes that are over. */
  async batch(): Promise<void> {
    const settled = this.hub.now().getTime() - SETTLE_MS;
    await this.operations.batchAll(new Date(Math.floor(settled / MINUTE_MS) * MINUTE_MS));
  }
}

const pointOf = (minute: number, histogram: Histogram): MetricPoint => ({
  at: new Date(minute * MINUTE_MS).toISOString(),
  count: countOf(histogram),
  p50: percentile(histogram, 0.5),
  p95: percentile(histogram, 0.95),
  p99: percentile(histogram, 0.99),
});
