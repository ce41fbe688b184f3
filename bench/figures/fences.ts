import type { Row } from '../rows';
import type { Crossed } from '../sides/fence-crossings';
import type { Group } from './group';

const REQUIRED_US = 5;
const FENCES = 1_000;
const TRACKS = 200;
const G1: Row = {
  id: 'G1',
  title: `fixes of ${TRACKS} cars held against the ${FENCES.toLocaleString('en')} fences of their branch`,
  unit: 'µs of CPU a fix',
  targets: [{ against: 'required', must: { atMost: 1 }, aim: { atMost: 0.5 } }],
};

/** Not of the gateway: what following a track costs for each fix before anything is written. */
export const fences: Group = {
  rows: [G1],
  run: async (stage) => {
    const [person] = await stage.organisation({ staff: 1, auditors: 0 });
    const { orgId = '', branchId = '' } = person ?? {};
    const count = stage.isQuick ? 50_000 : 400_000;
    const plan = { orgId, branchId, fences: FENCES, tracks: TRACKS, count };
    const runs: Crossed[] = [];
    for (let round = 0; round < (stage.isQuick ? 2 : 5); round += 1) {
      stage.say(`G1: round ${round + 1}`);
      runs.push(await stage.backstage.call<Crossed>('crossFences', plan, 120_000));
    }
    const [first] = runs;
    const series = new Map([
      ['hub', runs.map(({ cpuUs }) => cpuUs / count)],
      ['required', runs.map(() => REQUIRED_US)],
    ]);
    const remarks = [`${first?.fences ?? 0} fences, ${first?.crossings ?? 0} crossings a round`];
    return new Map([['G1', { series, remarks }]]);
  },
};
