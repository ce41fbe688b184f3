import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseSession, type SessionStore } from './stores';

/**
 * Keeps the session in a file that only its owner may read.
 *
 * @example
 * const hub = createLoroHub({ url, session: fileStore(join(homedir(), '.loro', 'session.json')) });
 */
export function fileStore(path: string): SessionStore {
  return {
    async load() {
      try {
        return parseSession(await readFile(path, 'utf8'));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async save(session) {
      if (session === null) return rm(path, { force: true });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Renamed into place: a crash leaves the old session or the new one, never half of one.
      const draft = `${path}.${randomBytes(4).toString('hex')}`;
      await writeFile(draft, JSON.stringify(session), { mode: 0o600 });
      await rename(draft, path);
    },
  };
}

/** Not by `instanceof`: where a test runner or an embedder has realms of its own, Node's errors are of another one. */
export const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
