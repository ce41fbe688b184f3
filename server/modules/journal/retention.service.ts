import { type Hub, ulid } from '../../platform';
import type { Anchors } from './anchors.store';
import type { Link } from './chain.policy';
import { type EntryStore, toContract } from './entry.store';
import type { ExportService } from './export.service';
import type { MeasureStore } from './measure.store';
import { OPERATIONS_KEPT_DAYS } from './operation.store';

const AT_ONCE = 500;
const DAY_MS = 86_400_000;

interface Ticket extends Link {
  readonly id: string;
  readonly count: number;
}

/** Lets go of the oldest end of the chains, up to a signed checkpoint, after a copy of it was put away. */
export class RetentionService {
  constructor(
    private readonly hub: Hub,
    private readonly by: {
      readonly entries: EntryStore;
      readonly measures: MeasureStore;
      readonly exports: ExportService;
      readonly anchors: Anchors;
      readonly yearsOf: (orgId: string) => Promise<number>;
    },
  ) {}

  async pruneAll(): Promise<void> {
    const now = this.hub.now();
    await this.by.measures.prune(new Date(now.getTime() - OPERATIONS_KEPT_DAYS * DAY_MS));
    await this.by.exports.drop(now);
    const chains = await this.hub.select<{ orgId: string }>('SELECT org_id AS orgId FROM journal_heads WHERE seq > 0');
    for (const { orgId } of chains) await this.prune(orgId);
  }

  async prune(orgId: string): Promise<void> {
    const ticket = (await this.openTicket(orgId)) ?? (await this.ticketFor(orgId));
    if (ticket) await this.letGo(orgId, ticket);
  }

  private async openTicket(orgId: string): Promise<Ticket | undefined> {
    const [ticket] = await this.hub.select<Ticket>(
      `SELECT id, through_seq AS seq, through_hash AS hash, count FROM journal_tickets
       WHERE org_id = :orgId AND ended_at IS NULL`,
      { orgId },
    );
    return ticket;
  }

  /** The newest checkpoint before which everything is old enough and nothing is held. */
  private async ticketFor(orgId: string): Promise<Ticket | undefined> {
    const cutoff = new Date(this.hub.now());
    cutoff.setUTCFullYear(cutoff.getUTCFullYear() - (await this.by.yearsOf(orgId)));
    const [point] = await this.hub.select<Link & { at: Date }>(
      `SELECT c.seq, c.hash, e.occurred_at AS at FROM journal_checkpoints c
       JOIN journal_entries e ON e.org_id = c.org_id AND e.seq = c.seq AND e.hash = c.hash
       WHERE c.org_id = :orgId AND e.occurred_at < :cutoff AND c.seq < :firstHeld ORDER BY c.seq DESC LIMIT 1`,
      { orgId, cutoff, firstHeld: await this.firstHeld(orgId) },
    );
    if (!point) return undefined;
    const id = ulid(this.hub.now().getTime());
    await this.hub.sequelize.query(
      `INSERT INTO journal_tickets (org_id, id, through_seq, through_hash, through_at, started_at)
       VALUES (:orgId, :id, :seq, :hash, :at, :now)`,
      { replacements: { orgId, id, ...point, now: this.hub.now() } },
    );
    return { id, seq: point.seq, hash: point.hash, count: 0 };
  }

  /** The seq of the oldest entry about, or by, what is under a legal hold. */
  private async firstHeld(orgId: string): Promise<number> {
    const [held] = await this.hub.select<{ seq: number | null }>(
      `SELECT MIN(e.seq) AS seq FROM journal_holds h JOIN journal_entries e ON e.org_id = h.org_id
         AND ((e.entity_type = h.subject_type AND e.entity_id = h.subject_id)
           OR (h.subject_type = 'user' AND e.actor_id = h.subject_id))
       WHERE h.org_id = :orgId AND h.is_open = 1`,
      { orgId },
    );
    return held?.seq ?? Number.MAX_SAFE_INTEGER;
  }

  private async letGo(orgId: string, ticket: Ticket): Promise<void> {
    let { count } = ticket;
    for (;;) {
      const rows = await this.by.entries.rows(orgId, 0, ticket.seq, AT_ONCE);
      const last = rows.at(-1);
      if (!last) break;
      await this.by.anchors.putAway(orgId, ticket.id, rows.map((row) => JSON.stringify(toContract(row))).join('\n'));
      await this.remove(
        orgId,
        ticket,
        rows.map(({ id }) => id),
      );
      count += rows.length;
      if (rows.length < AT_ONCE) break;
    }
    await this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        'UPDATE journal_tickets SET ended_at = :now WHERE org_id = :orgId AND id = :id AND ended_at IS NULL',
        { replacements: { orgId, id: ticket.id, now: this.hub.now() } },
      );
      after.record({
        type: 'system_event',
        action: 'journal.pruned',
        severity: 'notice',
        orgId,
        data: { throughSeq: ticket.seq, hash: ticket.hash, count },
      });
    });
  }

  /** The triggers let rows go to whoever names an open ticket, and no other rows than its. */
  private async remove(orgId: string, { id }: Ticket, ids: readonly string[]): Promise<void> {
    await this.hub.transact(async () => {
      const ask = (sql: string) => this.hub.sequelize.query(sql, { replacements: { orgId, id, ids, n: ids.length } });
      await ask('SET @journal_maintenance = :id');
      try {
        await ask('DELETE FROM journal_pii WHERE org_id = :orgId AND entry_id IN (:ids)');
        await ask('DELETE FROM journal_entries WHERE org_id = :orgId AND id IN (:ids)');
        await ask('UPDATE journal_tickets SET count = count + :n WHERE org_id = :orgId AND id = :id');
      } finally {
        await ask('SET @journal_maintenance = NULL');
      }
    });
  }
}
