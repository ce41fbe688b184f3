import { streamName } from '@loro/contracts/kit/live';
import type { Row } from '../rows';
import type { Runs } from '../rounds';
import type { Side } from '../sides';
import type { Stage } from '../stage';
import { beside, type Group, type Result } from './group';

const F1: Row = {
  id: 'F1',
  title: 'fan-out of one event at a time to 1 000 sockets',
  unit: 'µs of CPU a delivery',
  targets: [
    { against: 'ws', must: { atMost: 1.15 }, aim: { atMost: 1.05 } },
    { against: 'stock', must: { atMost: 0.75 } },
    { against: 'stock + Redis' },
  ],
};
const F2: Row = {
  id: 'F2',
  title: 'the same in bursts of 8',
  unit: 'µs of CPU a delivery',
  targets: [
    { against: 'ws', must: { atMost: 0.3 }, aim: { atMost: 0.2 } },
    { against: 'stock' },
    { against: 'stock + Redis' },
  ],
};
const BURST = 8;
const DELIVERED_MS = 30_000;

interface Cost {
  readonly units: number;
  readonly cpuUs: number;
  readonly besideUs: ReadonlyMap<string, number>;
}

/** Somebody checks in, and a thousand screens of the branch hear of it. The next event starts when all have. */
export const fanOut: Group = {
  rows: [F1, F2],
  run: async (stage, wanted) => {
    const viewers = stage.isQuick ? 200 : 1_000;
    const people = await stage.organisation({ staff: 0, auditors: 50 });
    const [{ orgId, branchId } = { orgId: '', branchId: '' }] = people;
    const stream = streamName(orgId, 'branch', branchId);
    const sides = await stage.sides(['ws', 'stock', 'stock + Redis', 'hub']);
    for (const side of sides) {
      stage.say(`connecting ${viewers} sockets to ${side.name}`);
      const target = side.target('/check-ins');
      const crowd = {
        target,
        tokens: side.tokens(people),
        count: viewers,
        streams: [stream],
        event: 'check-in:started',
      };
      await side.load.call('view', crowd, 120_000);
    }

    const results = new Map<string, Result>();
    for (const [row, burst, times] of [
      [F1, 1, stage.isQuick ? 30 : 120],
      [F2, BURST, stage.isQuick ? 10 : 50],
    ] as const) {
      if (!wanted.has(row.id)) continue;
      const runs: Runs<Cost> = new Map(
        sides.map((side) => [side.name, () => fan(stage, side, { stream, burst, times, viewers })]),
      );
      const costs = await stage.measure(row.id, sides, runs);
      results.set(row.id, {
        series: new Map([...costs].map(([side, ofSide]) => [side, ofSide.map(({ cpuUs, units }) => cpuUs / units)])),
        remarks: beside(costs.get('hub') ?? [], 'delivery'),
      });
    }
    return results;
  },
};

interface Fan {
  readonly stream: string;
  readonly burst: number;
  readonly times: number;
  readonly viewers: number;
}

async function fan(stage: Stage, side: Side, { stream, burst, times, viewers }: Fan): Promise<Cost> {
  const { deliveries } = await side.load.call<{ deliveries: number }>('counts');
  const { cpuUs, besideUs } = await side.costOf(async () => {
    for (let time = 1; time <= times; time += 1) {
      await trigger(stage, side, { stream, events: burst });
      const count = deliveries + time * burst * viewers;
      await side.load.call('until', { count, timeoutMs: DELIVERED_MS }, DELIVERED_MS + 5_000);
    }
  });
  return { units: times * burst * viewers, cpuUs, besideUs };
}

/** The hub and Socket.IO with Redis hear of an event from another process, through Redis; the others are told by their parent. */
function trigger(stage: Stage, { name, server }: Side, what: { stream: string; events: number }): Promise<unknown> {
  if (name === 'hub') return stage.backstage.call('publish', what);
  if (name === 'stock + Redis') return stage.backstage.call('publishStock', what);
  return server.call('emit', what);
}
