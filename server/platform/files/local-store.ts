import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ulid } from '../ulid';
import { type ByteRange, checkKey, type FileAbout, FileMissing, type FileStore } from './file-store';

const PARTIAL = '.partial';
const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

/** Files in a folder of this machine. What is half written has another name, so a reader never sees a part. */
export class LocalStore implements FileStore {
  constructor(private readonly root: string) {}

  async put(key: string, body: Readable | Uint8Array, { size }: FileAbout): Promise<void> {
    const file = this.fileOf(key);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const partial = `${file}.${ulid()}${PARTIAL}`;
    try {
      const source = body instanceof Uint8Array ? Readable.from([body]) : body;
      await pipeline(source, createWriteStream(partial, { mode: 0o600, flush: true }));
      const { size: written } = await stat(partial);
      if (written !== size) throw new Error(`the file ${key} has ${written} bytes, not ${size}`);
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    const handle = await open(this.fileOf(key)).catch((error: unknown) => {
      throw isMissing(error) ? new FileMissing(key) : error;
    });
    return createReadStream('', { fd: handle, ...range });
  }

  async sizeOf(key: string): Promise<number | null> {
    try {
      return (await stat(this.fileOf(key))).size;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.fileOf(key), { force: true });
  }

  async list(after: string | null, limit: number): Promise<string[]> {
    const found = await readdir(this.root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return found
      .filter((entry) => entry.isFile() && !entry.name.endsWith(PARTIAL))
      .map((entry) => path.relative(this.root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
      .filter((key) => after === null || key > after)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .slice(0, limit);
  }

  async signedUrl(): Promise<null> {
    return null;
  }

  private fileOf(key: string): string {
    return path.join(this.root, ...checkKey(key).split('/'));
  }
}
