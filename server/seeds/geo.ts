export const EARTH_RADIUS_M = 6_371_008.8;

export interface Coordinates {
  readonly lat: number;
  readonly lng: number;
}

/** Metres east and north of a branch. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const RADIANS = Math.PI / 180;

/** Streets are laid on a plane that touches the globe at the branch; over 8 km it is wrong by less than a metre. */
export function toCoordinates(origin: Coordinates, point: Point): Coordinates {
  return {
    lat: origin.lat + point.y / EARTH_RADIUS_M / RADIANS,
    lng: origin.lng + point.x / (EARTH_RADIUS_M * Math.cos(origin.lat * RADIANS)) / RADIANS,
  };
}

/** Great-circle distance in metres. */
export function distanceM(from: Coordinates, to: Coordinates): number {
  const sinLat = Math.sin(((to.lat - from.lat) * RADIANS) / 2);
  const sinLng = Math.sin(((to.lng - from.lng) * RADIANS) / 2);
  const chord = sinLat ** 2 + Math.cos(from.lat * RADIANS) * Math.cos(to.lat * RADIANS) * sinLng ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

export function lengthOf(from: Point, to: Point): number {
  return Math.hypot(to.x - from.x, to.y - from.y);
}

/** Degrees clockwise from north, in [0, 360). */
export function headingOf(from: Point, to: Point): number {
  return (Math.atan2(to.x - from.x, to.y - from.y) / RADIANS + 360) % 360;
}

/** The angle between two headings, 0 to 180. */
export function turnBetween(one: number, other: number): number {
  const turn = Math.abs(one - other) % 360;
  return turn > 180 ? 360 - turn : turn;
}
