/** What is given away for a time; half-open, milliseconds since 1970. */
export interface Given {
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
}

/** The most that is given away at any moment of a time. */
export function peakWithin(given: readonly Given[], from: number, to: number): number {
  const steps = given
    .filter((one) => one.from < one.to && one.from < to && one.to > from)
    .flatMap(({ from: start, to: end, quantity }) => [
      { at: Math.max(start, from), by: quantity },
      { at: end, by: -quantity },
    ])
    // What ends at an instant is free for what begins then.
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let peak = 0;
  for (const { by } of steps) {
    now += by;
    peak = Math.max(peak, now);
  }
  return peak;
}
