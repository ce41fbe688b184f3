import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './written';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}
interface Outcome extends Step {
  readonly ok: boolean;
  readonly seconds: string;
  readonly output: string;
}

const bin = (name: string, ...rest: string[]) => [join(ROOT, 'node_modules/.bin', name), ...rest];
const script = (name: string, ...rest: string[]) => bin('tsx', '-C', 'source', `scripts/${name}.ts`, ...rest);

/** Lanes run beside each other, two for two cores; the steps of a lane one after the other. */
const lanes: Step[][] = [
  [
    { name: 'types', command: bin('tsc', '-b') },
    { name: 'unused code', command: bin('knip', '--no-progress') },
    { name: 'docs', command: script('docs', '--check') },
    { name: 'SDK size', command: ['npm', 'run', '--silent', 'size', '--workspace', '@loro/client'] },
  ],
  [
    { name: 'lint', command: bin('oxlint', '--type-aware', '--deny-warnings') },
    { name: 'format', command: bin('oxfmt', '--check') },
    { name: 'walls', command: script('walls') },
    { name: 'documents', command: script('validate-docs') },
  ],
];

function run(step: Step): Promise<Outcome> {
  const [program = '', ...args] = step.command;
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const end = (ok: boolean) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${step.name.padEnd(12)} ${seconds.padStart(6)} s\n`);
      resolve({ ...step, ok, seconds, output });
    };
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => {
      output += error.message;
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
}

async function runLane(steps: Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await run(step));
  return outcomes;
}

async function main(): Promise<void> {
  const failed = (await Promise.all(lanes.map(runLane))).flat().filter(({ ok }) => !ok);
  for (const { name, command, output } of failed) {
    process.stdout.write(`\n── ${name}: ${command.join(' ').replaceAll(`${ROOT}/`, '')}\n${output.trim()}\n`);
  }
  process.stdout.write(failed.length === 0 ? '\nEverything stands.\n' : `\n${failed.length} failed.\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

void main();
