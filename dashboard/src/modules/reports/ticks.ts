const MOST = 4;

/** Round values from zero to a round one above the largest. */
export function ticksTo(largest: number): { ticks: number[]; top: number } {
  const rough = Math.max(largest, 1) / MOST;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10) * power);
  const count = Math.max(1, Math.ceil(largest / step));
  return { ticks: Array.from({ length: count + 1 }, (_, index) => index * step), top: count * step };
}
