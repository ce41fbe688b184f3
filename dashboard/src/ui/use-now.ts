import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let offsetMs = 0;
let second = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** The hub's idea of the time: this device's clock may be wrong by minutes, and ages must not be. */
export const hubNow = (): number => Date.now() + offsetMs;

/** Told by whatever hears the hub's clock: what to add to ours. */
export function setHubOffset(ms: number): void {
  offsetMs = ms;
}

/** The hub's time, once a second; all that tick, tick together. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, snapshot);
}

function snapshot(): number {
  // Nobody ticks while nobody looks; the first one to look must not see an old second.
  if (timer === undefined && Math.abs(hubNow() - second) >= 1000) second = hubNow();
  return second;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  second = hubNow();
  for (const listener of listeners) listener();
}
