const EVERY_MS = 5_000;

/** A line every few seconds, so that nobody wonders whether anything happens. */
export class Progress {
  private readonly timer: NodeJS.Timeout;
  private readonly startedAt = Date.now();

  constructor(say: (text: string) => void, tell: () => readonly string[]) {
    this.timer = setInterval(() => {
      const elapsed = Math.round((Date.now() - this.startedAt) / 1_000);
      say(`  ${String(elapsed).padStart(4)} s  ${tell().join('  ')}`);
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
