import { distanceM } from '../../platform';
import type { WatchedFence } from '../branches';

/** Where a trackable stands towards one fence; instants in milliseconds since 1970. */
export interface FenceState {
  readonly state: 'in' | 'out';
  readonly since: number;
  /** First fix that looked like leaving and waits for a second. */
  readonly pendingAt: number | null;
  readonly hasDwelled: boolean;
  /** The last fix inside. */
  readonly seenAt: number;
}

/**
 * `at` is when it happened: entering at the fix itself, leaving at the first of the two fixes that showed it, dwelling
 * when the time was full. `confirmedAt` is the fix that settled it.
 */
export type Crossing = { readonly at: number; readonly confirmedAt: number } & (
  | { readonly kind: 'entered' }
  | { readonly kind: 'exited'; readonly seenAt: number }
  | { readonly kind: 'dwelled'; readonly since: number }
  | { readonly kind: 'crossed'; readonly leftAt: number }
);

/** What is asked of a fence. */
export type Border = Pick<WatchedFence, 'signedDistanceM' | 'through' | 'bufferM' | 'accMaxM' | 'hours' | 'dwellMs'>;

export interface Point {
  readonly at: number;
  readonly lat: number;
  readonly lng: number;
  readonly accuracy: number;
}

interface Step {
  readonly after: FenceState | undefined;
  readonly crossings: readonly Crossing[];
}

const CONFIRM_MS = 8_000;
/** Between fixes farther apart nobody knows the way. */
const LONGEST_WAY_M = 5_000;
const LONGEST_WAY_MS = 10 * 60_000;
/** Metres a second; nobody drives faster, so one of the two fixes lies. */
const FASTEST_MPS = 70;
/** Less accurate fixes are no end of a way. */
const WAY_ACCURACY_M = 100;

const NONE: readonly Crossing[] = [];

export const isEndOfWay = ({ accuracy }: Point): boolean => accuracy <= WAY_ACCURACY_M;

/** Whether the way between two fixes, one after the other, is known to be straight. */
export function isWay(from: Point, to: Point): boolean {
  const ms = to.at - from.at;
  if (ms <= 0 || ms > LONGEST_WAY_MS) return false;
  const metres = distanceM(from, to);
  return metres <= LONGEST_WAY_M && metres - from.accuracy - to.accuracy <= (FASTEST_MPS * ms) / 1_000;
}

/**
 * One step of a fence's state machine. Inside counts at once; leaving must be certain beyond a buffer, by two fixes at
 * least eight seconds apart, because a glitch lies about its accuracy and looks exactly like a departure.
 * @param before undefined where nothing is known yet
 * @param from the fix before this one, where the way between them is known
 */
export function step(before: FenceState | undefined, fence: Border, point: Point, from?: Point): Step {
  const closed = endOfHours(before, fence, point);
  if (closed) {
    const next = step(closed.after, fence, point, from);
    return { after: next.after, crossings: [...closed.crossings, ...next.crossings] };
  }
  const { at, accuracy } = point;
  if (accuracy > fence.accMaxM || fence.hours?.isActive(at) === false) return { after: before, crossings: NONE };
  const outside = -fence.signedDistanceM(point);
  if (outside <= 0) return inside(before, fence, at);
  if (before?.state !== 'in') {
    const isCertain = outside - accuracy > fence.bufferM;
    const after: FenceState | undefined =
      before ?? (isCertain ? { state: 'out', since: at, pendingAt: null, hasDwelled: false, seenAt: at } : undefined);
    return { after, crossings: passing(fence, point, from) };
  }
  if (outside - accuracy <= fence.bufferM)
    return before.pendingAt === null ? dwelling(before, fence, at) : unchanged(before);
  const { pendingAt } = before;
  if (pendingAt === null) return { after: { ...before, pendingAt: at }, crossings: NONE };
  if (at - pendingAt < CONFIRM_MS) return unchanged(before);
  return leaving(before, fence, pendingAt, at);
}

const unchanged = (after: FenceState): Step => ({ after, crossings: NONE });

function inside(before: FenceState | undefined, fence: Border, at: number): Step {
  if (before?.state === 'in') return dwelling({ ...before, pendingAt: null, seenAt: at }, fence, at);
  return {
    after: { state: 'in', since: at, pendingAt: null, hasDwelled: false, seenAt: at },
    crossings: [{ kind: 'entered', at, confirmedAt: at }],
  };
}

function dwelling(state: FenceState, { dwellMs }: Border, at: number, confirmedAt = at): Step {
  if (dwellMs === null || state.hasDwelled || at - state.since < dwellMs) return unchanged(state);
  return {
    after: { ...state, hasDwelled: true },
    crossings: [{ kind: 'dwelled', since: state.since, at: state.since + dwellMs, confirmedAt }],
  };
}

function leaving(before: FenceState, fence: Border, at: number, confirmedAt: number): Step {
  // Whoever was silent inside has dwelled all the same.
  const { crossings } = dwelling(before, fence, at, confirmedAt);
  const { hasDwelled, seenAt } = before;
  return {
    after: { state: 'out', since: at, pendingAt: null, hasDwelled, seenAt },
    crossings: [...crossings, { kind: 'exited', at, confirmedAt, seenAt }],
  };
}

/** A fence that is not in force holds nobody: whoever is inside leaves it when its hours end. */
function endOfHours(before: FenceState | undefined, fence: Border, { at }: Point): Step | undefined {
  if (!fence.hours || before?.state !== 'in') return undefined;
  const { since } = before;
  const end = fence.hours.endOf(since);
  // Its hours were changed since, so that they do not hold the entering any more.
  if (end === since) return fence.hours.isActive(at) ? undefined : leaving(before, fence, at, at);
  return at >= end ? leaving(before, fence, end, at) : undefined;
}

function passing(fence: Border, to: Point, from: Point | undefined): readonly Crossing[] {
  if (!from || from.accuracy > fence.accMaxM || fence.signedDistanceM(from) >= 0) return NONE;
  const way = fence.through(from, to);
  if (!way) return NONE;
  const timeOf = (share: number): number => Math.round(from.at + share * (to.at - from.at));
  const [at, leftAt] = [timeOf(way.enter), timeOf(way.leave)];
  if (fence.hours?.isActive(at) === false) return NONE;
  return [{ kind: 'crossed', at, leftAt, confirmedAt: to.at }];
}
