import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const ROOT = join(__dirname, '..').replace(/[/\\]dist$/, '');

/** Files that a script makes: path from the root → content. */
export type Made = ReadonlyMap<string, string>;

/** A script's ending: what it did, in a line, or what is stale, as a diff. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

/** Writes the files, or only compares where `check` is asked. Files of `owned` that nobody makes any more are stale too. */
export function settle(made: Made, { check, owned }: { check: boolean; owned?: string }): Verdict {
  const orphans = owned === undefined ? [] : filesOf(owned).filter((path) => !made.has(path));
  const changed = [...made].filter(([path, content]) => readIfThere(path) !== content);
  if (check) {
    const diffs = [...changed.map(([path, content]) => diff(path, content)), ...orphans.map((path) => diff(path, ''))];
    return diffs.length === 0
      ? { ok: true, text: `${made.size} files are up to date` }
      : { ok: false, text: `${diffs.join('\n')}\nStale: run \`npm run docs\` and commit what it writes.` };
  }
  for (const [path, content] of changed) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  for (const path of orphans) rmSync(join(ROOT, path));
  return { ok: true, text: `${made.size} files, ${changed.length} written, ${orphans.length} removed` };
}

/** Prints the verdict and leaves the exit code behind. */
export function conclude({ ok, text }: Verdict): void {
  if (text !== '') (ok ? process.stdout : process.stderr).write(`${text}\n`);
  if (!ok) process.exitCode = 1;
}

const readIfThere = (path: string): string =>
  existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '';

const filesOf = (folder: string): string[] =>
  existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`) : [];

function diff(path: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'written-'));
  try {
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    writeFileSync(before, readIfThere(path));
    writeFileSync(after, content);
    const { stdout } = spawnSync('git', ['diff', '--no-index', '--no-color', '-U2', before, after], {
      encoding: 'utf8',
    });
    const lines = stdout.split('\n').slice(4);
    const shown = lines.length > 60 ? [...lines.slice(0, 60), `… ${lines.length - 60} more lines`] : lines;
    return [`--- ${path}`, ...shown].join('\n').trimEnd();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
