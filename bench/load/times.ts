export interface Times {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export function spreadOfTimes(times: readonly number[]): Times {
  const sorted = Float64Array.from(times).toSorted();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { count: times.length, p50Us: at(0.5), p99Us: at(0.99) };
}
