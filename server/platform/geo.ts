/** Radius in metres of the sphere that has the Earth's volume. */
export const EARTH_RADIUS_M = 6_371_008.8;

interface LatLng {
  readonly lat: number;
  readonly lng: number;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in metres between two points in degrees, by the haversine formula. */
export function distanceM(a: LatLng, b: LatLng): number {
  const dLat = radians(b.lat - a.lat);
  const dLng = radians(b.lng - a.lng);
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLng / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

interface Reading extends LatLng {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** 68 % radius in metres. */
  readonly accuracy: number;
}

const LEAST_M = 10;
const GAP_MS = 3_600_000;

/**
 * Distance that was really travelled. A step counts once it is longer than both accuracies together and 10 m; until
 * then the anchor stays, so that a phone on a desk travels nothing and a slow walk still adds up. After a silence of
 * an hour the anchor moves without counting.
 */
export class Odometer {
  metres = 0;
  /** Time in which the counted metres were made. */
  movingMs = 0;
  private anchor: Reading | undefined;
  private before: Reading | undefined;

  add(reading: Reading): void {
    const { anchor, before } = this;
    this.before = reading;
    if (!anchor || !before || reading.at - before.at > GAP_MS) {
      this.anchor = reading;
      return;
    }
    const d = distanceM(anchor, reading);
    if (d < Math.max(LEAST_M, anchor.accuracy + reading.accuracy)) return;
    this.metres += d;
    // Standing still before the step is not moving: time counts from where the step can have begun.
    this.movingMs += Math.min(reading.at - anchor.at, reading.at - before.at + 60_000);
    this.anchor = reading;
  }
}
