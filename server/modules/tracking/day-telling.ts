import { trackingLive } from '@loro/contracts/tracking';
import type { After } from '../../platform';
import type { DayOf } from './day.store';
import type { Change, Reconciled } from './journey.store';
import type { TrackableModel } from './trackable.model';

const iso = (ms: number): string => new Date(ms).toISOString();
const tenth = (value: number): number => Math.round(value * 10) / 10;
const endOf = ({ row }: Change): string | null => (row.isOpen ? null : iso(row.endAt));

const tripOf = (change: Change) => ({
  tripId: change.id,
  startAt: iso(change.row.startAt),
  endAt: endOf(change),
  distanceM: tenth(change.row.measure),
});

/** Whether something was told of this change that was not told before. */
const begins = ({ kind }: Change): boolean => kind === 'added';
const ends = ({ kind, wasOpen, row }: Change): boolean => !row.isOpen && (kind === 'added' || wasOpen);

/** Says to the trackable’s branch what its track shows; in the transaction that writes it. */
export class DayTelling {
  constructor(private readonly after: After) {}

  /** Of a track that goes on: what began and what ended. */
  progress(trackable: TrackableModel, told: { trips: Reconciled; stops: Reconciled; speedings: Reconciled }): void {
    const { orgId, id: trackableId, name, branchId } = trackable;
    const to = { orgId, id: branchId };
    for (const change of told.stops.changes) {
      const stop = {
        stopId: change.id,
        trackableId,
        name,
        startAt: iso(change.row.startAt),
        fenceId: textOr(change.row.values['fence_id']),
      };
      if (begins(change)) this.after.publish(trackingLive, 'stop:started', to, { ...stop, endAt: null });
      if (ends(change)) this.after.publish(trackingLive, 'stop:ended', to, { ...stop, endAt: iso(change.row.endAt) });
    }
    for (const change of told.trips.changes) {
      const trip = { ...tripOf(change), trackableId, name };
      if (begins(change)) this.after.publish(trackingLive, 'trip:started', to, { ...trip, endAt: null });
      if (ends(change)) this.after.publish(trackingLive, 'trip:ended', to, trip);
    }
    this.speedings(trackable, told.speedings);
  }

  /** Of a day that was made anew: how its trips stand now. */
  correction(trackable: TrackableModel, { date }: DayOf, revision: number, { changes, gone }: Reconciled): void {
    const { orgId, id: trackableId, name, branchId } = trackable;
    this.after.publish(
      trackingLive,
      'trip:recomputed',
      { orgId, id: branchId },
      { trackableId, name, date, revision, trips: changes.map(tripOf), gone: [...gone] },
    );
  }

  private speedings({ orgId, id: trackableId, name, branchId }: TrackableModel, { changes }: Reconciled): void {
    for (const change of changes) {
      if (!begins(change) && !ends(change)) continue;
      const { limit_kmh: limit, source, max_kmh: max } = change.row.values;
      this.after.publish(
        trackingLive,
        'speed:alert',
        { orgId, id: branchId },
        {
          id: change.id,
          trackableId,
          name,
          limitKmh: Number(limit),
          source: source === 'fence' || source === 'vehicle' ? source : 'organisation',
          maxKmh: Number(max),
          start: iso(change.row.startAt),
          end: endOf(change),
        },
      );
    }
  }
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
