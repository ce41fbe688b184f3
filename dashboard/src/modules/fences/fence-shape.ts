import type { Fence } from '@loro/contracts/branches';
import type { Geofence, GeofenceShape } from '@loro/contracts/branches-geofences';
import { isOutline } from '../../map/fence-draft';
import type { Shape } from '../../map/shape-overlay';

/** A fence of its own as the map draws it. */
export function fenceOf(shape: GeofenceShape): Fence {
  if (shape.kind === 'polygon') return { corners: shape.corners };
  return { center: shape.center, radiusM: shape.radiusM };
}

/** What was drawn as the hub keeps it. */
export const shapeOf = (fence: Fence): GeofenceShape =>
  isOutline(fence) ? { kind: 'polygon', corners: fence.corners } : { kind: 'circle', ...fence };

export const drawn = ({ id, name, shape }: Geofence): Shape => ({ id, name, position: null, fence: fenceOf(shape) });
