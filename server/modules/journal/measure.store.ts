import type { ErrorGroup } from '@loro/contracts/journal-proofs';
import type { Hub } from '../../platform';
import type { ErrorFact } from './error.policy';
import type { Histogram } from './histogram.policy';

/** Errors by fingerprint, and times by the minute. */
export class MeasureStore {
  constructor(private readonly hub: Hub) {}

  async addErrors(facts: readonly ErrorFact[]): Promise<void> {
    if (facts.length === 0) return;
    // In one order everywhere, so that two nodes do not wait for each other.
    const rows = facts
      .toSorted((a, b) => (a.orgId + a.fingerprint < b.orgId + b.fingerprint ? -1 : 1))
      .map((fact) => [
        fact.orgId,
        fact.fingerprint,
        fact.name,
        fact.message,
        fact.place,
        fact.stack,
        fact.count,
        fact.firstAt,
        fact.lastAt,
      ]);
    await this.hub.pool.query(
      `INSERT INTO journal_errors (org_id, fingerprint, name, message, place, stack, count, first_seen_at, last_seen_at)
       VALUES ? ON DUPLICATE KEY UPDATE count = count + VALUES(count), last_seen_at = VALUES(last_seen_at),
         stack = VALUES(stack)`,
      [rows],
    );
  }

  async addTimes(minute: number, times: ReadonlyMap<string, Histogram>): Promise<void> {
    if (times.size === 0) return;
    const rows = [...times].map(([key, histogram]) => {
      const [orgId = '', ...name] = key.split(' ');
      return [orgId, name.join(' '), minute, this.hub.nodeId, JSON.stringify([...histogram])];
    });
    // Of a node that stops in the middle of a minute it wrote, the first part counts.
    await this.hub.pool.query('INSERT IGNORE INTO journal_metrics (org_id, name, minute, node, buckets) VALUES ?', [
      rows,
    ]);
  }

  async times(orgIds: readonly string[], name: string, from: number, to: number): Promise<[number, Histogram][]> {
    const rows = await this.hub.select<{ minute: number; buckets: string }>(
      `SELECT minute, buckets FROM journal_metrics
       WHERE org_id IN (:orgIds) AND name = :name AND minute >= :from AND minute < :to ORDER BY minute LIMIT 200000`,
      { orgIds, name, from, to },
    );
    return rows.map(({ minute, buckets }) => [minute, new Map<number, number>(JSON.parse(buckets))]);
  }

  async errors(
    orgId: string,
    { from, to, before, limit }: { from: Date; to: Date; before: readonly [string, string] | null; limit: number },
  ): Promise<ErrorGroup[]> {
    const rows = await this.hub.select<Omit<ErrorGroup, 'firstSeenAt' | 'lastSeenAt'> & { first: Date; last: Date }>(
      `SELECT fingerprint, name, message, place AS \`where\`, stack, count, first_seen_at AS first, last_seen_at AS last
       FROM journal_errors WHERE org_id = :orgId AND last_seen_at >= :from AND last_seen_at < :to
         ${before ? 'AND (last_seen_at, fingerprint) < (:at, :fingerprint)' : ''}
       ORDER BY last_seen_at DESC, fingerprint DESC LIMIT :limit`,
      { orgId, from, to, limit, at: before && new Date(before[0]), fingerprint: before?.[1] },
    );
    return rows.map(({ first, last, ...row }) => ({
      ...row,
      firstSeenAt: first.toISOString(),
      lastSeenAt: last.toISOString(),
    }));
  }

  async prune(before: Date): Promise<void> {
    const minute = Math.floor(before.getTime() / 60_000);
    await this.hub.sequelize.query('DELETE FROM journal_metrics WHERE minute < :minute LIMIT 100000', {
      replacements: { minute },
    });
    await this.hub.sequelize.query('DELETE FROM journal_errors WHERE last_seen_at < :before LIMIT 100000', {
      replacements: { before },
    });
    await this.hub.sequelize.query('DELETE FROM journal_batches WHERE at < :before LIMIT 100000', {
      replacements: { before },
    });
  }
}
