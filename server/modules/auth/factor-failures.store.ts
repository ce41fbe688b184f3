import type { ResultSetHeader } from 'mysql2/promise';
import type { Hub } from '../../platform';

const ALLOWED = 10;
const LOCKED_MS = 15 * 60_000;

/**
 * Wrong codes of a person, from wherever they come. Counted on connections of their own: a count that were rolled back
 * with what the wrong code stopped would count nothing.
 */
export class FactorFailures {
  constructor(private readonly hub: Hub) {}

  /**
   * Takes one try before it is known whether it fails, so that tries made at once are all counted.
   * @returns how it stands: `open`, `last` before the lock, or `locked`
   */
  async take(orgId: string, userId: string): Promise<'open' | 'last' | 'locked'> {
    const now = this.hub.now();
    const [{ insertId }] = await this.hub.pool.query<ResultSetHeader>(
      `INSERT INTO factor_failures (org_id, user_id, failures, last_failed_at) VALUES (?, ?, 1, ?)
       ON DUPLICATE KEY UPDATE
         failures = LAST_INSERT_ID(IF(last_failed_at <= ?, 1, LEAST(failures + 1, ${ALLOWED + 1}))),
         last_failed_at = IF(failures > ${ALLOWED}, last_failed_at, VALUES(last_failed_at))`,
      [orgId, userId, now, new Date(now.getTime() - LOCKED_MS)],
    );
    // A first row has no counter to give back.
    const tries = insertId || 1;
    if (tries > ALLOWED) return 'locked';
    return tries === ALLOWED ? 'last' : 'open';
  }

  async forgive(orgId: string, userId: string): Promise<void> {
    await this.hub.pool.query('DELETE FROM factor_failures WHERE org_id = ? AND user_id = ?', [orgId, userId]);
  }
}
