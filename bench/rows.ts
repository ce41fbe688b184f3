/** A bound for the ratio of the hub to something beside it, both of the same round. */
interface Bound {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Target {
  /** The side that the hub is held against. */
  readonly against: string;
  readonly must?: Bound;
  readonly aim?: Bound;
}

/** One line of the table: what was measured, for every side, and what the hub must reach. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** The side that is held against the others; `hub` unless it says otherwise. */
  readonly of?: string;
  readonly targets: readonly Target[];
}

/** By side, one value a round; the same index is the same round. */
export type Series = ReadonlyMap<string, readonly number[]>;

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export type Verdict = 'pass' | 'MISS' | '-';

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { min: at(0), median, max: at(sorted.length - 1) };
}

/** Ratios within each round, so that what slows the whole machine slows both sides. */
export function ratiosOf(series: Series, of: string, against: string): number[] {
  const theirs = series.get(against) ?? [];
  return (series.get(of) ?? []).flatMap((value, round) => {
    const other = theirs[round];
    return other === undefined || other === 0 ? [] : [value / other];
  });
}

/** Whether a median keeps within a bound. */
export function judge(median: number, bound: Bound | undefined): Verdict {
  if (bound === undefined || Number.isNaN(median)) return '-';
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = bound;
  return median <= atMost && median >= atLeast ? 'pass' : 'MISS';
}

export const textOf = (bound: Bound | undefined): string => {
  if (bound?.atMost !== undefined) return `≤ ${bound.atMost.toFixed(2)}`;
  return bound?.atLeast === undefined ? '' : `≥ ${bound.atLeast.toFixed(2)}`;
};
