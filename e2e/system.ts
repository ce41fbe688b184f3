import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { TestHub } from '../server/testing/test-hub';

const DIST = path.join(__dirname, '../dist');

/** A gateway or worker as a process of its own, as it runs in production. */
export class Process {
  private child: ChildProcess | undefined;
  /** Where a gateway listens; the same after a restart. */
  port = 0;

  constructor(
    private readonly program: string,
    private readonly env: Record<string, string>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = fork(path.join(DIST, this.program), {
      env: { ...process.env, ...this.env, PORT: String(this.port) },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child = child;
    const ready = await new Promise<{ port?: number }>((resolve, reject) => {
      child.once('message', (message) => resolve(message as { port?: number }));
      child.once('exit', (code) => reject(new Error(`${this.program} ended with ${String(code)} before it was ready`)));
    });
    this.port = ready.port ?? 0;
  }

  /** No goodbye: as the kernel ends a process that is out of memory. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

/** Two gateways and a worker of the test hub's database and Redis. */
export class System {
  readonly a: Process;
  readonly b: Process;
  readonly worker: Process;

  constructor({ hub }: TestHub) {
    const { DATABASE_URL, REDIS_URL, LORO_SECRET, REDIS_PREFIX } = hub.config;
    const env = { DATABASE_URL, REDIS_URL, LORO_SECRET, REDIS_PREFIX, LOG_LEVEL: 'error', HOST: '127.0.0.1' };
    this.a = new Process('server/main.js', { ...env, NODE_NAME: 'a' });
    this.b = new Process('server/main.js', { ...env, NODE_NAME: 'b' });
    this.worker = new Process('workers/main.js', { ...env, NODE_NAME: 'w' });
  }

  async start(): Promise<void> {
    await Promise.all([this.a, this.b, this.worker].map((process) => process.start()));
  }

  async stop(): Promise<void> {
    await Promise.all([this.a, this.b, this.worker].map((process) => process.stop()));
  }
}
