import type { Row, Series } from '../rows';
import type { Stage } from '../stage';

export interface Result {
  readonly series: Series;
  readonly remarks: readonly string[];
}

/** Figures that are measured on the same servers. */
export interface Group {
  readonly rows: readonly Row[];
  /** Measures the wanted rows. */
  run(stage: Stage, wanted: ReadonlySet<string>): Promise<Map<string, Result>>;
}

/** What the processes beside the hub spent a unit, in words; the medians would say no more. */
export function beside(
  costs: readonly { units: number; besideUs: ReadonlyMap<string, number> }[],
  unit: string,
): string[] {
  const [first] = costs;
  if (!first || first.besideUs.size === 0) return [];
  const units = costs.reduce((sum, cost) => sum + cost.units, 0);
  const shares = [...first.besideUs.keys()].map((name) => {
    const us = costs.reduce((sum, { besideUs }) => sum + (besideUs.get(name) ?? 0), 0);
    return `${name} ${(us / units).toLocaleString('en', { maximumSignificantDigits: 3 })} µs`;
  });
  return [`beside the hub's own process, a ${unit}: ${shares.join(', ')}`];
}
