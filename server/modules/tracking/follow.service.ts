import { type Trackable, trackingLive } from '@loro/contracts/tracking';
import { type After, type Hub, ulid } from '../../platform';
import { branches, type Fence } from '../branches';
import { type Crossing, type FenceState, step } from './fence.policy';
import { FUTURE } from './fix.policy';
import { TrackableModel } from './trackable.model';

const TRACKS_A_ROUND = 200;
const FIXES_A_ROUND = 2_000;
const SILENT_MS = 5 * 60_000;

interface StoredFix {
  at: Date;
  latE7: number;
  lngE7: number;
  accuracy: number;
}

type Outcome = 'busy' | 'done' | 'more';

interface Queued {
  orgId: string;
  trackableId: string;
  mark: number;
}

/** Follows stored fixes in event time, away from the path of the ack: fences, lost and found. */
export class FollowService {
  constructor(private readonly hub: Hub) {}

  /** One round over the tracks that grew; several workers may do it at once. @returns whether more is waiting */
  async follow(): Promise<boolean> {
    const queued = await this.hub.select<Queued>(
      'SELECT org_id AS orgId, trackable_id AS trackableId, mark FROM track_queue LIMIT :limit',
      { limit: TRACKS_A_ROUND },
    );
    const fences = new Map<string, Fence[]>();
    let more = queued.length === TRACKS_A_ROUND;
    for (const track of queued) {
      let ofOrganisation = fences.get(track.orgId);
      if (!ofOrganisation) fences.set(track.orgId, (ofOrganisation = await this.hub.use(branches).fences(track.orgId)));
      more = (await this.followOne(track, ofOrganisation)) === 'more' || more;
    }
    return more;
  }

  /** Declares lost what was not heard of for five minutes. */
  async sweepSilent(): Promise<number> {
    const deadline = new Date(this.hub.now().getTime() - SILENT_MS);
    const silent = await this.hub.select<{ orgId: string; trackableId: string; heardAt: Date }>(
      `SELECT p.org_id AS orgId, p.trackable_id AS trackableId, p.heard_at AS heardAt FROM last_positions p
       JOIN trackables t ON t.org_id = p.org_id AND t.id = p.trackable_id
       WHERE p.heard_at < :deadline AND t.lost_at IS NULL ORDER BY p.heard_at LIMIT 500`,
      { deadline },
    );
    for (const { orgId, trackableId, heardAt } of silent)
      await this.hub.transact(async (after) => {
        const row = await TrackableModel.findOne({ where: { orgId, id: trackableId, lostAt: null }, lock: true });
        if (!row) return;
        await row.update({ lostAt: heardAt });
        after.publish(trackingLive, 'trackable:lost', { orgId, id: row.branchId }, row.toContract());
      });
    return silent.length;
  }

  private async followOne({ orgId, trackableId, mark }: Queued, fences: readonly Fence[]): Promise<Outcome> {
    await this.hub.sequelize.query('INSERT IGNORE INTO track_states (org_id, trackable_id) VALUES (?, ?)', {
      replacements: [orgId, trackableId],
    });
    const outcome = await this.hub.transact(async (after): Promise<Outcome> => {
      const [state] = await this.hub.select<{ followedAt: Date | null }>(
        'SELECT followed_at AS followedAt FROM track_states WHERE org_id = :orgId AND trackable_id = :trackableId FOR UPDATE SKIP LOCKED',
        { orgId, trackableId },
      );
      if (!state) return 'busy';
      const row = await TrackableModel.findOne({ where: { orgId, id: trackableId } });
      if (!row) return 'done';
      const trackable = await this.found(row, after);
      const fixes = await this.newFixes(orgId, trackableId, state.followedAt);
      const last = fixes.at(-1);
      if (!last) return 'done';
      await this.cross(orgId, trackable, fences, fixes, after);
      await this.hub.sequelize.query(
        'UPDATE track_states SET followed_at = :at WHERE org_id = :orgId AND trackable_id = :trackableId',
        { replacements: { at: last.at, orgId, trackableId } },
      );
      return fixes.length === FIXES_A_ROUND ? 'more' : 'done';
    });
    // Only if nothing was added meanwhile: what came during the transaction has raised the mark.
    if (outcome === 'done')
      await this.hub.sequelize.query(
        'DELETE FROM track_queue WHERE org_id = :orgId AND trackable_id = :trackableId AND mark = :mark',
        { replacements: { orgId, trackableId, mark } },
      );
    return outcome;
  }

