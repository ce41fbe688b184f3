import { setTimeout as sleep } from 'node:timers/promises';
import { streamName } from '@loro/contracts/kit/live';
import type { Row } from '../rows';
import { seriesOf } from '../rounds';
import type { Side } from '../sides';
import type { Stage } from '../stage';
import type { Group } from './group';

const P50: Row = {
  id: 'F4 p50',
  title: 'latency at 20 events a second to 1 000 clients, half of all deliveries',
  unit: 'ms',
  targets: [{ against: 'ws', must: { atMost: 1.2 }, aim: { atMost: 1 } }, { against: 'stock' }],
};
const P99: Row = {
  id: 'F4 p99',
  title: 'the same, 99 of 100 deliveries',
  unit: 'ms',
  targets: [{ against: 'ws', must: { atMost: 1.5 }, aim: { atMost: 1 } }, { against: 'stock' }],
};
const EVERY_MS = 50;

interface Times {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** From the moment before the sender's emit (the hub's is in another process, behind Redis) to the client's read. */
export const latency: Group = {
  rows: [P50, P99],
  run: async (stage) => {
    const viewers = stage.isQuick ? 200 : 1_000;
    const people = await stage.organisation({ staff: 0, auditors: 50 });
    const [{ orgId, branchId } = { orgId: '', branchId: '' }] = people;
    const stream = streamName(orgId, 'fleet', branchId);
    const sides = await stage.sides(['ws', 'stock', 'hub']);
    for (const side of sides) {
      stage.say(`connecting ${viewers} sockets to ${side.name}`);
      const target = side.target('/tracking');
      const crowd = { target, tokens: side.tokens(people), count: viewers, streams: [stream], event: 'fixes:moved' };
      await side.load.call('view', crowd, 120_000);
    }
    const events = stage.isQuick ? 30 : 100;
    const times = await stage.measure(
      'F4',
      sides,
      new Map(sides.map((side) => [side.name, () => listen(stage, side, { stream, events, viewers })])),
    );
    return new Map([
      [P50.id, { series: seriesOf(times, ({ p50Us }) => p50Us / 1_000), remarks: [] }],
      [P99.id, { series: seriesOf(times, ({ p99Us }) => p99Us / 1_000), remarks: [] }],
    ]);
  },
};

async function listen(
  stage: Stage,
  { isHub, server, load }: Side,
  { stream, events, viewers }: { stream: string; events: number; viewers: number },
): Promise<Times> {
  const { deliveries } = await load.call<{ deliveries: number }>('counts');
  await load.call('startClock');
  const sender = isHub ? stage.backstage : server;
  let next = performance.now();
  for (let event = 0; event < events; event += 1) {
    await sleep(Math.max(0, next - performance.now()));
    next += EVERY_MS;
    await sender.call('stamp', { stream });
  }
  await load.call('until', { count: deliveries + events * viewers, timeoutMs: 10_000 });
  const times = await load.call<Times>('stopClock');
  if (times.count !== events * viewers) throw new Error(`${times.count} of ${events * viewers} deliveries were timed`);
  return times;
}
