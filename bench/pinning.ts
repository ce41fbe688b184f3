import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TASKSET = 'taskset';

/** The core of whatever is measured, and those of everything else. */
export interface Pinning {
  readonly server: readonly string[];
  readonly rest: readonly string[];
  readonly says: string;
}

/**
 * Servers on the first core, all else on the others, this process first: what it starts inherits its place. Where that cannot
 * be done the figures are still taken, and say so.
 */
export function pin(): Pinning {
  const [first, ...others] = allowedCores();
  const canPin = spawnSync(TASKSET, ['--version'], { stdio: 'ignore' }).status === 0;
  if (first === undefined || others.length === 0 || !canPin) {
    const why = canPin ? 'there is one core' : 'there is no taskset';
    return { server: [], rest: [], says: `NOT PINNED: ${why}; servers and load share cores, expect more noise` };
  }
  const rest = others.join(',');
  spawnSync(TASKSET, ['-a', '-p', '-c', rest, String(process.pid)], { stdio: 'ignore' });
  return {
    server: [TASKSET, '-c', String(first)],
    rest: [TASKSET, '-c', rest],
    says: `servers on core ${first}; load, engines and the rest on ${rest}`,
  };
}

/** A container may have been given some cores only, and not the first. */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
