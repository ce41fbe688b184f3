import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Inspector } from './inspector';

const EVERY_US = 200;
const SHOWN = 30;

const Stopped = z.object({
  profile: z.looseObject({
    nodes: z.array(
      z.looseObject({
        id: z.number(),
        callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      }),
    ),
    samples: z.array(z.number()),
    timeDeltas: z.array(z.number()),
  }),
});
type Profile = z.infer<typeof Stopped>['profile'];

/**
 * Runs `work` while V8 samples another process, so that its start is not in the picture.
 * @returns lines to print: the functions with the most time of their own
 */
export async function profiled(
  url: string | null,
  file: string,
  root: string,
  work: () => Promise<void>,
): Promise<string[]> {
  const inspector = await Inspector.open(url);
  try {
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.setSamplingInterval', { interval: EVERY_US });
    await inspector.send('Profiler.start');
    await work();
    const { profile } = Stopped.parse(await inspector.send('Profiler.stop'));
    writeFileSync(file, JSON.stringify(profile));
    return [...topOf(profile, root), `all of it: ${file} (open it in the Performance panel of a browser)`];
  } finally {
    inspector.close();
  }
}

function topOf({ nodes, samples, timeDeltas }: Profile, root: string): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame, root)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  times.delete('(idle)');
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  const lines = [...times]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, time]) => `${percent(time / busy)} ${(time / 1_000).toFixed(0).padStart(7)} ms  ${name}`);
  return [`busy ${(busy / 1_000).toFixed(0)} ms; a function's own share of that:`, ...lines];
}

const percent = (part: number): string => `${(part * 100).toFixed(1).padStart(6)} %`;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

function nameOf({ functionName, url, lineNumber }: CallFrame, root: string): string {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name}  ${url.replace(/^file:\/\//, '').replace(`${root}/`, '')}:${lineNumber + 1}`;
}
