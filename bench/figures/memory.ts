import { setTimeout as sleep } from 'node:timers/promises';
import { streamName } from '@loro/contracts/kit/live';
import { collectGarbage } from '../inspector';
import { openFilesLimit, rssKib } from '../measure';
import type { Row } from '../rows';
import type { Side } from '../sides';
import type { Group } from './group';

const M1: Row = {
  id: 'M1',
  title: 'memory of an idle, signed-in connection in one room, after a full garbage collection',
  unit: 'KiB',
  targets: [{ against: 'stock', must: { atMost: 1.15 }, aim: { atMost: 1 } }, { against: 'ws' }],
};
const M2: Row = {
  id: 'M2',
  title: 'the hub’s memory after the third wave of connects and drops, to that after the first',
  unit: 'MiB',
  of: 'third wave',
  targets: [{ against: 'first wave', must: { atMost: 1.2 } }],
};
const WAVES = 3;
const SPARE_FILES = 500;
const WANTED = 10_000;
const DROPPED_MS = 1_000;
const WARM = 1_000;

/** One reading, whatever `--rounds` says: it is counted in thousands of connections, not in time. */
export const memory: Group = {
  rows: [M1, M2],
  run: async (stage, wanted) => {
    const possible = Math.floor(openFilesLimit() - SPARE_FILES);
    const count = Math.min(stage.isQuick ? 500 : WANTED, possible);
    const people = await stage.organisation({ staff: 0, auditors: count });
    const [{ orgId, branchId } = { orgId: '', branchId: '' }] = people;
    const stream = streamName(orgId, 'branch', branchId);
    const sides = await stage.sides(wanted.has('M1') ? ['ws', 'stock', 'hub'] : ['hub'], { inspect: true });

    const perConnection = new Map<string, number[]>();
    const waves = new Map<string, number[]>();
    const remarks = [
      `${count} connections${possible < WANTED ? `: the limit of open files is ${openFilesLimit()}` : ''}`,
    ];
    for (const side of sides) {
      const crowd = { target: side.target('/check-ins'), tokens: side.tokens(people), count, streams: [stream] };
      const after: number[] = [];
      // What a process needs once, when its first thousand come (compiled code, a grown heap, database connections), is
      // no memory of a connection.
      await side.load.call('idle', { ...crowd, count: Math.min(WARM, count) }, 300_000);
      await side.load.call('drop', {}, 120_000);
      await sleep(DROPPED_MS);
      const empty = await held(side);
      for (let wave = 1; wave <= (wanted.has('M2') && side.name !== 'ws' ? WAVES : 1); wave += 1) {
        stage.say(`M: wave ${wave} of ${count} connections to ${side.name}`);
        await side.load.call('idle', crowd, 300_000);
        if (wave === 1) perConnection.set(side.name, [((await held(side)) - empty) / count]);
        await side.load.call('drop', {}, 120_000);
        await sleep(DROPPED_MS);
        after.push((await held(side)) / 1_024);
      }
      if (side.isHub) nameWaves(waves, after);
      else if (after.length === WAVES)
        remarks.push(`${side.name}, third wave to first: ${((after[2] ?? 0) / (after[0] ?? 1)).toFixed(2)}`);
    }
    return new Map([
      ...(wanted.has('M1') ? [[M1.id, { series: perConnection, remarks }] as const] : []),
      ...(wanted.has('M2') ? [[M2.id, { series: waves, remarks }] as const] : []),
    ]);
  },
};

function nameWaves(waves: Map<string, number[]>, [first, , third]: readonly number[]): void {
  if (third !== undefined) waves.set('third wave', [third]);
  if (first !== undefined) waves.set('first wave', [first]);
}

/** KiB that a server really holds. */
async function held({ server }: Side): Promise<number> {
  await collectGarbage(server.inspector);
  return rssKib(server.pid);
}
