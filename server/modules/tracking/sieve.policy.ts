import { distanceM } from '../../platform';

/** A stored fix as the rules of a day read it; `at` in milliseconds since 1970, metres, metres a second. */
export interface TrackFix {
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
  readonly speed: number | null;
  readonly speedAccuracy: number | null;
  /** What the device’s own counter of metres said. */
  readonly odometer: number | null;
  readonly device: string;
}

export const COARSE_M = 100;
export const ANCHOR_AGE_MS = 10 * 60_000;
const SPEED_NEEDS_MS = 1_000;
const FAR_M = 500;
const AGREE_M = 200;
/** Of a chain of far fixes that nobody could have driven faster, the third settles it. */
const CHAIN = 2;
const SAME_PLACE_M = 1;

/** Faster than any of its kind moves, in metres a second. */
export const topSpeedOf = (kind: string): number => {
  if (kind === 'user') return 60;
  return kind === 'vehicle' ? 70 : 350;
};

export interface SieveState {
  readonly last: TrackFix | null;
  readonly waiting: readonly TrackFix[];
}

/**
 * Which fixes of a track count. Takes them in order of time, and answers those that are certain now: none for one that
 * is coarse, a repeat, zero and zero, or a leap; several where a second one confirms what waited.
 */
export class Sieve {
  private last: TrackFix | null;
  private waiting: TrackFix[];

  constructor(
    private readonly topSpeed: number,
    state?: SieveState,
  ) {
    this.last = state?.last ?? null;
    this.waiting = [...(state?.waiting ?? [])];
  }

  get state(): SieveState {
    return { last: this.last, waiting: this.waiting };
  }

  add(fix: TrackFix): readonly TrackFix[] {
    if (fix.accuracy > COARSE_M || (fix.lat === 0 && fix.lng === 0)) return [];
    const { last } = this;
    if (!last) return this.pass(fix);
    const ms = fix.at - last.at;
    const far = distanceM(last, fix);
    if (ms === 0 && far < SAME_PLACE_M) return [];
    // An anchor from long ago says nothing of speed: whoever is far from it needs a witness.
    if (ms > ANCHOR_AGE_MS) return far > FAR_M ? this.wait(fix) : this.pass(fix);
    return this.isReachable(last, fix, far) ? this.pass(fix) : [];
  }

  private pass(fix: TrackFix): readonly TrackFix[] {
    if (this.waiting.length > 0) this.waiting = [];
    this.last = fix;
    return [fix];
  }

  private wait(fix: TrackFix): readonly TrackFix[] {
    const before = this.waiting.at(-1);
    const metres = before ? distanceM(before, fix) : Number.POSITIVE_INFINITY;
    if (!before || !this.isReachable(before, fix, metres)) {
      this.waiting = [fix];
      return [];
    }
    this.waiting.push(fix);
    if (metres > AGREE_M && this.waiting.length <= CHAIN) return [];
    const confirmed = this.waiting;
    this.waiting = [];
    this.last = fix;
    return confirmed;
  }

  /** Within less than a second no speed is told: there the way of one second is what can be. */
  private isReachable(a: TrackFix, b: TrackFix, metres: number): boolean {
    const certain = Math.max(0, metres - a.accuracy - b.accuracy);
    return certain <= this.topSpeed * (Math.max(SPEED_NEEDS_MS, b.at - a.at) / 1_000);
  }
}
