import type { KeyValueStore } from '../types';

/** What a signed-in device keeps. */
export interface StoredSession {
  readonly accessToken: string;
  readonly expiresAt: string;
  /** Absent where a browser holds it in a cookie. */
  readonly refreshToken?: string;
  readonly sessionId: string;
}

/** Where a session lives between starts. */
export interface SessionStore {
  load(): StoredSession | null | Promise<StoredSession | null>;
  save(session: StoredSession | null): void | Promise<void>;
}

/**
 * Keeps the session as long as the process or the page lives: the default.
 *
 * @example
 * const hub = createLoroHub({ url, session: memoryStore() });
 */
export function memoryStore(): SessionStore {
  let kept: StoredSession | null = null;
  return {
    load: () => kept,
    save: (session) => {
      kept = session;
    },
  };
}

/**
 * Keeps the session in `localStorage`, shared by the tabs of a browser. Scripts of the page can read it there:
 * prefer `cookie: true` where the hub and the page share a site.
 *
 * @example
 * const hub = createLoroHub({ url, session: localStore('loro-session') });
 */
export function localStore(key: string): SessionStore {
  return {
    load: () => parseSession(localStorage.getItem(key)),
    save: (session) =>
      session === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(session)),
  };
}

/** Reads a kept session; whatever is broken reads as none. */
export function parseSession(text: string | null): StoredSession | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isSession(value) ? value : null;
  } catch {
    return null;
  }
}

const isSession = (value: unknown): value is StoredSession =>
  typeof value === 'object' &&
  value !== null &&
  'accessToken' in value &&
  typeof value.accessToken === 'string' &&
  'expiresAt' in value &&
  typeof value.expiresAt === 'string';

/** `localStorage` where there is one, else memory. */
export function defaultStorage(): KeyValueStore {
  if (typeof localStorage !== 'undefined')
    return { get: (key) => localStorage.getItem(key), set: (key, value) => localStorage.setItem(key, value) };
  const kept = new Map<string, string>();
  return { get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value) };
}
