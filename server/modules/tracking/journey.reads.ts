import type { TrackedDay, Trip } from '@loro/contracts/tracking-journeys';
import { type Actor, type Hub, HubError, Invalid, NotFound, reachOf } from '../../platform';
import { branches } from '../branches';
import type { ReadRow, TripRow } from './journey.shapes';
import type { JourneyTable } from './journey.store';
import { TrackableModel } from './trackable.model';

export interface Span {
  readonly trackableId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly purpose?: Trip['purpose'] | undefined;
}

const MOST_MS = 366 * 86_400_000;
const KEYS = `r.id, r.trackable_id AS trackableId, k.name AS trackableName, k.user_id AS userId, k.branch_id AS branchId,
  DATE_FORMAT(r.on_date, '%Y-%m-%d') AS date, r.start_at AS startAt, r.end_at AS endAt`;
const COLUMNS: Readonly<Record<JourneyTable, string>> = {
  trips: `r.start_lat_e7 AS startLatE7, r.start_lng_e7 AS startLngE7, r.start_fence_id AS startFenceId,
    r.start_name AS startName, r.end_lat_e7 AS endLatE7, r.end_lng_e7 AS endLngE7, r.end_fence_id AS endFenceId,
    r.end_name AS endName, r.distance_m AS distanceM, r.moving_sec AS movingSec, r.max_kmh AS maxKmh, r.purpose, r.note,
    r.driver_id AS driverId, r.state, r.polyline, r.version`,
  track_stops: `r.lat_e7 AS latE7, r.lng_e7 AS lngE7, r.radius_m AS radiusM, r.fixes, r.confidence, r.fence_id AS fenceId,
    r.name, r.is_open AS isOpen`,
  track_gaps: 'r.reason, r.distance_m AS distanceM, r.is_estimated AS isEstimated',
  speed_events: 'r.limit_kmh AS limitKmh, r.source, r.max_kmh AS maxKmh, r.is_open AS isOpen',
};
const OF = (table: JourneyTable): string =>
  `SELECT ${KEYS}, ${COLUMNS[table]} FROM ${table} r JOIN trackables k ON k.org_id = r.org_id AND k.id = r.trackable_id`;

/** Statements that read what days were added up to. */
export class JourneyReads {
  constructor(private readonly hub: Hub) {}

  /** One row more than the limit, of what the actor may see. @throws HubError RANGE_TOO_LONG */
  async page<Row extends ReadRow>(
    actor: Actor,
    table: JourneyTable,
    query: Span & { limit: number; cursor?: string | undefined },
  ): Promise<Row[]> {
    await this.mustFind(actor.orgId, query);
    const after = this.hub.cursors.decode('journeys', query.cursor);
    return this.some<Row>(
      actor,
      table,
      query,
      after ? { at: Number(after[0]), id: String(after[1]) } : null,
      query.limit + 1,
    );
  }

  /** @throws NotFound for a trackable or a branch that the organisation does not have */
  async mustFind(orgId: string, { trackableId, branchId }: Pick<Span, 'trackableId' | 'branchId'>): Promise<void> {
    if (trackableId !== undefined && (await TrackableModel.count({ where: { orgId, id: trackableId } })) === 0)
      throw new NotFound('This trackable');
    if (branchId !== undefined && !(await this.hub.use(branches).exists(orgId, branchId)))
      throw new NotFound('This branch');
  }

