import type { Row } from '../rows';
import { seriesOf } from '../rounds';
import type { Group } from './group';
import { beside } from './group';
import { Field } from './field';

const F3: Row = {
  id: 'F3',
  title: 'positions shown on 200 dashboards while 400 phones report once a second',
  unit: 'a CPU-second',
  targets: [
    { against: 'stock', must: { atLeast: 10 }, aim: { atLeast: 15 } },
    { against: 'ws', must: { atLeast: 7 }, aim: { atLeast: 11 } },
  ],
};

/** Each side takes the reports and acknowledges them; the anchors forward every position as a message of its own. */
export const fleet: Group = {
  rows: [F3],
  run: async (stage) => {
    const [phones, dashboards] = stage.isQuick ? [100, 50] : [400, 200];
    const field = await Field.open(stage, ['ws', 'stock', 'hub'], { phones, dashboards });
    const pace = { ms: stage.isQuick ? 2_000 : 4_000, fixesAPacket: 1, perSecond: 1 };
    const rides = await field.measure('F3', pace);
    await field.checkStored();
    const hub = rides.get('hub') ?? [];
    const share =
      hub.reduce((sum, { shown }) => sum + shown, 0) / hub.reduce((sum, { acked }) => sum + acked * dashboards, 0);
    return new Map([
      [
        F3.id,
        {
          series: seriesOf(rides, ({ shown, cpuUs }) => (shown / cpuUs) * 1e6),
          remarks: [
            `the hub showed ${(share * 100).toFixed(2)} % of the reported positions on every dashboard`,
            ...beside(
              hub.map((cost) => ({ ...cost, units: cost.acked })),
              'reported position',
            ),
          ],
        },
      ],
    ]);
  },
};
