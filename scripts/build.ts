import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './written';

const PAGES = join(ROOT, 'dashboard/dist/app/index.html');
const PAGES_ARE_MADE_OF = [
  'dashboard/index.html',
  'dashboard/package.json',
  'dashboard/vite.config.ts',
  'dashboard/public',
  'dashboard/src',
  'client-sdk/src',
  'contracts/src',
  'package-lock.json',
];

/** The newest change below any of these, in milliseconds. */
function newest(paths: readonly string[]): number {
  const times = paths.map((path) => {
    if (!existsSync(path)) return 0;
    const { mtimeMs } = statSync(path);
    const inside = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    return Math.max(mtimeMs, newest(inside));
  });
  return Math.max(0, ...times);
}

function run(title: string, command: readonly [string, ...string[]]): boolean {
  const [program, ...args] = command;
  const started = Date.now();
  const { status, stdout } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  // The compiler says what is wrong on its standard output.
  if (status !== 0) process.stdout.write(stdout);
  console.log(status === 0 ? `${title}: ${((Date.now() - started) / 1000).toFixed(1)} s` : `${title} failed`);
  return status === 0;
}

/** Compiles everything; the pages only where something they are made of is newer. @returns whether it all compiled */
export function build(): boolean {
  if (!run('compiling', [join(ROOT, 'node_modules/.bin/tsc'), '-b'])) return false;
  const stale = newest(PAGES_ARE_MADE_OF.map((path) => join(ROOT, path))) > newest([PAGES]);
  return !stale || run('building the pages', ['npm', 'run', '--silent', 'build', '--workspace', '@loro/dashboard']);
}

if (require.main === module && !build()) process.exit(1);
