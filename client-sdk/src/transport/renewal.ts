import type { Authority } from '../auth/authority';
import { toLoroError } from '../errors';
import type { Log } from '../types';
import type { Channel } from './channel';
import type { Clock } from './timing';

export interface RenewalOptions {
  readonly auth: Authority;
  readonly clock: Clock;
  readonly log: Log;
  readonly channels: () => Iterable<Channel>;
  /** The hub did not take the new token: begin a new connection. */
  readonly onRefused: () => void;
}

const LATER_MS = 5_000;
/** Longer timers fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Keeps a live connection's token fresh: the hub gets the new one before the old one runs out. */
export class Renewal {
  /** What the hub knows us by; empty while there is no connection. */
  token = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #options: RenewalOptions;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  plan(expiresAt: string): void {
    const lifeMs = Date.parse(expiresAt) - Date.now() - this.#options.clock.offsetMs;
    this.#renewIn(Math.min(Math.max(lifeMs * 0.8, 1_000), LONGEST_MS));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async renew(): Promise<void> {
    this.stop();
    const used = this.token;
    try {
      const token = await this.#options.auth.renew(used);
      // The app's callback may give the same key for ever; there is nothing to tell the hub then.
      if (token === used) this.#renewIn(LATER_MS);
      else await this.push(token);
    } catch (error) {
      // A session that is over was told to everybody by `auth`; anything else may pass before the token runs out.
      if (toLoroError(error).status !== 401) this.#renewIn(LATER_MS);
    }
  }

  /** Tells every open namespace. */
  async push(token: string): Promise<void> {
    if (token === this.token) return;
    this.token = token;
    const { channels, log, onRefused } = this.#options;
    try {
      const open = [...channels()].filter(({ ready }) => ready);
      const [first] = await Promise.all(open.map((channel) => channel.refresh(token)));
      if (first) this.plan(first.expiresAt);
    } catch (error) {
      const { code } = toLoroError(error);
      log('warn', 'the new token was not taken', { code });
      if (code !== 'OFFLINE') onRefused();
    }
  }

  #renewIn(ms: number): void {
    this.stop();
    this.#timer = setTimeout(() => void this.renew(), ms);
  }
}
