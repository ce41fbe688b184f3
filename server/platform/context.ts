import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from './actor';

/** Filled in as it becomes known: a request is named first, then authenticated. */
export interface Caller {
  readonly requestId: string;
  readonly ip: string;
  readonly userAgent: string;
  actor?: Actor;
}

/** What the running code stands in, without being passed from hand to hand. */
export interface Context {
  /** Sequelize's own notes: the transaction that queries find by themselves. */
  readonly cls?: Map<string, unknown>;
  /** The unit of work under way. */
  readonly unit?: unknown;
  /** Id of the call that all this goes back to. */
  readonly cause?: string;
  /** Who asked for what runs, and from where. */
  readonly caller?: Caller;
  /** Gives the W3C `traceparent` of the running span. */
  readonly trace?: () => string;
}

const NONE: Context = {};
const storage = new AsyncLocalStorage<Context>();
let users = 0;

export const context = (): Context => storage.getStore() ?? NONE;

/** Runs `work` in a changed context; only inside `within`. */
export const inContext = <T>(next: Context, work: () => T): T => storage.run(next, work);

/**
 * Runs `work` in the caller's context with `change` to it. Node follows contexts through every promise, timer and write
 * of the process for as long as somebody may ask; on an idle gateway, whose whole work is writing to sockets, that is a
 * tenth of its time. So it is switched off when the last one is done.
 */
export async function within<T>(change: Context, work: () => Promise<T>): Promise<T> {
  users += 1;
  try {
    return await storage.run({ ...context(), ...change }, work);
  } finally {
    users -= 1;
    if (users === 0) storage.disable();
  }
}
