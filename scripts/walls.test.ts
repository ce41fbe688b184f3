import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Breach, breachesIn, cruise } from './walls';
import { ROOT } from './written';

const none = { longFiles: {}, readsEnvironment: {} };
const packages = ['zod', 'sequelize', 'socket.io', 'bull'];
const DOOR = 'export const door = 1;';

/** A house in which every wall but the named ones stands: file → content. */
const decent = {
  'contracts/src/tasks.ts': "import { z } from 'zod'; export const Task = z; export type Task = number;",
  'server/platform/index.ts': DOOR,
  'server/modules/people/index.ts': DOOR,
  'server/modules/people/people.service.ts': "import 'sequelize'; import '../../platform'; export const secret = 1;",
  'server/modules/tasks/index.ts': "import '../people'; import '../branches'; export const door = 1;",
  'server/modules/tasks/tasks.test.ts': "import '../reports';",
  'server/modules/branches/index.ts': "import '../people'; export const door = 1;",
  'server/modules/reports/index.ts': "import '../tasks'; export const door = 1;",
  'workers/host.ts': "import '../server/modules/tasks';",
  'client-sdk/src/tasks.ts': "import type { Task } from '@loro/contracts/tasks'; export const task: Task = 1;",
  'server/platform/jobs/queues.ts': "import 'bull';",
  'dashboard/src/app.tsx': "import { task } from '../../client-sdk/src/tasks'; export const app = <>{task}</>;",
};

/** One planted sin a wall. */
const sins: Record<string, readonly [file: string, content: string]> = {
  'no-circles': ['server/platform/circle.ts', "import type { Other } from './other'; export type Circle = Other;"],
  'everything-resolves': ['server/platform/lost.ts', "import './nowhere';"],
  'contracts-know-nobody': ['contracts/src/nosy.ts', "import '../../server/platform';"],
  'contracts-import-zod-alone': ['contracts/src/heavy.ts', "import 'node:fs';"],
  'platform-knows-no-module': [
    'server/platform/favourite.ts',
    "import type { door } from '../modules/tasks'; export type D = typeof door;",
  ],
  'modules-meet-at-the-door': ['server/modules/tasks/burglar.ts', "import '../people/people.service';"],
  'floor-1-looks-down': [
    'server/modules/people/climber.ts',
    "import type { door } from '../branches'; export type D = typeof door;",
  ],
  'floor-7-looks-down': ['server/modules/check-ins/neighbour.ts', "import '../tasks';"],
  'every-room-has-a-floor': ['server/modules/attic/index.ts', "import '../../platform';"],
  'workers-enter-by-the-door': ['workers/burglar.ts', "import '../server/modules/people/people.service';"],
  'server-knows-no-worker': ['server/boss.ts', "import '../workers/host';"],
  'sdk-is-a-stranger': [
    'client-sdk/src/spy.ts',
    "import type { door } from '../../server/platform'; export type D = typeof door;",
  ],
  'only-models-and-services-speak-sequelize': ['server/modules/tasks/tasks.routes.ts', "import 'sequelize';"],
  'sockets-stay-in-platform': ['server/modules/tasks/tasks.live.ts', "import 'socket.io';"],
  'bull-stays-in-platform-jobs': ['workers/queue.ts', "import 'bull';"],
};

function build(house: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'house-'));
  const manifest = JSON.stringify({
    exports: { './*': { source: './src/*.ts', default: './dist/*.js' } },
    name: '@loro/contracts',
  });
  const files = {
    ...house,
    'server/platform/other.ts': "import type { Circle } from './circle'; export type Other = Circle;",
    'contracts/package.json': manifest,
    ...Object.fromEntries(packages.map((name) => [`node_modules/${name}/index.js`, ''])),
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  cpSync(join(ROOT, '.dependency-cruiser.cjs'), join(root, '.dependency-cruiser.cjs'));
  cpSync(join(ROOT, 'server/modules/floors.json'), join(root, 'server/modules/floors.json'));
  cpSync(join(root, 'contracts'), join(root, 'node_modules/@loro/contracts'), { recursive: true });
  return root;
}

