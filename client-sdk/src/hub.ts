import type { Me, Session, SignedIn } from '@loro/contracts/auth';
import type { ListOf } from '@loro/contracts/kit/api';
import { Auth, type AuthChange, type Credentials } from './auth/auth';
import { defaultStorage, memoryStore, type SessionStore } from './auth/stores';
import { isPassing, toLoroError } from './errors';
import { moduleClient } from './module';
import { type TrackingHelpers, trackingHelpers } from './modules/tracking';
import { type Camel, camel } from './names';
import { type Contracts, tables } from './tables';
import { Http } from './transport/http';
import { Link, type Status } from './transport/link';
import { Rest } from './transport/rest';
import { Clock, jitter, sleep } from './transport/timing';
import type { KeyValueStore, Log, ModuleClient } from './types';

/** What a hub's client is made of; `url` is enough to begin with. */
export interface LoroHubOptions {
  /** Where the hub is, such as `https://hub.example.com`. */
  readonly url: string;
  /** Where the session is kept between starts; memory by default. */
  readonly session?: SessionStore;
  /** Gives access tokens or an API key, for apps that sign in by themselves. Asked again when one was refused. */
  readonly token?: () => Promise<string> | string;
  /** Browsers: the refresh token stays in an HttpOnly cookie, out of reach of scripts. */
  readonly cookie?: boolean;
  /** Small values that outlive a start; `localStorage` by default where there is one. */
  readonly storage?: KeyValueStore;
  /** How this device is called in the list of sessions. */
  readonly deviceName?: string;
  readonly fetch?: typeof fetch;
  /** Told what the SDK does, never a token or a position. */
  readonly log?: Log;
}

/** Signing in and out, and the session that follows from it. */
export interface HubAuth {
  readonly signedIn: boolean;
  /** Signs in; `choose-organisation` asks to call again with one of `organisations`. */
  signIn(credentials: Credentials): Promise<SignedIn>;
  /** Ends the session here and at the hub; rejects when the hub was not reached, signed out here all the same. */
  signOut(): Promise<void>;
  /**
   * Takes up a kept session or cookie: false when there is none or it has run out.
   *
   * @throws LoroError `OFFLINE` when the hub must be asked and is not reached; the session is kept
   */
  resume(): Promise<boolean>;
  /** A token that is valid for at least a moment. @throws LoroError `UNAUTHENTICATED` */
  accessToken(): Promise<string>;
  /** Told when somebody signs in and when the session ends, with the code that ended it. */
  onChange(listener: (change: { readonly signedIn: boolean; readonly reason?: string }) => void): () => void;
  me(): Promise<Me>;
  sessions(input?: { limit?: number; cursor?: string }): Promise<ListOf<Session>>;
  endSession(input: { sessionId: string }): Promise<void>;
}

type Modules = {
  readonly [Name in Exclude<keyof Contracts, 'auth' | 'tracking'> as Camel<Name>]: ModuleClient<Contracts[Name]>;
};

/** The client of a hub. */
export interface LoroHub extends Modules {
  readonly auth: HubAuth;
  readonly tracking: ModuleClient<Contracts['tracking']> & TrackingHelpers;
  /** How the live connection stands; a new object whenever it changes. */
  readonly status: Status;
  onStatus(listener: (status: Status) => void): () => void;
  /** Connects now. Listening, calling and subscribing connect by themselves once somebody is signed in. */
  connect(): void;
  /** Ends the connection and every subscription; buffered fixes stay in their storage. */
  close(): Promise<void>;
  /** What to add to this device's clock to get the hub's, in milliseconds. */
  time(): number;
}

/**
 * Makes the client of a hub. Nothing is sent before the first call.
 *
 * @example
 * const hub = createLoroHub({ url: 'https://hub.example.com', cookie: true });
 * await hub.auth.signIn({ email: 'thandi@example.com', password });
 * hub.checkIns.on('check-in:started', (checkIn) => show(checkIn));
 * const { data, streams = [] } = await hub.checkIns.list({ branchId });
 * hub.checkIns.subscribe('branch', branchId, { after: streams[0] });
 */
