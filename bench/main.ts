import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import { figureOf, figures, groups } from './figures/all';
import { readOptions } from './options';
import { pin } from './pinning';
import { Progress } from './progress';
import { Stage } from './stage';
import { type Outcome, printOutcome, printTable } from './table';

const ROOT = path.resolve(__dirname, '..');

/** What is measured must be what is written: everything is compiled first. */
function compile(): void {
  const { status } = spawnSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'bench'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('it does not compile, so nothing was measured');
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), figures);
  if (process.platform !== 'linux') throw new Error('The bench reads CPU times from /proc and needs Linux.');
  if (options.profile?.startsWith('M')) throw new Error('M1 and M2 measure memory; there is no time to profile.');
  compile();
  const progress = new Progress();
  const pinning = pin();
  console.log(`Loro Hub bench: Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`);
  console.log(`${options.rounds} rounds${options.isQuick ? ', QUICK: too small to judge by' : ''}; ${pinning.says}`);

  const stage = await Stage.open({ options, pinning, progress });
  let failed = true;
  const stop = () => void stage.close({ keepLogs: true }).then(() => process.exit(1));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const outcomes = await measureAll(stage, progress, options.only);
    if (options.profile === null) {
      const missed = printTable(outcomes);
      console.log(missed === 0 ? 'Every “must” is met.' : `${missed} “must” missed.`);
    } else for (const line of stage.profiles) console.log(line);
    failed = false;
  } finally {
    await stage.close({ keepLogs: failed });
    if (failed) console.error(`The logs of all processes are in ${stage.logs}`);
  }
}

async function measureAll(stage: Stage, progress: Progress, only: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of groups) {
    const rows = group.rows.filter(({ id }) => only.length === 0 || only.includes(figureOf(id)));
    if (rows.length === 0) continue;
    const results = await group.run(stage, new Set(rows.map(({ id }) => id)));
    progress.say('ending the servers of this figure');
    await stage.clear();
    progress.clear();
    for (const row of rows) {
      const result = results.get(row.id);
      if (!result) throw new Error(`${row.id} was not measured`);
      outcomes.push({ row, ...result });
      printOutcome({ row, ...result });
    }
  }
  return outcomes;
}

main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
