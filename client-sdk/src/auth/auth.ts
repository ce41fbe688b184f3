import type { SignedIn, SignIn, Tokens as TokenPair } from '@loro/contracts/auth';
import type { z } from 'zod';
import { dataOf, isPassing, type LoroError, toLoroError } from '../errors';
import { listen, sleep, tell } from '../transport/timing';
import { type AuthChange, type Authority, type AuthParts, notSignedIn } from './authority';
import type { SessionStore, StoredSession } from './stores';

/** What `signIn` takes. */
export type Credentials = Omit<z.input<typeof SignIn>, 'cookie' | 'deviceName' | 'deviceId'>;

export interface SessionOptions extends Pick<AuthParts, 'http' | 'clock' | 'lockName'> {
  readonly store: SessionStore;
  readonly cookie: boolean;
  readonly deviceName: string | undefined;
  readonly deviceId: string | undefined;
}

/** A token that ends within this time is renewed before it is used. */
const SPARE_MS = 10_000;
/** A token this young is believed, whatever our clock says of its end. */
const YOUNG_MS = 30_000;
/** How its session is kept was said at the first step. */
const VERIFY = '/mfa/verify';

/** Holds the session: signs in, refreshes once for everybody who asks, tells when it changes. */
export class Sessions implements Authority {
  readonly external = false;
  private session: StoredSession | null = null;
  private takenAt = 0;
  private renewing: Promise<string> | null = null;
  private readonly listeners = new Set<(change: AuthChange) => void>();

  constructor(private readonly options: SessionOptions) {}

  get signedIn(): boolean {
    return this.session !== null;
  }

  get sessionId(): string | undefined {
    return this.session?.sessionId;
  }

  onChange(listener: (change: AuthChange) => void): () => void {
    return listen(this.listeners, listener);
  }

  /** Comes in by whatever `path` takes as proof; with `token` as somebody who is in already. */
  async enter(path: string, proof: object, token?: string): Promise<SignedIn> {
    const { http, cookie, deviceName, deviceId } = this.options;
    // What is undefined is left out of the JSON.
    const entering = path === VERIFY ? {} : { cookie, deviceName, deviceId };
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const body = { ...proof, ...entering };
    // The hub's own tests hold its answers to the contract; the SDK carries no schemas.
    const answer = dataOf(await http.send({ method: 'POST', path: `/auth${path}`, body, headers })) as SignedIn;
    if (answer.status === 'signed-in') {
      await this.keep(answer);
      tell(this.listeners, { kind: 'signed-in', token: answer.accessToken });
    }
    return answer;
  }

  /** Proves once more who this is; the session stays, and its next token says when. */
  async prove(proof: object): Promise<void> {
    const headers = { authorization: `Bearer ${await this.token()}` };
    const answer = await this.options.http.send({ method: 'POST', path: '/auth/reauth', body: proof, headers });
    const refreshToken = this.session?.refreshToken;
    const kept = { ...(refreshToken !== undefined && { refreshToken }), ...(dataOf(answer) as TokenPair) };
    this.adopt(await this.keep(kept));
  }

  /** Ends the session here and at the hub. It is over here even when the hub was not reached, which rejects. */
  async signOut(): Promise<void> {
    // A refresh that ends after us would bring the session back.
    await this.renewing?.catch(() => {});
    const { session } = this;
    if (!session) return;
    const token = await this.token().catch(() => session.accessToken);
    await this.end('SIGNED_OUT');
    const headers = { authorization: `Bearer ${token}` };
    await this.options.http.send({ method: 'POST', path: '/auth/logout', headers }).catch((error: unknown) => {
      // Whatever the hub no longer knows is signed out.
      if (toLoroError(error).status !== 401) throw error;
    });
  }

  async resume(): Promise<boolean> {
    try {
      if (!this.session) {
        this.session = await this.options.store.load();
        this.takenAt = 0;
        if (!this.session && !this.options.cookie) return false;
      }
      const token = await this.token();
      tell(this.listeners, { kind: 'signed-in', token });
      return true;
    } catch (error) {
      if (toLoroError(error).status === 401) return false;
      throw error;
    }
  }

  async token(): Promise<string> {
    // A store may hold a session that nobody resumed yet.
    if (!this.session && !this.options.cookie) this.session = await this.options.store.load();
    if (this.session && this.isFresh(this.session)) return this.session.accessToken;
    return this.renew(this.session?.accessToken ?? '');
  }

  async renew(used: string): Promise<string> {
    if (this.session && this.session.accessToken !== used && this.isFresh(this.session))
      return this.session.accessToken;
    this.renewing ??= this.locked(() => this.refresh(used)).finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /** The hub said that this session is over. */
  async end(reason: string): Promise<void> {
    if (!this.signedIn) return;
    this.session = null;
    await this.options.store.save(null);
    tell(this.listeners, { kind: 'ended', reason });
  }

  private async refresh(used: string): Promise<string> {
    for (let tries = 0; ; tries++) {
      const { cookie, store } = this.options;
      const stored = await store.load();
      // Another tab was here first, and its tokens are ours.
      if (stored && stored.accessToken !== used && this.isFresh(stored)) return this.adopt(stored);
      const refreshToken = stored?.refreshToken;
      if (!cookie && refreshToken === undefined) {
        await this.end('SIGNED_OUT');
        throw notSignedIn();
      }
      try {
        const { deviceId } = this.options;
        const body = cookie ? { deviceId } : { refreshToken, deviceId };
        const answer = await this.options.http.send({ method: 'POST', path: '/auth/refresh', body });
        return this.adopt(await this.keep(dataOf(answer) as TokenPair));
      } catch (error) {
        const problem = toLoroError(error);
        if (!(await this.mayRepeat(problem, tries))) throw problem;
      }
    }
  }

  private async mayRepeat(problem: LoroError, tries: number): Promise<boolean> {
    const raced = problem.code === 'REFRESH_RACED';
    if (tries < 2 && (raced || isPassing(problem)) && (problem.retryAfterMs ?? 0) <= 5_000) {
      await sleep(problem.retryAfterMs ?? 200 * (tries + 1));
      return true;
    }
    if (problem.status === 401) await this.end(problem.code);
    return false;
  }

  private async keep({ accessToken, expiresAt, refreshToken, sessionId }: TokenPair): Promise<StoredSession> {
    const session = { accessToken, expiresAt, sessionId, ...(refreshToken !== undefined && { refreshToken }) };
    this.session = session;
    this.takenAt = Date.now();
    await this.options.store.save(session);
    return session;
  }

  private adopt(session: StoredSession): string {
    this.session = session;
    tell(this.listeners, { kind: 'renewed', token: session.accessToken });
    return session.accessToken;
  }

  private isFresh({ accessToken, expiresAt }: StoredSession): boolean {
    if (this.session?.accessToken === accessToken && Date.now() - this.takenAt < YOUNG_MS) return true;
    return Date.parse(expiresAt) - (Date.now() + this.options.clock.offsetMs) > SPARE_MS;
  }

  /** One refresh at a time among the tabs of a browser, where it can tell them apart. */
  private locked(work: () => Promise<string>): Promise<string> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    return locks ? locks.request(this.options.lockName, work) : work();
  }
}
