import type { Precision, SpeedEvent, TrackGap, TrackStop, Trip } from '@loro/contracts/tracking-journeys';
import { blurred } from './cells.policy';

/** What every row of a journey begins with. */
export interface ReadRow {
  readonly id: string;
  readonly trackableId: string;
  readonly trackableName: string;
  readonly userId: string | null;
  readonly branchId: string;
  readonly date: string;
  readonly startAt: Date;
  readonly endAt: Date;
}

export interface TripRow extends ReadRow {
  readonly startLatE7: number;
  readonly startLngE7: number;
  readonly startFenceId: string | null;
  readonly startName: string | null;
  readonly endLatE7: number;
  readonly endLngE7: number;
  readonly endFenceId: string | null;
  readonly endName: string | null;
  readonly distanceM: number;
  readonly movingSec: number;
  readonly maxKmh: number | null;
  readonly purpose: Trip['purpose'];
  readonly note: string | null;
  readonly driverId: string | null;
  readonly state: Trip['state'];
  readonly polyline: string | null;
  readonly version: number;
}

export interface StopRow extends ReadRow {
  readonly latE7: number;
  readonly lngE7: number;
  readonly radiusM: number;
  readonly fixes: number;
  readonly confidence: number;
  readonly fenceId: string | null;
  readonly name: string | null;
  readonly isOpen: number;
}

export interface GapRow extends ReadRow {
  readonly reason: TrackGap['reason'];
  readonly distanceM: number;
  readonly isEstimated: number;
}

export interface SpeedingRow extends ReadRow {
  readonly limitKmh: number;
  readonly source: SpeedEvent['source'];
  readonly maxKmh: number;
  readonly isOpen: number;
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

const shown = (latE7: number, lngE7: number, precision: Precision): { lat: number; lng: number } => {
  const exact = { lat: latE7 / 1e7, lng: lngE7 / 1e7 };
  if (precision === 'exact') return exact;
  const { lat, lng } = blurred(exact);
  return { lat, lng };
};

const common = ({ id, trackableId, date, startAt, endAt }: ReadRow) => ({
  id,
  trackableId,
  date,
  startAt: startAt.toISOString(),
  endAt: endAt.toISOString(),
});

export function tripOf(row: TripRow, precision: Precision): Trip {
  const seconds = (row.endAt.getTime() - row.startAt.getTime()) / 1_000;
  const { movingSec, maxKmh, purpose, note, driverId, state, version, distanceM } = row;
  const end = (latE7: number, lngE7: number, fenceId: string | null, name: string | null) => ({
    position: shown(latE7, lngE7, precision),
    fenceId,
    name,
  });
  return {
    ...common(row),
    start: end(row.startLatE7, row.startLngE7, row.startFenceId, row.startName),
    end: end(row.endLatE7, row.endLngE7, row.endFenceId, row.endName),
    distanceM: tenth(distanceM),
    movingSec,
    idleSec: Math.max(0, Math.round(seconds) - movingSec),
    maxKmh: maxKmh === null ? null : tenth(maxKmh),
    avgKmh: seconds > 0 ? tenth((distanceM / seconds) * 3.6) : 0,
    purpose,
    note,
    driverId,
    state,
    polyline: precision === 'exact' ? row.polyline : null,
    precision,
    version,
  };
}

export const stopOf = (row: StopRow, precision: Precision): TrackStop => ({
  ...common(row),
  position: shown(row.latE7, row.lngE7, precision),
  radiusM: tenth(row.radiusM),
  fixes: row.fixes,
  confidence: Math.round(row.confidence * 1_000) / 1_000,
  fenceId: row.fenceId,
  name: row.name,
  isOpen: row.isOpen === 1,
  precision,
});

export const gapOf = (row: GapRow): TrackGap => ({
  ...common(row),
  reason: row.reason,
  distanceM: tenth(row.distanceM),
  isEstimated: row.isEstimated === 1,
});

export const speedingOf = (row: SpeedingRow): SpeedEvent => ({
  ...common(row),
  limitKmh: row.limitKmh,
  source: row.source,
  maxKmh: tenth(row.maxKmh),
  isOpen: row.isOpen === 1,
});