  private newFixes(orgId: string, trackableId: string, after: Date | null): Promise<StoredFix[]> {
    return this.hub.select<StoredFix>(
      `SELECT at, lat_e7 AS latE7, lng_e7 AS lngE7, accuracy_m AS accuracy FROM fixes
       WHERE org_id = :orgId AND trackable_id = :trackableId AND at > :after AND flags & :future = 0
       ORDER BY at, device_id, boot, n LIMIT :limit`,
      { orgId, trackableId, after: after ?? new Date(0), future: FUTURE, limit: FIXES_A_ROUND },
    );
  }

  private async found(row: TrackableModel, after: After): Promise<Trackable> {
    if (row.lostAt) {
      const [heard] = await this.hub.select<{ heardAt: Date }>(
        'SELECT heard_at AS heardAt FROM last_positions WHERE org_id = :orgId AND trackable_id = :id',
        { orgId: row.orgId, id: row.id },
      );
      if (heard && heard.heardAt > row.lostAt) {
        await row.update({ lostAt: null });
        after.publish(trackingLive, 'trackable:found', { orgId: row.orgId, id: row.branchId }, row.toContract());
      }
    }
    return row.toContract();
  }

  private async cross(
    orgId: string,
    trackable: Trackable,
    fences: readonly Fence[],
    fixes: readonly StoredFix[],
    after: After,
  ): Promise<void> {
    const states = await this.fenceStates(orgId, trackable.id);
    for (const { branchId, circle } of fences) {
      const before = states.get(branchId);
      let state = before;
      for (const { at, latE7, lngE7, accuracy } of fixes) {
        const point = { at: at.getTime(), lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy };
        const { after: next, crossing } = step(state, circle, point);
        state = next;
        if (crossing) this.announce(orgId, branchId, trackable, crossing, after);
      }
      if (state && state !== before) await this.keep(orgId, trackable.id, branchId, state);
    }
  }

  private announce(orgId: string, branchId: string, trackable: Trackable, crossing: Crossing, after: After): void {
    after.publish(
      trackingLive,
      `geofence:${crossing.kind}`,
      { orgId, id: branchId },
      {
        id: ulid(crossing.confirmedAt),
        branchId,
        trackableId: trackable.id,
        name: trackable.name,
        at: new Date(crossing.at).toISOString(),
        confirmedAt: new Date(crossing.confirmedAt).toISOString(),
      },
    );
  }

  private async fenceStates(orgId: string, trackableId: string): Promise<Map<string, FenceState>> {
    const rows = await this.hub.select<{ branchId: string; state: 'in' | 'out'; since: Date; pendingAt: Date | null }>(
      `SELECT branch_id AS branchId, state, since, pending_at AS pendingAt FROM fence_states
       WHERE org_id = :orgId AND trackable_id = :trackableId`,
      { orgId, trackableId },
    );
    return new Map(
      rows.map(({ branchId, state, since, pendingAt }) => [
        branchId,
        { state, since: since.getTime(), pendingAt: pendingAt?.getTime() ?? null },
      ]),
    );
  }

  private async keep(orgId: string, trackableId: string, branchId: string, state: FenceState): Promise<void> {
    await this.hub.sequelize.query(
      `INSERT INTO fence_states (org_id, trackable_id, branch_id, state, since, pending_at) VALUES (?, ?, ?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE state = VALUES(state), since = VALUES(since), pending_at = VALUES(pending_at)`,
      {
        replacements: [
          orgId,
          trackableId,
          branchId,
          state.state,
          new Date(state.since),
          state.pendingAt === null ? null : new Date(state.pendingAt),
        ],
      },
    );
  }
}
