import { journalLive, watchSecurity } from '@loro/contracts/journal-live';
import type { After, Hub } from '../../platform';
import { isWatched } from './alerts.policy';
import { GENESIS, hashOf, type Link } from './chain.policy';
import type { CheckpointService } from './checkpoints.service';
import { HUB_JOURNAL } from './draft.policy';
import { bodyOf, ENTRY_COLUMNS, type EntryRow, parsed } from './entry.store';
import { told } from './told.policy';

const AT_ONCE = 500;
const LATE_MS = 60_000;

interface Sealed {
  readonly row: EntryRow;
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
}

/**
 * Gives waiting entries their place. One sealer at a time goes at a chain: it holds the head's row, which nobody who
 * acts ever touches. All that is told live of the journal is told here, so that it comes in the order of the chain.
 */
export class SealerService {
  private oldestWaitingMs = 0;

  constructor(
    private readonly hub: Hub,
    private readonly checkpoints: CheckpointService,
  ) {
    hub.metrics.gauge(
      'loro_journal_unsealed_age_seconds',
      'How long the oldest entry of the journal has waited to be sealed',
      () => this.oldestWaitingMs / 1000,
    );
  }

  async sealAll(): Promise<void> {
    const waiting = await this.hub.select<{ orgId: string; oldest: string; hasHead: number }>(
      `SELECT w.org_id AS orgId, w.oldest, h.org_id IS NOT NULL AS hasHead
       FROM (SELECT org_id, MIN(recorded_at) AS oldest FROM journal_entries WHERE unsealed = 1 GROUP BY org_id) w
       LEFT JOIN journal_heads h ON h.org_id = w.org_id`,
    );
    const now = this.hub.now().getTime();
    this.oldestWaitingMs = Math.max(0, ...waiting.map(({ oldest }) => now - new Date(oldest).getTime()));
    if (this.oldestWaitingMs > LATE_MS)
      this.hub.log.error({ ageMs: this.oldestWaitingMs }, 'entries of the journal wait too long to be sealed');
    for (const { orgId, hasHead } of waiting) {
      if (!hasHead) await this.openHead(orgId);
      await this.seal(orgId);
    }
  }

  /** By itself, before the transaction that locks it: asking for a lock on a row that is not there locks a gap. */
  async openHead(orgId: string): Promise<void> {
    await this.hub.sequelize.query('INSERT IGNORE INTO journal_heads (org_id, seq, hash) VALUES (:orgId, 0, :hash)', {
      replacements: { orgId, hash: GENESIS },
    });
  }

  /** Seals what an organisation has waiting. @returns how many entries */
  async seal(orgId: string): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.hub.transact((after) => this.once(orgId, after));
      total += count;
      if (count < AT_ONCE) return total;
    }
  }

  private async once(orgId: string, after: After): Promise<number> {
    // First of all: the view of a transaction begins with its first plain read, and must see all that others sealed.
    const [head] = await this.hub.select<Link>(
      'SELECT seq, hash FROM journal_heads WHERE org_id = :orgId FOR UPDATE SKIP LOCKED',
      { orgId },
    );
    if (!head) return 0;
    const rows = await this.hub.select<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId AND seq IS NULL ORDER BY id LIMIT ${AT_ONCE}`,
      { orgId },
    );
    const sealed = chain(rows, head);
    const last = sealed.at(-1);
    if (!last) return 0;
    await this.write(orgId, head.seq, sealed);
    await this.hub.sequelize.query('UPDATE journal_heads SET seq = :seq, hash = :hash WHERE org_id = :orgId', {
      replacements: { orgId, seq: last.seq, hash: last.hash },
    });
    await this.checkpoints.passed(orgId, sealed, after);
    this.tell(orgId, sealed, after);
    return sealed.length;
  }

  private async write(orgId: string, before: number, sealed: readonly Sealed[]): Promise<void> {
    const ids = sealed.map(({ row }) => row.id);
    await this.hub.sequelize.query(
      `UPDATE journal_entries SET seq = :before + FIELD(id, :ids), prev_hash = ELT(FIELD(id, :ids), :prevHashes),
         hash = ELT(FIELD(id, :ids), :hashes), sealed_at = :at, unsealed = NULL
       WHERE org_id = :orgId AND id IN (:ids)`,
      {
        replacements: {
          orgId,
          before,
          ids,
          prevHashes: sealed.map(({ prevHash }) => prevHash),
          hashes: sealed.map(({ hash }) => hash),
          at: this.hub.now(),
        },
      },
    );
  }

  private tell(orgId: string, sealed: readonly Sealed[], after: After): void {
    const seqs = sealed.filter(({ row }) => isWatched(row)).map(({ seq }) => seq);
    if (seqs.length > 0) after.enqueue(watchSecurity, { orgId, seqs });
    if (orgId === HUB_JOURNAL) return;
    const to = { orgId, id: orgId };
    for (const { row, seq } of sealed) {
      if (row.severity === 'debug') continue;
      const { entry, alert, verified } = told(row, seq, parsed(row.data));
      after.publish(journalLive, 'journal:entry', to, entry);
      if (alert) after.publish(journalLive, 'journal:alert', to, alert);
      if (verified) after.publish(journalLive, 'journal:verified', to, verified);
    }
  }
}

function chain(rows: readonly EntryRow[], head: Link): Sealed[] {
  let { seq, hash } = head;
  return rows.map((row) => {
    const prevHash = hash;
    seq += 1;
    hash = hashOf(bodyOf(row, seq), prevHash);
    return { row, seq, prevHash, hash };
  });
}