describe('walking the walls', () => {
  let breaches: Breach[];
  let seen: ReadonlySet<string>;

  beforeAll(() => {
    const root = build({ ...decent, ...Object.fromEntries(Object.values(sins)) });
    ({ breaches, seen } = cruise(root));
    rmSync(root, { recursive: true });
  });

  it('catches the one sin planted for each wall', () => {
    const caught = Object.entries(sins).filter(([wall, [file]]) =>
      breaches.some((breach) => breach.wall === wall && breach.file === file),
    );

    expect(caught.map(([wall]) => wall)).toEqual(Object.keys(sins));
  });

  it('lets decent files be', () => {
    expect(breaches.filter(({ file }) => file in decent)).toEqual([]);
    expect([...seen]).toEqual(expect.arrayContaining(Object.keys(decent)));
  });

  it('plants a sin for every rule of the config, one floor standing for all', () => {
    const config = readFileSync(join(ROOT, '.dependency-cruiser.cjs'), 'utf8');
    const rules = [...config.matchAll(/wall\(\s*'([a-z-]+)'/g)].map(([, name]) => name);

    expect(Object.keys(sins)).toEqual(expect.arrayContaining(rules));
  });
});

const wallsOf = (file: string, text: string, exceptions = none) =>
  breachesIn(file, text, exceptions).map(({ wall }) => wall);

describe('reading a file', () => {
  it.each(['const a: any = 1;', 'f(x as any)', 'new Map<string, any>()', 'type A = string | any;'])(
    'refuses %s',
    (text) => {
      expect(wallsOf('server/a.ts', text)).toEqual(['no-any']);
    },
  );

  it('lets people write the word', () => {
    expect(wallsOf('server/a.ts', "// one of: any\nconst text = 'as any reader knows';")).toEqual([]);
  });

  it.each([
    "import { Task } from '@loro/contracts/tasks';",
    "import {\n  type Task,\n} from '@loro/contracts/tasks';",
    "export * from '@loro/contracts/tasks';",
    "import '@loro/contracts/tasks';",
    "const z = await import('zod');",
  ])('keeps the schemas out of the bundle: %s', (text) => {
    expect(wallsOf('client-sdk/src/tasks.ts', text)).toEqual(['sdk-carries-no-zod']);
    expect(wallsOf('client-sdk/scripts/make-tables.ts', text)).toEqual([]);
  });

  it('lets the SDK take types', () => {
    const text =
      "import type { Task } from '@loro/contracts/tasks';\nexport type { User } from '@loro/contracts/people';";

    expect(wallsOf('client-sdk/src/tasks.ts', text)).toEqual([]);
  });

  it('refuses to silence the compiler, in a comment above all', () => {
    expect(wallsOf('server/a.ts', '// @ts-ignore')).toEqual(['no-way-around-the-compiler']);
  });

  it('lets the config, scripts and tests read the environment, and nobody else', () => {
    const text = 'const home = process.env.HOME;';

    expect(wallsOf('server/modules/tasks/tasks.service.ts', text)).toEqual(['only-config-reads-the-environment']);
    for (const file of [
      'server/platform/config/index.ts',
      'scripts/check.ts',
      'server/a.test.ts',
      'client-sdk/examples/a.ts',
    ]) {
      expect(wallsOf(file, text)).toEqual([]);
    }
    expect(wallsOf('server/b.ts', text, { ...none, readsEnvironment: { 'server/b.ts': 'a reason' } })).toEqual([]);
  });

  it('asks why a file is longer than 300 lines', () => {
    const text = 'line\n'.repeat(301);

    expect(wallsOf('server/a.ts', text)).toEqual(['files-fit-in-the-head']);
    expect(wallsOf('server/a.ts', text, { ...none, longFiles: { 'server/a.ts': 'a reason' } })).toEqual([]);
    expect(wallsOf('server/a.ts', 'line\n'.repeat(300))).toEqual([]);
  });
});
