import type { Hub } from '../../platform';
import type { FenceState } from './fence.policy';
import { FUTURE } from './fix.policy';

export interface Queued {
  readonly orgId: string;
  readonly trackableId: string;
  readonly mark: number;
}

export interface StoredFix {
  readonly trackableId: string;
  readonly at: Date;
  readonly latE7: number;
  readonly lngE7: number;
  readonly accuracy: number;
}

export interface FenceAt {
  readonly trackableId: string;
  readonly branchId: string;
  readonly state: FenceState;
}

/** Rows of following tracks, many tracks a statement: one at a time, a fleet costs ten statements a phone. */
export class FollowStore {
  constructor(private readonly hub: Hub) {}

  queued(limit: number): Promise<Queued[]> {
    return this.hub.select('SELECT org_id AS orgId, trackable_id AS trackableId, mark FROM track_queue LIMIT :limit', {
      limit,
    });
  }

  /** Makes the rows that are locked while a track is followed. */
  async ensureStates(orgId: string, ids: readonly string[]): Promise<void> {
    const known = await this.hub.select<{ id: string }>(
      'SELECT trackable_id AS id FROM track_states WHERE org_id = :orgId AND trackable_id IN (:ids)',
      { orgId, ids },
    );
    const missing = ids.filter((id) => !known.some((row) => row.id === id)).toSorted();
    if (missing.length > 0)
      await this.write(
        `INSERT IGNORE INTO track_states (org_id, trackable_id) VALUES ${missing.map(() => '(?,?)').join(',')}`,
        missing.flatMap((id) => [orgId, id]),
      );
  }

  /** Locks what no other worker follows at the moment. @returns their ids */
  async lock(orgId: string, ids: readonly string[]): Promise<string[]> {
    const rows = await this.hub.select<{ id: string }>(
      `SELECT trackable_id AS id FROM track_states WHERE org_id = :orgId AND trackable_id IN (:ids)
       ORDER BY trackable_id FOR UPDATE SKIP LOCKED`,
      { orgId, ids },
    );
    return rows.map(({ id }) => id);
  }

  /** Fixes behind the point up to which each track was followed; track by track, each in order of time. */
  newFixes(orgId: string, ids: readonly string[], limit: number): Promise<StoredFix[]> {
    return this.hub.select(
      `SELECT f.trackable_id AS trackableId, f.at, f.lat_e7 AS latE7, f.lng_e7 AS lngE7, f.accuracy_m AS accuracy
       FROM track_states s JOIN fixes f ON f.org_id = s.org_id AND f.trackable_id = s.trackable_id
         AND f.at > COALESCE(s.followed_at, '1970-01-01')
       WHERE s.org_id = :orgId AND s.trackable_id IN (:ids) AND f.flags & :future = 0
       ORDER BY f.trackable_id, f.at, f.device_id, f.boot, f.n LIMIT :limit`,
      { orgId, ids, limit, future: FUTURE },
    );
  }

  async fences(orgId: string, ids: readonly string[]): Promise<FenceAt[]> {
    const rows = await this.hub.select<{
      trackableId: string;
      branchId: string;
      state: 'in' | 'out';
      since: Date;
      pendingAt: Date | null;
    }>(
      `SELECT trackable_id AS trackableId, branch_id AS branchId, state, since, pending_at AS pendingAt FROM fence_states
       WHERE org_id = :orgId AND trackable_id IN (:ids)`,
      { orgId, ids },
    );
    return rows.map(({ trackableId, branchId, state, since, pendingAt }) => ({
      trackableId,
      branchId,
      state: { state, since: since.getTime(), pendingAt: pendingAt?.getTime() ?? null },
    }));
  }

  async keepFences(orgId: string, changed: readonly FenceAt[]): Promise<void> {
    if (changed.length === 0) return;
    const instant = (ms: number | null) => (ms === null ? null : new Date(ms));
    await this.write(
      `INSERT INTO fence_states (org_id, trackable_id, branch_id, state, since, pending_at)
       VALUES ${changed.map(() => '(?,?,?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE state = VALUES(state), since = VALUES(since), pending_at = VALUES(pending_at)`,
      changed.flatMap(({ trackableId, branchId, state: { state, since, pendingAt } }) => [
        orgId,
        trackableId,
        branchId,
        state,
        instant(since),
        instant(pendingAt),
      ]),
    );
  }

  /** Notes up to where each track was followed. */
  async advance(orgId: string, upTo: ReadonlyMap<string, Date>): Promise<void> {
    if (upTo.size === 0) return;
    await this.write(
      `INSERT INTO track_states (org_id, trackable_id, followed_at) VALUES ${[...upTo].map(() => '(?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE followed_at = VALUES(followed_at)`,
      [...upTo].flatMap(([id, at]) => [orgId, id, at]),
    );
  }

  /** Only if nothing was added meanwhile: what came during the transaction has raised the mark. */
  async dequeue(orgId: string, done: readonly Queued[]): Promise<void> {
    if (done.length === 0) return;
    await this.write(
      `DELETE FROM track_queue WHERE org_id = ? AND (${done.map(() => '(trackable_id = ? AND mark = ?)').join(' OR ')})`,
      [orgId, ...done.flatMap(({ trackableId, mark }) => [trackableId, mark])],
    );
  }

  private async write(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
