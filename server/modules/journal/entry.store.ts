import type { JournalEntry } from '@loro/contracts/journal-entries';
import type { Hub } from '../../platform';
import type { Body, Link, SealedRow } from './chain.policy';

export interface EntryRow {
  readonly org_id: string;
  readonly id: string;
  readonly type: JournalEntry['type'];
  readonly action: string;
  readonly outcome: JournalEntry['outcome'];
  readonly severity: JournalEntry['severity'];
  readonly actor_kind: JournalEntry['actor']['kind'];
  readonly actor_id: string | null;
  readonly entity_type: string | null;
  readonly entity_id: string | null;
  readonly branch_id: string | null;
  readonly pii_refs: string;
  readonly data: string;
  readonly causation: string | null;
  readonly occurred_at: Date;
  readonly seq: number | null;
  readonly prev_hash: string | null;
  readonly hash: string | null;
  readonly sealed_at: Date | null;
}

export const ENTRY_COLUMNS = `org_id, id, type, action, outcome, severity, actor_kind, actor_id, entity_type, entity_id,
  branch_id, pii_refs, data, causation, occurred_at, seq, prev_hash, hash, sealed_at`;

/** What is hashed of a row once it has its place. */
export const bodyOf = (row: EntryRow, seq: number): Body => ({
  seq,
  orgId: row.org_id,
  at: row.occurred_at.toISOString(),
  type: row.type,
  action: row.action,
  outcome: row.outcome,
  severity: row.severity,
  actor: { kind: row.actor_kind, ...(row.actor_id !== null && { id: row.actor_id }) },
  ...(row.entity_type !== null && { entity: { type: row.entity_type, id: row.entity_id ?? '' } }),
  data: row.data,
  piiRefs: JSON.parse(row.pii_refs),
});

const sealedOf = (row: EntryRow): SealedRow => ({
  seq: row.seq ?? 0,
  hash: row.hash ?? '',
  prevHash: row.prev_hash ?? '',
  body: bodyOf(row, row.seq ?? 0),
  copies: { branchId: row.branch_id, cause: row.causation },
});

/** Parses what the room itself wrote. */
export const parsed = (text: string): Record<string, unknown> => JSON.parse(text);

export const toContract = (row: EntryRow, data: Record<string, unknown> = parsed(row.data)): JournalEntry => ({
  id: row.id,
  orgId: row.org_id,
  seq: row.seq,
  type: row.type,
  action: row.action,
  outcome: row.outcome,
  severity: row.severity,
  actor: { kind: row.actor_kind, ...(row.actor_id !== null && { id: row.actor_id }) },
  entity: row.entity_type === null ? null : { type: row.entity_type, id: row.entity_id ?? '' },
  branchId: row.branch_id,
  at: row.occurred_at.toISOString(),
  data,
  piiRefs: JSON.parse(row.pii_refs),
  prevHash: row.prev_hash,
  hash: row.hash,
  sealedAt: row.sealed_at?.toISOString() ?? null,
});

/** Rows of the journal by their place in the chain. */
export class EntryStore {
  constructor(private readonly hub: Hub) {}

  async head(orgId: string): Promise<Link | null> {
    const [head] = await this.hub.select<Link>('SELECT seq, hash FROM journal_heads WHERE org_id = :orgId', { orgId });
    return head ?? null;
  }

  /** The head and the last row as they stood at one moment: they are written together. */
  async ends(orgId: string): Promise<{ head: Link | null; last: number }> {
    const [ends] = await this.hub.select<{ seq: number | null; hash: string | null; last: number | null }>(
      `SELECT h.seq, h.hash, (SELECT MAX(e.seq) FROM journal_entries e WHERE e.org_id = :orgId) AS last
       FROM (SELECT 1) one LEFT JOIN journal_heads h ON h.org_id = :orgId`,
      { orgId },
    );
    const head = ends && ends.seq !== null && ends.hash !== null ? { seq: ends.seq, hash: ends.hash } : null;
    return { head, last: ends?.last ?? 0 };
  }

  /** Sealed rows behind `after`, at most through `through`. */
  async sealed(orgId: string, after: number, through: number, limit: number): Promise<SealedRow[]> {
    return (await this.rows(orgId, after, through, limit)).map(sealedOf);
  }

  rows(orgId: string, after: number, through: number, limit: number): Promise<EntryRow[]> {
    return this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId AND seq > :after AND seq <= :through
       ORDER BY seq LIMIT :limit`,
      { orgId, after, through, limit },
    );
  }

  async bySeq(orgId: string, seqs: readonly number[]): Promise<EntryRow[]> {
    if (seqs.length === 0) return [];
    return this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId AND seq IN (:seqs) ORDER BY seq`,
      { orgId, seqs },
    );
  }

  /** Through where the oldest end is let go of; verification begins there. */
  async prunedThrough(orgId: string): Promise<(Link & { at: Date }) | null> {
    const [ticket] = await this.hub.select<Link & { at: Date }>(
      `SELECT through_seq AS seq, through_hash AS hash, through_at AS at FROM journal_tickets WHERE org_id = :orgId
       ORDER BY through_seq DESC LIMIT 1`,
      { orgId },
    );
    return ticket ?? null;
  }
}
