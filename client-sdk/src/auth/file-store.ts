import { rm } from 'node:fs/promises';
import { readOrNull, writeWhole } from '../storage/files';
import { parseSession, type SessionStore } from './stores';

/**
 * Keeps the session in a file that only its owner may read.
 *
 * @example
 * const hub = createLoroHub({ url, session: fileStore(join(homedir(), '.loro', 'session.json')) });
 */
export function fileStore(path: string): SessionStore {
  return {
    load: async () => parseSession(await readOrNull(path)),
    save: (session) => (session === null ? rm(path, { force: true }) : writeWhole(path, JSON.stringify(session))),
  };
}
