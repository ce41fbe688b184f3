import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { conclude, ROOT } from './written';

const GUARDED = ['server', 'workers', 'contracts/src', 'client-sdk/src', 'dashboard/src', 'scripts'];
const ALSO_CRUISED = ['client-sdk/examples', 'client-sdk/scripts', 'e2e', 'bench'];
const SEEN_RATIO = 0.9;
const LONGEST = 300;

const Exceptions = z.strictObject({
  longFiles: z.record(z.string(), z.string().min(20, 'says why')),
  readsEnvironment: z.record(z.string(), z.string().min(20, 'says why')),
});
const Cruised = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string() }),
        cycle: z.array(z.object({ name: z.string() })).optional(),
      }),
    ),
  }),
});

export interface Breach {
  readonly wall: string;
  readonly file: string;
  readonly detail: string;
}

/** Runs dependency-cruiser over the folders of `root` that exist; answers what it saw and which imports break a wall. */
export function cruise(root: string): { seen: ReadonlySet<string>; breaches: Breach[] } {
  const folders = [...GUARDED, ...ALSO_CRUISED].filter((folder) => existsSync(join(root, folder)));
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--require',
      join(ROOT, 'scripts/walls-preload.cjs'),
      program,
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      ...folders,
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (stdout === '') throw new Error(`dependency-cruiser said nothing: ${stderr}`);
  const { modules, summary } = Cruised.parse(JSON.parse(stdout));
  return {
    seen: new Set(modules.map(({ source }) => source)),
    breaches: summary.violations.map(({ from, to, rule, cycle = [] }) => ({
      wall: rule.name,
      file: from,
      detail: `→ ${cycle.length > 0 ? cycle.map(({ name }) => name).join(' → ') : to}`,
    })),
  };
}

/** What a file's own text gives away. */
export function breachesIn(file: string, text: string, exceptions: z.infer<typeof Exceptions>): Breach[] {
  const lines = text.split('\n');
  const found = lines.flatMap((line, index) => {
    const at = { file: `${file}:${index + 1}`, detail: line.trim() };
    const isComment = /^\s*(\/\/|\/?\*)/.test(line);
    return [
      ...(ESCAPES.test(line) ? [{ wall: 'no-way-around-the-compiler', ...at }] : []),
      ...(!isComment && ANY.test(line) ? [{ wall: 'no-any', ...at }] : []),
      ...(!isComment && ENVIRONMENT.test(line) && !mayReadEnvironment(file, exceptions)
        ? [{ wall: 'only-config-reads-the-environment', ...at }]
        : []),
    ];
  });
  if (STRANGERS.test(file) && VALUE_OF_CONTRACTS.test(text)) {
    found.push({ wall: 'sdk-carries-no-zod', file, detail: 'takes more than types from the contracts or zod' });
  }
  const length = text.trimEnd().split('\n').length;
  if (length > LONGEST && exceptions.longFiles[file] === undefined) {
    found.push({
      wall: 'files-fit-in-the-head',
      file,
      detail: `${length} lines; split it, or say why in scripts/walls.json`,
    });
  }
  return found;
}

const ESCAPES = /@ts-(?:ignore|nocheck)/;
const ANY = /(?::|\bas|[<|&,])\s*any\b(?=\s*(?:[;,)>=\]|&[{]|$))/;
const ENVIRONMENT = /\bprocess\.env\b/;
const READERS = /^(?:server\/platform\/config|server\/testing|scripts|client-sdk\/examples|e2e|bench)\/|\.test\.tsx?$/;
// The swc parser of dependency-cruiser does not tell `import type` from `import`, so this wall is read off the text.
const STRANGERS = /^(?:client-sdk|dashboard)\/src\/(?!.*\.test\.tsx?$)/;
const VALUE_OF_CONTRACTS =
  /^\s*(?:import|export)\s+(?!type\b)(?:[^;'"]*\bfrom\s+)?['"](?:@loro\/contracts\/|zod['"/])|\b(?:import|require)\(\s*['"](?:@loro\/contracts\/|zod['"/])/m;
// This file and its test spell the sins that they look for.
const SPELLERS = /^scripts\/walls(?:\.test)?\.ts$/;

const mayReadEnvironment = (file: string, { readsEnvironment }: z.infer<typeof Exceptions>): boolean =>
  READERS.test(file) || readsEnvironment[file] !== undefined;

/** What git would commit: files of today's work count before they are committed. */
function sources(): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((file) => /\.tsx?$/.test(file) && existsSync(join(ROOT, file)));
}

const inside = (file: string, folders: readonly string[]): boolean =>
  folders.some((folder) => file.startsWith(`${folder}/`));

function main(): void {
  const exceptions = Exceptions.parse(JSON.parse(readFileSync(join(ROOT, 'scripts/walls.json'), 'utf8')));
  const files = sources();
  const guarded = files.filter((file) => inside(file, GUARDED));
  const { seen, breaches } = cruise(ROOT);

  const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
  const written = [...texts].filter(([file]) => !SPELLERS.test(file));
  const all = [...breaches, ...written.flatMap(([file, text]) => breachesIn(file, text, exceptions))];

  const unseen = guarded.filter((file) => !seen.has(file));
  if (seen.size === 0 || unseen.length > guarded.length * (1 - SEEN_RATIO)) {
    const detail = `cruised ${guarded.length - unseen.length} of ${guarded.length} files; not ${unseen.slice(0, 5).join(', ')} …`;
    all.push({ wall: 'the-walls-see-the-house', file: '.dependency-cruiser.cjs', detail });
  }
  conclude({ ok: true, text: survey(files, texts, guarded.length - unseen.length, guarded.length) });
  if (all.length === 0) return;
  conclude({ ok: false, text: all.map(({ wall, file, detail }) => `${wall}: ${file} ${detail}`).join('\n') });
}

function survey(files: string[], texts: ReadonlyMap<string, string>, seen: number, guarded: number): string {
  const folders = [...GUARDED, ...ALSO_CRUISED].map((folder) => [
    folder,
    files.filter((file) => inside(file, [folder])).length,
  ]);
  const largest = [...texts]
    .map(([file, text]) => [file, text.trimEnd().split('\n').length] as const)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 10);
  return [
    `${seen} of ${guarded} guarded files cruised`,
    `files: ${folders
      .filter(([, count]) => count !== 0)
      .map(([folder, count]) => `${folder} ${count}`)
      .join(', ')}`,
    `largest: ${largest.map(([file, lines]) => `${file} ${lines}`).join(', ')}`,
  ].join('\n');
}

if (require.main === module) main();
