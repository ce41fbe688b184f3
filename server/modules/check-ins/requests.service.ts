import type { LocationHold, LocationRequest } from '@loro/contracts/check-ins-privacy';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import type { LocationKeys } from './location-keys';
import { type MarkStore, toRecord } from './mark.store';
import { placeOf } from './places';

interface RequestRow extends Omit<LocationRequest, 'requestedAt' | 'decidedAt'> {
  readonly requestedAt: Date;
  readonly decidedAt: Date | null;
}
interface HoldRow extends Omit<LocationHold, 'placedAt' | 'releasedAt'> {
  readonly placedAt: Date;
  readonly releasedAt: Date | null;
}
interface PageOf {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const REQUEST = `id, user_id AS userId, kind, state, reason, requested_at AS requestedAt, decided_at AS decidedAt, answer`;
const HOLD = `id, user_id AS userId, reason, placed_by AS placedBy, placed_at AS placedAt, released_at AS releasedAt`;
const MOST_EXPORTED = 5_000;

const request = ({ requestedAt, decidedAt, ...row }: RequestRow): LocationRequest => ({
  ...row,
  requestedAt: requestedAt.toISOString(),
  decidedAt: decidedAt?.toISOString() ?? null,
});
const hold = ({ placedAt, releasedAt, ...row }: HoldRow): LocationHold => ({
  ...row,
  placedAt: placedAt.toISOString(),
  releasedAt: releasedAt?.toISOString() ?? null,
});

/** What people ask about their places, and what is kept for a case. */
export class RequestsService {
  constructor(
    private readonly hub: Hub,
    private readonly parts: { readonly marks: MarkStore; readonly keys: LocationKeys },
  ) {}

  async ask(
    actor: Actor,
    { kind, reason }: { kind: 'export' | 'erase'; reason: string | null },
  ): Promise<LocationRequest> {
    const { orgId, userId } = actor;
    const now = this.hub.now();
    return this.hub.transact(async (after) => {
      const id = ulid(now.getTime());
      // A copy of one's own needs nobody's leave.
      const isDone = kind === 'export';
      await this.hub.sequelize
        .query(
          `INSERT INTO location_requests (org_id, id, user_id, kind, state, open_mark, reason, requested_at, decided_at)
           VALUES (:orgId, :id, :userId, :kind, :state, :mark, :reason, :now, :decidedAt)`,
          {
            replacements: {
              orgId,
              id,
              userId,
              kind,
              state: isDone ? 'done' : 'open',
              mark: isDone ? null : 1,
              reason,
              now,
              decidedAt: isDone ? now : null,
            },
          },
        )
        .catch(onDuplicate((cause) => new Conflict('REQUEST_OPEN', 'You asked for this already.', { cause })));
      after.record({
        type: 'user_action',
        action: 'location-request.made',
        entity: { type: 'user', id: userId },
        data: { kind },
      });
      return request(await this.find(orgId, id));
    });
  }

  async own({ orgId, userId }: Actor, page: PageOf): Promise<Page<LocationRequest>> {
    return this.requests(orgId, 'user_id = :userId', { userId }, page);
  }

  async list(
    actor: Actor,
    { state, ...page }: PageOf & { state?: LocationRequest['state'] | undefined },
  ): Promise<Page<LocationRequest>> {
    allow(actor, 'privacy.manage');
    return this.requests(actor.orgId, state === undefined ? 'TRUE' : 'state = :state', { state }, page);
  }

  /** Everything of one's check-ins, exact places too, as far as they are kept. */
  async copy(
    { orgId, userId }: Actor,
    id: string,
  ): Promise<{ exportedAt: string; checkIns: Record<string, unknown>[] }> {
    const row = await this.find(orgId, id);
    if (row.userId !== userId || row.kind !== 'export' || row.state !== 'done') throw new NotFound('This copy');
    return { exportedAt: this.hub.now().toISOString(), checkIns: await this.exportOf(orgId, userId) };
  }

  async exportOf(orgId: string, userId: string): Promise<Record<string, unknown>[]> {
    const marks = await this.parts.marks.all(
      'm.org_id = :orgId AND m.user_id = :userId',
      { orgId, userId },
      `ORDER BY m.occurred_at DESC LIMIT ${MOST_EXPORTED}`,
    );
    const names = await this.hub.use(people).namesOf(orgId, [userId]);
    return Promise.all(
      marks.map(async (mark) => ({
        ...toRecord(mark, names.get(userId) ?? ''),
        cell: mark.h3r7,
        place: await placeOf(this.parts.keys, mark),
      })),
    );
  }

