import { localError, type LoroError } from '../errors';
import type { EndpointRow } from '../names';
import type { Http } from '../transport/http';
import { type Clock, listen, tell } from '../transport/timing';

/** `reason` is the code that ended the session. */
export type AuthChange =
  | { readonly kind: 'signed-in' | 'renewed'; readonly token: string }
  | { readonly kind: 'ended'; readonly reason: string };

/** Where a hub's client gets its access tokens. */
export interface Authority {
  readonly signedIn: boolean;
  /** May give a token although nobody was signed in through it: connecting is worth a try. */
  readonly external: boolean;
  /** Names the session, where there is one that outlives a start. */
  readonly sessionId: string | undefined;
  /** One that is valid for at least a moment. @throws LoroError `UNAUTHENTICATED` */
  token(): Promise<string>;
  /** Another one than `used`, which was refused or runs out. */
  renew(used: string): Promise<string>;
  /** The hub said that this session is over. */
  end(reason: string): Promise<void>;
  onChange(listener: (change: AuthChange) => void): () => void;
}

/** What an authority may work with. */
export interface AuthParts {
  readonly http: Http;
  readonly clock: Clock;
  /** Names the lock that keeps tabs from refreshing at the same time. */
  readonly lockName: string;
  /** Calls an endpoint of the hub's `/auth`, signed in. */
  readonly call: <T>(row: EndpointRow, input?: object) => Promise<T>;
}

/** Makes an authority, and what `hub.auth` shows of it. */
export type AuthFactory<Api extends object> = (parts: AuthParts) => {
  readonly authority: Authority;
  readonly api: Api;
};

export const notSignedIn = (): LoroError => localError('UNAUTHENTICATED', 'Nobody is signed in.', undefined, 401);

/** Tokens that the app gets by itself: of its own sign-in, or an API key. */
export class GivenTokens implements Authority {
  readonly external = true;
  readonly sessionId = undefined;
  #given: string | null = null;
  readonly #listeners = new Set<(change: AuthChange) => void>();

  readonly #ask: () => Promise<string> | string;

  constructor(ask: () => Promise<string> | string) {
    this.#ask = ask;
  }

  get signedIn(): boolean {
    return this.#given !== null;
  }

  async token(): Promise<string> {
    const token = await this.#ask();
    if (!token) throw notSignedIn();
    const before = this.#given;
    this.#given = token;
    if (before !== token) tell(this.#listeners, { kind: before === null ? 'signed-in' : 'renewed', token });
    return token;
  }

  renew(): Promise<string> {
    return this.token();
  }

  async end(reason: string): Promise<void> {
    if (this.#given === null) return;
    this.#given = null;
    tell(this.#listeners, { kind: 'ended', reason });
  }

  onChange(listener: (change: AuthChange) => void): () => void {
    return listen(this.#listeners, listener);
  }
}
