import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyValueStore } from '../types';

/** The text of a file, or null where there is none. */
export async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Writes a file that only its owner may read. A crash leaves the old text or the new one, never half of one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

/** Not by `instanceof`: where a test runner or an embedder has realms of its own, Node's errors are of another one. */
const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

/**
 * Keeps small values in a file: waiting commands, positions of streams, the device's id. One process at a time.
 *
 * @example
 * const hub = createLoroHub({ url, storage: fileStorage('/var/lib/scanner/loro.json') });
 */
export function fileStorage(path: string): KeyValueStore {
  let values: Promise<Map<string, string>> | null = null;
  let line: Promise<unknown> = Promise.resolve();
  const load = (): Promise<Map<string, string>> =>
    (values ??= readOrNull(path).then(parse, (error: unknown) => {
      values = null;
      throw error;
    }));
  return {
    get: async (key) => (await load()).get(key) ?? null,
    set: (key, value) => {
      const turn = line.then(async () => {
        const kept = (await load()).set(key, value);
        await writeWhole(path, JSON.stringify(Object.fromEntries(kept)));
      });
      line = turn.catch(() => {});
      return turn;
    },
  };
}

function parse(text: string | null): Map<string, string> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return new Map(
      Object.entries(Object(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return new Map();
  }
}
