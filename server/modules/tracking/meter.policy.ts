import { distanceM } from '../../platform';
import type { TrackFix } from './sieve.policy';

export const GAP_MS = 3_600_000;
const LEAST_M = 10;
const SLOWEST_MPS = 0.5;
const STEP_MS = 60_000;
/** A counter that stands still while the positions do not is broken. */
const STUCK_SLACK_M = 10;

export interface MeterState {
  readonly metres: number;
  readonly movingMs: number;
  readonly anchor: TrackFix | null;
  readonly before: TrackFix | null;
  /** The fix from which on the device’s counter is read. */
  readonly counted: TrackFix | null;
}

const START: MeterState = { metres: 0, movingMs: 0, anchor: null, before: null, counted: null };

/**
 * Metres that were really travelled. Where the device counts them itself and never backwards, its counter is believed;
 * elsewhere a step counts once it is longer than both accuracies together and 10 m, and until then the anchor stays: a
 * phone on a desk travels nothing, and a slow walk still adds up.
 */
export class Meter {
  private state: MeterState;

  constructor(
    private readonly topSpeed: number,
    state: MeterState = START,
  ) {
    this.state = state;
  }

  /** As it stands now; adding goes on with a new one, so that this may be kept and gone back to. */
  get now(): MeterState {
    return this.state;
  }

  add(fix: TrackFix): void {
    const { anchor, before, counted } = this.state;
    if (!anchor || !before || fix.at - before.at > GAP_MS) {
      this.state = { ...this.state, anchor: fix, before: fix, counted: fix.odometer === null ? null : fix };
      return;
    }
    const metres = distanceM(anchor, fix);
    const byDevice = counted && countedBetween(counted, fix, { straight: metres, topSpeed: this.topSpeed });
    if (typeof byDevice === 'number') {
      const ms = fix.at - before.at;
      const isMoving = byDevice >= LEAST_M || byDevice / (Math.max(1_000, ms) / 1_000) >= SLOWEST_MPS;
      this.step(byDevice, isMoving ? ms : 0, { anchor: fix, before: fix, counted: fix });
      return;
    }
    if (metres < Math.max(LEAST_M, anchor.accuracy + fix.accuracy)) {
      this.state = { ...this.state, before: fix, counted: fix.odometer === null ? counted : fix };
      return;
    }
    // Standing still before the step is not moving: time counts from where the step can have begun.
    const ms = Math.min(fix.at - anchor.at, fix.at - before.at + STEP_MS);
    this.step(metres, ms, { anchor: fix, before: fix, counted: fix.odometer === null ? null : fix });
  }

  private step(metres: number, ms: number, next: Pick<MeterState, 'anchor' | 'before' | 'counted'>): void {
    this.state = { metres: this.state.metres + metres, movingMs: this.state.movingMs + ms, ...next };
  }
}

/**
 * What the device’s own counter says of the way between two of its fixes, or null where it cannot be believed: another
 * device, counted backwards, faster than anybody moves, or less than the straight line.
 */
export function countedBetween(
  from: TrackFix,
  to: TrackFix,
  { straight, topSpeed }: { straight: number; topSpeed: number },
): number | null {
  if (from.odometer === null || to.odometer === null || from.device !== to.device) return null;
  const counted = to.odometer - from.odometer;
  if (counted < 0 || counted > topSpeed * Math.max(1, (to.at - from.at) / 1_000)) return null;
  return straight - from.accuracy - to.accuracy - STUCK_SLACK_M > counted ? null : counted;
}
