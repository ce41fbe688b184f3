import { bearing, between, distance, type LngLat } from '../../map/geo';

interface Waypoint extends LngLat {
  atMs: number;
}

export interface Shown extends LngLat {
  heading: number | null;
}

const SHORTEST_MS = 250;
const LONGEST_MS = 12_000;
const MOST_WAYPOINTS = 4;
/** Faster than any vehicle of ours: such a leap is a correction, and gliding there would be a lie. */
const LEAP_MS = 120;

/**
 * Glides one marker through its fixes: each leg takes as long as the fixes lay apart, so that the marker is always
 * under way while its person is, one fix behind.
 */
export class Motion {
  private from: LngLat;
  private path: Waypoint[] = [];
  private startedMs = 0;
  private durationMs = 0;
  private newest: Waypoint;
  private heading: number | null;
  /** Instant of the last fix that the marker has passed. */
  reachedMs: number;

  constructor(fix: Waypoint, heading: number | null) {
    this.from = fix;
    this.newest = fix;
    this.heading = heading;
    this.reachedMs = fix.atMs;
  }

  get isGliding(): boolean {
    return this.path.length > 0;
  }

  /** Takes the next fix; older ones than the newest are none. */
  moveTo(fix: Waypoint, heading: number | null, nowMs: number, glides: boolean): void {
    if (fix.atMs <= this.newest.atMs) return;
    const gapMs = fix.atMs - this.newest.atMs;
    const stepM = distance(this.newest, fix);
    const isLeap = stepM / (gapMs / 1000) > LEAP_MS || gapMs > 5 * 60_000;
    const shown = this.shownAt(nowMs);
    this.heading = heading ?? (stepM > 3 ? bearing(this.newest, fix) : this.heading);
    this.newest = fix;
    if (!glides || isLeap) return this.jump();
    this.from = shown;
    this.path = [...this.path, fix].slice(-MOST_WAYPOINTS);
    this.startedMs = nowMs;
    this.durationMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, gapMs));
  }

  private jump(): void {
    this.from = this.newest;
    this.path = [];
    this.reachedMs = this.newest.atMs;
  }

  /** Where the marker stands now; passing a waypoint leaves it behind. */
  shownAt(nowMs: number): Shown {
    if (this.path.length === 0) return { ...at(this.from), heading: this.heading };
    const share = (nowMs - this.startedMs) / this.durationMs;
    if (share >= 1) {
      this.jump();
      return { ...at(this.from), heading: this.heading };
    }
    const legs = this.path.map((to, index) => distance(this.path[index - 1] ?? this.from, to));
    let restM = share * legs.reduce((sum, leg) => sum + leg, 0);
    for (const [index, to] of this.path.entries()) {
      const legM = legs[index] ?? 0;
      const start = this.path[index - 1] ?? this.from;
      if (restM <= legM && legM > 0) return { ...between(start, to, restM / legM), heading: this.heading };
      restM -= legM;
      this.reachedMs = Math.max(this.reachedMs, index < this.path.length - 1 ? to.atMs : 0);
    }
    return { ...at(this.newest), heading: this.heading };
  }
}

const at = ({ lng, lat }: LngLat): LngLat => ({ lng, lat });
