import { distanceM } from '../../platform';
import { ANCHOR_AGE_MS, type TrackFix } from './sieve.policy';

const TRUSTED_MPS = 3;
const DERIVED_MS = 10_000;
export const TOLERANCE_KMH = 5;
const LAST_MS = 30_000;
const FEWEST = 2;
/** Fixes further apart do not show that it went on. */
const BREAK_MS = 5 * 60_000;

/** Metres a second of each fix: the device’s own where it is sure of them, else what at least ten seconds show. */
export class Speedometer {
  private recent: TrackFix[];

  constructor(recent: readonly TrackFix[] = []) {
    this.recent = [...recent];
  }

  get state(): readonly TrackFix[] {
    return this.recent;
  }

  /** Null where nothing can be said. */
  read(fix: TrackFix): number | null {
    // Only the newest of those that are old enough is ever compared with.
    let old = 0;
    while (old + 1 < this.recent.length && fix.at - (this.recent[old + 1]?.at ?? 0) >= DERIVED_MS) old += 1;
    if (old > 0) this.recent.splice(0, old);
    const [before] = this.recent;
    this.recent.push(fix);
    if (fix.speed !== null && fix.speedAccuracy !== null && fix.speedAccuracy <= TRUSTED_MPS) return fix.speed;
    if (!before) return null;
    const ms = fix.at - before.at;
    return ms < DERIVED_MS || ms > ANCHOR_AGE_MS ? null : distanceM(before, fix) / (ms / 1_000);
  }
}

export interface SpeedLimit {
  readonly kmh: number;
  readonly source: 'fence' | 'vehicle' | 'organisation';
}

export interface Speeding {
  readonly limitKmh: number;
  readonly source: SpeedLimit['source'];
  readonly startAt: number;
  /** When the speed was below the limit again; of one that goes on, the last fix above it. */
  readonly endAt: number;
  readonly maxKmh: number;
  readonly isOpen: boolean;
}

export interface SpeedingState {
  readonly limitKmh: number;
  readonly source: SpeedLimit['source'];
  readonly startAt: number;
  readonly lastAt: number;
  readonly maxKmh: number;
  readonly fixes: number;
  readonly isCertain: boolean;
}

/** Faster than the limit and the tolerance, for thirty seconds and two fixes without a break; over when below the limit. */
export class SpeedWatch {
  private state: SpeedingState | null;

  constructor(state: SpeedingState | null = null) {
    this.state = state;
  }

  get now(): SpeedingState | null {
    return this.state;
  }

  /** @returns what ended with this fix */
  add(at: number, mps: number | null, limit: SpeedLimit | null): Speeding | null {
    const { state } = this;
    if (state && at - state.lastAt > BREAK_MS) {
      this.state = null;
      const ended = state.isCertain ? speedingOf(state, state.lastAt, false) : null;
      this.begin(at, mps, limit);
      return ended;
    }
    if (!state) {
      this.begin(at, mps, limit);
      return null;
    }
    // What cannot be told neither ends it nor goes on with it.
    if (mps === null) return null;
    const kmh = mps * 3.6;
    const over = limit !== null && kmh > limit.kmh + TOLERANCE_KMH;
    if (state.isCertain ? limit === null || kmh < limit.kmh : !over) {
      this.state = null;
      return state.isCertain ? speedingOf(state, at, false) : null;
    }
    const fixes = state.fixes + 1;
    this.state = {
      ...state,
      fixes,
      lastAt: at,
      maxKmh: Math.max(state.maxKmh, kmh),
      isCertain: state.isCertain || (over && fixes >= FEWEST && at - state.startAt >= LAST_MS),
    };
    return null;
  }

  /** The one that is certain and not over. */
  get open(): Speeding | null {
    return this.state?.isCertain ? speedingOf(this.state, this.state.lastAt, true) : null;
  }

  private begin(at: number, mps: number | null, limit: SpeedLimit | null): void {
    if (mps === null || limit === null) return;
    const kmh = mps * 3.6;
    if (kmh <= limit.kmh + TOLERANCE_KMH) return;
    const { kmh: limitKmh, source } = limit;
    this.state = { limitKmh, source, startAt: at, lastAt: at, maxKmh: kmh, fixes: 1, isCertain: false };
  }
}

const speedingOf = (state: SpeedingState, endAt: number, isOpen: boolean): Speeding => ({
  limitKmh: state.limitKmh,
  source: state.source,
  startAt: state.startAt,
  endAt,
  maxKmh: Math.round(state.maxKmh * 10) / 10,
  isOpen,
});