  async answer(
    actor: Actor,
    id: string,
    { decision, answer }: { decision: 'done' | 'refused'; answer: string },
  ): Promise<LocationRequest> {
    allow(actor, 'privacy.manage');
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.find(orgId, id, 'FOR UPDATE');
      if (row.state !== 'open') throw new Conflict('REQUEST_DECIDED', 'This was answered earlier.');
      if (decision === 'done') await this.erase(orgId, row.userId, after);
      await this.hub.sequelize.query(
        `UPDATE location_requests SET state = :decision, open_mark = NULL, decided_at = :now, decided_by = :by, answer = :answer
          WHERE org_id = :orgId AND id = :id`,
        { replacements: { orgId, id, decision, answer, by: actor.userId, now: this.hub.now() } },
      );
      after.record({
        action: 'location-request.answered',
        entity: { type: 'user', id: row.userId },
        data: { kind: row.kind, decision },
      });
      return request(await this.find(orgId, id));
    });
  }

  /** Where somebody was is gone for good, in backups too; that somebody was there for work, and what was decided, stays. */
  async erase(orgId: string, userId: string, after: After): Promise<void> {
    if (await this.isHeld(orgId, userId)) throw new Conflict('LOCATION_HELD', 'This is kept for a case.');
    const replacements = { orgId, userId };
    const count = await this.parts.keys.destroy(orgId, userId);
    await this.hub.sequelize.query(
      `UPDATE check_in_marks SET place = NULL, h3r7 = NULL, h3r9 = NULL, accuracy_m = NULL, signed_distance_m = NULL,
         place_state = 'redacted' WHERE org_id = :orgId AND user_id = :userId`,
      { replacements },
    );
    await this.hub.sequelize.query(
      `UPDATE check_ins SET started_place = NULL, ended_place = NULL, started_lat_e7 = NULL, started_lng_e7 = NULL,
         ended_lat_e7 = NULL, ended_lng_e7 = NULL WHERE org_id = :orgId AND user_id = :userId`,
      { replacements },
    );
    await this.hub.sequelize.query(
      'UPDATE check_in_photos SET expires_at = :now WHERE org_id = :orgId AND user_id = :userId AND storage_key IS NOT NULL',
      { replacements: { ...replacements, now: this.hub.now() } },
    );
    await this.hub.sequelize.query('UPDATE duty_alarms SET place = NULL WHERE org_id = :orgId AND user_id = :userId', {
      replacements,
    });
    after.record({
      type: 'security_event',
      action: 'locations.erased',
      entity: { type: 'user', id: userId },
      data: { keys: count },
    });
  }

  async holds(actor: Actor, { limit, cursor }: PageOf): Promise<Page<LocationHold>> {
    allow(actor, 'privacy.manage');
    const [before = '~'] = this.hub.cursors.decode('location-holds', cursor) ?? [];
    const rows = await this.hub.select<HoldRow>(
      `SELECT ${HOLD} FROM location_holds WHERE org_id = :orgId AND id < :before ORDER BY id DESC LIMIT :limit`,
      { orgId: actor.orgId, before, limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('location-holds', [id]), hold);
  }

  async hold(actor: Actor, { userId, reason }: { userId: string; reason: string }): Promise<LocationHold> {
    allow(actor, 'privacy.manage');
    const { orgId } = actor;
    await this.hub.use(people).byId(orgId, userId);
    return this.hub.transact(async (after) => {
      const row: HoldRow = {
        id: ulid(this.hub.now().getTime()),
        userId,
        reason,
        placedBy: actor.userId,
        placedAt: this.hub.now(),
        releasedAt: null,
      };
      await this.hub.sequelize
        .query(
          `INSERT INTO location_holds (org_id, id, user_id, open_mark, reason, placed_by, placed_at)
           VALUES (:orgId, :id, :userId, 1, :reason, :placedBy, :placedAt)`,
          { replacements: { orgId, ...row } },
        )
        .catch(onDuplicate((cause) => new Conflict('LOCATION_HELD', 'There is a hold on this person.', { cause })));
      after.record({
        type: 'security_event',
        action: 'location-hold.placed',
        entity: { type: 'user', id: userId },
        data: { reason },
      });
      return hold(row);
    });
  }

  async release(actor: Actor, id: string): Promise<void> {
    allow(actor, 'privacy.manage');
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const [row] = await this.hub.select<HoldRow>(
        `SELECT ${HOLD} FROM location_holds WHERE org_id = :orgId AND id = :id AND open_mark = 1 FOR UPDATE`,
        { orgId, id },
      );
      if (!row) throw new NotFound('This hold');
      await this.hub.sequelize.query(
        'UPDATE location_holds SET open_mark = NULL, released_at = :now, released_by = :by WHERE org_id = :orgId AND id = :id',
        { replacements: { orgId, id, now: this.hub.now(), by: actor.userId } },
      );
      after.record({
        type: 'security_event',
        action: 'location-hold.released',
        entity: { type: 'user', id: row.userId },
      });
    });
  }

  private async isHeld(orgId: string, userId: string): Promise<boolean> {
    const rows = await this.hub.select(
      'SELECT id FROM location_holds WHERE org_id = :orgId AND user_id = :userId AND open_mark = 1 FOR UPDATE',
      { orgId, userId },
    );
    return rows.length > 0;
  }

  private async requests(
    orgId: string,
    where: string,
    values: object,
    { limit, cursor }: PageOf,
  ): Promise<Page<LocationRequest>> {
    const [before = '~'] = this.hub.cursors.decode('location-requests', cursor) ?? [];
    const rows = await this.hub.select<RequestRow>(
      `SELECT ${REQUEST} FROM location_requests WHERE org_id = :orgId AND ${where} AND id < :before ORDER BY id DESC LIMIT :limit`,
      { ...values, orgId, before, limit: limit + 1 },
    );
    return pageOf(rows, limit, ({ id }) => this.hub.cursors.encode('location-requests', [id]), request);
  }

  private async find(orgId: string, id: string, rest = ''): Promise<RequestRow> {
    const [row] = await this.hub.select<RequestRow>(
      `SELECT ${REQUEST} FROM location_requests WHERE org_id = :orgId AND id = :id ${rest}`,
      { orgId, id },
    );
    if (!row) throw new NotFound('This request');
    return row;
  }
}
