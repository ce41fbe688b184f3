import type { Circle, Fence, Outline } from '@loro/contracts/branches-values';
import { between, circle, distance, type LngLat } from './geo';
import type { Handle } from './handles';

export type FenceShape = 'none' | 'circle' | 'outline';

const FIRST_RADIUS_M = 150;
const SHORTEST_M = 10;
const LONGEST_M = 50_000;
const FEWEST = 3;

export const isOutline = (fence: Fence): fence is Outline => 'corners' in fence;
export const shapeOf = (fence: Fence | null): FenceShape =>
  fence === null ? 'none' : isOutline(fence) ? 'outline' : 'circle';

/** Round to the centimetre: what lies beyond is noise of the pixels. */
const tidy = ({ lng, lat }: LngLat) => ({ lat: Number(lat.toFixed(7)), lng: Number(lng.toFixed(7)) });
const tidyRadius = (metres: number): number => Math.round(Math.min(LONGEST_M, Math.max(SHORTEST_M, metres)));

export function middleOf(fence: Fence): LngLat {
  if (!isOutline(fence)) return fence.center;
  const { corners } = fence;
  const mean = (pick: (corner: LngLat) => number) => corners.reduce((sum, one) => sum + pick(one), 0) / corners.length;
  return { lng: mean(({ lng }) => lng), lat: mean(({ lat }) => lat) };
}

/** A fence in another shape that covers about the same ground; the first one lies around `around`. */
export function reshaped(fence: Fence | null, shape: FenceShape, around: LngLat): Fence | null {
  if (shape === shapeOf(fence)) return fence;
  if (shape === 'none') return null;
  if (shape === 'circle') return circleAround(fence, around);
  const from: Circle = fence && !isOutline(fence) ? fence : { center: tidy(around), radiusM: FIRST_RADIUS_M };
  const ring = circle(from.center, from.radiusM);
  const corners = [0, 1, 2, 3, 4, 5].flatMap((sixth) => {
    const [lng, lat] = ring[sixth * 12] ?? [];
    return lng === undefined || lat === undefined ? [] : [tidy({ lng, lat })];
  });
  return { corners };
}

function circleAround(fence: Fence | null, around: LngLat): Circle {
  if (fence === null || !isOutline(fence)) return { center: tidy(around), radiusM: FIRST_RADIUS_M };
  const center = middleOf(fence);
  return { center: tidy(center), radiusM: tidyRadius(Math.max(...fence.corners.map((one) => distance(center, one)))) };
}

export const withRadius = ({ center }: Circle, radiusM: number): Circle => ({ center, radiusM });
export const withCorner = ({ corners }: Outline, at: number, point: LngLat): Outline => ({
  corners: corners.map((corner, index) => (index === at ? tidy(point) : corner)),
});
/** An outline needs three corners. */
export const withoutCorner = (outline: Outline, at: number): Outline =>
  outline.corners.length <= FEWEST ? outline : { corners: outline.corners.filter((_, index) => index !== at) };
/** A new corner half-way to the next one. */
export function withMiddle({ corners }: Outline, after: number): Outline {
  const middle = middleAfter(corners, after);
  return middle ? { corners: corners.toSpliced(after + 1, 0, tidy(middle)) } : { corners };
}

function middleAfter(corners: readonly LngLat[], at: number): LngLat | null {
  const [from, to] = [corners[at], corners[(at + 1) % corners.length]];
  return from && to ? between(from, to, 0.5) : null;
}

/** Where a fence can be taken in hand. */
export function handlesOf(fence: Fence | null): readonly Handle[] {
  if (fence === null) return [];
  if (!isOutline(fence)) return handlesOfCircle(fence);
  const { corners } = fence;
  return corners.flatMap((at, index): Handle[] => {
    const middle = middleAfter(corners, index);
    const corner: Handle = { id: `corner ${index}`, kind: 'corner', title: `Corner ${index + 1} of the fence`, at };
    if (!middle) return [corner];
    const title = `Add a corner after corner ${index + 1}`;
    return [corner, { id: `middle ${index}`, kind: 'middle', title, at: middle }];
  });
}

function handlesOfCircle({ center, radiusM }: Circle): readonly Handle[] {
  // A quarter turn clockwise from the north lies the east.
  const [lng = center.lng, lat = center.lat] = circle(center, radiusM)[18] ?? [];
  return [
    { id: 'center', kind: 'corner', title: 'Middle of the fence', at: center },
    { id: 'radius', kind: 'radius', title: 'Border of the fence', at: { lng, lat } },
  ];
}

/** A fence after one of its handles was moved. */
export function moved(fence: Fence, id: string, to: LngLat): Fence {
  if (!isOutline(fence)) {
    if (id === 'center') return { ...fence, center: tidy(to) };
    return id === 'radius' ? withRadius(fence, tidyRadius(distance(fence.center, to))) : fence;
  }
  const [kind, number] = id.split(' ');
  return kind === 'corner' ? withCorner(fence, Number(number), to) : fence;
}

/** A fence after one of its handles was pressed: a middle becomes a corner. */
export function pressed(fence: Fence, id: string): Fence {
  const [kind, number] = id.split(' ');
  return isOutline(fence) && kind === 'middle' ? withMiddle(fence, Number(number)) : fence;
}

/** A fence without one of its corners. */
export function cut(fence: Fence, id: string): Fence {
  const [kind, number] = id.split(' ');
  return isOutline(fence) && kind === 'corner' ? withoutCorner(fence, Number(number)) : fence;
}
