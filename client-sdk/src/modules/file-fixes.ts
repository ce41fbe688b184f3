import { type FileHandle, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readOrNull } from '../storage/files';
import { FixQueue, type FixStorage, type StoredFix } from './fix-storage';

/** A line of the file: a fix that came, fixes that were forgotten, or the device's id. */
type Line = ['+', string, StoredFix['fix']] | ['-', string, number] | ['drop', number] | ['device', string];

/** Rewritten when this many lines are of no use, and they are more than the useful ones. */
const DEAD_LINES = 2_000;

/**
 * Keeps fixes in a file of JSON lines that is only ever appended to, and rewritten now and then without what was sent.
 * A killed process loses nothing that `report` had confirmed. One process at a time.
 *
 * @example
 * const recorder = hub.tracking.recorder({ storage: fileFixes('/var/lib/phone/fixes.jsonl') });
 */
export function fileFixes(path: string): FixStorage {
  return new FileFixes(path).storage();
}

class FileFixes {
  private readonly queue = new FixQueue();
  private deviceId: string | null = null;
  private lines = 0;
  private opening: Promise<void> | null = null;
  private file: FileHandle | null = null;

  constructor(private readonly path: string) {}

  storage(): FixStorage {
    const { queue } = this;
    return {
      device: async (make) => {
        await this.open();
        if (this.deviceId === null) {
          const made = make();
          await this.write([['device', made]]);
          this.deviceId = made;
        }
        return this.deviceId;
      },
      count: async () => {
        await this.open();
        return queue.size;
      },
      append: async (fixes) => {
        await this.open();
        await this.write(fixes.map(({ boot, fix }) => ['+', boot, fix]));
        queue.push(fixes);
      },
      oldest: async (limit) => {
        await this.open();
        return queue.oldest(limit);
      },
      forget: async (boot, upTo) => {
        await this.open();
        queue.forget(boot, upTo);
        await this.write([['-', boot, upTo]]);
        await this.compact();
      },
      drop: async (count) => {
        await this.open();
        queue.drop(count);
        await this.write([['drop', count]]);
        await this.compact();
      },
      close: () => this.close(),
    };
  }

  private async close(): Promise<void> {
    const { file } = this;
    this.file = null;
    this.opening = null;
    await file?.close();
  }

  private open(): Promise<void> {
    this.opening ??= this.load().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private async load(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const text = (await readOrNull(this.path)) ?? '';
    const lines = text.split('\n');
    this.queue.drop(this.queue.size);
    // What follows the last line end was torn by a crash; its `report` had not been confirmed.
    const torn = lines.pop() !== '';
    let broken = 0;
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed) this.replay(parsed);
      else broken += 1;
    }
    this.lines = lines.length;
    // The next line would otherwise be written onto the torn one.
    if (torn || broken > 0) await this.rewrite();
    else this.file = await open(this.path, 'a');
  }

  private replay(line: Line): void {
    if (line[0] === '+') this.queue.push([{ boot: line[1], fix: line[2] }]);
    else if (line[0] === '-') this.queue.forget(line[1], line[2]);
    else if (line[0] === 'drop') this.queue.drop(line[1]);
    else this.deviceId = line[1];
  }

  private async write(lines: readonly Line[]): Promise<void> {
    if (!this.file) throw new Error(`${this.path} is closed`);
    try {
      await this.file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    } catch (error) {
      // A full disk may have taken half a line: read again what is there before anything follows it.
      await this.close();
      throw error;
    }
    this.lines += lines.length;
  }

  private async compact(): Promise<void> {
    if (this.lines - this.queue.size < Math.max(DEAD_LINES, this.queue.size)) return;
    await this.rewrite();
  }

  /** Writes what still counts beside the file and renames it into place. */
  private async rewrite(): Promise<void> {
    const lines: Line[] = this.queue.all().map(({ boot, fix }) => ['+', boot, fix]);
    if (this.deviceId !== null) lines.unshift(['device', this.deviceId]);
    const draft = `${this.path}.draft`;
    await writeFile(draft, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await this.file?.close();
    await rename(draft, this.path);
    this.file = await open(this.path, 'a');
    this.lines = lines.length;
  }
}

function parseLine(text: string): Line | null {
  try {
    const line: unknown = JSON.parse(text);
    if (!Array.isArray(line)) return null;
    const [kind, first, second] = line;
    const isFix = kind === '+' && typeof first === 'string' && typeof second?.n === 'number';
    const isGone = kind === '-' && typeof first === 'string' && typeof second === 'number';
    const isDrop = kind === 'drop' && typeof first === 'number';
    const isDevice = kind === 'device' && typeof first === 'string';
    // Checked above, shape by shape.
    return isFix || isGone || isDrop || isDevice ? (line as Line) : null;
  } catch {
    return null;
  }
}
