import type { Progress } from './progress';

/** Runs one side once and answers its value, or its values by row. */
export type Runs<T> = ReadonlyMap<string, () => Promise<T>>;

/**
 * Every round runs every side, each round starting with another, after one round that does not count. So a machine that
 * gets slower or faster meanwhile does so for all.
 */
export async function interleave<T>(
  runs: Runs<T>,
  { rounds, warmUp = true, title, progress }: { rounds: number; warmUp?: boolean; title: string; progress: Progress },
): Promise<Map<string, T[]>> {
  const sides = [...runs];
  const values = new Map<string, T[]>(sides.map(([side]) => [side, []]));
  for (let round = warmUp ? 0 : 1; round <= rounds; round += 1)
    for (let turn = 0; turn < sides.length; turn += 1) {
      const next = sides[(turn + round) % sides.length];
      if (!next) continue;
      const [side, run] = next;
      progress.say(`${title}: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}, ${side}`);
      const value = await run();
      if (round > 0) values.get(side)?.push(value);
    }
  return values;
}

/** One row's values out of rounds that measured several. */
export const seriesOf = <T>(
  values: ReadonlyMap<string, readonly T[]>,
  pick: (value: T) => number,
): Map<string, number[]> => new Map([...values].map(([side, ofSide]) => [side, ofSide.map(pick)]));
