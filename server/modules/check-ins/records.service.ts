import type { CheckInKind, CheckInRecord, CheckInState, CheckInType, Evidence } from '@loro/contracts/check-ins-values';
import {
  type Actor,
  allow,
  Conflict,
  type Hub,
  HubError,
  may,
  NotFound,
  type Page,
  pageOf,
  type Reach,
  reachOf,
} from '../../platform';
import { people } from '../people';
import type { LocationKeys } from './location-keys';
import { type Mark, type MarkStore, toRecord } from './mark.store';
import { placeOf } from './places';
import type { PrivacyService } from './privacy.service';

interface RecordsQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly type?: CheckInType | undefined;
  readonly kind?: CheckInKind | undefined;
  readonly status?: CheckInState | undefined;
}

const CHANGEABLE_MS = 86_400_000;

interface Parts {
  readonly marks: MarkStore;
  readonly keys: LocationKeys;
  readonly privacy: PrivacyService;
}

/** Reading what was recorded: without places for most, with the exact one for few, who are noted. */
export class RecordsService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: Parts,
  ) {}

  async list(actor: Actor, query: RecordsQuery): Promise<Page<CheckInRecord>> {
    const reach = reachOf(actor, 'check-ins.read');
    const [before = '~'] = this.hub.cursors.decode('check-in-records', query.cursor) ?? [];
    const { userId, branchId, type, kind, status, limit } = query;
    const filters: readonly (readonly [string, unknown])[] = [
      ['m.user_id = :userId', userId],
      ['m.branch_id = :branchId', branchId],
      ['m.type = :type', type],
      ['m.kind = :kind', kind],
      ['m.status = :status', status],
      ['m.occurred_at >= :from', query.from && new Date(query.from)],
      ['m.occurred_at < :to', query.to && new Date(query.to)],
    ];
    const asked = filters.flatMap(([condition, value]) => (value === undefined ? [] : [condition]));
    const rows = await this.parts.marks.all(
      ['m.org_id = :orgId', 'm.id < :before', ...asked, ...visible(reach)].join(' AND '),
      {
        orgId: actor.orgId,
        before,
        userId,
        branchId,
        type,
        kind,
        status,
        from: query.from && new Date(query.from),
        to: query.to && new Date(query.to),
        ...reachValues(actor, reach),
      },
      `ORDER BY m.id DESC LIMIT ${limit + 1}`,
    );
    return this.page('check-in-records', actor.orgId, rows, limit);
  }

  async get(actor: Actor, id: string): Promise<CheckInRecord> {
    const mark = await this.find(actor, id, 'check-ins.read');
    return this.present(mark);
  }

  /** Flagged ones that the actor may decide about; their own are somebody else’s to decide. */
  async queue(
    actor: Actor,
    { branchId, limit, cursor }: { branchId?: string | undefined; limit: number; cursor?: string | undefined },
  ): Promise<Page<CheckInRecord>> {
    const reach = reachOf(actor, 'check-ins.review');
    const [after = ''] = this.hub.cursors.decode('review-queue', cursor) ?? [];
    const rows = await this.parts.marks.all(
      [
        "m.org_id = :orgId AND m.status = 'flagged' AND m.user_id <> :self AND m.id > :after",
        ...(branchId === undefined ? [] : ['m.branch_id = :branchId']),
        ...visible(reach),
      ].join(' AND '),
      { orgId: actor.orgId, after, branchId, ...reachValues(actor, reach) },
      `ORDER BY m.id LIMIT ${limit + 1}`,
    );
    return this.page('review-queue', actor.orgId, rows, limit);
  }

  /** Everything about one. Exact places are for whoever may see them, who says why, and is noted. */
  async evidence(actor: Actor, id: string, reason: string | undefined): Promise<Evidence> {
    const found = await this.find(actor, id, 'check-ins.review');
    const { orgId, userId, branchId } = found;
    const isOwn = userId === actor.userId;
    const mayLook = isOwn || may(actor, 'check-ins.read-precise', { userId, branchId });
    const profile = await this.parts.privacy.profileOf(orgId);
    const wantsReason = mayLook && !isOwn && found.place !== null && profile?.reasonRequired === true;
    if (wantsReason && reason === undefined)
      throw new HubError('REASON_REQUIRED', 'Say why you look at where exactly somebody was.', {
        errors: [{ path: 'reason', code: 'required', message: 'says why' }],
      });
    return this.hub.transact(async () => {
      const place = mayLook ? await placeOf(this.parts.keys, found) : null;
      if (place && !isOwn)
        await this.parts.privacy.noteLook(actor, {
          subjectId: userId,
          scope: 'check-in evidence',
          reason: reason ?? null,
          rows: 1,
        });
      return {
        ...(await this.present(found)),
        claimedAt: found.claimedAt?.toISOString() ?? null,
        skewMs: found.skewMs,
        accuracyM: found.accuracyM,
        fixAgeMs: found.fixAgeMs,
        fenceId: found.fenceId,
        cell: found.h3r7,
        fineCell: mayLook ? found.h3r9 : null,
        place,
        placeState: found.place === null ? found.placeState : mayLook ? (place ? 'exact' : 'erased') : 'hidden',
        signals: [...found.signals],
        deviceId: found.deviceId,
        appVersion: found.appVersion,
        batteryPct: found.batteryPct,
        reviewerId: found.reviewerId,
        reviewedAt: found.reviewedAt?.toISOString() ?? null,
      };
    });
  }

  /** What one’s own check-in was about, for a day. */
  async categorise(
    actor: Actor,
    id: string,
    change: { category?: string | null | undefined; note?: string | null | undefined },
  ): Promise<CheckInRecord> {
    return this.hub.transact(async (after) => {
      const before = await this.parts.marks.lock(actor.orgId, id);
      if (before.userId !== actor.userId) throw new NotFound('This check-in');
      allow(actor, 'check-ins.create', { userId: before.userId });
      if (before.status === 'redacted' || before.status === 'voided')
        throw new Conflict('CHECK_IN_STATE', `This check-in is ${before.status}.`);
      if (this.hub.now().getTime() - before.receivedAt.getTime() > CHANGEABLE_MS)
        throw new Conflict('TOO_LATE', 'This was more than 24 hours ago.');
      const { category = before.category, note = before.note } = change;
      await this.parts.marks.update(before.orgId, id, { category, note });
      if (change.note !== undefined)
        await this.hub.sequelize.query('UPDATE check_ins SET note = :note WHERE org_id = :orgId AND id = :id', {
          replacements: { orgId: before.orgId, id, note },
        });
      after.record({
        action: 'check-in.categorised',
        entity: { type: 'check-in', id },
        branchId: before.branchId,
        before: { category: before.category, note: before.note },
        after: { category, note },
      });
      return this.present({ ...before, category, note });
    });
  }

  async present(mark: Mark): Promise<CheckInRecord> {
    const names = await this.hub.use(people).namesOf(mark.orgId, [mark.userId]);
    return toRecord(mark, names.get(mark.userId) ?? '');
  }

  /** @throws NotFound for what is out of reach */
  async find(actor: Actor, id: string, permission: 'check-ins.read' | 'check-ins.review'): Promise<Mark> {
    const mark = await this.parts.marks.find(actor.orgId, id);
    if (!mark) throw new NotFound('This check-in');
    allow(actor, permission, { userId: mark.userId, branchId: mark.branchId, what: 'This check-in' });
    return mark;
  }

  private async page(list: string, orgId: string, rows: readonly Mark[], limit: number): Promise<Page<CheckInRecord>> {
    const names = await this.hub.use(people).namesOf(orgId, [...new Set(rows.map(({ userId }) => userId))]);
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode(list, [id]),
      (mark) => toRecord(mark, names.get(mark.userId) ?? ''),
    );
  }
}

// No branch and nobody has an empty id.
const visible = ({ scope }: Reach): string[] =>
  scope === 'org' ? [] : ['(m.user_id = :self OR m.branch_id IN (:branchIds) OR m.user_id IN (:teamIds))'];

const reachValues = (actor: Actor, { scope, branchIds, userIds }: Reach) => ({
  self: actor.userId,
  branchIds: scope === 'branch' || scope === 'subtree' ? [...branchIds, ''] : [''],
  teamIds: [...(userIds ?? []), ''],
});
