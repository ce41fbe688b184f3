import type { ChainBreak } from '@loro/contracts/journal-proofs';
import { type Hub, ulidInOrder } from '../../platform';
import type { SealedRow } from './chain.policy';
import { leafHash, merkleRoot } from './merkle.policy';

const DAY_MS = 86_400_000;
/** How long the log of requests and errors is kept. */
export const OPERATIONS_KEPT_DAYS = 30;
export const BATCH_SEALED = 'ops.batch_sealed';
const MOST_IN_BATCH = 20_000;

export interface OperationLine {
  readonly orgId: string;
  readonly kind: 'access_log' | 'error_log';
  readonly at: Date;
  /** Canonical JSON; what the leaf is the hash of. */
  readonly text: string;
}

interface BatchRow {
  readonly id: string;
  readonly count: number;
  readonly root: string;
}

/** The log of requests and errors: rows that are not chained one by one, but sealed by the minute under one root. */
export class OperationStore {
  constructor(private readonly hub: Hub) {}

  /** One statement for all of it, beside the transactions of whoever called. */
  async add(lines: readonly OperationLine[]): Promise<void> {
    if (lines.length === 0) return;
    const rows = lines.map(({ orgId, kind, at, text }) => [
      orgId,
      ulidInOrder(at.getTime()),
      Math.floor(at.getTime() / DAY_MS),
      kind,
      at,
      text,
    ]);
    await this.hub.pool.query('INSERT INTO journal_operations (org_id, id, day, kind, at, data) VALUES ?', [rows]);
  }

  /** Seals what waits and is older than `before`, one batch for each organisation. */
  async batchAll(before: Date): Promise<void> {
    const waiting = await this.hub.select<{ orgId: string }>(
      'SELECT DISTINCT org_id AS orgId FROM journal_operations WHERE unbatched = 1',
    );
    for (const { orgId } of waiting) while ((await this.batch(orgId, before)) === MOST_IN_BATCH);
  }

  private async batch(orgId: string, before: Date): Promise<number> {
    return this.hub.transact(async (after) => {
      const rows = await this.hub.select<{ id: string; day: number; data: string }>(
        `SELECT id, day, data FROM journal_operations WHERE unbatched = 1 AND org_id = :orgId AND at < :before
         ORDER BY id LIMIT ${MOST_IN_BATCH} FOR UPDATE SKIP LOCKED`,
        { orgId, before },
      );
      if (rows.length === 0) return 0;
      const id = ulidInOrder(this.hub.now().getTime());
      const root = merkleRoot(rows.map(({ data }) => leafHash(data))).toString('hex');
      await this.hub.sequelize.query(
        `UPDATE journal_operations SET batch_id = :batch, unbatched = NULL
         WHERE org_id = :orgId AND id IN (:ids) AND day IN (:days)`,
        {
          replacements: {
            orgId,
            batch: id,
            ids: rows.map((row) => row.id),
            days: [...new Set(rows.map(({ day }) => day))],
          },
        },
      );
      const count = rows.length;
      await this.hub.sequelize.query(
        'INSERT INTO journal_batches (org_id, id, at, count, root) VALUES (:orgId, :id, :at, :count, :root)',
        { replacements: { orgId, id, at: this.hub.now(), count, root } },
      );
      after.record({
        type: 'system_event',
        action: BATCH_SEALED,
        severity: 'debug',
        orgId,
        entity: { type: 'ops-batch', id },
        data: { count, root, before: before.toISOString() },
      });
      return count;
    });
  }

  rowsOf(orgId: string, batchId: string): Promise<{ id: string; data: string }[]> {
    return this.hub.select(
      'SELECT id, data FROM journal_operations WHERE org_id = :orgId AND batch_id = :batchId ORDER BY id',
      {
        orgId,
        batchId,
      },
    );
  }

  /** Batches among sealed entries whose rows no longer make the sealed root, as long as rows are kept. */
  async brokenBatches(orgId: string, entries: readonly SealedRow[]): Promise<ChainBreak[]> {
    const kept = this.hub.now().getTime() - (OPERATIONS_KEPT_DAYS - 1) * DAY_MS;
    const breaks: ChainBreak[] = [];
    for (const { seq, body } of entries) {
      const id = body.entity?.id;
      if (body.action !== BATCH_SEALED || id === undefined || Date.parse(body.at) < kept) continue;
      const said: Partial<BatchRow> = dataOf(body.data);
      const rows = await this.rowsOf(orgId, id);
      const root = merkleRoot(rows.map(({ data }) => leafHash(data))).toString('hex');
      if (root === said.root && rows.length === said.count) continue;
      breaks.push({ seq, code: 'OPS_ROOT_MISMATCH', expected: said.root ?? '', found: root });
    }
    return breaks;
  }
}

/** Data that is no JSON is a break of its own, which the walk reports. */
function dataOf(text: string): Partial<BatchRow> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
