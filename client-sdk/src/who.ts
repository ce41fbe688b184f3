import type { Me } from '@loro/contracts/auth';
import type { Authority } from './auth/authority';
import { isPassing, localError, toLoroError } from './errors';
import { jitter, sleep } from './transport/timing';
import type { KeyValueStore } from './types';

export interface Identity {
  readonly userId: string;
  readonly orgId: string;
}

/** What it takes to know it; the modules of a hub share what is known in `shared`. */
export interface WhoParts {
  readonly auth: Authority;
  readonly storage: KeyValueStore;
  readonly me: () => Promise<Me>;
  readonly shared: { who?: Who };
  /** Takes what is to be ended before the connection is. */
  readonly onClose: (end: () => Promise<void>) => void;
}

/** The hub's own; made when the first module asks. */
export const whoOf = (parts: WhoParts): Who => (parts.shared.who ??= new Who(parts));

const KEY = 'loro:who';

/** Who is signed in. Asked of the hub once a session, and remembered, so that it is known without a connection too. */
export class Who {
  #known: Identity | null = null;
  #asking: Promise<Identity> | null = null;
  /** Counts the sessions of this start. */
  #turn = 0;

  #stop = new AbortController();
  readonly #parts: WhoParts;

  constructor(parts: WhoParts) {
    this.#parts = parts;
    parts.onClose(async () => {
      this.#stop.abort(localError('CLOSED', 'The hub’s client was closed.'));
      this.#stop = new AbortController();
    });
    parts.auth.onChange(({ kind }) => {
      if (kind === 'renewed') return;
      this.#known = null;
      this.#asking = null;
      this.#turn += 1;
    });
  }

  /** Waits for the hub where it is not known yet. @throws LoroError where nobody is signed in */
  get(): Promise<Identity> {
    if (this.#known) return Promise.resolve(this.#known);
    if (this.#asking) return this.#asking;
    const asking = this.#insist().finally(() => {
      if (this.#asking === asking) this.#asking = null;
    });
    this.#asking = asking;
    return asking;
  }

  /** As far as it is known for sure without asking. */
  async recall(): Promise<Identity | null> {
    if (this.#known) return this.#known;
    const { sessionId } = this.#parts.auth;
    const kept = await this.#read();
    return kept && kept.sessionId === sessionId ? kept : null;
  }

  /** Who was signed in here last, and most likely is or will be again. */
  async guess(): Promise<Identity | null> {
    return this.#known ?? this.#read();
  }

  /** Asks once. */
  async ask(): Promise<Identity> {
    const turn = this.#turn;
    const { user, organisation } = await this.#parts.me();
    const identity = { userId: user.id, orgId: organisation.id };
    if (turn === this.#turn) await this.#remember(identity);
    return identity;
  }

  async #insist(): Promise<Identity> {
    const { signal } = this.#stop;
    this.#known = await this.recall();
    if (this.#known) return this.#known;
    for (let tries = 0; ; tries++) {
      try {
        return await this.ask();
      } catch (error) {
        if (!isPassing(toLoroError(error))) throw error;
        await sleep(jitter(tries), signal);
      }
    }
  }

  async #remember(identity: Identity): Promise<void> {
    this.#known = identity;
    const { auth, storage } = this.#parts;
    await storage.set(KEY, `${auth.sessionId ?? ''} ${identity.userId} ${identity.orgId}`);
  }

  async #read(): Promise<(Identity & { readonly sessionId: string }) | null> {
    const [sessionId = '', userId, orgId] = (await this.#parts.storage.get(KEY))?.split(' ') ?? [];
    return userId === undefined || orgId === undefined ? null : { sessionId, userId, orgId };
  }
}
