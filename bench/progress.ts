/** One line that says what is under way; on a terminal it overwrites itself, elsewhere it is a line a step. */
export class Progress {
  private readonly started = Date.now();
  private last = '';

  say(text: string): void {
    const line = `[${((Date.now() - this.started) / 1_000).toFixed(0).padStart(4)} s] ${text}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line}`);
    else if (text !== this.last) process.stderr.write(`${line}\n`);
    this.last = text;
  }

  /** Makes room for what is printed next. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  }
}
