import { database, finished, result } from '../storage/idb';
import type { FixStorage, StoredFix } from './fix-storage';

/**
 * Keeps fixes in the browser's IndexedDB: they survive a reload, a crash of the page and a restart of the browser.
 *
 * @example
 * const recorder = hub.tracking.recorder({ storage: indexedDbFixes('my-app-fixes') });
 */
export function indexedDbFixes(name: string): FixStorage {
  const { open, close } = database(name, (made) => {
    // The key is the order of arrival.
    made.createObjectStore('fixes', { autoIncrement: true });
    made.createObjectStore('about');
  });

  async function write(store: 'fixes' | 'about', work: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = (await open()).transaction(store, 'readwrite');
    work(transaction.objectStore(store));
    await finished(transaction);
  }

  return {
    async device(make) {
      let device = make();
      // Read and written in one transaction: two tabs that start together agree.
      await write('about', (store) => {
        const kept: IDBRequest<unknown> = store.get('device');
        kept.onsuccess = () => {
          if (typeof kept.result === 'string') device = kept.result;
          else store.put(device, 'device');
        };
      });
      return device;
    },
    count: async () => result((await open()).transaction('fixes').objectStore('fixes').count()),
    append: (fixes) => write('fixes', (store) => fixes.forEach((fix) => store.add(fix))),
    async oldest(limit) {
      const store = (await open()).transaction('fixes').objectStore('fixes');
      // Only `append` writes here.
      const window = (await result(store.getAll(null, limit))) as StoredFix[];
      const other = window.findIndex(({ boot }) => boot !== window[0]?.boot);
      return other === -1 ? window : window.slice(0, other);
    },
    forget: (boot, upTo) => write('fixes', (store) => deleteFrom(store, boot, upTo)),
    drop: (count) => write('fixes', (store) => deleteOldest(store, count)),
    close,
  };
}

/** Deletes from the front on; what was sent is always the oldest of its boot. */
function deleteFrom(store: IDBObjectStore, boot: string, upTo: number): void {
  const request = store.openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    const entry: StoredFix = cursor.value;
    if (entry.boot === boot) {
      if (entry.fix.n > upTo) return;
      cursor.delete();
    }
    cursor.continue();
  };
}

function deleteOldest(store: IDBObjectStore, count: number): void {
  const request = store.openKeyCursor();
  let left = count;
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor || left-- <= 0) return;
    store.delete(cursor.primaryKey);
    cursor.continue();
  };
}
