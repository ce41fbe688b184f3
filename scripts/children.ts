import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
const HEALTHY_MS = 10_000;

export interface Child {
  /** Resolves with the first message of the process, which says that it is ready. */
  readonly ready: Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Runs a compiled program as a process of its own and starts it again when it dies, each time after a longer wait. */
export function keep(name: string, program: string, env: Record<string, string>): Child {
  let stopping = false;
  let waitMs = FIRST_WAIT_MS;
  let child: ChildProcess | undefined;
  let markReady: (message: Record<string, unknown>) => void = () => {};
  const ready = new Promise<Record<string, unknown>>((resolve) => (markReady = resolve));

  const start = () => {
    const startedAt = Date.now();
    child = fork(path.join(__dirname, '..', program), {
      env: { ...process.env, ...env, NODE_NAME: name },
      stdio: 'inherit',
    });
    child.once('message', (message) => markReady(message as Record<string, unknown>));
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (Date.now() - startedAt > HEALTHY_MS) waitMs = FIRST_WAIT_MS;
      console.error(`${name} ended (${signal ?? `code ${code}`}); starting it again in ${waitMs / 1000} s`);
      setTimeout(() => !stopping && start(), waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
  };
  start();
  return {
    ready,
    stop: async () => {
      stopping = true;
      const ending = child;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      await new Promise<void>((resolve) => {
        ending.once('exit', () => resolve());
        ending.kill('SIGTERM');
      });
    },
  };
}
