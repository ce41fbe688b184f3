import type { Precision } from '@loro/contracts/tracking-journeys';
import type { Look } from '@loro/contracts/tracking-trackables';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Forbidden,
  type Hub,
  HubError,
  may,
  NotFound,
  type Page,
  pageOf,
  Remembered,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { configuration } from '../configuration';
import { people } from '../people';
import { TrackableModel } from './trackable.model';

type What = Look['what'];
type Looked = Pick<TrackableModel, 'id' | 'userId' | 'branchId'>;

interface Asked {
  readonly precision?: z.output<typeof Precision> | undefined;
  readonly reason?: string | undefined;
}

interface LookRow extends Omit<Look, 'viewerName' | 'trackableId' | 'branchId' | 'firstAt' | 'lastAt'> {
  readonly id: string;
  readonly subjectId: string;
  readonly isBranch: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const LOOK_MS = 3_600_000;
const HOUR_MS = 3_600_000;
/** Somebody who watches is noted once in a while, not with every answer. */
const NOTED_MS = 5 * 60_000;

/** How exactly places are shown to whom, what for, and who looked at whom. */
export class LooksService {
  private readonly noted: Remembered<true>;

  constructor(private readonly hub: Hub) {
    this.noted = new Remembered(NOTED_MS, 100_000, hub.now);
  }

  /**
   * As exactly as was asked for, or as one may see it.
   * @throws Forbidden PRECISION_DENIED where exact places were asked for without the right to them
   * @throws HubError LOOK_REASON_REQUIRED where they were asked for without saying why
   */
  async tier(actor: Actor, of: Looked, { precision, reason }: Asked, what: What): Promise<Precision> {
    if (precision === 'cell') return 'cell';
    const { id, userId, branchId } = of;
    if (!may(actor, 'tracking.read-precise', { userId, branchId })) {
      if (precision === 'exact') throw new Forbidden('PRECISION_DENIED', 'You may see places to about 200 m.');
      return 'cell';
    }
    if (userId === null || userId === actor.userId) return 'exact';
    const why = reason ?? (await this.reasonOf(actor, of));
    if (why === null && (await this.isReasonRequired(actor.orgId))) {
      if (precision === 'exact') throw new HubError('LOOK_REASON_REQUIRED', 'Say why you look at this person.');
      return 'cell';
    }
    await this.note(actor, { subjectId: id, isBranch: false }, what, why);
    return 'exact';
  }

  /** Whether live exact places of a branch or of one trackable are open to somebody. */
  async mayWatch(
    actor: Actor,
    of: { branchId: string; userId?: string | null; trackableId?: string },
  ): Promise<boolean> {
    const { branchId, userId, trackableId } = of;
    if (trackableId !== undefined && (userId === null || userId === actor.userId)) return true;
    if (!(await this.isReasonRequired(actor.orgId))) return true;
    return (await this.openReason(actor, trackableId === undefined ? [branchId] : [trackableId, branchId])) !== null;
  }

  /** Notes that somebody began to watch. */
  async watches(actor: Actor, subjectId: string, isBranch: boolean): Promise<void> {
    await this.note(actor, { subjectId, isBranch }, 'live', await this.openReason(actor, [subjectId]));
  }

  async open(
    actor: Actor,
    {
      trackableId,
      branchId,
      reason,
    }: { trackableId?: string | undefined; branchId?: string | undefined; reason: string },
  ): Promise<{ until: string; precision: Precision }> {
    const { orgId } = actor;
    const subjectId = trackableId ?? branchId ?? '';
    if (trackableId !== undefined) await this.find(actor, trackableId);
    else {
      const exists = await this.hub.use(branches).exists(orgId, subjectId);
      allow(actor, 'tracking.read-precise', exists ? { branchId: subjectId } : { orgId: '', what: 'This branch' });
    }
    const until = new Date(this.hub.now().getTime() + LOOK_MS);
    const isBranch = trackableId === undefined;
    await this.hub.transact(async (after) => {
      await this.hub.sequelize.query(
        `INSERT INTO open_looks (org_id, viewer_id, subject_id, is_branch, reason, until_at)
         VALUES (:orgId, :userId, :subjectId, :isBranch, :reason, :until)
         ON DUPLICATE KEY UPDATE reason = VALUES(reason), until_at = VALUES(until_at)`,
        { replacements: { orgId, userId: actor.userId, subjectId, isBranch, reason, until } },
      );
      after.record({
        type: 'user_action',
        action: 'location.looked-at',
        severity: 'notice',
        entity: { type: isBranch ? 'branch' : 'trackable', id: subjectId },
        data: { reason, until: until.toISOString() },
      });
    });
    await this.note(actor, { subjectId, isBranch }, 'live', reason);
    return { until: until.toISOString(), precision: 'exact' };
  }

