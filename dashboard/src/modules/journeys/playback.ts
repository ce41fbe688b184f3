import type { Track } from '@loro/contracts/tracking';
import { bearing, between, distance, type LngLat } from '../../map/geo';

interface Point extends LngLat {
  readonly atMs: number;
  readonly speed: number | null;
}

export interface Moment extends LngLat {
  readonly heading: number | null;
  /** Metres a second, as the device said or else by the two points around. */
  readonly speed: number | null;
  /** Between two lines of the track nobody knows where it was. */
  readonly isKnown: boolean;
}

/** After such a silence a straight line would invent a way. */
const BREAK_MS = 10 * 60_000;

/** A past track that can be asked for any of its moments. */
export class Playback {
  readonly points: readonly Point[];
  readonly lines: readonly [number, number][][];
  /** The first and the last instant; null where nothing is stored. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | null;
  private readonly breaks: ReadonlySet<number>;

  constructor({ geometry, properties }: Track) {
    const points: Point[] = [];
    const breaks = new Set<number>();
    for (const [line, coordinates] of geometry.coordinates.entries()) {
      breaks.add(points.length);
      for (const [step, [lng, lat]] of coordinates.entries()) {
        const atMs = Date.parse(properties.times[line]?.[step] ?? '');
        const last = points.at(-1);
        if (last && atMs - last.atMs > BREAK_MS) breaks.add(points.length);
        points.push({ lng, lat, atMs, speed: properties.speeds[line]?.[step] ?? null });
      }
    }
    this.points = points;
    this.breaks = breaks;
    this.lines = geometry.coordinates;
    const [first, last] = [points[0], points.at(-1)];
    this.span = first && last ? { fromMs: first.atMs, toMs: last.atMs } : null;
  }

  /** Where it was at an instant. */
  at(atMs: number): Moment | null {
    const next = this.indexAfter(atMs);
    const after = this.points[next];
    const before = this.points[next - 1];
    if (!before) return after ? { ...placeOf(after), heading: null, speed: after.speed, isKnown: true } : null;
    if (!after) return { ...placeOf(before), heading: null, speed: before.speed, isKnown: true };
    if (this.breaks.has(next)) return { ...placeOf(before), heading: null, speed: null, isKnown: false };
    const share = (atMs - before.atMs) / Math.max(1, after.atMs - before.atMs);
    const metres = distance(before, after);
    const seconds = (after.atMs - before.atMs) / 1000;
    return {
      ...between(before, after, share),
      heading: metres > 3 ? bearing(before, after) : null,
      speed: before.speed ?? (seconds > 0 ? metres / seconds : null),
      isKnown: true,
    };
  }

  /** The way up to an instant, line by line. */
  passed(atMs: number): [number, number][][] {
    const count = this.indexAfter(atMs);
    const lines: [number, number][][] = [];
    for (let index = 0; index < count; index += 1) {
      const point = this.points[index];
      if (!point) break;
      if (this.breaks.has(index) || lines.length === 0) lines.push([]);
      lines.at(-1)?.push([point.lng, point.lat]);
    }
    const now = this.at(atMs);
    if (now?.isKnown) lines.at(-1)?.push([now.lng, now.lat]);
    return lines.filter((line) => line.length > 1);
  }

  /** The first point after an instant. */
  private indexAfter(atMs: number): number {
    let [low, high] = [0, this.points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.points[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const placeOf = ({ lng, lat }: Point): LngLat => ({ lng, lat });
