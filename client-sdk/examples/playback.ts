import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An id in the shape of a ULID that is the same for the same parts: what is played twice is stored once. */
export function stableId(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  const [first = 0, ...rest] = hash.digest();
  // The first of the 26 digits holds three bits only.
  return [first & 7, ...rest.slice(0, 25)].map((byte) => DIGITS[byte & 31]).join('');
}

/** Remembers how far a playback came, so that one that was stopped goes on where it was. */
export class Bookmark {
  constructor(private readonly path: string) {}

  async read(): Promise<number> {
    const text = await readFile(this.path, 'utf8').catch(() => '0');
    return Math.max(0, Math.trunc(Number(text)) || 0);
  }

  async write(taken: number): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(this.path, String(taken));
  }

  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}
