import { headingOf, lengthOf, type Point, turnBetween } from './geo';
import type { Random } from './random';
import type { Site } from './sites';
import { route } from './streets';

export type Mode = 'car' | 'foot';

/** One straight piece of a way, and what waits at its end. */
interface Leg {
  readonly from: Point;
  readonly to: Point;
  readonly lengthM: number;
  readonly heading: number;
  readonly limit: number;
  /** Seconds of standing at its end: a red light, a stop sign. */
  readonly hold: number;
  /** Metres a second that its end may be passed with, so that all that follows can still be met. */
  exit: number;
}

const PACE = { car: { accelerate: 1.6, brake: 2 }, foot: { accelerate: 0.8, brake: 0.8 } };
const DRIVEWAY_LIMIT = 4;
/** Braking to exactly nothing takes for ever; the last metres are rolled. */
const CREEP = 0.8;

/** A body on the streets, with the inertia that goes with its mode. Seconds in, metres out. */
export class Traveller {
  at: Point;
  speed = 0;
  heading = 0;
  private legs: Leg[] = [];
  private done = 0;
  private hold = 0;
  private mode: Mode = 'car';

  constructor(
    start: Site,
    private readonly random: Random,
  ) {
    this.at = start.at;
  }

  get isTravelling(): boolean {
    return this.legs.length > 0;
  }

  depart(from: Site, to: Site, mode: Mode): void {
    this.mode = mode;
    this.done = 0;
    this.hold = 0;
    this.legs = wayBetween(from, to, mode, this.random).toReversed();
    this.at = from.at;
    this.speed = 0;
  }

  /** Moves on for at most `seconds`; hands back those left over after an arrival. */
  advance(seconds: number): number {
    let left = seconds;
    while (left > 0 && this.isTravelling) {
      const step = Math.min(1, left);
      left -= step;
      if (this.hold > 0) this.hold = Math.max(0, this.hold - step);
      else this.roll(step);
    }
    return left;
  }

  private roll(step: number): void {
    const { accelerate, brake } = PACE[this.mode];
    let leg = this.legs.at(-1);
    if (!leg) return;
    const ahead = leg.lengthM - this.done;
    // The speed after which braking from the next second on still meets `exit` at the end of the leg.
    const safe = Math.sqrt((brake * step) ** 2 + leg.exit ** 2 + 2 * brake * ahead) - brake * step;
    this.speed = Math.min(leg.limit, Math.max(CREEP, safe), this.speed + accelerate * step);
    this.done += this.speed * step;

    while (leg && this.done >= leg.lengthM) {
      this.done -= leg.lengthM;
      this.at = leg.to;
      this.heading = leg.heading;
      this.legs.pop();
      if (leg.exit === 0) {
        this.hold = leg.hold;
        this.speed = 0;
        this.done = 0;
      }
      leg = this.legs.at(-1);
    }
    if (!leg || this.done === 0) return;
    const part = this.done / leg.lengthM;
    this.at = { x: leg.from.x + part * (leg.to.x - leg.from.x), y: leg.from.y + part * (leg.to.y - leg.from.y) };
    this.heading = leg.heading;
  }
}

function wayBetween(from: Site, to: Site, mode: Mode, random: Random): Leg[] {
  // Drivers differ, and the same driver differs from trip to trip.
  const temper = random.between(0.88, 1.04);
  const stroll = random.between(1.15, 1.65);
  const pace = (limit: number) => (mode === 'foot' ? stroll : limit * temper);

  const legs: Leg[] = [];
  let here = from.at;
  const lead = (next: Point, limit: number, hold = 0) => {
    const lengthM = lengthOf(here, next);
    if (lengthM > 0) {
      legs.push({ from: here, to: next, lengthM, heading: headingOf(here, next), limit: pace(limit), hold, exit: 0 });
    }
    here = next;
  };

  lead(from.node.at, DRIVEWAY_LIMIT);
  for (const edge of route(from.node, to.node)) {
    for (const bend of edge.bends) lead(bend, edge.limit);
    lead(edge.to.at, edge.limit, mode === 'car' ? waitAt(edge.to.hasLights, random) : 0);
  }
  lead(to.at, DRIVEWAY_LIMIT);

  slowInTime(legs, mode);
  return legs;
}

function waitAt(hasLights: boolean, random: Random): number {
  if (hasLights) return random.chance(0.45) ? random.whole(5, 35) : 0;
  return random.chance(0.08) ? random.whole(1, 3) : 0;
}

/** From the end back: each leg may be left only as fast as the corner, the hold and the legs behind it allow. */
function slowInTime(legs: readonly Leg[], mode: Mode): void {
  const { brake } = PACE[mode];
  let next: Leg | undefined;
  for (const leg of legs.toReversed()) {
    if (next && leg.hold === 0) {
      const corner = mode === 'foot' ? Infinity : cornerSpeed(turnBetween(leg.heading, next.heading));
      const brakable = Math.sqrt(next.exit ** 2 + 2 * brake * next.lengthM);
      leg.exit = Math.min(leg.limit, next.limit, corner, brakable);
    }
    next = leg;
  }
}

function cornerSpeed(turn: number): number {
  return turn < 20 ? Infinity : Math.max(2.5, 16 - (turn - 20) * 0.16);
}
