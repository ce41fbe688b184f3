import { distanceM } from '../../platform';
import type { TrackFix } from './sieve.policy';

const FROM_MEAN_M = 60;
const FROM_FIRST_M = 90;
const STOP_MS = 180_000;
const STOP_FIXES = 3;
const LEAST_ACCURACY_M = 1;
/** At this mean accuracy half of a stop’s confidence is gone. */
const BLURRED_M = 120;

/** Fixes of one place: their mean weighs the accurate ones more. Offsets from the first fix, in degrees. */
export interface ClusterState {
  readonly first: TrackFix;
  readonly last: TrackFix;
  readonly weight: number;
  readonly dLat: number;
  readonly dLng: number;
  readonly n: number;
  readonly leftOut: number;
  readonly accuracySum: number;
  readonly radiusM: number;
}

export interface Stop {
  readonly startAt: number;
  readonly endAt: number;
  readonly lat: number;
  readonly lng: number;
  readonly radiusM: number;
  readonly n: number;
  readonly confidence: number;
  readonly isOpen: boolean;
}

const weightOf = ({ accuracy }: TrackFix): number => 1 / Math.max(LEAST_ACCURACY_M, accuracy) ** 2;
/** Across the antimeridian it is a small step, not a turn round the world. */
const shortest = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;

export const clusterFrom = (fix: TrackFix): ClusterState => ({
  first: fix,
  last: fix,
  weight: weightOf(fix),
  dLat: 0,
  dLng: 0,
  n: 1,
  leftOut: 0,
  accuracySum: fix.accuracy,
  radiusM: 0,
});

export const meanOf = ({ first, weight, dLat, dLng }: ClusterState): { lat: number; lng: number } => ({
  lat: first.lat + dLat / weight,
  lng: shortest(first.lng + dLng / weight),
});

export const joins = (cluster: ClusterState, fix: TrackFix): boolean =>
  distanceM(meanOf(cluster), fix) <= FROM_MEAN_M && distanceM(cluster.first, fix) <= FROM_FIRST_M;

export function withMember(cluster: ClusterState, fix: TrackFix, leftOut: number): ClusterState {
  const weight = weightOf(fix);
  const grown = {
    ...cluster,
    last: fix,
    weight: cluster.weight + weight,
    dLat: cluster.dLat + weight * (fix.lat - cluster.first.lat),
    dLng: cluster.dLng + weight * shortest(fix.lng - cluster.first.lng),
    n: cluster.n + 1,
    leftOut: cluster.leftOut + leftOut,
    accuracySum: cluster.accuracySum + fix.accuracy,
  };
  return { ...grown, radiusM: Math.max(cluster.radiusM, distanceM(meanOf(grown), fix)) };
}

export const isStop = ({ first, last, n }: ClusterState): boolean => n >= STOP_FIXES && last.at - first.at >= STOP_MS;

export function stopOf(cluster: ClusterState, isOpen: boolean): Stop {
  const { first, last, n, leftOut, accuracySum, radiusM } = cluster;
  const { lat, lng } = meanOf(cluster);
  const blur = Math.min(0.5, accuracySum / n / BLURRED_M);
  return {
    startAt: first.at,
    endAt: last.at,
    lat,
    lng,
    radiusM: Math.round(radiusM * 10) / 10,
    n,
    confidence: Math.round((n / (n + leftOut)) * (1 - blur) * 1_000) / 1_000,
    isOpen,
  };
}
