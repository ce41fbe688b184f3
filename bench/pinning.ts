import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** The core of whatever is measured, and those of everything else. */
export interface Pinning {
  readonly server: readonly string[];
  readonly rest: readonly string[];
  readonly says: string;
}

/**
 * Server on core 0, all else on the other cores, this process first: what it starts inherits its place. Where that cannot
 * be done the figures are still taken, and say so.
 */
export function pin(): Pinning {
  const cores = cpus().length;
  const canPin = spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;
  if (cores < 2 || !canPin) {
    const why = cores < 2 ? 'there is one core' : 'there is no taskset';
    return { server: [], rest: [], says: `NOT PINNED: ${why}; servers and load share cores, expect more noise` };
  }
  const others = cores === 2 ? '1' : `1-${cores - 1}`;
  spawnSync('taskset', ['-a', '-p', '-c', others, String(process.pid)], { stdio: 'ignore' });
  return {
    server: ['taskset', '-c', '0'],
    rest: ['taskset', '-c', others],
    says: `servers on core 0; load, engines and the rest on core ${others}`,
  };
}
