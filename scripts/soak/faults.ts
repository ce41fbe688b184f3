import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engines } from '../../server/platform/engines';
import type { EngineName } from '../../server/platform/engines/recipe';
import { readRecord } from '../../server/platform/engines/record';
import { redisOptions } from '../../server/platform/redis';

/** What was done to the system, and when. */
export interface Fault {
  readonly what: string;
  readonly from: number;
  to: number;
}

export interface Step {
  /** When, as a part of the whole run. */
  readonly at: number;
  readonly what: string;
  readonly run: () => Promise<void>;
}

/** Does one thing after the other to the system. A step that is late does not drop the next one. */
export class Timeline {
  readonly faults: Fault[] = [];
  current = '';

  constructor(private readonly steps: readonly Step[]) {}

  async run(durationMs: number, signal: AbortSignal, say: (text: string) => void): Promise<void> {
    const startedAt = Date.now();
    for (const { at, what, run } of this.steps) {
      await sleep(Math.max(0, startedAt + at * durationMs - Date.now()), undefined, { signal });
      const fault = { what, from: Date.now(), to: Number.POSITIVE_INFINITY };
      this.faults.push(fault);
      this.current = what;
      say(what);
      try {
        await run();
      } finally {
        fault.to = Date.now();
        this.current = '';
      }
    }
    await sleep(Math.max(0, startedAt + durationMs - Date.now()), undefined, { signal });
  }

  /** The faults that may have to do with what happened at `at`. */
  around(at: number): string {
    const near = this.faults.filter(({ from, to }) => from - 5_000 <= at && at <= to + 10_000);
    return near.length === 0
      ? 'no fault near'
      : near.map(({ what, from }) => `${what} (${seconds(at - from)})`).join(', ');
  }
}

export const seconds = (ms: number): string => `${ms >= 0 ? '+' : '−'}${(Math.abs(ms) / 1_000).toFixed(1)} s`;

/** Stops a process for a while without ending it: it holds its connections and answers nobody. */
export async function freeze(pid: number, ms: number, signal: AbortSignal): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await sleep(ms, undefined, { signal });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** What can be done to the embedded engines. */
export class EngineFaults {
  constructor(
    private readonly dir: string,
    private readonly redisUrl: string,
    private readonly signal: AbortSignal,
  ) {}

  freezeEngine(engine: EngineName, ms: number): Promise<void> {
    return freeze(this.pidOf(engine), ms, this.signal);
  }

  /** Kills it; its keeper starts it again. Resolves when it answers. */
  async killEngine(engine: EngineName, engines: Pick<Engines, 'state'>): Promise<void> {
    const killed = this.pidOf(engine);
    process.kill(killed, 'SIGKILL');
    do await sleep(50, undefined, { signal: this.signal });
    while (engines.state !== 'up' || this.pidOf(engine) === killed);
  }

  async flushRedis(): Promise<void> {
    const redis = new Redis(redisOptions(this.redisUrl));
    await redis.flushall();
    redis.disconnect();
  }

  private pidOf(engine: EngineName): number {
    const pid = readRecord(this.dir)?.pids[engine];
    if (pid === undefined) throw new Error(`${engine} has no process`);
    return pid;
  }
}
