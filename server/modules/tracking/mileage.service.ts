import { type Mileage, type MileageClose, MileageLine } from '@loro/contracts/tracking-mileage';
import {
  type Actor,
  addDays,
  allow,
  Conflict,
  type Feed,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  reachOf,
} from '../../platform';
import { exportFeed } from '../../platform/exports';
import { branches } from '../branches';
import { configuration } from '../configuration';
import { people } from '../people';
import type { DayOf } from './day.store';
import type { JourneyReads } from './journey.reads';
import type { TripRow } from './journey.shapes';
import { digestOf, kilometresOf, linesOf, monthAfter, type Reading } from './mileage.policy';
import { TrackableModel } from './trackable.model';

interface CloseRow extends Omit<MileageClose, 'km' | 'closedAt'> {
  readonly km: string;
  readonly closedAt: Date;
  readonly lines: string;
}

const COLUMNS = `trackable_id AS trackableId, month, trips, km, rows_json AS \`lines\`, digest, closed_at AS closedAt,
  closed_by AS closedBy`;
const CLOSES_ON = 10;
const MOST_A_RUN = 500;

/** The log of trips that tax authorities ask for: open while its month is, and then for ever as it was. */
export class MileageService {
  constructor(
    private readonly hub: Hub,
    private readonly reads: JourneyReads,
  ) {}

  async month(actor: Actor, trackableId: string, month: string): Promise<Mileage> {
    const row = await this.find(actor, trackableId, 'tracking.read');
    const { orgId } = actor;
    const calendar = await this.hub.use(branches).calendarOf(orgId, row.branchId);
    const closed = await this.closed(orgId, trackableId, month);
    const lines = closed ? MileageLine.array().parse(JSON.parse(closed.lines)) : await this.lines(row, month);
    const days = await this.reads.days(orgId, trackableId, { from: `${month}-01`, to: lastOf(month) });
    return {
      trackableId,
      name: row.name,
      month,
      timeZone: calendar.zoneOf(`${month}-01`),
      lines,
      km: kilometresOf(lines),
      estimatedKm: Math.round(days.reduce((sum, { estimatedM }) => sum + estimatedM, 0) / 10) / 100,
      closedAt: closed?.closedAt.toISOString() ?? null,
      digest: closed?.digest ?? null,
    };
  }

  async file(actor: Actor, trackableId: string, month: string, format: 'csv' | 'xlsx' | 'pdf'): Promise<Feed> {
    const { name, lines, timeZone } = await this.month(actor, trackableId, month);
    return exportFeed(
      { format, title: `Mileage ${month}: ${name}`, columns: LOG_COLUMNS, rows: lines, timeZone },
      `mileage-${month}-${name}`,
    );
  }

  /** @throws Conflict MONTH_NOT_OVER, MILEAGE_CLOSED */
  async close(actor: Actor, trackableId: string, month: string): Promise<MileageClose> {
    const row = await this.find(actor, trackableId, 'tracking.close-mileage');
    const calendar = await this.hub.use(branches).calendarOf(actor.orgId, row.branchId);
    if (this.hub.now() < calendar.startOf(`${monthAfter(month)}-01`))
      throw new Conflict('MONTH_NOT_OVER', 'This month is not over yet.');
    return this.put(row, month, actor.userId);
  }

