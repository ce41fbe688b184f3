import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { Answer } from './rpc';

const START_MS = 60_000;
const STOP_MS = 20_000;

export interface Program {
  readonly name: string;
  /** Compiled, below `dist/`. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `taskset -c 0`, or nothing. */
  readonly place: readonly string[];
  readonly nodeArgs?: readonly string[];
}

/** A program in a process of its own, and the calls it answers. */
export class Remote {
  private lastId = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private lastWords = '';
  /** Where V8's inspector listens, when it was asked for. */
  inspector: string | null = null;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    readonly ready: Readonly<Record<string, unknown>>,
  ) {}

  /** Resolves with the program's first message, which says that it is ready. */
  static async start({ name, file, env = {}, place, nodeArgs = [] }: Program, folders: Folders): Promise<Remote> {
    const [command, ...args] = [...place, process.execPath, ...nodeArgs, path.join(folders.dist, file)];
    if (command === undefined) throw new Error('there is nothing to run');
    const child = spawn(command, args, {
      env: { ...process.env, NODE_ENV: 'production', PUBLIC_URL: 'http://localhost', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const log = createWriteStream(path.join(folders.logs, `${name}.log`), { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    let words = '';
    let inspector: string | null = null;
    child.stderr?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      words = (words + chunk.toString()).slice(-4_000);
      inspector ??= /ws:\/\/\S+/.exec(words)?.[0] ?? null;
    });
    const ready = await firstMessage(name, child, () => words);
    const remote = new Remote(name, child, ready);
    remote.inspector = inspector;
    child.stderr?.on('data', () => (remote.lastWords = words));
    child.on('message', (message) => remote.take(message as Answer));
    child.once('exit', (code, signal) => remote.giveUp(`ended (${signal ?? `code ${code}`})`));
    return remote;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} never ran`);
    return this.child.pid;
  }

  get port(): number {
    return Number(this.ready['port']);
  }

  /** @throws Error when it answers with one, is late or dies */
  async call<T = unknown>(method: string, params: unknown = {}, timeoutMs = 60_000): Promise<T> {
    const id = (this.lastId += 1);
    const answer = await new Promise<Answer>((resolve) => {
      const late = setTimeout(() => resolve({ id, error: `did not answer within ${timeoutMs / 1000} s` }), timeoutMs);
      this.waiting.set(id, (given) => {
        clearTimeout(late);
        resolve(given);
      });
      this.child.send({ id, method, params });
    });
    this.waiting.delete(id);
    if (answer.error !== undefined) throw new Error(`${this.name}, ${method}: ${answer.error}`);
    // The caller names what the method of that program returns.
    return answer.result as T;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  private take(answer: Answer): void {
    this.waiting.get(answer.id)?.(answer);
  }

  private giveUp(why: string): void {
    for (const [id, answer] of this.waiting) answer({ id, error: `${why} ${this.lastWords.trim()}` });
  }
}

export interface Folders {
  readonly dist: string;
  readonly logs: string;
}

function firstMessage(name: string, child: ChildProcess, words: () => string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} ${why}\n${words()}`));
    const late = setTimeout(() => fail('did not start in time'), START_MS);
    child.once('message', (message) => {
      clearTimeout(late);
      // Every program says `{ ready: true, … }` first.
      resolve(message as Record<string, unknown>);
    });
    child.once('error', ({ message }) => fail(`could not be started: ${message}`));
    child.once('exit', (code, signal) => fail(`ended at its start (${signal ?? `code ${code}`})`));
  });
}
