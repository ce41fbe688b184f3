import type { Hub } from '../../platform';
import type { FenceState, Point } from './fence.policy';
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
  readonly fenceId: string;
  readonly state: FenceState;
}

/** Up to where a track was followed. */
export interface Reached {
  readonly trackableId: string;
  readonly at: Date;
  /** The end of the way to the next fix. */
  readonly last: Point | undefined;
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

  /** Locks what no other worker follows at the moment. @returns their ids, and the fix that each one's next is joined with */
  async lock(orgId: string, ids: readonly string[]): Promise<Map<string, Point | undefined>> {
    const rows = await this.hub.select<{
      id: string;
      at: Date | null;
      latE7: number;
      lngE7: number;
      accuracy: number;
    }>(
      `SELECT trackable_id AS id, last_at AS at, last_lat_e7 AS latE7, last_lng_e7 AS lngE7, last_accuracy_m AS accuracy
       FROM track_states WHERE org_id = :orgId AND trackable_id IN (:ids)
       ORDER BY trackable_id FOR UPDATE SKIP LOCKED`,
      { orgId, ids },
    );
    return new Map(
      rows.map(({ id, at, latE7, lngE7, accuracy }) => [
        id,
        at ? { at: at.getTime(), lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy } : undefined,
      ]),
    );
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

  /** Where the tracks stand towards the fences that hold them. */
  async fences(orgId: string, ids: readonly string[]): Promise<FenceAt[]> {
    const rows = await this.hub.select<{
      trackableId: string;
      fenceId: string;
      since: Date;
      pendingAt: Date | null;
      hasDwelled: number;
    }>(
      `SELECT trackable_id AS trackableId, fence_id AS fenceId, since, pending_at AS pendingAt, has_dwelled AS hasDwelled
       FROM geofence_states WHERE org_id = :orgId AND trackable_id IN (:ids) AND state = 'in'`,
      { orgId, ids },
    );
    return rows.map(({ trackableId, fenceId, since, pendingAt, hasDwelled }) => ({
      trackableId,
      fenceId,
      state: {
        state: 'in',
        since: since.getTime(),
        pendingAt: pendingAt?.getTime() ?? null,
        hasDwelled: hasDwelled === 1,
        seenAt: since.getTime(),
      },
    }));
  }

  async keepFences(orgId: string, changed: readonly FenceAt[]): Promise<void> {
    if (changed.length === 0) return;
    const instant = (ms: number | null) => (ms === null ? null : new Date(ms));
    await this.write(
      `INSERT INTO geofence_states (org_id, trackable_id, fence_id, state, since, pending_at, has_dwelled)
       VALUES ${changed.map(() => '(?,?,?,?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE state = VALUES(state), since = VALUES(since), pending_at = VALUES(pending_at),
         has_dwelled = VALUES(has_dwelled)`,
      changed.flatMap(({ trackableId, fenceId, state: { state, since, pendingAt, hasDwelled } }) => [
        orgId,
        trackableId,
        fenceId,
        state,
        instant(since),
        instant(pendingAt),
        hasDwelled,
      ]),
    );
  }

  /** Fences that are not there any more hold nobody. */
  async forgetFences(orgId: string, gone: readonly FenceAt[]): Promise<void> {
    if (gone.length === 0) return;
    await this.write(
      `DELETE FROM geofence_states WHERE org_id = ? AND (${gone.map(() => '(trackable_id = ? AND fence_id = ?)').join(' OR ')})`,
      [orgId, ...gone.flatMap(({ trackableId, fenceId }) => [trackableId, fenceId])],
    );
  }

  /** Notes up to where each track was followed. */
  async advance(orgId: string, reached: readonly Reached[]): Promise<void> {
    if (reached.length === 0) return;
    await this.write(
      `INSERT INTO track_states (org_id, trackable_id, followed_at, last_at, last_lat_e7, last_lng_e7, last_accuracy_m)
       VALUES ${reached.map(() => '(?,?,?,?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE followed_at = VALUES(followed_at), last_at = VALUES(last_at),
         last_lat_e7 = VALUES(last_lat_e7), last_lng_e7 = VALUES(last_lng_e7), last_accuracy_m = VALUES(last_accuracy_m)`,
      reached.flatMap(({ trackableId, at, last }) => [
        orgId,
        trackableId,
        at,
        last ? new Date(last.at) : null,
        last ? Math.round(last.lat * 1e7) : null,
        last ? Math.round(last.lng * 1e7) : null,
        last ? last.accuracy : null,
      ]),
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
