import { distanceM } from '../../platform';
import { clusterFrom, type ClusterState, isStop, joins, type Stop, stopOf, withMember } from './cluster.policy';
import { countedBetween, GAP_MS, Meter, type MeterState } from './meter.policy';
import type { TrackFix } from './sieve.policy';

const TRIP_M = 300;
const TRIP_MS = 120_000;

export interface Trip {
  readonly startAt: number;
  readonly endAt: number;
  readonly start: { readonly lat: number; readonly lng: number };
  readonly end: { readonly lat: number; readonly lng: number };
  readonly metres: number;
  readonly movingMs: number;
  /** Metres a second; null where no fix could tell. */
  readonly maxSpeed: number | null;
  readonly isOpen: boolean;
}

export interface Gap {
  readonly startAt: number;
  readonly endAt: number;
  readonly metres: number;
  /** The straight line, because nothing else is known. */
  readonly isEstimated: boolean;
}

/** A trip that is under way; never changed, so that an earlier one may be gone back to. */
interface Under {
  readonly first: TrackFix;
  readonly last: TrackFix;
  readonly meter: MeterState;
  readonly maxSpeed: number | null;
}

export interface JourneyState {
  readonly before: TrackFix | null;
  readonly cluster: ClusterState | null;
  readonly stands: boolean;
  readonly miss: TrackFix | null;
  readonly trip: Under | null;
  /** The trip as it was when the cluster began: where the cluster turns out to be a stop, the trip ended there. */
  readonly tripThen: Under | null;
}

const START: JourneyState = { before: null, cluster: null, stands: false, miss: null, trip: null, tripThen: null };

/** What a journey tells while it goes on. */
export interface JourneyTold {
  trip(trip: Trip): void;
  stop(stop: Stop): void;
  gap(gap: Gap): void;
  /** A fix that is no spike, in order. @returns metres a second there */
  settled(fix: TrackFix): number | null;
}

/**
 * Stops and trips of fixes that count. A stop is a cluster that lasts; two misses in a row end it, one is a spike and
 * left out. A trip is what lies between; a silence of an hour ends either.
 */
export class Journey {
  private state: JourneyState;

  constructor(
    private readonly topSpeed: number,
    private readonly told: JourneyTold,
    state: JourneyState = START,
  ) {
    this.state = state;
  }

  get now(): JourneyState {
    return this.state;
  }

  add(fix: TrackFix): void {
    const { before } = this.state;
    if (before && fix.at - before.at > GAP_MS) this.breakOff(before, fix);
    this.state = { ...this.state, before: fix };
    this.place(fix);
  }

  /** The trip and the stop that go on. Fixes that come later may show that the last one was a spike. */
  open(speedAt: (fix: TrackFix) => number | null = () => null): {
    trip: Trip | null;
    stop: Stop | null;
    tail: TrackFix | null;
  } {
    const { cluster, stands, miss, trip } = this.state;
    if (stands && cluster) return { trip: null, stop: stopOf(cluster, true), tail: cluster.last };
    const whole = trip && miss ? this.withFix(trip, miss, speedAt(miss)) : trip;
    return { trip: whole && keptOf(whole, true), stop: null, tail: whole?.last ?? null };
  }

  /** Whether what goes on is a trip for certain, whatever comes. */
  get isUnderWay(): boolean {
    const { stands, tripThen } = this.state;
    return !stands && tripThen !== null && keptOf(tripThen, true) !== null;
  }

  /** Ends what goes on. */
  finish(): void {
    const { cluster, stands, miss } = this.state;
    // Alone it says little against a stop, and much for a way that goes on.
    if (miss && !stands) this.begin(miss);
    const { trip } = this.state;
    if (stands && cluster) this.told.stop(stopOf(cluster, false));
    else if (trip) this.tell(trip);
    this.state = { ...START, before: this.state.before };
  }

  private breakOff(before: TrackFix, fix: TrackFix): void {
    this.finish();
    const straight = distanceM(before, fix);
    const counted = countedBetween(before, fix, { straight, topSpeed: this.topSpeed });
    this.told.gap({
      startAt: before.at,
      endAt: fix.at,
      metres: counted ?? straight,
      isEstimated: counted === null,
    });
  }

  private place(fix: TrackFix): void {
    const { cluster, miss } = this.state;
    if (!cluster) return this.begin(fix);
    if (joins(cluster, fix)) return this.join(cluster, fix, miss ? 1 : 0);
    if (!miss) {
      this.state = { ...this.state, miss: fix };
      return;
    }
    this.leave(cluster);
    this.begin(miss);
    this.place(fix);
  }

  /** A cluster of its own begins at the fix. */
  private begin(fix: TrackFix): void {
    const speed = this.told.settled(fix);
    const trip = this.state.trip ? this.withFix(this.state.trip, fix, speed) : this.under(fix);
    this.state = { ...this.state, cluster: clusterFrom(fix), stands: false, miss: null, trip, tripThen: trip };
  }

  private join(cluster: ClusterState, fix: TrackFix, leftOut: number): void {
    const speed = this.told.settled(fix);
    const grown = withMember(cluster, fix, leftOut);
    if (this.state.stands) {
      this.state = { ...this.state, cluster: grown, miss: null };
      return;
    }
    if (!isStop(grown)) {
      const trip = this.state.trip && this.withFix(this.state.trip, fix, speed);
      this.state = { ...this.state, cluster: grown, miss: null, trip };
      return;
    }
    if (this.state.tripThen) this.tell(this.state.tripThen);
    this.state = { ...this.state, cluster: grown, miss: null, stands: true, trip: null, tripThen: null };
  }

  /** Two misses in a row: whoever stood has left, from where he was seen last. */
  private leave(cluster: ClusterState): void {
    if (!this.state.stands) return;
    this.told.stop(stopOf(cluster, false));
    this.state = { ...this.state, trip: this.under(cluster.last) };
  }

  private under(first: TrackFix): Under {
    const meter = new Meter(this.topSpeed);
    meter.add(first);
    return { first, last: first, meter: meter.now, maxSpeed: null };
  }

  private withFix(trip: Under, fix: TrackFix, speed: number | null): Under {
    const meter = new Meter(this.topSpeed, trip.meter);
    meter.add(fix);
    const maxSpeed = speed === null ? trip.maxSpeed : Math.max(speed, trip.maxSpeed ?? 0);
    return { first: trip.first, last: fix, meter: meter.now, maxSpeed };
  }

  private tell(trip: Under): void {
    const kept = keptOf(trip, false);
    if (kept) this.told.trip(kept);
  }
}

function keptOf({ first, last, meter, maxSpeed }: Under, isOpen: boolean): Trip | null {
  if (meter.metres < TRIP_M || last.at - first.at < TRIP_MS) return null;
  const { metres, movingMs } = meter;
  const start = { lat: first.lat, lng: first.lng };
  const end = { lat: last.lat, lng: last.lng };
  return { startAt: first.at, endAt: last.at, start, end, metres, movingMs, maxSpeed, isOpen };
}
