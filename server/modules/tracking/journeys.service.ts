import type { SpeedEvent, TrackedDay, TrackGap, TrackStop, Trip, TripChange } from '@loro/contracts/tracking-journeys';
import type { z } from 'zod';
import { type Actor, allow, Conflict, type Hub, HubError, NotFound, type Page, pageOf } from '../../platform';
import type { JourneyReads, Span } from './journey.reads';
import type { LooksService } from './looks.service';
import {
  gapOf,
  type GapRow,
  speedingOf,
  type SpeedingRow,
  stopOf,
  type StopRow,
  tripOf,
  type TripRow,
  type ReadRow,
} from './journey.shapes';
import type { MileageService } from './mileage.service';
import { TrackableModel } from './trackable.model';

interface PlacesQuery extends Span {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly precision?: 'exact' | 'cell' | undefined;
  readonly reason?: string | undefined;
}

interface Uses {
  readonly reads: JourneyReads;
  readonly looks: LooksService;
  readonly mileage: MileageService;
}

/** Reading trips, stops, silences, speeding and days, and saying what a trip was for. */
export class JourneysService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async trips(actor: Actor, query: PlacesQuery & { purpose?: Trip['purpose'] | undefined }): Promise<Page<Trip>> {
    const rows = await this.uses.reads.page<TripRow>(actor, 'trips', query);
    return this.present(actor, rows, query, tripOf);
  }

  async trip(actor: Actor, tripId: string, query: Pick<PlacesQuery, 'precision' | 'reason'>): Promise<Trip> {
    const row = await this.find(actor, tripId, 'tracking.read');
    return tripOf(row, await this.uses.looks.tier(actor, subjectOf(row), query, 'trips'));
  }

  async stops(actor: Actor, query: PlacesQuery): Promise<Page<TrackStop>> {
    const rows = await this.uses.reads.page<StopRow>(actor, 'track_stops', query);
    return this.present(actor, rows, query, stopOf);
  }

  async gaps(actor: Actor, query: PlacesQuery): Promise<Page<TrackGap>> {
    const rows = await this.uses.reads.page<GapRow>(actor, 'track_gaps', query);
    return pageOf(rows, query.limit, this.cursorOf, gapOf);
  }

  async speedings(actor: Actor, query: PlacesQuery): Promise<Page<SpeedEvent>> {
    const rows = await this.uses.reads.page<SpeedingRow>(actor, 'speed_events', query);
    return pageOf(rows, query.limit, this.cursorOf, speedingOf);
  }

  async days(actor: Actor, trackableId: string, range: { from: string; to: string }): Promise<{ days: TrackedDay[] }> {
    const { orgId } = actor;
    const row = await TrackableModel.findOne({ where: { orgId, id: trackableId } });
    if (!row) throw new NotFound('This trackable');
    allow(actor, 'tracking.read', { userId: row.userId, branchId: row.branchId, what: 'This trackable' });
    return { days: await this.uses.reads.days(orgId, trackableId, range) };
  }

  async classify(actor: Actor, tripId: string, version: number, change: z.output<typeof TripChange>): Promise<Trip> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.find(actor, tripId, 'tracking.classify-trips');
      const precision = await this.uses.looks.tier(actor, subjectOf(row), {}, 'trips');
      const before = tripOf(row, precision);
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'The trip changed meanwhile.', { current: before });
      if (await this.uses.mileage.isClosed({ orgId, trackableId: row.trackableId, date: row.date }))
        throw new Conflict('MILEAGE_CLOSED', 'The month of this trip is closed.');
      await this.uses.reads.classify(orgId, tripId, {
        purpose: change.purpose ?? row.purpose,
        note: change.note === undefined ? row.note : change.note,
      });
      const trip = tripOf(await this.find(actor, tripId, 'tracking.classify-trips'), precision);
      const said = ({ purpose, note }: Trip) => ({ purpose, note });
      after.record({
        action: 'trip.classified',
        entity: { type: 'trip', id: tripId },
        branchId: row.branchId,
        before: said(before),
        after: said(trip),
      });
      return trip;
    });
  }

  /** A trip belongs to whoever drove, and to whoever is tracked. */
  private async find(
    actor: Actor,
    tripId: string,
    permission: 'tracking.read' | 'tracking.classify-trips',
  ): Promise<TripRow> {
    const row = await this.uses.reads.trip(actor.orgId, tripId);
    if (!row) throw new NotFound('This trip');
    allow(actor, permission, { userId: row.userId ?? row.driverId, branchId: row.branchId, what: 'This trip' });
    return row;
  }

  private async present<Row extends ReadRow, T>(
    actor: Actor,
    rows: readonly Row[],
    query: PlacesQuery,
    shape: (row: Row, precision: Trip['precision']) => T,
  ): Promise<Page<T>> {
    const tiers = new Map<string, Trip['precision']>();
    for (const row of rows.slice(0, query.limit))
      if (!tiers.has(row.trackableId))
        tiers.set(row.trackableId, await this.uses.looks.tier(actor, subjectOf(row), query, 'trips'));
    return pageOf(rows, query.limit, this.cursorOf, (row) => shape(row, tiers.get(row.trackableId) ?? 'cell'));
  }

  private readonly cursorOf = ({ startAt, id }: ReadRow): string =>
    this.hub.cursors.encode('journeys', [startAt.getTime(), id]);
}

const subjectOf = ({ trackableId: id, userId, branchId }: ReadRow) => ({ id, userId, branchId });
