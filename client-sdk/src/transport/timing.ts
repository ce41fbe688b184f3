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

/** Tells when a browser's page is looked at or its network is back, and when the network goes; returns the way to stop. */
export function watchPage({ onWake, onOffline }: { onWake: () => void; onOffline?: () => void }): () => void {
  // React Native has a window without these; its apps tell `hub.lifecycle`.
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => {};
  const stop = new AbortController();
  const { signal } = stop;
  const hear = (target: EventTarget, event: string, listener: () => void): void =>
    target.addEventListener(event, listener, { signal });
  hear(window, 'online', onWake);
  if (onOffline) hear(window, 'offline', onOffline);
  if (typeof document !== 'undefined')
    hear(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible') onWake();
    });
  return () => stop.abort();
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
  offsetMs = 0;
  #precise = false;

  /** From the `Date` of an answer; browsers hide it from other origins. */
  noteDate(date: string | null): void {
    // The header has no fraction; half a second is what it leaves out on average.
    if (!this.#precise) this.#note(date, 500);
  }

  /** From the hub's own word, when a session begins. */
  noteNow(now: string): void {
    this.#precise = true;
    this.#note(now, 0);
  }

  #note(told: string | null, moreMs: number): void {
    this.offsetMs = Date.parse(told ?? '') + moreMs - Date.now() || this.offsetMs;
  }
}
