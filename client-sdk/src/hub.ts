import { type HubAuth, sessions, type SignInOptions } from './auth/sessions';
import { type CoreOptions, createHub, type HubBase } from './core';
import type { TrackingHelpers } from './modules/tracking';
import { tracking } from './modules/tracking';
import type { Camel } from './names';
import { type Outbox, outbox } from './outbox/outbox';
import { type Contracts, modules } from './tables';
import type { ModuleClient } from './types';

type Modules = {
  readonly [Name in Exclude<keyof Contracts, 'auth' | 'tracking'> as Camel<Name>]: ModuleClient<Contracts[Name]>;
};

/** Rows of the contract that `hub.auth` does itself. */
type Sessions =
  | 'signIn'
  | 'signOut'
  | 'refresh'
  | 'reauth'
  | 'verifyFactor'
  | 'acceptInvite'
  | 'setUp'
  | 'switchOrganisation';

/** What a hub's client is made of; `url` is enough to begin with. */
export interface LoroHubOptions extends CoreOptions, SignInOptions {}

/** The client of a hub. */
export interface LoroHub extends HubBase<HubAuth>, Modules {
  /** One's own account: sessions, factors, password, keys. */
  readonly account: Omit<ModuleClient<Contracts['auth']>, Sessions>;
  readonly tracking: ModuleClient<Contracts['tracking']> & TrackingHelpers;
  readonly outbox: Outbox;
}

/**
 * Makes the client of a hub, with every module. Nothing is sent before the first call.
 *
 * @example
 * const hub = createLoroHub({ url: 'https://hub.example.com', cookie: true });
 * await hub.auth.signIn({ email: 'thandi@example.com', password });
 * hub.checkIns.on('check-in:started', (checkIn) => show(checkIn));
 * const { data, streams = [] } = await hub.checkIns.list({ branchId });
 * hub.checkIns.subscribe('branch', branchId, { after: streams[0] });
 */
export const createLoroHub = (options: LoroHubOptions): LoroHub =>
  createHub({ ...options, auth: sessions(options), modules: { ...modules, tracking, outbox: outbox() } });
