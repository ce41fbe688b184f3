import type { Row } from '../rows';
import type { AddedUp } from '../sides/tracks';
import type { Group } from './group';

const REQUIRED = 100_000;
const FIXES = 10_000;
const T2: Row = {
  id: 'T2',
  title: 'fixes of generated days added up to trips, stops, silences, speeding and metres',
  unit: 'a CPU-second',
  targets: [{ against: 'required', must: { atLeast: 1 }, aim: { atLeast: 3 } }],
};

/** Not of the gateway: how many phones' days one worker makes anew. */
export const tracks: Group = {
  rows: [T2],
  run: async (stage) => {
    const plan = { tracks: stage.isQuick ? 10 : 40, fixes: FIXES };
    const runs: AddedUp[] = [];
    for (let round = 0; round < (stage.isQuick ? 2 : 5); round += 1) {
      stage.say(`T2: round ${round + 1}`);
      runs.push(await stage.backstage.call<AddedUp>('addUpTracks', plan, 120_000));
    }
    const [first] = runs;
    const series = new Map([
      ['hub', runs.map(({ cpuUs, fixes }) => fixes / (cpuUs / 1e6))],
      ['required', runs.map(() => REQUIRED)],
    ]);
    const remarks = [`${first?.trips ?? 0} trips and ${first?.stops ?? 0} stops a round`];
    return new Map([['T2', { series, remarks }]]);
  },
};
