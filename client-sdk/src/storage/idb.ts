/** A database that is opened by its first use. */
export function database(
  name: string,
  make: (made: IDBDatabase) => void,
): { readonly open: () => Promise<IDBDatabase>; readonly close: () => Promise<void> } {
  let opening: Promise<IDBDatabase> | null = null;
  const request = (): Promise<IDBDatabase> => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => make(asked.result);
    return result(asked);
  };
  const open = (): Promise<IDBDatabase> =>
    (opening ??= request().catch((error: unknown) => {
      opening = null;
      throw error;
    }));
  return {
    open,
    close: async () => {
      const opened = opening;
      opening = null;
      (await opened)?.close();
    },
  };
}

export const result = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')));
  });

export const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('IndexedDB gave up')));
  });