  async closes(
    actor: Actor,
    { limit, cursor, trackableId }: { limit: number; cursor?: string | undefined; trackableId?: string | undefined },
  ): Promise<Page<MileageClose>> {
    const { scope, branchIds } = reachOf(actor, 'tracking.read');
    const before = this.hub.cursors.decode('mileage-closes', cursor);
    const rows = await this.hub.select<CloseRow>(
      `SELECT c.trackable_id AS trackableId, c.month, c.trips, c.km, '' AS \`lines\`, c.digest, c.closed_at AS closedAt,
         c.closed_by AS closedBy FROM mileage_closes c JOIN trackables k ON k.org_id = c.org_id AND k.id = c.trackable_id
        WHERE c.org_id = :orgId ${trackableId === undefined ? '' : 'AND c.trackable_id = :trackableId'}
          ${scope === 'org' ? '' : 'AND (k.user_id = :userId OR k.branch_id IN (:branchIds))'}
          ${before ? 'AND (c.closed_at, c.trackable_id, c.month) < (:at, :id, :month)' : ''}
        ORDER BY c.closed_at DESC, c.trackable_id DESC, c.month DESC LIMIT :limit`,
      {
        orgId: actor.orgId,
        userId: actor.userId,
        branchIds: ['', ...branchIds],
        ...(trackableId !== undefined && { trackableId }),
        ...(before && { at: new Date(Number(before[0])), id: before[1], month: before[2] }),
        limit: limit + 1,
      },
    );
    return pageOf(
      rows,
      limit,
      (row) => this.hub.cursors.encode('mileage-closes', [row.closedAt.getTime(), row.trackableId, row.month]),
      toContract,
    );
  }

  /** What is in a closed month changes no more. In the caller’s transaction: whoever closes it waits for its end. */
  async isClosed({ orgId, trackableId, date }: DayOf): Promise<boolean> {
    await this.hub.select('SELECT id FROM trackables WHERE org_id = :orgId AND id = :trackableId LOCK IN SHARE MODE', {
      orgId,
      trackableId,
    });
    return (await this.closed(orgId, trackableId, date.slice(0, 7))) !== undefined;
  }

  /** Closes last month from its tenth day after on, where organisations want that. @returns how many */
  async closeDue(): Promise<number> {
    const now = this.hub.now();
    if (now.getUTCDate() < CLOSES_ON) return 0;
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
    const due = await this.hub.select<{ orgId: string; trackableId: string }>(
      `SELECT DISTINCT t.org_id AS orgId, t.trackable_id AS trackableId FROM trips t
         LEFT JOIN mileage_closes c ON c.org_id = t.org_id AND c.trackable_id = t.trackable_id AND c.month = :month
        WHERE t.on_date >= :from AND t.on_date <= :to AND c.month IS NULL`,
      { month, from: `${month}-01`, to: lastOf(month) },
    );
    let closed = 0;
    for (const { orgId, trackableId } of due) {
      if (closed >= MOST_A_RUN) break;
      if (!(await this.hub.use(configuration).value('tracking.close-mileage-by-itself', { orgId }))) continue;
      const row = await TrackableModel.findOne({ where: { orgId, id: trackableId } });
      if (row) await this.put(row, month, null);
      closed += 1;
    }
    return closed;
  }

  private async put(row: TrackableModel, month: string, closedBy: string | null): Promise<MileageClose> {
    const { orgId, id: trackableId } = row;
    return this.hub.transact(async (after) => {
      // Whoever adds up a day of it, or says what a trip was for, comes before or after.
      await this.hub.select('SELECT id FROM trackables WHERE org_id = :orgId AND id = :trackableId FOR UPDATE', {
        orgId,
        trackableId,
      });
      const lines = await this.lines(row, month);
      const km = kilometresOf(lines);
      const digest = digestOf(lines);
      await this.hub.sequelize
        .query(
          `INSERT INTO mileage_closes (org_id, trackable_id, month, trips, km, rows_json, digest, closed_at, closed_by)
           VALUES (:orgId, :trackableId, :month, :trips, :km, :lines, :digest, :now, :closedBy)`,
          {
            replacements: {
              orgId,
              trackableId,
              month,
              trips: lines.length,
              digest,
              closedBy,
              km: JSON.stringify(km),
              lines: JSON.stringify(lines),
              now: this.hub.now(),
            },
          },
        )
        .catch(onDuplicate((cause) => new Conflict('MILEAGE_CLOSED', 'This month is closed already.', { cause })));
      after.record({
        type: closedBy === null ? 'system_event' : 'user_action',
        action: 'mileage.closed',
        severity: 'notice',
        orgId,
        entity: { type: 'trackable', id: trackableId },
        branchId: row.branchId,
        data: { month, trips: lines.length, digest, km: String(km.total) },
      });
      const closed = await this.closed(orgId, trackableId, month);
      if (!closed) throw new Error('a closed month was not kept');
      return toContract(closed);
    });
  }

