import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { build } from './build';
import { ROOT } from './written';

const RESULTS = join(ROOT, 'test-results');
const JEST_RESULTS = join(RESULTS, 'jest.json');
const AGAIN_RESULTS = join(RESULTS, 'jest-again.json');
/** More failed files than this are no accident. */
const MOST_AGAIN = 12;
const MAC_BROWSERS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const JestResults = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** `LORO_CHROMIUM`, or the first browser of Chromium's kin that this machine has. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['LORO_CHROMIUM'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const onPath = names.flatMap((name) => [...folders, '/usr/bin'].map((folder) => join(folder, name)));
  return [...onPath, ...MAC_BROWSERS].find((place) => existsSync(place));
}

type JestResults = z.infer<typeof JestResults>;

interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly unsteady: readonly string[];
  readonly skippedSuites: readonly string[];
  readonly browser: boolean;
}

const summarise = (summary: Summary): void =>
  writeFileSync(join(RESULTS, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);

function browserSuites(): string[] {
  const folder = join(ROOT, 'e2e');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith('.browser.test.ts')).map((name) => `e2e/${name}`);
}

function main(): void {
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS);
  if (!build()) {
    summarise({ passed: 0, failed: 1, unsteady: [], skippedSuites: [], browser: false });
    console.error('It does not compile; no test was run.');
    process.exit(1);
  }

  const browser = findBrowser();
  const skippedSuites = browser === undefined ? browserSuites() : [];
  // Given once it replaces the config's own list, so that one is repeated here.
  const leftOut = browser === undefined ? ['/node_modules/', '/dist/', '\\.browser\\.test\\.ts$'] : [];
  const wanted = [...leftOut.map((pattern) => `--testPathIgnorePatterns=${pattern}`), ...process.argv.slice(2)];
  runJest(wanted, JEST_RESULTS, browser);
  const again = failedFiles(read(JEST_RESULTS));
  if (again.length > 0 && again.length <= MOST_AGAIN) {
    console.error(`\nAgain, one after the other and with nothing beside them:\n  ${again.join('\n  ')}\n`);
    runJest(['--runInBand', '--runTestsByPath', ...again], AGAIN_RESULTS, browser);
  }

  const summary = report(skippedSuites, browser);
  process.exitCode = summary.failed === 0 ? 0 : 1;
}

function runJest(options: readonly string[], outputFile: string, browser: string | undefined): void {
  spawnSync(join(ROOT, 'node_modules/.bin/jest'), ['--json', `--outputFile=${outputFile}`, ...options], {
    cwd: ROOT,
    // `--json` also prints everything on stdout; people read what Jest says on stderr.
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, ...(browser === undefined ? {} : { LORO_CHROMIUM: browser }) },
  });
}

/** Jest ends without results where its global setup failed, for instance when no engines could be started. */
const read = (file: string): JestResults | undefined =>
  existsSync(file) ? JestResults.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;

const failedFiles = (results: JestResults | undefined): string[] =>
  (results?.testResults ?? []).flatMap(({ name, status }) =>
    status === 'failed' ? [name.replace(`${ROOT}/`, '')] : [],
  );

/**
 * Tests here speak with real engines, browsers and clocks beside each other on whatever machine there is. A file that
 * failed once is run again alone, and counts as it ends then; that it needed it is said, by name, for someone to mend.
 */
function outcome(first: JestResults | undefined, again: JestResults | undefined) {
  if (!first) return { passed: 0, failed: 1, unsteady: [] };
  if (!again)
    return {
      passed: first.numPassedTests,
      failed: first.numFailedTests + first.numRuntimeErrorTestSuites,
      unsteady: [],
    };
  const repeated = new Set(again.testResults.map(({ name }) => name));
  const kept = first.testResults.filter(({ name }) => !repeated.has(name));
  const count = (status: string) =>
    [...kept, ...again.testResults]
      .flatMap(({ assertionResults }) => assertionResults)
      .filter((test) => test.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed') + again.numRuntimeErrorTestSuites,
    unsteady: first.testResults
      .filter(({ name, status }) => status === 'failed' && !failedFiles(again).includes(name.replace(`${ROOT}/`, '')))
      .flatMap(({ name, assertionResults }) => {
        const failed = assertionResults.filter((test) => test.status === 'failed');
        const file = name.replace(`${ROOT}/`, '');
        return failed.length === 0 ? [file] : failed.map(({ fullName }) => `${file}: ${fullName}`);
      }),
  };
}

function report(skippedSuites: readonly string[], browser: string | undefined): Summary {
  const results = read(JEST_RESULTS);
  const { passed, failed, unsteady } = outcome(results, read(AGAIN_RESULTS));
  const summary = {
    passed,
    failed,
    unsteady,
    skippedSuites,
    browser: browser !== undefined,
  };
  summarise(summary);
  if (unsteady.length > 0)
    console.log(`\nFailed beside the others and passed alone:\n${unsteady.map((name) => `  ${name}`).join('\n')}`);

  const skipped = (results?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => `${name.replace(`${ROOT}/`, '')}: ${fullName}`),
  );
  if (skipped.length > 0)
    console.log(`\nSkipped by their own conditions:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
  if (browser === undefined) {
    console.log(
      [
        `\nNot run, because no Chromium was found: ${skippedSuites.join(', ') || 'browser tests (there are none yet)'}.`,
        'Install one (Debian and Ubuntu: apt-get install chromium), or name one: LORO_CHROMIUM=/path/to/chromium npm test.',
      ].join('\n'),
    );
  }
  console.log(`\n${summary.passed} passed, ${summary.failed} failed`);
  return summary;
}

if (require.main === module) main();
