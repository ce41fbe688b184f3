import type { KeyValueStore } from '../types';
import { database, finished, result } from './idb';

/**
 * Keeps small values in the browser's IndexedDB: waiting commands, positions of streams. Workers can use it too.
 *
 * @example
 * const hub = createLoroHub({ url, storage: indexedDbStorage('my-app') });
 */
export function indexedDbStorage(name: string): KeyValueStore {
  const { open } = database(name, (made) => made.createObjectStore('values'));
  return {
    async get(key) {
      const value: unknown = await result((await open()).transaction('values').objectStore('values').get(key));
      return typeof value === 'string' ? value : null;
    },
    async set(key, value) {
      const transaction = (await open()).transaction('values', 'readwrite');
      transaction.objectStore('values').put(value, key);
      await finished(transaction);
    },
  };
}
