/** Where a trackable stands towards one fence; instants in milliseconds since 1970. */
export interface FenceState {
  readonly state: 'in' | 'out';
  readonly since: number;
  /** First fix that looked like leaving and waits for a second. */
  readonly pendingAt: number | null;
}

export interface Crossing {
  readonly kind: 'entered' | 'exited';
  /** When it happened: entering at the fix itself, leaving at the first of the two fixes that showed it. */
  readonly at: number;
  readonly confirmedAt: number;
}

/** A fence as its border is asked for. */
interface Border {
  /** Of the circle, or of the circle of the same area. */
  readonly radiusM: number;
  /** Metres to the border, positive inside. */
  signedDistanceM(point: { readonly lat: number; readonly lng: number }): number;
}

interface Point {
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
}

const ACCURACY_MAX_M = 100;
const CONFIRM_MS = 8_000;
const bufferM = (radiusM: number): number => Math.max(20, 0.2 * radiusM);

/**
 * One step of a fence's state machine. Inside counts at once; leaving must be certain beyond a buffer, by two fixes at
 * least eight seconds apart, because a glitch lies about its accuracy and looks exactly like a departure.
 */
export function step(
  before: FenceState | undefined,
  fence: Border,
  point: Point,
): { after: FenceState | undefined; crossing?: Crossing } {
  if (point.accuracy > ACCURACY_MAX_M) return { after: before };
  const outside = -fence.signedDistanceM(point);
  const { at } = point;
  if (outside <= 0) {
    if (before?.state === 'in') return { after: { ...before, pendingAt: null } };
    return { after: { state: 'in', since: at, pendingAt: null }, crossing: { kind: 'entered', at, confirmedAt: at } };
  }
  if (outside - point.accuracy <= bufferM(fence.radiusM)) return { after: before };
  if (!before) return { after: { state: 'out', since: at, pendingAt: null } };
  if (before.state === 'out') return { after: before };
  const { pendingAt } = before;
  if (pendingAt === null) return { after: { ...before, pendingAt: at } };
  if (at - pendingAt < CONFIRM_MS) return { after: before };
  return {
    after: { state: 'out', since: pendingAt, pendingAt: null },
    crossing: { kind: 'exited', at: pendingAt, confirmedAt: at },
  };
}
