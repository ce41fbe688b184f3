import type { Fix } from '@loro/contracts/tracking';
import { type Coordinates, type Point, toCoordinates } from './geo';
import type { Random } from './random';

/** A fix as a phone would report it; the sender numbers it (`n`). `speed` and `heading` are null where a phone has none. */
export interface FixSample extends Required<Pick<Fix, 'at' | 'lat' | 'lng' | 'accuracy' | 'segment'>> {
  readonly speed: number | null;
  readonly heading: number | null;
  readonly battery: number;
}

/** What is true of a phone at the moment of a fix. */
export interface Truth {
  readonly at: Point;
  readonly speed: number;
  readonly heading: number;
}

/** Standard deviation along one axis per metre of accuracy: a circle of 1.51 deviations holds 68 % of a plane's normal. */
const DEVIATION = 1 / Math.sqrt(-2 * Math.log(0.32));
const ERROR_MEMORY_S = 45;
const SKY_MEMORY_S = 180;
const COARSE = 0.004;

/** A positioning device: its errors wander instead of jumping, because satellites and buildings change slowly. */
export class GpsDevice {
  private east: number;
  private north: number;
  private sky: number;
  private battery: number;
  private isCharging = false;
  private readonly drainPerS: number;

  constructor(
    private readonly origin: Coordinates,
    private readonly random: Random,
  ) {
    this.east = random.normal();
    this.north = random.normal();
    this.sky = random.normal();
    this.battery = random.between(0.82, 1);
    this.drainPerS = random.between(0.055, 0.085) / 3_600;
  }

  /** Reads `truth`, `sinceS` seconds after the reading before it. */
  read(truth: Truth, sinceS: number, at: Date, segment: number): FixSample {
    this.age(sinceS);
    const isCoarse = this.random.chance(COARSE);
    // A coarse fix comes from masts instead of satellites, so its error has nothing to do with the one before.
    const accuracy = isCoarse ? this.random.between(60, 180) : 4 + 11 / (1 + Math.exp(-this.sky));
    const [east, north] = isCoarse
      ? [this.random.between(-1, 1), this.random.between(-1, 1)]
      : [clip(this.east), clip(this.north)];
    const scale = accuracy * DEVIATION;
    const place = toCoordinates(this.origin, { x: truth.at.x + east * scale, y: truth.at.y + north * scale });
    const isMoving = truth.speed > 0.3 && !isCoarse;
    const speed = isMoving ? Math.max(0.3, truth.speed + this.random.normal() * 0.15) : 0;
    const heading = truth.heading + (this.random.normal() * 4) / Math.max(1, truth.speed / 4);

    return {
      at: at.toISOString(),
      segment,
      lat: round(place.lat, 7),
      lng: round(place.lng, 7),
      accuracy: round(accuracy, 1),
      speed: isCoarse ? null : round(speed, 2),
      heading: isMoving ? round((heading + 360) % 360, 1) : null,
      battery: round(this.battery, 2),
    };
  }

  private age(seconds: number): void {
    this.east = wander(this.east, seconds, ERROR_MEMORY_S, this.random);
    this.north = wander(this.north, seconds, ERROR_MEMORY_S, this.random);
    this.sky = wander(this.sky, seconds, SKY_MEMORY_S, this.random);
    // A working day never gets down to this; an endless shift plugs in on the dashboard.
    if (this.battery < 0.15) this.isCharging = true;
    if (this.battery > 0.95) this.isCharging = false;
    this.battery = Math.min(
      1,
      Math.max(0, this.battery + seconds * (this.isCharging ? 0.35 / 3_600 : -this.drainPerS)),
    );
  }
}

/** One step of a first-order autoregression with unit variance. */
function wander(value: number, seconds: number, memoryS: number, random: Random): number {
  const kept = Math.exp(-seconds / memoryS);
  return kept * value + Math.sqrt(1 - kept * kept) * random.normal();
}

function clip(value: number): number {
  return Math.max(-2.2, Math.min(2.2, value));
}

function round(value: number, digits: number): number {
  const power = 10 ** digits;
  return Math.round(value * power) / power;
}
