import { type AuthFactory, GivenTokens } from './auth/authority';
import { defaultStorage } from './auth/stores';
import type { Core, ModuleFactory } from './module';
import type { EndpointRow } from './names';
import { Echoes } from './transport/echoes';
import { Http } from './transport/http';
import { Link } from './transport/link';
import { Rest } from './transport/rest';
import type { Status } from './transport/status';
import { Clock } from './transport/timing';
import type { KeyValueStore, Log } from './types';

/** What a hub's client is made of, beside its modules. */
export interface CoreOptions {
  /** Where the hub is, such as `https://hub.example.com`. */
  readonly url: string;
  /** Small values that outlive a start; `localStorage` by default where there is one. */
  readonly storage?: KeyValueStore;
  /** How this device is called in the list of sessions. */
  readonly deviceName?: string;
  readonly fetch?: typeof fetch;
  /** Told what the SDK does, never a token or a position. */
  readonly log?: Log;
}

/** Tells the SDK what the app knows and it cannot see. Browsers tell it by themselves; React Native does not. */
export interface Lifecycle {
  /** The app is looked at: connect now, whatever was waited for. */
  foreground(): void;
  /** The app will be suspended: leave the hub politely. Subscriptions stay, and catch up at the next `foreground`. */
  background(): void;
}

/** What every hub's client has, whichever modules it was made with. */
export interface HubBase<AuthApi extends object> {
  readonly auth: AuthApi;
  /** How the live connection stands; a new object whenever it changes. */
  readonly status: Status;
  onStatus(listener: (status: Status) => void): () => void;
  readonly lifecycle: Lifecycle;
  /** Connects now. Listening, calling and subscribing connect by themselves once somebody is signed in. */
  connect(): void;
  /** Ends the connection and every subscription; buffered fixes and commands stay in their storage. */
  close(): Promise<void>;
  /** What to add to this device's clock to get the hub's, in milliseconds. */
  time(): number;
}

type Factories = Readonly<Record<string, ModuleFactory<object>>>;
type Made<M extends Factories> = { readonly [Name in keyof M]: ReturnType<M[Name]> };

/**
 * Makes the client of a hub out of the modules that an app uses, and nothing more.
 *
 * @example
 * import { createHub, tokens } from '@loro/client/core';
 * import { checkIns } from '@loro/client/check-ins';
 * const hub = createHub({ url, auth: tokens(() => apiKey), modules: { checkIns } });
 */
export function createHub<const M extends Factories, AuthApi extends object>(
  options: CoreOptions & { readonly auth: AuthFactory<AuthApi>; readonly modules: M },
): HubBase<AuthApi> & Made<M> {
  const { origin, path } = addressOf(options.url);
  const { log = () => {}, storage = defaultStorage(), deviceName, modules } = options;
  const clock = new Clock();
  const echoes = new Echoes();
  const http = new Http(`${origin}${path}/api/v1`, options.fetch, clock);
  // The answers have the shapes of the auth contract, to which the hub's own tests hold it.
  const call = <T>(row: EndpointRow, input?: object): Promise<T> => rest.call('/auth', row, { ...input }) as Promise<T>;
  const lockName = `loro:${origin}${path}:refresh`;
  const { authority: auth, api } = options.auth({ http, clock, lockName, call });
  const rest = new Rest(http, auth, echoes);
  const link = new Link({
    origin,
    socketPath: `${path}/socket.io`,
    auth,
    clock,
    log,
    echoes,
    client: `${CLIENT}${deviceName === undefined ? '' : ` (${deviceName})`}`,
  });

  const ends = new Set<() => Promise<void>>();
  const tables = Object.fromEntries(Object.entries(modules).map(([name, { table }]) => [name, table]));
  const core: Core = {
    rest,
    link,
    auth,
    storage,
    log,
    echoes,
    tables,
    me: () => call(['GET', '/me', 'one']),
    shared: {},
    onClose: (end) => void ends.add(end),
  };
  // Made of the entries of `modules`, one by one, which Object.fromEntries cannot say in types.
  const made = Object.fromEntries(Object.entries(modules).map(([name, make]) => [name, make(core)])) as Made<M>;

  return {
    ...made,
    auth: api,
    get status() {
      return link.status;
    },
    onStatus: (listener) => link.onStatus(listener),
    lifecycle: { foreground: () => link.foreground(), background: () => link.background() },
    connect: () => link.connect(),
    close: async () => {
      await Promise.all(Array.from(ends, (end) => end()));
      await link.close();
    },
    time: () => clock.offsetMs,
  };
}

const CLIENT = 'loro-js/0.1.0';

/** What a hub's client shows of tokens that the app gets by itself. */
export interface TokenAuth {
  /** The app has a new token, or another user's: it is asked for, and what is open goes on with it. */
  renew(): Promise<void>;
}

/**
 * Signs in by tokens that the app gets elsewhere. They are asked for again when one was refused or runs out.
 *
 * @example createHub({ url, auth: tokens(() => session.accessToken()), modules })
 */
export const tokens =
  (ask: () => Promise<string> | string): AuthFactory<TokenAuth> =>
  () => {
    const authority = new GivenTokens(ask);
    return { authority, api: { renew: () => authority.renew().then(() => {}) } };
  };

/** A hub may live below a path of somebody's site. */
function addressOf(url: string): { origin: string; path: string } {
  const base = typeof location === 'undefined' ? undefined : location.href;
  const { origin, pathname } = new URL(url, base);
  return { origin, path: pathname.replace(/\/+$/, '') };
}
