import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build';
import { ROOT } from './written';

const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);

/** What production runs, rebuilt on each change: the compiler watches, the hub restarts, and Vite serves the pages. */
function main(): void {
  if (!build()) process.exit(1);
  const children: ChildProcess[] = [
    spawn(bin('tsc'), ['-b', '-w', '--preserveWatchOutput'], { cwd: ROOT, stdio: 'inherit' }),
    spawn(
      process.execPath,
      ['--watch-path=dist/server', '--watch-path=dist/workers', '--watch-preserve-output', 'dist/scripts/start.js'],
      { cwd: ROOT, stdio: 'inherit' },
    ),
    spawn(bin('vite'), [], { cwd: join(ROOT, 'dashboard'), stdio: 'inherit' }),
  ];
  const stop = () => children.forEach((child) => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

main();
