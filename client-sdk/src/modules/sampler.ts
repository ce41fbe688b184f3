import type { Pace } from './recorder';

/**
 * `move` follows the hub's pace; `significant` takes large moves alone; `manual` only what the app marks; `quiet`
 * nothing at all.
 */
export type TrackingMode = 'quiet' | 'manual' | 'significant' | 'move';

/** How to ask a device for its position now. */
export interface SamplingPlan {
  /** No two fixes closer together than this, but for a turn. */
  readonly intervalMs: number;
  /** Nor these, in metres, unless nothing was said for `heartbeatMs`. */
  readonly distanceM: number;
  readonly heartbeatMs: number;
  /** `none`: the receiver may sleep. */
  readonly accuracy: 'none' | 'low' | 'balanced' | 'high';
}

/** A reading as it decides whether to keep it; `at` in milliseconds since 1970. */
export interface Sample {
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  /** Metres, 68 %. */
  readonly accuracy: number;
  /** Metres a second. */
  readonly speed?: number | null | undefined;
  /** Degrees clockwise from north. */
  readonly heading?: number | null | undefined;
}

const MINUTE = 60_000;
const NEVER: SamplingPlan = { intervalMs: Infinity, distanceM: Infinity, heartbeatMs: Infinity, accuracy: 'none' };
const SIGNIFICANT: SamplingPlan = {
  intervalMs: 5 * MINUTE,
  distanceM: 500,
  heartbeatMs: 15 * MINUTE,
  accuracy: 'low',
};
/** A device's own slowest pace, where the hub said none or what it said is over. */
const SLOWEST = { intervalMs: MINUTE, distanceM: 100 } as const;
/** The hub thinks a device lost that is silent for five minutes. */
const HEARTBEAT_MS = 4 * MINUTE;
/** Who has not left this circle for so long stands still. */
const STILL_M = 30;
const STILL_MS = 3 * MINUTE;
const WALKING_MPS = 1;
const LOW_BATTERY = 0.2;
const NEARLY_EMPTY = 0.1;
/** Less accurate readings are kept only where there is nothing better. */
const COARSE_M = 100;
const TURN_DEGREES = 35;
const TURN_M = 15;
/** Below this a fix can wait; a phone that counts seconds is not held to the millisecond. */
const EARLY = 0.9;

/**
 * Decides which readings are worth a fix: by the pace that the hub asks for, by movement and by the battery. Holds no
 * clock and asks no device.
 */
export class Sampler {
  private pace: Pace | null = null;
  private battery: { readonly level: number; readonly isCharging: boolean } | null = null;
  private last: Sample | null = null;
  /** Where it stands, and since when. */
  private rest: { readonly lat: number; readonly lng: number; readonly since: number } | null = null;
  private isStill = false;

  constructor(public mode: TrackingMode = 'move') {}

  takePace(pace: Pace): void {
    this.pace = pace;
  }

  /** @param level 0 to 1 */
  takeBattery(level: number, isCharging: boolean): void {
    this.battery = { level, isCharging };
  }

  /** A break in the recording: what comes next is the first one again. */
  restart(): void {
    this.last = null;
    this.rest = null;
    this.isStill = false;
  }

  /** @param now by the hub's clock, which says until when a pace holds */
  plan(now: number): SamplingPlan {
    if (this.mode === 'quiet' || this.mode === 'manual') return NEVER;
    if (this.mode === 'significant') return SIGNIFICANT;
    const { intervalMs, distanceM } = this.pace && Date.parse(this.pace.until) > now ? this.pace : SLOWEST;
    const heartbeatMs = Math.max(HEARTBEAT_MS, intervalMs);
    const level = this.battery && !this.battery.isCharging ? this.battery.level : 1;
    if (level < NEARLY_EMPTY)
      return {
        intervalMs: Math.max(2 * MINUTE, intervalMs),
        distanceM: Math.max(250, distanceM),
        heartbeatMs,
        accuracy: 'low',
      };
    if (level < LOW_BATTERY)
      return {
        intervalMs: Math.max(30_000, 3 * intervalMs),
        distanceM: Math.max(50, 2 * distanceM),
        heartbeatMs,
        accuracy: 'balanced',
      };
    // Who stands still is asked seldom; the first step is seen by the readings that come all the same.
    if (this.isStill) return { intervalMs: Math.max(MINUTE, intervalMs), distanceM, heartbeatMs, accuracy: 'balanced' };
    return { intervalMs, distanceM, heartbeatMs, accuracy: intervalMs < MINUTE ? 'high' : 'balanced' };
  }

  /** Whether this reading becomes a fix; the next ones are then compared with it. */
  keeps(sample: Sample, now = sample.at): boolean {
    const left = this.noteRest(sample);
    const plan = this.plan(now);
    if (plan.accuracy === 'none' || !this.isWorth(sample, plan, left)) return false;
    this.last = sample;
    return true;
  }

  /** The app wants this one, whatever the plan says. */
  mark(sample: Sample): void {
    this.noteRest(sample);
    this.last = sample;
  }

  private isWorth(sample: Sample, { intervalMs, distanceM, heartbeatMs }: SamplingPlan, left: boolean): boolean {
    const { last } = this;
    if (!last) return true;
    const elapsedMs = sample.at - last.at;
    if (elapsedMs <= 0) return false;
    if (elapsedMs >= heartbeatMs) return true;
    if (sample.accuracy > COARSE_M && last.accuracy <= COARSE_M) return false;
    const movedM = metresBetween(last, sample);
    // Within the doubt about both places nothing has moved.
    const isMoved = movedM >= Math.max(distanceM, (last.accuracy + sample.accuracy) / 2);
    if (left && isMoved) return true;
    if (elapsedMs >= EARLY * intervalMs) return isMoved;
    return elapsedMs >= intervalMs / 3 && movedM >= TURN_M && isMoved && hasTurned(last, sample);
  }

  /** @returns whether it has just begun to move */
  private noteRest(sample: Sample): boolean {
    if (sample.accuracy > COARSE_M) return false;
    const { rest } = this;
    const isAway = !rest || metresBetween(rest, sample) > Math.max(STILL_M, sample.accuracy);
    const isWalking = (sample.speed ?? 0) > WALKING_MPS;
    if (isAway || isWalking) this.rest = { lat: sample.lat, lng: sample.lng, since: sample.at };
    const wasStill = this.isStill;
    this.isStill = this.rest !== null && sample.at - this.rest.since >= STILL_MS;
    return wasStill && !this.isStill;
  }
}

function hasTurned(last: Sample, sample: Sample): boolean {
  if (typeof last.heading !== 'number' || typeof sample.heading !== 'number') return false;
  const turn = Math.abs(last.heading - sample.heading) % 360;
  return Math.min(turn, 360 - turn) >= TURN_DEGREES;
}

const RADIUS_M = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Along the great circle, on the sphere that the hub measures on. */
export function metresBetween(
  a: { readonly lat: number; readonly lng: number },
  b: { readonly lat: number; readonly lng: number },
): number {
  const h =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lng - a.lng) / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}
