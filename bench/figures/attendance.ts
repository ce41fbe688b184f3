import type { ComputedWeek } from '../sides/days';
import type { Row } from '../rows';
import type { Group } from './group';

const REQUIRED = 2_000;
const PEOPLE = 200;
const T1: Row = {
  id: 'T1',
  title: `a week of ${PEOPLE} people computed in one job: facts read, days, overtime and claims written and told`,
  unit: 'person-days per second of CPU',
  targets: [{ against: 'required', must: { atLeast: 1 }, aim: { atLeast: 2 } }],
};

/** Not of the gateway: what a change of a plan or a policy costs the workers. */
export const attendance: Group = {
  rows: [T1],
  run: async (stage) => {
    const people = await stage.organisation({ staff: PEOPLE, auditors: 0 });
    const { orgId = '', branchId = '' } = people[0] ?? {};
    const userIds = people.map(({ userId }) => userId);
    await stage.backstage.call('planWeeks', { orgId, branchId }, 60_000);
    const runs: ComputedWeek[] = [];
    const warmUp = 1;
    for (let week = 0; week < (stage.isQuick ? 2 : 5) + warmUp; week += 1) {
      stage.say(`T1: week ${week + 1}`);
      const run = await stage.backstage.call<ComputedWeek>('computeWeek', { orgId, branchId, userIds, week }, 120_000);
      if (week >= warmUp) runs.push(run);
    }
    const series = new Map([
      ['hub', runs.map(({ days, cpuUs }) => (days / cpuUs) * 1e6)],
      ['required', runs.map(() => REQUIRED)],
    ]);
    const remarks = [
      `written: ${runs.reduce((sum, { written }) => sum + written, 0)} of ${runs.reduce((sum, { days }) => sum + days, 0)}`,
    ];
    return new Map([['T1', { series, remarks }]]);
  },
};
