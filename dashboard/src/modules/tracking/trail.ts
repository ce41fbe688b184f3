import { distance } from '../../map/geo';
import type { Fix } from './person-state';

interface Point {
  lng: number;
  lat: number;
  atMs: number;
}

type Lines = [number, number][][];

/** After such a silence a straight line would invent a way. */
const BREAK_MS = 10 * 60_000;

/** Where somebody went: lines by segment, growing at the end. */
export class Trail {
  lengthM: number;
  private drawn: { count: number; lines: Lines } = { count: 0, lines: [] };

  constructor(
    private readonly segments: Point[][],
    lengthM: number,
  ) {
    this.lengthM = lengthM;
  }

  /** Takes a live fix; what the snapshot holds already is left out. */
  extend({ at, lng, lat }: Fix): void {
    const point = { lng, lat, atMs: at };
    const segment = this.segments.at(-1);
    const last = segment?.at(-1);
    if (last && point.atMs <= last.atMs) return;
    if (!segment || !last || point.atMs - last.atMs > BREAK_MS) {
      this.segments.push([point]);
      return;
    }
    this.lengthM += distance(last, point);
    segment.push(point);
  }

  /** Lets go of what is older, so that a tail stays one. */
  forgetBefore(atMs: number): void {
    for (const segment of this.segments) {
      const first = segment.findIndex((point) => point.atMs >= atMs);
      const gone = segment.splice(0, first < 0 ? segment.length : first);
      // What is drawn is told apart by its count, which may be the same again after the next fix.
      if (gone.length > 0) this.drawn = { count: -1, lines: [] };
    }
  }

  /**
   * Coordinates of everything up to an instant: a marker must not be behind its own trail. Asked with every frame, so
   * the same answer is the same object.
   */
  linesUpTo(atMs: number): Lines {
    const count = this.segments.reduce((sum, segment) => sum + passed(segment, atMs), 0);
    if (count === this.drawn.count) return this.drawn.lines;
    const lines = this.segments.map((segment) =>
      segment.slice(0, passed(segment, atMs)).map(({ lng, lat }): [number, number] => [lng, lat]),
    );
    this.drawn = { count, lines: lines.filter((line) => line.length > 0) };
    return this.drawn.lines;
  }
}

/** How many points are no later; they are in order, and the wanted place is near the end. */
function passed(segment: readonly Point[], atMs: number): number {
  let count = segment.length;
  while (count > 0 && (segment[count - 1]?.atMs ?? 0) > atMs) count -= 1;
  return count;
}
