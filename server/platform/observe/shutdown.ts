import type { Logger } from 'pino';

const DEADLINE_MS = 30_000;

interface Step {
  readonly name: string;
  readonly run: () => unknown;
}

/** Ordered end of a process: what was opened last is closed first, at most half a minute long. */
export class Shutdown {
  private readonly steps: Step[] = [];
  private readonly beginning = new AbortController();
  private ending: Promise<void> | undefined;

  constructor(private readonly log: Logger) {}

  add(name: string, run: () => unknown): void {
    this.steps.push({ name, run });
  }

  /** Ends when the shutdown begins, before its first step: for whoever waits for something. */
  get begun(): AbortSignal {
    return this.beginning.signal;
  }

  get isUnderWay(): boolean {
    return this.ending !== undefined;
  }

  /** Ends once, however often it is asked. */
  end(): Promise<void> {
    this.ending ??= this.runSteps();
    return this.ending;
  }

  /** Ends the process on SIGTERM, SIGINT, or the end of its parent (which closes the channel). */
  onSignals(): void {
    const stop = (signal: string) => {
      this.log.info({ signal }, 'was asked to stop');
      const late = setTimeout(() => process.exit(1), DEADLINE_MS);
      late.unref();
      void this.end().then(() => process.exit(0));
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    if (process.send) process.once('disconnect', () => stop('parent ended'));
  }

  private async runSteps(): Promise<void> {
    this.beginning.abort();
    for (const { name, run } of this.steps.toReversed()) {
      try {
        await run();
      } catch (error) {
        this.log.warn({ err: error, step: name }, 'a step of the shutdown failed');
      }
    }
  }
}
