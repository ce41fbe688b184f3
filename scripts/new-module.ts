import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ROOT } from './written';

const USAGE = `npm run new:module <names> -- [--floor N] [--one <name>]
  <names>   plural, kebab-case, the room's name: vehicle-loans
  --floor   which rooms it may import: those of lower floors; not asked for rooms
            that server/modules/floors.json lists already
  --one     the singular, where dropping the s does not give it: --one news-item`;

const FLOORS = 'server/modules/floors.json';
const DOORS = 'server/modules/index.ts';
const CATALOG = 'contracts/src/catalog.ts';
const Floors = z.record(z.string(), z.number().int().min(1));

interface Names {
  readonly many: string;
  readonly one: string;
}

/** The ten files of a room, template → where it goes. */
const filesOf = ({ many, one }: Names, stamp: string): Record<string, string> => ({
  contract: `contracts/src/${many}.ts`,
  migration: `server/migrations/${stamp}-create-${many}.ts`,
  door: `server/modules/${many}/index.ts`,
  model: `server/modules/${many}/${one}.model.ts`,
  policy: `server/modules/${many}/${many}.policy.ts`,
  service: `server/modules/${many}/${many}.service.ts`,
  routes: `server/modules/${many}/${many}.routes.ts`,
  live: `server/modules/${many}/${many}.live.ts`,
  jobs: `server/modules/${many}/${many}.jobs.ts`,
  test: `server/modules/${many}/${many}.test.ts`,
});

const camel = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`-${name}`);
const snake = (name: string): string => name.replaceAll('-', '_');
const words = (name: string): string => name.replaceAll('-', ' ');
const sentence = (name: string): string => words(name).replace(/^\w/, (letter) => letter.toUpperCase());

/** The templates speak of sample things, in two words, so that every way of writing a name is told from the others. */
function rename(text: string, { many, one }: Names): string {
  const spellings = [
    (name: string) => name,
    camel,
    pascal,
    snake,
    (name: string) => snake(name).toUpperCase(),
    words,
    sentence,
  ];
  const pairs = [
    ['sample-things', many],
    ['sample-thing', one],
  ] as const;
  return pairs.reduce(
    (result, [from, to]) => spellings.reduce((part, spell) => part.replaceAll(spell(from), spell(to)), result),
    /^[aeiou]/.test(one) ? text.replaceAll(/\b([Aa]) (?=sample thing\b)/g, '$1n ') : text,
  );
}

const singular = (many: string): string =>
  many
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh)es$/, '$1')
    .replace(/s$/, '');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const stampOf = (at: Date): string => at.toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');

/** Minutes count in a migration's name: it must come after every other one. */
function stampAfterAll(now: Date, migrations: readonly string[]): string {
  const latest =
    migrations
      .map((name) => name.slice(0, 13))
      .toSorted()
      .at(-1) ?? '';
  if (stampOf(now) > latest) return stampOf(now);
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)$/.exec(latest) ?? [];
  return stampOf(new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute) + 1)));
}

function replaceIn(text: string, pattern: RegExp, change: (found: string) => string, where: string): string {
  if (!pattern.test(text)) throw new Error(`${where} does not look as expected; add the room there by hand`);
  return text.replace(pattern, change);
}

/** The door's line, and its place in the list: after the last room of the same or a lower floor. */
export function withDoor(text: string, name: string, floors: Readonly<Record<string, number>>): string {
  const floorOf = (door: string) => Object.entries(floors).find(([room]) => camel(room) === door)?.[1] ?? 0;
  const listed = replaceIn(
    text,
    /(?<=modules: readonly HubModule\[\] = \[)[^\]]*(?=\])/,
    (found) => {
      const doors = found
        .split(',')
        .map((door) => door.trim())
        .filter((door) => door !== '');
      const after = doors.findLastIndex((door) => floorOf(door) <= (floors[name] ?? 0));
      return doors.toSpliced(after + 1, 0, camel(name)).join(', ');
    },
    DOORS,
  );
  return withImport(listed, `import { ${camel(name)} } from './${name}';`, DOORS);
}

