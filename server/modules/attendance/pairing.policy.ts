import type { DayFlag, Direction, Verification } from '@loro/contracts/attendance-values';

const MINUTE = 60_000;
/** A second `in` or `out` within this is somebody who pressed twice. */
export const NOISE_MS = 60 * MINUTE;
/** Nobody works longer than this in one go: the `out` belongs to something else. */
export const LONGEST_MS = 16 * 60 * MINUTE;
const SHORTEST_MS = MINUTE;

export interface DayPunch {
  readonly id: string;
  readonly atMs: number;
  readonly direction: Direction;
  readonly verification: Verification;
  /** Somebody said that it counts though nothing verified it. */
  readonly isConfirmed: boolean;
  /** Made within a day’s work: it counts where nothing else was punched. */
  readonly isVisit?: boolean;
  readonly localDate: string;
}

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Pair {
  readonly in: DayPunch;
  /** Null: nobody punched out, or much too late. */
  readonly out: DayPunch | null;
  /** When it ended; null while that is not known. */
  readonly outMs: number | null;
  readonly breaks: readonly Stretch[];
  /** A break under way: the pair counts up to here at most. */
  readonly breakFromMs: number | null;
  /** The last of its day, or one whose `out` came much too late: it is closed by evidence. The others are lost. */
  readonly isOpen: boolean;
}

export interface Paired {
  readonly pairs: readonly Pair[];
  readonly flags: ReadonlySet<DayFlag>;
  /** The last `out` that was punched. */
  readonly lastOutMs: number | null;
}

const RANK: Readonly<Record<Direction, number>> = { break_end: 0, out: 1, in: 2, break_start: 3, auto: 4 };

/** Any order and repetition of the same punches is one order: by instant, and of one instant by what they say. */
export function inOrder(punches: readonly DayPunch[]): DayPunch[] {
  const seen = new Map<string, DayPunch>();
  for (const punch of punches) {
    const key = `${punch.atMs} ${punch.direction}`;
    const known = seen.get(key);
    if (!known || punch.id < known.id) seen.set(key, punch);
  }
  return [...seen.values()].toSorted((a, b) => a.atMs - b.atMs || RANK[a.direction] - RANK[b.direction]);
}

/** Pairs what was punched for one occurrence (I.1). Flags say what was odd about it; nothing is guessed. */
export function pairPunches(punches: readonly DayPunch[]): Paired {
  const pairing = new Pairing();
  for (const punch of inOrder(punches)) pairing.take(punch);
  return pairing.end();
}

class Pairing {
  private readonly pairs: Pair[] = [];
  private readonly flags = new Set<DayFlag>();
  private open: DayPunch | null = null;
  private breaks: Stretch[] = [];
  private breakFromMs: number | null = null;
  private lastOutMs: number | null = null;

  take(punch: DayPunch): void {
    const { direction } = punch;
    if (direction === 'in' || (direction === 'auto' && !this.open)) this.begin(punch);
    else if (direction === 'out' || direction === 'auto') this.leave(punch);
    else if (direction === 'break_start') this.pause(punch);
    else this.resume(punch);
  }

  end(): Paired {
    if (this.open) {
      this.flags.add('missing_out');
      this.push(this.open, { out: null, outMs: null, isOpen: true });
    }
    return { pairs: this.pairs, flags: this.flags, lastOutMs: this.lastOutMs };
  }

  private begin(punch: DayPunch): void {
    const { open } = this;
    if (!open) {
      this.open = punch;
      return;
    }
    // Who comes back from a break often presses the other button.
    if (this.breakFromMs !== null) {
      this.resume(punch);
      return;
    }
    if (punch.atMs - open.atMs <= NOISE_MS) {
      this.flags.add('double_in');
      return;
    }
    this.flags.add('missing_out');
    this.push(open, { out: null, outMs: null, isOpen: false });
    this.open = punch;
  }

  private leave(punch: DayPunch): void {
    const { open, breakFromMs } = this;
    if (!open) {
      const isNoise = this.lastOutMs !== null && punch.atMs - this.lastOutMs <= NOISE_MS;
      this.flags.add(isNoise ? 'double_out' : 'missing_in');
      return;
    }
    this.open = null;
    if (punch.atMs - open.atMs > LONGEST_MS) {
      this.flags.add('too_long');
      this.push(open, { out: null, outMs: null, isOpen: true });
      return;
    }
    this.lastOutMs = punch.atMs;
    if (breakFromMs !== null) this.flags.add('break_not_ended');
    if (punch.atMs - open.atMs < SHORTEST_MS) {
      this.flags.add('too_short');
      this.forget();
      return;
    }
    this.push(open, { out: punch, outMs: breakFromMs ?? punch.atMs, isOpen: false });
  }

  private pause({ atMs }: DayPunch): void {
    if (!this.open) this.flags.add('break_outside');
    else this.breakFromMs ??= atMs;
  }

  private resume({ atMs }: DayPunch): void {
    if (!this.open) this.flags.add('break_outside');
    else if (this.breakFromMs === null) this.flags.add('break_not_started');
    else this.breaks.push({ fromMs: this.breakFromMs, toMs: atMs });
    this.breakFromMs = null;
  }

  private push(opened: DayPunch, rest: Pick<Pair, 'out' | 'outMs' | 'isOpen'>): void {
    const { breaks, breakFromMs } = this;
    this.pairs.push({ in: opened, breaks, breakFromMs: rest.outMs === null ? breakFromMs : null, ...rest });
    this.forget();
  }

  private forget(): void {
    this.breaks = [];
    this.breakFromMs = null;
  }
}
