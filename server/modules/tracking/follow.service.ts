import { type Trackable, trackingLive } from '@loro/contracts/tracking';
import { type After, grouped, type Hub } from '../../platform';
import { branches } from '../branches';
import { checkIns } from '../check-ins';
import { announce } from './fence-telling';
import { FenceWalk } from './fence-walk.policy';
import type { FenceState } from './fence.policy';
import { type FenceAt, FollowStore, type Queued, type Reached, type StoredFix } from './follow.store';
import { TrackableModel } from './trackable.model';

const TRACKS_A_ROUND = 200;
const FIXES_A_ROUND = 10_000;
const SILENT_MS = 5 * 60_000;

/** Follows stored fixes in event time, away from the path of the ack: fences, lost and found. */
export class FollowService {
  private readonly store: FollowStore;

  constructor(private readonly hub: Hub) {
    this.store = new FollowStore(hub);
  }

  /** One round over the tracks that grew; several workers may do it at once. @returns whether more is waiting */
  async follow(): Promise<boolean> {
    const queued = await this.store.queued(TRACKS_A_ROUND);
    let followed = 0;
    for (const [orgId, tracks] of grouped(queued, (track) => track.orgId))
      followed += await this.followSome(orgId, tracks);
    // A round in which all were another worker's is that one's to go on with.
    return followed > 0 && (queued.length === TRACKS_A_ROUND || followed < queued.length);
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

  /** @returns how many tracks were brought up to date */
  private async followSome(orgId: string, tracks: readonly Queued[]): Promise<number> {
    const ids = tracks.map(({ trackableId }) => trackableId);
    await this.store.ensureStates(orgId, ids);
    const fences = await this.hub.use(branches).fenceIndex(orgId);
    const done = await this.hub.transact(async (after) => {
      const locked = await this.store.lock(orgId, ids);
      const free = [...locked.keys()];
      if (free.length === 0) return [];
      const rows = await TrackableModel.findAll({ where: { orgId, id: free } });
      const fixes = await this.store.newFixes(orgId, free, FIXES_A_ROUND);
      const byTrack = grouped(fixes, ({ trackableId }) => trackableId);
      const unfinished = fixes.length === FIXES_A_ROUND ? cutShort(byTrack) : null;

      const states = await this.store.fences(orgId, free);
      const changed: FenceAt[] = [];
      const reached: Reached[] = [];
      for (const row of rows) {
        const trackable = await this.found(row, after);
        const own = byTrack.get(row.id) ?? [];
        const newest = own.at(-1);
        if (!newest) continue;
        const before = statesOf(states, row.id);
        const walk = new FenceWalk(fences, before, locked.get(row.id));
        for (const { fenceId, at } of cross(walk, { orgId, trackable, fixes: own, after }))
          await this.left(orgId, trackable, fenceId, at);
        changed.push(...changedOf(walk, before, row.id));
        reached.push({ trackableId: row.id, at: newest.at, last: walk.last });
      }
      await this.store.forgetFences(
        orgId,
        states.filter(({ fenceId }) => !fences.byId(fenceId)),
      );
      await this.store.keepFences(orgId, changed);
      await this.store.advance(orgId, reached);
      return unfinished === null ? free : free.filter((id) => id < unfinished);
    });
    await this.store.dequeue(
      orgId,
      tracks.filter(({ trackableId }) => done.includes(trackableId)),
    );
    return done.length;
  }

  /** In the same unit: whoever goes home is checked out with the same certainty as his way is kept. */
  private async left(orgId: string, { userId }: Trackable, fenceId: string, at: number): Promise<void> {
    if (userId !== null) await this.hub.use(checkIns).leftFence(orgId, userId, fenceId, new Date(at));
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
}

interface Track {
  readonly orgId: string;
  readonly trackable: Trackable;
  readonly fixes: readonly StoredFix[];
  readonly after: After;
}

/** Announces the borders that the fixes cross. @returns those that were left */
function cross(walk: FenceWalk, { orgId, trackable, fixes, after }: Track): { fenceId: string; at: number }[] {
  const left: { fenceId: string; at: number }[] = [];
  for (const { at, latE7, lngE7, accuracy } of fixes)
    for (const crossed of walk.next({ at: at.getTime(), lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy })) {
      announce(after, orgId, trackable, crossed);
      if (crossed.crossing.kind === 'exited') left.push({ fenceId: crossed.fence.id, at: crossed.crossing.at });
    }
  return left;
}

const statesOf = (states: readonly FenceAt[], id: string): Map<string, FenceState> =>
  new Map(states.flatMap(({ trackableId, fenceId, state }) => (trackableId === id ? [[fenceId, state] as const] : [])));

/**
 * The fences that are now seen otherwise. When somebody was last seen inside is not kept, or everybody at work would be
 * written at every fix.
 */
function changedOf(walk: FenceWalk, before: ReadonlyMap<string, FenceState>, trackableId: string): FenceAt[] {
  return [...walk.states].flatMap(([fenceId, state]) => {
    const known = before.get(fenceId);
    const isKnown =
      known?.state === state.state &&
      known.since === state.since &&
      known.pendingAt === state.pendingAt &&
      known.hasDwelled === state.hasDwelled;
    return isKnown ? [] : [{ trackableId, fenceId, state }];
  });
}

/**
 * Fixes came only up to a limit, so the last track may lack some. Those of its last instant are left for the next round,
 * which asks for what is later than the point reached.
 * @returns the id of the track that is not done, nor are those behind it
 */
function cutShort(byTrack: Map<string, StoredFix[]>): string | null {
  const [id, fixes] = [...byTrack].at(-1) ?? [];
  const last = fixes?.at(-1)?.at.getTime();
  if (id === undefined || !fixes) return null;
  const whole = fixes.filter(({ at }) => at.getTime() !== last);
  if (whole.length > 0) byTrack.set(id, whole);
  return id;
}
