import type { Fence } from '@loro/contracts/branches';
export interface LngLat {
  lng: number;
  lat: number;
}

const EARTH_M = 6_371_008.8;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;

/** Great-circle distance in metres. */
export function distance(a: LngLat, b: LngLat): number {
  const half = Math.sin(rad(b.lat - a.lat) / 2) ** 2;
  const across = Math.sin(rad(b.lng - a.lng) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(half + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * across));
}

/** Degrees clockwise from north. */
export function bearing(a: LngLat, b: LngLat): number {
  const dLng = rad(b.lng - a.lng);
  const y = Math.sin(dLng) * Math.cos(rad(b.lat));
  const x = Math.cos(rad(a.lat)) * Math.sin(rad(b.lat)) - Math.sin(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.cos(dLng);
  return (deg(Math.atan2(y, x)) + 360) % 360;
}

/** Between two points; `share` 0 is the first. Near enough for the metres between two fixes, also over the 180th meridian. */
export function between(a: LngLat, b: LngLat, share: number): LngLat {
  let dLng = b.lng - a.lng;
  if (dLng > 180) dLng -= 360;
  if (dLng < -180) dLng += 360;
  return { lng: a.lng + dLng * share, lat: a.lat + (b.lat - a.lat) * share };
}

/** The ring of a circle on the ground. */
export function circle(center: LngLat, radiusM: number): [number, number][] {
  const steps = 72;
  const angle = radiusM / EARTH_M;
  const lat = rad(center.lat);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const turn = (2 * Math.PI * (step % steps)) / steps;
    const toLat = Math.asin(Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(turn));
    const dLng = Math.atan2(
      Math.sin(turn) * Math.sin(angle) * Math.cos(lat),
      Math.cos(angle) - Math.sin(lat) * Math.sin(toLat),
    );
    return [center.lng + deg(dLng), deg(toLat)];
  });
}

/** The ring of a fence, whichever kind it is. */
export function ringOf(fence: Fence): [number, number][] {
  if (!('corners' in fence)) return circle(fence.center, fence.radiusM);
  const ring = fence.corners.map(({ lat, lng }): [number, number] => [lng, lat]);
  return [...ring, ...ring.slice(0, 1)];
}
