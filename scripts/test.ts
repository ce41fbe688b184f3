import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { build } from './build';
import { ROOT } from './written';

const RESULTS = join(ROOT, 'test-results');
const JEST_RESULTS = join(RESULTS, 'jest.json');
const MAC_BROWSERS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const JestResults = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) }),
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

interface Summary {
  readonly passed: number;
  readonly failed: number;
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
    summarise({ passed: 0, failed: 1, skippedSuites: [], browser: false });
    console.error('It does not compile; no test was run.');
    process.exit(1);
  }

  const browser = findBrowser();
  const skippedSuites = browser === undefined ? browserSuites() : [];
  // Given once it replaces the config's own list, so that one is repeated here.
  const leftOut = browser === undefined ? ['/node_modules/', '/dist/', '\\.browser\\.test\\.ts$'] : [];
  const { status } = spawnSync(
    join(ROOT, 'node_modules/.bin/jest'),
    [
      '--json',
      `--outputFile=${JEST_RESULTS}`,
      ...leftOut.map((pattern) => `--testPathIgnorePatterns=${pattern}`),
      ...process.argv.slice(2),
    ],
    {
      cwd: ROOT,
      // `--json` also prints everything on stdout; people read what Jest says on stderr.
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, ...(browser === undefined ? {} : { LORO_CHROMIUM: browser }) },
    },
  );

  const summary = report(skippedSuites, browser);
  process.exitCode = status === 0 && summary.failed === 0 ? 0 : 1;
}

function report(skippedSuites: readonly string[], browser: string | undefined): Summary {
  // Jest ends without results where its global setup failed, for instance when no engines could be started.
  const results = existsSync(JEST_RESULTS)
    ? JestResults.parse(JSON.parse(readFileSync(JEST_RESULTS, 'utf8')))
    : undefined;
  const summary = {
    passed: results?.numPassedTests ?? 0,
    failed: results === undefined ? 1 : results.numFailedTests + results.numRuntimeErrorTestSuites,
    skippedSuites,
    browser: browser !== undefined,
  };
  summarise(summary);

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