/** The contract's line in the catalog, by name. */
export function withContract(text: string, name: string): string {
  const listed = replaceIn(
    text,
    /(?<=const rooms = \[)[^\]]*(?=\])/,
    (found) => {
      const contracts = found
        .split(',')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      return `\n${[...contracts, `${camel(name)}Contract`]
        .toSorted()
        .map((line) => `  ${line},\n`)
        .join('')}`;
    },
    CATALOG,
  );
  return withImport(listed, `import { ${camel(name)}Contract } from './${name}';`, CATALOG);
}

const pathOf = (line: string): string => /from '([^']+)'/.exec(line)?.[1] ?? '';

/** Among the imports of rooms, in the order of their paths. */
function withImport(text: string, line: string, where: string): string {
  const imports = text.match(/^import .* from '\.\/[^']+';$/gm) ?? [];
  const next = imports.find((found) => pathOf(found) > pathOf(line));
  const last = imports.at(-1);
  if (last === undefined) throw new Error(`${where} does not look as expected; add the room there by hand`);
  return next === undefined ? text.replace(last, `${last}\n${line}`) : text.replace(next, `${line}\n${next}`);
}

function run(program: string, ...args: string[]): void {
  const { status } = spawnSync(join(ROOT, 'node_modules/.bin', program), args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${program} failed`);
}

function newModule({ many, one }: Names, asked: number | undefined): void {
  const floors = Floors.parse(JSON.parse(read(FLOORS)));
  const floor = asked ?? floors[many];
  if (floor === undefined || Number.isNaN(floor)) throw new Error(`On which floor?\n\n${USAGE}`);
  if (floor <= (floors['branches'] ?? 0))
    throw new Error('The templates ask `branches`; a room below it is written by hand.');
  if (floor !== (floors[many] ?? floor)) throw new Error(`${many} stands on floor ${floors[many]} (${FLOORS}).`);

  const files = Object.entries(
    filesOf({ many, one }, stampAfterAll(new Date(), readdirSync(join(ROOT, 'server/migrations')))),
  );
  const taken = files.map(([, path]) => path).filter((path) => existsSync(join(ROOT, path)));
  if (taken.length > 0) throw new Error(`Already there: ${taken.join(', ')}`);

  const template = (name: string) => rename(read(`scripts/templates/module/${name}.ts.txt`), { many, one });
  const texts = new Map(files.map(([name, path]) => [path, template(name)]));
  const all = Object.fromEntries(Object.entries({ ...floors, [many]: floor }).toSorted(([, a], [, b]) => a - b));
  texts.set(FLOORS, `${JSON.stringify(all, null, 2)}\n`);
  texts.set(DOORS, withDoor(read(DOORS), many, all));
  texts.set(CATALOG, withContract(read(CATALOG), many));
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  run('oxfmt', ...texts.keys());
  run('tsx', '-C', 'source', 'scripts/docs.ts');
  console.log([...texts.keys()].join('\n'));
  console.log('\nThe surface and the documents know it too. Make the contract yours, `npm run docs`, then:');
  console.log(`  npm run check && npm test -- ${many}`);
}

// `news` and `cases` would make variables called `new` and `case`.
const RESERVED = new Set([
  'case',
  'class',
  'default',
  'export',
  'import',
  'new',
  'package',
  'return',
  'switch',
  'this',
]);
const isName = (name: string): boolean => /^[a-z]+(-[a-z]+)*$/.test(name);

function main(): void {
  const { values, positionals } = parseArgs({
    options: { floor: { type: 'string' }, one: { type: 'string' } },
    allowPositionals: true,
  });
  const [many = ''] = positionals;
  const one = values.one ?? singular(many);
  if (!isName(many) || !isName(one)) throw new Error(USAGE);
  if (many === one || RESERVED.has(one)) throw new Error(`What is one of them called?\n\n${USAGE}`);
  newModule({ many, one }, values.floor === undefined ? undefined : Number(values.floor));
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
