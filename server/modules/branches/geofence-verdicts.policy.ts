import type { GeofenceVerdict } from '@loro/contracts/branches-geofences';
import type { WatchedFence } from './geofence-index';
import type { LatLng } from './geofence-plane.policy';

const SURE = 0.85;
const SURE_NOT = 0.15;

/** How surely a reading lies inside each fence, the surest first. */
export function verdictsOn(
  fences: readonly WatchedFence[],
  { at, accuracyM, atMs }: { readonly at: LatLng; readonly accuracyM: number; readonly atMs: number },
): GeofenceVerdict[] {
  return fences
    .map((fence) => {
      const s = fence.signedDistanceM(at);
      const p = fence.insideProbability(at, accuracyM);
      const decision = p >= SURE ? 'inside' : p <= SURE_NOT ? 'outside' : 'uncertain';
      const isActive = fence.hours?.isActive(atMs) ?? true;
      return {
        fenceId: fence.id,
        branchId: fence.branchId,
        name: fence.name,
        decision,
        insideP: Math.round(p * 1_000) / 1_000,
        signedDistanceM: Math.round(s * 10) / 10,
        isActive,
        reason: reasonFor({ decision, s, accuracyM, accMaxM: fence.accMaxM, isActive }),
      } as const;
    })
    .toSorted(
      (a, b) => b.insideP - a.insideP || b.signedDistanceM - a.signedDistanceM || (a.fenceId < b.fenceId ? -1 : 1),
    );
}

interface Grounds {
  readonly decision: GeofenceVerdict['decision'];
  readonly s: number;
  readonly accuracyM: number;
  readonly accMaxM: number;
  readonly isActive: boolean;
}

function reasonFor({ decision, s, accuracyM, accMaxM, isActive }: Grounds): string {
  const where = `${metres(s)} ${s >= 0 ? 'inside' : 'outside'} the border`;
  const hours = isActive ? '' : ' The fence is not in force at this hour.';
  if (accuracyM > accMaxM)
    return `The reading is true to ${metres(accuracyM)} only, and this fence asks for ${metres(accMaxM)}.${hours}`;
  if (decision === 'uncertain')
    return `${where}, which is too close to tell with a reading that is true to ${metres(accuracyM)}.${hours}`;
  return `${where}, and the reading is true to ${metres(accuracyM)}.${hours}`;
}

const metres = (length: number): string => `${Math.round(Math.abs(length))} m`;
