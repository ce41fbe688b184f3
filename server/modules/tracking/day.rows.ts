import type { FenceIndex, WatchedFence } from '../branches';
import type { Gap, Trip } from './journey.policy';
import type { JourneyRow } from './journey.store';
import { polylineOf, simplified } from './simplify.policy';
import type { Stop } from './cluster.policy';
import type { Speeding } from './speed.policy';

/** A polyline may be off by so many metres. */
const TOLERANCE_M = 5;

interface LatLng {
  readonly lat: number;
  readonly lng: number;
}

const e7 = (degrees: number): number => Math.round(degrees * 1e7);
const tenth = (value: number): number => Math.round(value * 10) / 10;

/** The smallest fence that holds a point. */
export function fenceAt(fences: FenceIndex, point: LatLng): WatchedFence | null {
  const holding = fences.at(point).filter((fence) => fence.signedDistanceM(point) >= 0);
  return holding.toSorted((a, b) => a.radiusM - b.radiusM || (a.id < b.id ? -1 : 1))[0] ?? null;
}

/** @param way what was travelled, where it is known whole */
export function tripRow(
  trip: Trip,
  {
    fences,
    driverId,
    state,
    way,
  }: { fences: FenceIndex; driverId: string | null; state: string; way?: readonly LatLng[] },
): JourneyRow {
  const [start, end] = [fenceAt(fences, trip.start), fenceAt(fences, trip.end)];
  return {
    startAt: trip.startAt,
    endAt: trip.endAt,
    isOpen: trip.isOpen,
    measure: trip.metres,
    values: {
      start_lat_e7: e7(trip.start.lat),
      start_lng_e7: e7(trip.start.lng),
      start_fence_id: start?.id ?? null,
      start_name: start?.name ?? null,
      end_lat_e7: e7(trip.end.lat),
      end_lng_e7: e7(trip.end.lng),
      end_fence_id: end?.id ?? null,
      end_name: end?.name ?? null,
      distance_m: trip.metres,
      moving_sec: Math.round(trip.movingMs / 1_000),
      max_kmh: trip.maxSpeed === null ? null : tenth(trip.maxSpeed * 3.6),
      driver_id: driverId,
      state,
      polyline: way ? lineOf(way) : null,
    },
  };
}

export function stopRow(stop: Stop, fences: FenceIndex): JourneyRow {
  const fence = fenceAt(fences, stop);
  return {
    startAt: stop.startAt,
    endAt: stop.endAt,
    isOpen: stop.isOpen,
    measure: stop.n,
    values: {
      lat_e7: e7(stop.lat),
      lng_e7: e7(stop.lng),
      radius_m: stop.radiusM,
      fixes: stop.n,
      confidence: stop.confidence,
      fence_id: fence?.id ?? null,
      name: fence?.name ?? null,
      is_open: stop.isOpen,
    },
  };
}

/** @param wasHeard whether coarse fixes came during the silence */
export const gapRow = (gap: Gap, wasHeard: boolean): JourneyRow => ({
  startAt: gap.startAt,
  endAt: gap.endAt,
  isOpen: false,
  measure: gap.metres,
  values: { reason: wasHeard ? 'blurred' : 'silent', distance_m: gap.metres, is_estimated: gap.isEstimated },
});

export const speedingRow = ({ startAt, endAt, isOpen, maxKmh, limitKmh, source }: Speeding): JourneyRow => ({
  startAt,
  endAt,
  isOpen,
  measure: maxKmh,
  values: { limit_kmh: limitKmh, source, max_kmh: maxKmh, is_open: isOpen },
});

function lineOf(way: readonly LatLng[]): string {
  const kept = simplified(way, TOLERANCE_M);
  return polylineOf(kept.flatMap((index) => way[index] ?? []));
}
