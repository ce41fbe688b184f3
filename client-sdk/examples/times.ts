import type { TrackPoint } from './gpx';

export interface TimedPoint extends TrackPoint {
  readonly at: string;
}

const STEP_MS = 1_000;

/**
 * Gives a time to every point that has none; recorded times stay as they are. Between two recorded times the points are
 * spread evenly; before the first and after the last, and where nothing is recorded, they are a second apart from
 * `startMs` on.
 */
export function withTimes(points: readonly TrackPoint[], startMs: number): TimedPoint[] {
  const next = nextTimes(points);
  const [first] = next;
  let before = { index: -1, ms: first ? first.ms - (first.index + 1) * STEP_MS : startMs - STEP_MS };
  return points.map((point, index) => {
    if (point.at !== null) {
      before = { index, ms: Date.parse(point.at) };
      return { ...point, at: point.at };
    }
    const after = next[index];
    const stepMs = after ? Math.max(0, after.ms - before.ms) / (after.index - before.index) : STEP_MS;
    const ms = Math.round(before.ms + stepMs * (index - before.index));
    return { ...point, at: new Date(ms).toISOString() };
  });
}

/** For every point the first recorded time from it on. */
function nextTimes(points: readonly TrackPoint[]): readonly (Mark | null)[] {
  const next: (Mark | null)[] = [];
  let mark: Mark | null = null;
  for (let index = points.length - 1; index >= 0; index--) {
    const at = points[index]?.at ?? null;
    if (at !== null) mark = { index, ms: Date.parse(at) };
    next[index] = mark;
  }
  return next;
}

interface Mark {
  readonly index: number;
  readonly ms: number;
}
