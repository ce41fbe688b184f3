import type { Row } from '../rows';
import { seriesOf } from '../rounds';
import type { SideName } from '../sides';
import { Field, type Ride } from './field';
import { beside, type Group, type Result } from './group';

const I1: Row = {
  id: 'I1',
  title:
    'acknowledged fixes of 500 phones, one a packet, 10 dashboards; the hub’s are durable, the anchors store nothing',
  unit: 'a CPU-second',
  targets: [
    { against: 'ws', must: { atLeast: 2 }, aim: { atLeast: 3 } },
    { against: 'stock', must: { atLeast: 3 }, aim: { atLeast: 4.5 } },
  ],
};
const I2: Row = {
  id: 'I2',
  title: 'the same, five a packet',
  unit: 'a CPU-second',
  targets: [{ against: 'stock', must: { atLeast: 5 }, aim: { atLeast: 9 } }, { against: 'ws' }],
};
const I3: Row = {
  id: 'I3',
  title: 'cost of the hub’s extras: a fix over the same server without token, permission, validation and storage',
  unit: 'µs of CPU a fix',
  targets: [{ against: 'bare', must: { atMost: 1.35 }, aim: { atMost: 1.2 } }],
};

/** Each phone sends its next packet as soon as the last is acknowledged. */
export const ingest: Group = {
  rows: [I1, I2, I3],
  run: async (stage, wanted) => {
    const [phones, dashboards] = stage.isQuick ? [100, 5] : [500, 10];
    const names = (['ws', 'stock', 'bare', 'hub'] as const).filter((name) => isNeeded(name, wanted));
    const field = await Field.open(stage, names, { phones, dashboards });
    const ms = stage.isQuick ? 1_000 : 4_000;
    const results = new Map<string, Result>();
    const measure = (title: string, fixesAPacket: number) =>
      field.measure(title, { ms, fixesAPacket, perSecond: null });
    if (wanted.has('I1') || wanted.has('I3')) {
      const rides = await measure('I1', 1);
      if (wanted.has('I1')) results.set('I1', rateOf(without(rides, 'bare')));
      if (wanted.has('I3'))
        results.set('I3', {
          series: seriesOf(without(rides, 'ws', 'stock'), ({ cpuUs, acked }) => cpuUs / acked),
          remarks: [],
        });
    }
    if (wanted.has('I2')) results.set('I2', rateOf(without(await measure('I2', 5), 'bare')));
    await field.checkStored();
    return results;
  },
};

const isNeeded = (name: string, wanted: ReadonlySet<string>): boolean => {
  if (name === 'hub') return true;
  return name === 'bare' ? wanted.has('I3') : wanted.has('I1') || wanted.has('I2');
};

const without = <T>(rides: ReadonlyMap<string, T>, ...sides: SideName[]): Map<string, T> =>
  new Map([...rides].filter(([name]) => !sides.some((side) => side === name)));

function rateOf(rides: ReadonlyMap<string, readonly Ride[]>): Result {
  const hub = rides.get('hub') ?? [];
  return {
    series: seriesOf(rides, ({ acked, cpuUs }) => (acked / cpuUs) * 1e6),
    remarks: beside(
      hub.map((cost) => ({ ...cost, units: cost.acked })),
      'fix',
    ),
  };
}
