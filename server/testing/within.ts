import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until `look` does not throw: for effects that are promised by a time, not at once. */
export async function within<T>(ms: number, look: () => Promise<T> | T): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(25);
    }
  }
}