  async end({ orgId, userId }: Actor): Promise<void> {
    await this.hub.sequelize.query('DELETE FROM open_looks WHERE org_id = :orgId AND viewer_id = :userId', {
      replacements: { orgId, userId },
    });
  }

  /** Who looked at somebody, for this somebody and for those who may see everything of him. */
  async list(
    actor: Actor,
    { trackableId, limit, cursor }: { trackableId: string; limit: number; cursor?: string | undefined },
  ): Promise<Page<Look>> {
    const { orgId } = actor;
    const row = await TrackableModel.findOne({ where: { orgId, id: trackableId } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, 'tracking.read', { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    const before = this.hub.cursors.decode('looks', cursor);
    const rows = await this.hub.select<LookRow>(
      `SELECT w.id, w.viewer_id AS viewerId, w.subject_id AS subjectId, w.is_branch AS isBranch, w.what,
         w.reason, w.first_at AS firstAt, w.last_at AS lastAt, w.times
         FROM watch_log w
        WHERE w.org_id = :orgId AND w.subject_id IN (:subjects)
          ${before ? 'AND (w.last_at < :at OR (w.last_at = :at AND w.id < :id))' : ''}
        ORDER BY w.last_at DESC, w.id DESC LIMIT :limit`,
      {
        orgId,
        subjects: [trackableId, row.branchId],
        at: before && new Date(Number(before[0])),
        id: before?.[1],
        limit: limit + 1,
      },
    );
    const viewers = await this.hub.use(people).namesOf(orgId, [...new Set(rows.map(({ viewerId }) => viewerId))]);
    return pageOf(
      rows,
      limit,
      ({ lastAt, id }) => this.hub.cursors.encode('looks', [lastAt.getTime(), id]),
      (look) => toContract(look, viewers.get(look.viewerId) ?? ''),
    );
  }

  private async find(actor: Actor, trackableId: string): Promise<TrackableModel> {
    const row = await TrackableModel.findOne({ where: { orgId: actor.orgId, id: trackableId } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, 'tracking.read-precise', { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    return row;
  }

  private isReasonRequired(orgId: string): Promise<boolean> {
    return this.hub.use(configuration).value('tracking.reason-required', { orgId });
  }

  private reasonOf(actor: Actor, { id, branchId }: Looked): Promise<string | null> {
    return this.openReason(actor, [id, branchId]);
  }

  private async openReason({ orgId, userId }: Actor, subjects: readonly string[]): Promise<string | null> {
    const [row] = await this.hub.select<{ reason: string }>(
      `SELECT reason FROM open_looks WHERE org_id = :orgId AND viewer_id = :userId AND subject_id IN (:subjects)
        AND until_at > :now LIMIT 1`,
      { orgId, userId, subjects, now: this.hub.now() },
    );
    return row?.reason ?? null;
  }

  private async note(
    { orgId, userId }: Actor,
    { subjectId, isBranch }: { subjectId: string; isBranch: boolean },
    what: What,
    reason: string | null,
  ): Promise<void> {
    const now = this.hub.now();
    const key = `${orgId}:${userId}:${subjectId}:${what}:${reason ?? ''}`;
    if (this.noted.get(key)) return;
    this.noted.set(key, true);
    const hourAt = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
    const replacements = { orgId, id: ulid(now.getTime()), userId, subjectId, isBranch, what, hourAt, reason, now };
    await this.hub.sequelize.query(
      `INSERT INTO watch_log (org_id, id, viewer_id, subject_id, is_branch, what, hour_at, reason, first_at, last_at)
       VALUES (:orgId, :id, :userId, :subjectId, :isBranch, :what, :hourAt, :reason, :now, :now)
       ON DUPLICATE KEY UPDATE times = times + 1, last_at = VALUES(last_at), reason = COALESCE(VALUES(reason), reason)`,
      { replacements },
    );
  }
}

const toContract = ({ id: _id, subjectId, isBranch, firstAt, lastAt, ...row }: LookRow, viewerName: string): Look => ({
  ...row,
  viewerName,
  trackableId: isBranch ? null : subjectId,
  branchId: isBranch ? subjectId : null,
  firstAt: firstAt.toISOString(),
  lastAt: lastAt.toISOString(),
});
