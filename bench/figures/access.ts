import type { Row } from '../rows';
import type { Decided } from '../sides/decisions';
import type { Group } from './group';

const REQUIRED_US = 10;
const A1: Row = {
  id: 'A1',
  title: 'who calls and whether he may, for a caller whom the process knows',
  unit: 'µs of CPU a decision',
  targets: [{ against: 'required', must: { atMost: 1 }, aim: { atMost: 0.5 } }],
};

/** Not of the gateway: what stands before every request and call, licence, plan and permission together. */
export const access: Group = {
  rows: [A1],
  run: async (stage) => {
    const [person] = await stage.organisation({ staff: 0, auditors: 1 });
    const count = stage.isQuick ? 50_000 : 300_000;
    const runs: Decided[] = [];
    for (let round = 0; round < (stage.isQuick ? 2 : 5); round += 1) {
      stage.say(`A1: round ${round + 1}`);
      runs.push(await stage.backstage.call<Decided>('decide', { token: person?.hubToken ?? '', count }, 120_000));
    }
    const series = new Map([
      ['hub', runs.map(({ cpuUs }) => cpuUs / count)],
      ['required', runs.map(() => REQUIRED_US)],
    ]);
    const remarks = [`queries: ${runs.reduce((sum, { queries }) => sum + queries, 0)}`];
    return new Map([['A1', { series, remarks }]]);
  },
};
