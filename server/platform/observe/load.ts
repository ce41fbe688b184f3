import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const LOOK_MS = 1_000;
const RESOLUTION_MS = 20;
/** A loop that is late by this much, for so many looks in a row, stretches its ticks, then takes nobody new. */
const STRETCH_MS = 80;
const OVERLOAD_MS = 250;
const LOOKS = 3;

/** How late this process's event loop is, and what follows from it. Heartbeats are never held back. */
export class Load {
  private readonly delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private timer: NodeJS.Timeout | undefined;
  private stretched = 0;
  private overloaded = 0;
  private lastMs = 0;

  /** @param onLevel told 0 at ease, 1 stretched, 2 overloaded */
  start(onLevel: (level: number) => void): void {
    this.delay.enable();
    this.timer = setInterval(() => {
      this.note(this.delay.mean / 1e6 - RESOLUTION_MS);
      this.delay.reset();
      onLevel(Number(this.isStretched) + Number(this.isOverloaded));
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  /** Takes one look's mean delay in milliseconds. */
  note(ms: number): void {
    this.lastMs = Number.isFinite(ms) ? Math.max(0, ms) : 0;
    this.stretched = this.lastMs > STRETCH_MS ? this.stretched + 1 : 0;
    this.overloaded = this.lastMs > OVERLOAD_MS ? this.overloaded + 1 : 0;
  }

  get delayMs(): number {
    return this.lastMs;
  }

  /** Values that newer ones replace go out less often. */
  get isStretched(): boolean {
    return this.stretched >= LOOKS;
  }

  /** No new connections. */
  get isOverloaded(): boolean {
    return this.overloaded >= LOOKS;
  }
}
