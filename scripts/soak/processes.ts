import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { freeze } from './faults';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 60_000;
const STOP_MS = 35_000;
const SLOW_STOP_MS = 12_000;
const RESTART_MS = 500;

interface Program {
  readonly name: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logs: string;
  /** Node's own arguments; those of this process where the program is TypeScript too. */
  readonly execArgv: readonly string[];
}

/** A process that is started again whenever it ends, and that remembers which ends nobody asked for. */
export class Supervised {
  /** Where it listens; null while it is down. */
  port: number | null = null;
  isUp = false;
  /** Ends that nobody asked for, in words. */
  readonly deaths: string[] = [];
  private child: ChildProcess | null = null;
  private doomed = false;
  private stopping = false;

  constructor(private readonly program: Program) {}

  get name(): string {
    return this.program.name;
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!this.isUp) {
      if (this.deaths.length > 3 || Date.now() > deadline)
        throw new Error(`${this.name} did not come up; see ${this.logFile}`);
      await sleep(50);
    }
  }

  /** Ends it without a word, as a lost machine does. */
  killHard(): void {
    this.doomed = true;
    this.child?.kill('SIGKILL');
  }

  /** Stops it for a while; its connections stay open and nobody is answered. */
  async freeze(ms: number, signal: AbortSignal): Promise<void> {
    const pid = this.child?.pid;
    if (pid !== undefined) await freeze(pid, ms, signal);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const askedAt = Date.now();
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
    const tookMs = Date.now() - askedAt;
    if (tookMs > SLOW_STOP_MS) console.log(`${this.name} took ${Math.round(tookMs / 1_000)} s to stop`);
  }

  get logFile(): string {
    return path.join(this.program.logs, `${this.name}.log`);
  }

  private launch(): void {
    const { name, file, env, execArgv } = this.program;
    const log = openSync(this.logFile, 'a');
    const child = fork(file, {
      env: { ...process.env, ...env, NODE_NAME: name },
      execArgv: [...execArgv],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.child = child;
    child.once('message', (message) => {
      this.isUp = true;
      this.port = portOf(message);
    });
    child.once('exit', (code, signal) => {
      this.isUp = false;
      this.port = null;
      if (this.stopping) return;
      if (!this.doomed) this.deaths.push(`${name} ended by itself (${signal ?? `code ${code}`}), see ${this.logFile}`);
      this.doomed = false;
      setTimeout(() => !this.stopping && this.launch(), RESTART_MS);
    });
  }
}

const portOf = (message: unknown): number | null =>
  typeof message === 'object' && message !== null && 'port' in message && typeof message.port === 'number'
    ? message.port
    : null;
