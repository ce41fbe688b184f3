import { shapeOf, usualBufferM, type WatchedFence } from '../branches';
import type { Point } from './fence.policy';

// What the tests of fences draw and walk.

/** Degrees of latitude. */
export const METRE = 180 / (Math.PI * 6_371_008.8);
/** An instant of one Tuesday. */
export const at = (clock: string): number => Date.parse(`2026-11-24T${clock}Z`);

/** A fence ready to be asked, under its id. */
export function fence(
  id: string,
  shape: Parameters<typeof shapeOf>[0],
  change: Partial<WatchedFence> = {},
): WatchedFence {
  const made = shapeOf(shape);
  return {
    ...made,
    id,
    isBranch: false,
    branchId: null,
    clientId: null,
    name: id,
    bufferM: usualBufferM(made.radiusM),
    accMaxM: 100,
    hours: null,
    speedLimitKmh: null,
    dwellMs: null,
    ...change,
  };
}
/** A circle around a place so many metres north of zero and thirty degrees east. */
export const circle = (id: string, radiusM: number, change: Partial<WatchedFence> = {}, northM = 0): WatchedFence =>
  fence(id, { center: { lat: northM * METRE, lng: 30 }, radiusM }, change);
/** A fix so many metres north and east of zero and thirty degrees east. */
export const fix = (clock: string, northM: number, accuracy = 5, eastM = 0): Point => ({
  at: at(clock),
  lat: northM * METRE,
  lng: 30 + eastM * METRE,
  accuracy,
});
