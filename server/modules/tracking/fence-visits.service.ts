import { trackingLive, type Trackable } from '@loro/contracts/tracking';
import type { FenceDay, FenceVisit } from '@loro/contracts/tracking-fences';
import { type Actor, type After, allow, type Hub, NotFound } from '../../platform';
import { branches, type FenceIndex } from '../branches';
import type { Point } from './fence.policy';
import { type DayOf, FenceVisitsStore } from './fence-visits.store';
import { DayWalk, type Visit } from './fence-walk.policy';
import { TrackableModel } from './trackable.model';

/** Stored fixes of a trackable's local day, in order of (at, device, boot, n); without those from the future. */
export interface FixesOfDay {
  readonly orgId: string;
  readonly trackable: Pick<Trackable, 'id' | 'name' | 'branchId'>;
  readonly date: string;
  readonly fixes: Iterable<Point>;
  /** True: all fixes of the day, because a late one came. False: those behind the ones that were given before. */
  readonly isAnew: boolean;
}

/**
 * The visits of fences that stored days show. Whoever makes a day anew from its fixes gives them here too; any order
 * and repetition of what came leads to the same rows.
 */
export class FenceVisitsService {
  private readonly store: FenceVisitsStore;

  constructor(private readonly hub: Hub) {
    this.store = new FenceVisitsStore(hub);
  }

  /** In the caller's transaction. A day that now tells another story than before is announced as corrected. */
  async take({ orgId, trackable, date, fixes, isAnew }: FixesOfDay, after: After): Promise<void> {
    const day = { orgId, trackableId: trackable.id, date };
    const index = await this.hub.use(branches).fenceIndex(orgId);
    const { revision, walk } = await this.store.lock(day);
    const walked = new DayWalk(index, isAnew ? undefined : walk);
    const upTo = walk?.last?.at ?? -Infinity;
    // A day that was made anew meanwhile holds them already; what truly came late makes its day anew.
    for (const fix of fixes) if (isAnew || fix.at >= upTo) walked.add(fix);
    const shown = [...walked.done, ...walked.underWay()];
    // What only grows contradicts nothing, and most tracks are in no fence at all.
    if (!isAnew) await this.store.put(day, shown);
    const isCorrected = isAnew && (await this.replace(day, index, shown, upTo));
    await this.store.keep(day, isCorrected ? revision + 1 : revision, walked.state);
    if (isCorrected) await this.tellCorrection(day, trackable, revision + 1, after);
  }

  /** @returns whether it was told otherwise before */
  private async replace(day: DayOf, index: FenceIndex, shown: readonly Visit[], upTo: number): Promise<boolean> {
    const known = await this.store.visits(day);
    // What a fence saw that was taken away since stays as it was.
    const gone = known.filter((visit) => index.byId(visit.fenceId) && !shown.some(isSame(visit)));
    const changed = shown.filter((visit) => !known.some((before) => isSame(visit)(before) && isEqual(visit, before)));
    await this.store.remove(day, gone);
    await this.store.put(day, changed);
    return gone.length > 0 || changed.some((visit) => contradicts(visit, known, upTo));
  }

  private async tellCorrection(
    day: DayOf,
    { name, branchId }: FixesOfDay['trackable'],
    revision: number,
    after: After,
  ): Promise<void> {
    const { orgId, trackableId, date } = day;
    const visits = (await this.store.visits(day)).map(toContract);
    after.publish(
      trackingLive,
      'geofence:corrected',
      { orgId, id: branchId },
      { trackableId, name, date, revision, visits },
    );
  }

  async days(actor: Actor, trackableId: string, range: { from: string; to: string }): Promise<{ days: FenceDay[] }> {
    const { orgId } = actor;
    const row = await TrackableModel.findOne({ where: { orgId, id: trackableId } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, 'tracking.read', { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    const days = await this.store.days(orgId, trackableId, range);
    return { days: days.map(({ visits, ...day }) => ({ trackableId, ...day, visits: visits.map(toContract) })) };
  }
}

const isSame =
  (a: Visit) =>
  (b: Visit): boolean =>
    a.fenceId === b.fenceId && a.kind === b.kind && a.enteredAt === b.enteredAt;

const isEqual = (a: Visit, b: Visit): boolean =>
  a.leftAt === b.leftAt &&
  a.seenUntil === b.seenUntil &&
  a.dwelledAt === b.dwelledAt &&
  a.fenceName === b.fenceName &&
  a.branchId === b.branchId;

/**
 * Whether a visit was told otherwise before. One that goes on, and one that is later than all that was known, is growth.
 * @param upTo the newest fix that was known
 */
function contradicts(visit: Visit, known: readonly Visit[], upTo: number): boolean {
  const before = known.find(isSame(visit));
  if (!before) return visit.enteredAt <= upTo;
  if (visit.seenUntil < before.seenUntil) return true;
  const { leftAt, seenUntil, dwelledAt } = before;
  return leftAt !== null && (visit.leftAt !== leftAt || visit.seenUntil !== seenUntil || visit.dwelledAt !== dwelledAt);
}

const toContract = ({ enteredAt, leftAt, seenUntil, dwelledAt, ...rest }: Visit): FenceVisit => ({
  ...rest,
  enteredAt: new Date(enteredAt).toISOString(),
  leftAt: leftAt === null ? null : new Date(leftAt).toISOString(),
  seenUntil: new Date(seenUntil).toISOString(),
  dwelledAt: dwelledAt === null ? null : new Date(dwelledAt).toISOString(),
});
