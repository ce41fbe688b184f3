import { Manager } from 'socket.io-client';
import type { SessionEnded, SessionReady } from '@loro/contracts/kit/session';
import type { AuthChange, Authority } from '../auth/authority';
import { localError, type LoroError, toLoroError } from '../errors';
import type { Log } from '../types';
import { Channel } from './channel';
import type { Echoes } from './echoes';
import { Renewal } from './renewal';
import type { Status } from './status';
import { type Clock, jitter, listen, tell, watchPage } from './timing';

export interface LinkOptions {
  readonly origin: string;
  readonly socketPath: string;
  readonly auth: Authority;
  readonly clock: Clock;
  readonly client: string;
  readonly echoes: Echoes;
  readonly log: Log;
}

const READY_MS = 15_000;
const BACKGROUND = 'BACKGROUND';
/**
 * After a connection that held this long the next loss starts to count from nothing; after a shorter one it counts as
 * the second, since a line that flaps is no hub that is overloaded.
 */
const GOOD_AFTER_MS = 5_000;

/**
 * The one connection of all namespaces. Owns the reconnecting itself: the stock manager would not retry a refused
 * connect, nor fetch a fresh token first, nor heed when the hub says to come back.
 */
export class Link {
  status: Status = { state: 'idle', since: Date.now() };
  readonly #manager: Manager;
  readonly #channels = new Map<string, Channel>();
  readonly #listeners = new Set<(status: Status) => void>();
  #stopWatching: (() => void) | null = null;
  readonly #renewal: Renewal;
  #running = false;
  #engineOpen = false;
  #trying = false;
  #tries = 0;
  #turn = 0;
  #renewFirst = false;
  #renewedForRefusal = false;
  #told: SessionEnded | null = null;
  #refusal: LoroError | null = null;
  #retry: { timer: ReturnType<typeof setTimeout>; byHub: boolean } | null = null;
  #guard: ReturnType<typeof setTimeout> | undefined;