export function createLoroHub(options: LoroHubOptions): LoroHub {
  const { origin, path } = addressOf(options.url);
  const { cookie = false, log = () => {}, storage = defaultStorage() } = options;
  const clock = new Clock();
  const http = new Http({ base: `${origin}${path}`, cookie, fetch: options.fetch, clock });
  const auth = new Auth({
    http,
    clock,
    store: options.session ?? memoryStore(),
    cookie,
    token: options.token,
    deviceName: options.deviceName,
    lockName: `loro:${origin}${path}:refresh`,
  });
  const rest = new Rest(http, auth);

  let orgId: string | null = null;
  auth.onChange(({ kind }) => {
    if (kind !== 'renewed') orgId = null;
  });
  const link = new Link({
    origin,
    socketPath: `${path}/socket.io`,
    auth,
    clock,
    log,
    client: `${CLIENT}${options.deviceName === undefined ? '' : ` (${options.deviceName})`}`,
    classOf: (namespace) => (kind) => classes.get(`${namespace} ${kind}`),
    onReady: ({ streams }) => {
      orgId ??= streams[0]?.stream.split(':')[0] ?? null;
    },
  });

  const { endpoints: authRows = {}, prefix: authPrefix = '' } = tables.auth;
  // The table was made from the contract that gives the answer its type, here and for the modules below.
  const authCall = <T>(name: string, input?: object): Promise<T> => {
    const row = authRows[name];
    if (!row) throw new Error(`${name} is not in the table of auth`);
    return rest.call(authPrefix, row, { ...input }) as Promise<T>;
  };
  const organisation = async (): Promise<string> => {
    // The connection tells it too, as soon as there is one.
    for (let tries = 0; orgId === null; tries++) {
      try {
        const { organisation: found } = await authCall<Me>('me');
        orgId = found.id;
      } catch (error) {
        if (!isPassing(toLoroError(error))) throw error;
        await sleep(jitter(tries));
      }
    }
    return orgId;
  };

  const core = { rest, link, organisation, storage, log };
  const clients = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [camel(name), moduleClient(core, table)]),
  ) as unknown as Modules & { tracking: ModuleClient<Contracts['tracking']> };
  const helpers = trackingHelpers({ ...core, client: clients.tracking });

  return {
    ...clients,
    tracking: { ...clients.tracking, ...helpers.methods },
    auth: {
      get signedIn() {
        return auth.signedIn;
      },
      signIn: (credentials) => auth.signIn(credentials),
      signOut: () => auth.signOut(),
      resume: () => auth.resume(),
      accessToken: () => auth.token(),
      onChange: (listener) => auth.onChange(toSignedIn(listener)),
      me: () => authCall('me'),
      sessions: (input) => authCall('sessions', input),
      endSession: (input) => authCall('endSession', input),
    },
    get status() {
      return link.status;
    },
    onStatus: (listener) => link.onStatus(listener),
    connect: () => link.connect(),
    close: async () => {
      await helpers.close();
      await link.close();
    },
    time: () => clock.offsetMs,
  };
}

const CLIENT = 'loro-js/0.1.0';

/** `<namespace> <kind>` → class. */
const classes = new Map(
  Object.values(tables).flatMap(({ live }) =>
    Object.entries(live?.streams ?? {}).map(([kind, name]) => [`${live?.namespace} ${kind}`, name] as const),
  ),
);

const toSignedIn =
  (listener: Parameters<HubAuth['onChange']>[0]) =>
  (change: AuthChange): void => {
    if (change.kind === 'ended') listener({ signedIn: false, reason: change.reason });
    else if (change.kind === 'signed-in') listener({ signedIn: true });
  };

/** A hub may live below a path of somebody's site. */
function addressOf(url: string): { origin: string; path: string } {
  const base = typeof location === 'undefined' ? undefined : location.href;
  const { origin, pathname } = new URL(url, base);
  return { origin, path: pathname.replace(/\/+$/, '') };
}
