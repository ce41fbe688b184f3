import type { Progress } from './progress';

/** Runs one side once and answers its value, or its values by row. */
export type Runs<T> = ReadonlyMap<string, () => Promise<T>>;

/**
 * Every round runs every side, each round starting with another, so that a machine which gets slower or faster meanwhile
 * does so for all. Each side runs twice in its turn, and the second time counts: while the others had their turns, V8 threw
 * away what it had compiled of a side that stood idle, and the larger the side, the more.
 */
export async function interleave<T>(
  runs: Runs<T>,
  { rounds, warmUp = true, title, progress }: { rounds: number; warmUp?: boolean; title: string; progress: Progress },
): Promise<Map<string, T[]>> {
  const sides = [...runs];
  const values = new Map<string, T[]>(sides.map(([side]) => [side, []]));
  for (let round = 1; round <= rounds; round += 1)
    for (let turn = 0; turn < sides.length; turn += 1) {
      const next = sides[(turn + round) % sides.length];
      if (!next) continue;
      const [side, run] = next;
      progress.say(`${title}: round ${round} of ${rounds}, ${side}`);
      if (warmUp) await run();
      values.get(side)?.push(await run());
    }
  return values;
}

/** One row's values out of rounds that measured several. */
export const seriesOf = <T>(
  values: ReadonlyMap<string, readonly T[]>,
  pick: (value: T) => number,
): Map<string, number[]> => new Map([...values].map(([side, ofSide]) => [side, ofSide.map(pick)]));