  readonly #options: LinkOptions;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#manager = new Manager(options.origin, {
      path: options.socketPath,
      transports: ['websocket'],
      autoConnect: false,
      reconnection: false,
      timeout: 10_000,
    });
    this.#manager.on('open', () => {
      this.#engineOpen = true;
    });
    this.#manager.on('error', (error) => {
      if (!this.#engineOpen) this.#down(error.message);
    });
    this.#manager.on('close', (reason) => {
      this.#engineOpen = false;
      this.#down(reason);
    });
    this.#renewal = new Renewal({
      ...options,
      channels: () => this.#channels.values(),
      onRefused: () => this.#drop(),
    });
    options.auth.onChange((change) => this.#onAuth(change));
  }

  get #isLive(): boolean {
    return this.status.state === 'live';
  }

  onStatus(listener: (status: Status) => void): () => void {
    return listen(this.#listeners, listener);
  }

  /** The channel of a namespace; the first wish for it connects it. */
  channel(namespace: string): Channel {
    const known = this.#channels.get(namespace);
    if (known) return known;
    const channel = new Channel({
      manager: this.#manager,
      namespace,
      auth: () => ({ token: this.#renewal.token, client: this.#options.client, protocol: 1 }),
      echoes: this.#options.echoes,
      log: this.#options.log,
      onReady: (_, ready) => this.#onReady(ready),
      onRefused: (_, problem) => this.#onRefused(problem),
      // All namespaces are one session: where one was sent away, all begin anew.
      onLeft: () => this.#drop(),
      onExpiring: () => void this.#renewal.renew(),
      onEnded: (ended) => {
        this.#told = ended;
      },
    });
    this.#channels.set(namespace, channel);
    const { auth } = this.#options;
    if (
      this.status.state !== 'ended' &&
      this.status.reason !== BACKGROUND &&
      !this.#retry &&
      (auth.signedIn || auth.external)
    )
      void this.#try();
    return channel;
  }

  /** Connects now, whatever was waited for or has ended. */
  connect(): void {
    if (this.#channels.size === 0) this.channel('/notifications');
    if (this.#isLive || this.#trying) return;
    this.#tries = 0;
    void this.#try();
  }

  async close(code = 'CLOSED'): Promise<void> {
    const closed = this.#engineOpen
      ? new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1_000);
          this.#manager.once('close', () => resolve(clearTimeout(timer)));
        })
      : Promise.resolve();
    this.#leave('idle', code);
    this.#stopWatching?.();
    this.#stopWatching = null;
    await closed;
  }

  /** The app is looked at again. */
  foreground(): void {
    if (this.status.reason === BACKGROUND) void this.#try();
    else this.#wake();
  }

  /** The app will be suspended: a connection that is left now need not be found dead later. */
  background(): void {
    if (this.#running) this.#halt('idle', BACKGROUND);
  }

  async #try(): Promise<void> {
    if (this.#trying) return;
    this.#stopRetry();
    this.#stopWatching ??= watchPage({
      onWake: () => this.#wake(),
      onOffline: () => this.#drop(),
    });
    this.#running = true;
    this.#trying = true;
    const turn = ++this.#turn;
    if (!this.#isLive) this.#set({ state: 'connecting' });
    try {
      const { auth } = this.#options;
      const token = await (this.#renewFirst ? auth.renew(this.#renewal.token) : auth.token());
      if (turn !== this.#turn) return;
      this.#renewFirst = false;
      this.#renewal.token = token;
      for (const channel of this.#channels.values()) channel.open();
      if (!this.#engineOpen) this.#manager.connect();
      clearTimeout(this.#guard);
      this.#guard = setTimeout(() => {
        if (!this.#isLive) this.#drop();
      }, READY_MS);
    } catch (error) {
      if (turn !== this.#turn) return;
      const problem = toLoroError(error);
      if (problem.status === 401) this.#halt(problem.code === 'UNAUTHENTICATED' ? 'idle' : 'ended', problem.code);
      else
        this.#schedule(problem.retryAfterMs ?? jitter(this.#tries++), problem.code, problem.retryAfterMs !== undefined);
    } finally {
      if (turn === this.#turn) this.#trying = false;
    }
  }

  #onReady(ready: SessionReady): void {
    const { clock } = this.#options;
    clock.noteNow(ready.now);
    this.#renewedForRefusal = false;
    this.#renewal.plan(ready.expiresAt);
    if (!this.#isLive) this.#set({ state: 'live' });
  }

  #onRefused(problem: LoroError): void {
    this.#refusal = problem;
    this.#options.log('warn', 'the hub refused the connection', { code: problem.code });
    queueMicrotask(() => this.#plan(problem.code));
  }

  #down(reason: string): void {
    clearTimeout(this.#guard);
    this.#renewal.stop();
    // The refusal that made socket.io close the connection is told right after the close.
    queueMicrotask(() => this.#plan(reason));
  }

  /** Decides when to try again, once for everything that went wrong together. */
  #plan(reason: string): void {
    if (!this.#running || this.#retry || this.#trying) return;
    const told = this.#told;
    const refusal = this.#refusal;
    this.#told = null;
    this.#refusal = null;
    if (!told && !refusal && this.#engineOpen) return;
    if (this.#isLive) this.#tries = Date.now() - this.status.since > GOOD_AFTER_MS ? 0 : Math.min(this.#tries, 1);

    const code = told?.code ?? refusal?.code ?? reason;
    if (code === 'SESSION_REVOKED') return void this.#options.auth.end(code).then(() => this.#halt('ended', code));
    if (told && !told.reconnect) return this.#halt('ended', code);
    if (code === 'TOKEN_EXPIRED' || code === 'UNAUTHENTICATED') {
      this.#renewFirst = true;
      if (!this.#renewedForRefusal) {
        this.#renewedForRefusal = true;
        return this.#schedule(0, code, false);
      }
    }
    const hint = told?.retryInMs ?? refusal?.retryAfterMs;
    this.#schedule(hint ?? jitter(this.#tries++), code, hint !== undefined);
  }

  #schedule(delayMs: number, reason: string, byHub: boolean): void {
    this.#stopRetry();
    const timer = setTimeout(() => {
      this.#retry = null;
      void this.#try();
    }, delayMs);
    this.#retry = { timer, byHub };
    // Where one namespace was refused, the others are live all the same.
    const isLive = this.#engineOpen && [...this.#channels.values()].some(({ ready }) => ready);
    if (!isLive) this.#set({ state: 'waiting', retryAt: Date.now() + delayMs, reason });
  }

  #wake(): void {
    // The hub spreads those who come back over time; a page that is looked at must not jump that queue.
    if (this.#retry && !this.#retry.byHub) void this.#try();
  }

  #onAuth(change: AuthChange): void {
    if (change.kind === 'ended') {
      return this.#leave(change.reason === 'SIGNED_OUT' ? 'idle' : 'ended', change.reason);
    }
    if (change.kind === 'renewed') {
      if (this.#isLive) void this.#renewal.push(change.token);
      return;
    }
    if (change.token === this.#renewal.token && this.#running) return;
    if (this.#running && this.#renewal.token !== '') this.#leave('idle', 'SIGNED_OUT');
    if (this.#channels.size > 0) void this.#try();
  }

  /** Ends the subscriptions too: whoever comes next makes their own. */
  #leave(state: 'idle' | 'ended', reason: string): void {
    this.#halt(state, reason);
    for (const channel of this.#channels.values()) channel.streams.endAll(reason);
  }

  #halt(state: 'idle' | 'ended', reason: string): void {
    this.#running = false;
    this.#trying = false;
    this.#turn += 1;
    this.#renewal.token = '';
    this.#told = null;
    this.#refusal = null;
    this.#stopRetry();
    clearTimeout(this.#guard);
    this.#renewal.stop();
    for (const channel of this.#channels.values()) {
      channel.close();
      if (reason !== BACKGROUND) channel.fail(localError(reason, 'The connection to the hub has ended.'));
    }
    this.#drop();
    if (this.status.state !== state || this.status.reason !== reason) this.#set({ state, reason });
  }

  #drop(): void {
    this.#manager.engine?.close();
  }

  #stopRetry(): void {
    if (this.#retry) clearTimeout(this.#retry.timer);
    this.#retry = null;
  }

  #set(status: Omit<Status, 'since'>): void {
    this.status = Object.freeze({ ...status, since: Date.now() });
    tell(this.#listeners, this.status);
  }
}
