import type { Appended } from '../sides/backstage';
import type { Row } from '../rows';
import type { Group } from './group';

const REQUIRED = 1_000;
const J1: Row = {
  id: 'J1',
  title: 'transactions that tell the journal one thing each, 20 writers, one organisation, a sealer beside them',
  unit: 'a second',
  targets: [{ against: 'required', must: { atLeast: 1 }, aim: { atLeast: 2 } }],
};
const WRITERS = 20;

/** Not of the gateway: what the write path of the journal carries before its rows queue behind each other. */
export const journal: Group = {
  rows: [J1],
  run: async (stage) => {
    const [person] = await stage.organisation({ staff: 1, auditors: 0 });
    const orgId = person?.orgId ?? '';
    const count = stage.isQuick ? 1_000 : 6_000;
    const runs: Appended[] = [];
    for (let round = 0; round < (stage.isQuick ? 2 : 5); round += 1) {
      stage.say(`J1: round ${round + 1}`);
      runs.push(await stage.backstage.call<Appended>('appendEntries', { orgId, writers: WRITERS, count }, 120_000));
    }
    const deadlocks = runs.reduce((sum, run) => sum + run.deadlocks, 0);
    const sealed = runs.map((run) => Math.round((run.sealed / run.sealMs) * 1_000));
    const series = new Map([
      ['hub', runs.map(({ ms }) => (count / ms) * 1_000)],
      ['required', runs.map(() => REQUIRED)],
    ]);
    const remarks = [`deadlocks: ${deadlocks}`, `sealed what was left at ${Math.min(...sealed)} a second or more`];
    return new Map([['J1', { series, remarks }]]);
  },
};
