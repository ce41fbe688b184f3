/** Full jitter: anything up to half a second, a second, two …, at most 30 seconds. */
export const jitter = (tries: number): number => Math.random() * Math.min(30_000, 500 * 2 ** Math.min(tries, 10));

/** Rejects with the signal's reason when it is aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });

/** Calls back when a browser is online again or its page is looked at; returns the way to stop. */
export function onWake(wake: () => void): () => void {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => {};
  const seen = (): void => {
    if (typeof document !== 'undefined' && document.visibilityState === 'visible') wake();
  };
  window.addEventListener('online', wake);
  // React Native has a window, but no document.
  if (typeof document !== 'undefined') document.addEventListener('visibilitychange', seen);
  return () => {
    window.removeEventListener('online', wake);
    if (typeof document !== 'undefined') document.removeEventListener('visibilitychange', seen);
  };
}

/** A listener that throws must neither break a stream nor be silent: it becomes an uncaught error of its own. */
export function tell<Args extends unknown[]>(listeners: Iterable<(...args: Args) => void>, ...args: Args): void {
  // A copy: listeners come and go while they are told.
  for (const listener of Array.from(listeners)) {
    try {
      listener(...args);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }
}

/** Adds to a set; what comes back takes it out again, once. */
export function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** What to add to our clock to get the hub's. */
export class Clock {
  private precise: number | null = null;
  private coarse = 0;

  get offsetMs(): number {
    return this.precise ?? this.coarse;
  }

  /** From the `Date` of an answer; browsers hide it from other origins. */
  noteDate(date: string | null): void {
    const told = date === null ? Number.NaN : Date.parse(date);
    // The header has no fraction; half a second is what it leaves out on average.
    if (!Number.isNaN(told)) this.coarse = told + 500 - Date.now();
  }

  /** From the hub's own word, when a session begins. */
  noteNow(now: string): void {
    const told = Date.parse(now);
    if (!Number.isNaN(told)) this.precise = told - Date.now();
  }
}
