/** What was opened, closed again in the opposite order, whatever goes wrong on the way. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        console.error('while cleaning up:', error);
      }
    }
  }
}