  private async lines(row: TrackableModel, month: string): Promise<MileageLine[]> {
    const { orgId, id } = row;
    const trips = await this.reads.tripsOf(orgId, id, { from: `${month}-01`, to: `${monthAfter(month)}-01` });
    const driverIds = trips.flatMap(({ driverId }) => driverId ?? []);
    const names = await this.hub.use(people).namesOf(orgId, [...new Set(driverIds)]);
    const logged = trips
      .filter(({ state }) => state !== 'open')
      .map((trip) => ({
        tripId: trip.id,
        date: trip.date,
        startAt: trip.startAt.getTime(),
        endAt: trip.endAt.getTime(),
        from: trip.startName ?? placeOf(trip.startLatE7, trip.startLngE7),
        to: trip.endName ?? placeOf(trip.endLatE7, trip.endLngE7),
        metres: trip.distanceM,
        purpose: trip.purpose,
        note: trip.note,
        driver: trip.driverId === null ? null : (names.get(trip.driverId) ?? null),
      }));
    return linesOf(logged, await this.firstReading(row, trips));
  }

  private async firstReading({ orgId, id }: TrackableModel, trips: readonly TripRow[]): Promise<Reading | null> {
    const [first] = trips;
    const last = trips.at(-1);
    if (!first || !last) return null;
    const [row] = await this.hub.select<{ at: Date; metres: number }>(
      `SELECT at, odometer_m AS metres FROM fixes WHERE org_id = :orgId AND trackable_id = :id AND at >= :from AND at <= :to
        AND odometer_m IS NOT NULL ORDER BY at LIMIT 1`,
      { orgId, id, from: new Date(first.startAt.getTime() - 86_400_000), to: last.endAt },
    );
    return row ? { at: row.at.getTime(), metres: row.metres } : null;
  }

  private async closed(orgId: string, trackableId: string, month: string): Promise<CloseRow | undefined> {
    const [row] = await this.hub.select<CloseRow>(
      `SELECT ${COLUMNS} FROM mileage_closes WHERE org_id = :orgId AND trackable_id = :trackableId AND month = :month`,
      { orgId, trackableId, month },
    );
    return row;
  }

  private async find(
    actor: Actor,
    id: string,
    permission: 'tracking.read' | 'tracking.close-mileage',
  ): Promise<TrackableModel> {
    const row = await TrackableModel.findOne({ where: { orgId: actor.orgId, id } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, permission, { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    return row;
  }
}

const LOG_COLUMNS = [
  { key: 'date', label: 'Date', kind: 'date' },
  { key: 'startAt', label: 'Left at', kind: 'instant' },
  { key: 'endAt', label: 'Arrived at', kind: 'instant' },
  { key: 'from', label: 'From', kind: 'text' },
  { key: 'to', label: 'To', kind: 'text' },
  { key: 'km', label: 'km', kind: 'number' },
  { key: 'purpose', label: 'Purpose', kind: 'text' },
  { key: 'note', label: 'Note', kind: 'text' },
  { key: 'driver', label: 'Driver', kind: 'text' },
  { key: 'odometerStartKm', label: 'Odometer at start', kind: 'number' },
  { key: 'odometerEndKm', label: 'Odometer at end', kind: 'number' },
] as const;

const lastOf = (month: string): string => addDays(`${monthAfter(month)}-01`, -1);
/** Where no fence has a name for it: to about a kilometre, which a log needs and no more. */
const placeOf = (latE7: number, lngE7: number): string => `${(latE7 / 1e7).toFixed(2)}, ${(lngE7 / 1e7).toFixed(2)}`;

const toContract = ({ lines: _lines, km, closedAt, ...row }: CloseRow): MileageClose => ({
  ...row,
  // Written above, from the same type.
  km: JSON.parse(km) as MileageClose['km'],
  closedAt: closedAt.toISOString(),
});