  /** All of them, a part at a time. */
  async *all<Row extends ReadRow>(actor: Actor, table: JourneyTable, query: Span): AsyncGenerator<Row> {
    let after: { at: number; id: string } | null = null;
    for (;;) {
      const rows: Row[] = await this.some<Row>(actor, table, query, after, PART);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PART) return;
      after = { at: last.startAt.getTime(), id: last.id };
    }
  }

  async trip(orgId: string, id: string): Promise<TripRow | undefined> {
    const [row] = await this.hub.select<TripRow>(`${OF('trips')} WHERE r.org_id = :orgId AND r.id = :id`, {
      orgId,
      id,
    });
    return row;
  }

  async classify(orgId: string, id: string, { purpose, note }: Pick<Trip, 'purpose' | 'note'>): Promise<void> {
    await this.hub.sequelize.query(
      'UPDATE trips SET purpose = :purpose, note = :note, version = version + 1 WHERE org_id = :orgId AND id = :id',
      { replacements: { orgId, id, purpose, note } },
    );
  }

  /** Trips of a trackable's local dates, oldest first; the end is not included. */
  tripsOf(orgId: string, trackableId: string, { from, to }: { from: string; to: string }): Promise<TripRow[]> {
    return this.hub.select<TripRow>(
      `${OF('trips')} WHERE r.org_id = :orgId AND r.trackable_id = :trackableId AND r.on_date >= :from AND r.on_date < :to
       ORDER BY r.start_at, r.id`,
      { orgId, trackableId, from, to },
    );
  }

  async days(orgId: string, trackableId: string, { from, to }: { from: string; to: string }): Promise<TrackedDay[]> {
    const count = (table: string) =>
      `(SELECT COUNT(*) FROM ${table} c WHERE c.org_id = d.org_id AND c.trackable_id = d.trackable_id AND c.on_date = d.on_date)`;
    const rows = await this.hub.select<
      Omit<TrackedDay, 'firstAt' | 'lastAt'> & { firstAt: Date | null; lastAt: Date | null }
    >(
      `SELECT trackable_id AS trackableId, DATE_FORMAT(on_date, '%Y-%m-%d') AS date, zone AS timeZone,
         ROUND(distance_m, 1) AS distanceM, ROUND(estimated_m, 1) AS estimatedM, moving_sec AS movingSec,
         ${count('trips')} AS trips, ${count('track_stops')} AS stops, ${count('track_gaps')} AS gaps, fixes,
         left_out AS leftOut, first_at AS firstAt, last_at AS lastAt, revision
         FROM tracked_days d WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date >= :from AND on_date <= :to
        ORDER BY on_date`,
      { orgId, trackableId, from, to },
    );
    return rows.map((row) => ({
      ...row,
      firstAt: row.firstAt?.toISOString() ?? null,
      lastAt: row.lastAt?.toISOString() ?? null,
    }));
  }

  private some<Row extends ReadRow>(
    actor: Actor,
    table: JourneyTable,
    { trackableId, branchId, from, to, purpose }: Span,
    after: { at: number; id: string } | null,
    limit: number,
  ): Promise<Row[]> {
    spanOf(from, to);
    const { scope, branchIds, userIds } = reachOf(actor, 'tracking.read');
    const driven = table === 'trips' ? 'OR r.driver_id = :userId' : '';
    return this.hub.select<Row>(
      `${OF(table)} WHERE r.org_id = :orgId AND r.start_at >= :from AND r.start_at < :to
        ${trackableId === undefined ? '' : 'AND r.trackable_id = :trackableId'}
        ${branchId === undefined ? '' : 'AND k.branch_id = :branchId'} ${purpose === undefined ? '' : 'AND r.purpose = :purpose'}
        ${after ? 'AND (r.start_at > :at OR (r.start_at = :at AND r.id > :id))' : ''}
        ${scope === 'org' ? '' : `AND (k.user_id IN (:userIds) OR k.branch_id IN (:branchIds) ${driven})`}
       ORDER BY r.start_at, r.id LIMIT :limit`,
      {
        orgId: actor.orgId,
        userId: actor.userId,
        userIds: [actor.userId, ...(userIds ?? [])],
        // IN () is not SQL; no branch has an empty id.
        branchIds: ['', ...(scope === 'branch' || scope === 'subtree' ? branchIds : [])],
        from: new Date(from),
        to: new Date(to),
        ...(trackableId !== undefined && { trackableId }),
        ...(branchId !== undefined && { branchId }),
        ...(purpose !== undefined && { purpose }),
        ...(after && { at: new Date(after.at), id: after.id }),
        limit,
      },
    );
  }
}

const PART = 1_000;

/** @throws Invalid BAD_QUERY, HubError RANGE_TOO_LONG */
export function spanOf(from: string, to: string): { from: number; to: number } {
  const span = { from: Date.parse(from), to: Date.parse(to) };
  if (span.to <= span.from)
    throw new Invalid('BAD_QUERY', 'The time ends before it begins.', {
      errors: [{ path: 'to', code: 'too_small', message: 'is not after from' }],
    });
  if (span.to - span.from > MOST_MS) throw new HubError('RANGE_TOO_LONG', 'At most 366 days at once.');
  return span;
}
