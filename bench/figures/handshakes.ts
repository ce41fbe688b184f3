import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../rows';
import type { Side } from '../sides';
import type { Group } from './group';

const H1: Row = {
  id: 'H1',
  title: 'handshakes with JWT into a namespace, and leaving again; people who come back',
  unit: 'a CPU-second',
  targets: [
    { against: 'stock', must: { atLeast: 0.9 }, aim: { atLeast: 1.2 } },
    { against: 'ws' },
    { against: 'hub, first visits' },
  ],
};
const REGULARS = 200;
const GONE_MS = 100;

/**
 * The hub remembers verified tokens until they run out; those who come back after a cut are what a storm is made of. First
 * visits, each with a token and a person that the process has never seen, are measured beside it.
 */
export const handshakes: Group = {
  rows: [H1],
  run: async (stage) => {
    const count = stage.isQuick ? 200 : 1_500;
    const strangersARound = stage.isQuick ? 100 : 300;
    const people = await stage.organisation({ staff: 0, auditors: REGULARS });
    const strangers = await stage.organisation({ staff: 0, auditors: 2 * strangersARound * stage.mostRounds });
    const sides = await stage.sides(['ws', 'stock', 'hub']);
    const runs = new Map<string, () => Promise<number>>(
      sides.map((side) => [side.name, () => rate(side, side.tokens(people), count)]),
    );
    const hub = sides.find(({ isHub }) => isHub);
    const unseen = hub?.tokens(strangers) ?? [];
    if (hub) runs.set('hub, first visits', () => rate(hub, unseen.splice(0, strangersARound), strangersARound));
    return new Map([[H1.id, { series: await stage.measure('H1', sides, runs), remarks: [] }]]);
  },
};

async function rate(side: Side, tokens: readonly string[], count: number): Promise<number> {
  const crowd = { target: side.target('/check-ins'), tokens, count, streams: [] };
  const { cpuUs } = await side.costOf(async () => {
    await side.load.call('handshakes', crowd, 120_000);
    // The last to leave are still being forgotten.
    await sleep(GONE_MS);
  });
  return (count / cpuUs) * 1e6;
}
