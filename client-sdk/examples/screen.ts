/** Lines that stay, and one line of progress that is written over where there is a terminal. */
export class Screen {
  private readonly isTerminal = process.stdout.isTTY;
  private shown = '';
  private lastMs = 0;

  constructor() {
    // Whoever reads on may have seen enough, as `head` does.
    process.stdout.on('error', () => process.exit(0));
  }

  say(text: string): void {
    process.stdout.write(`${this.shown === '' ? '' : CLEAR}${text.trimEnd()}\n${this.shown}`);
  }

  progress(text: string): void {
    if (!this.isTerminal) return this.sometimes(text);
    this.shown = text;
    process.stdout.write(`${CLEAR}${text}`);
  }

  /** Draws a whole page anew. */
  page(lines: readonly string[]): void {
    process.stdout.write(`${this.isTerminal ? HOME : ''}${lines.join('\n')}\n`);
  }

  /** In a log a line a second is enough. */
  private sometimes(text: string): void {
    if (text === '' || Date.now() - this.lastMs < 1_000) return;
    this.lastMs = Date.now();
    process.stdout.write(`${text}\n`);
  }
}

const CLEAR = '\r\u001B[2K';
const HOME = '\u001B[H\u001B[2J';
