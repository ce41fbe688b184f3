import type { Permission } from '@loro/contracts/catalog';
import type { Demands, Restriction } from '@loro/contracts/kit/demands';
import type { Feature, Limit } from '@loro/contracts/kit/features';
import type { Actor, Reach, Thing } from '../actor';
import type { Caller } from '../context';
import { Forbidden, NotFound, Unavailable } from '../errors';
import type { JournalNote } from '../outbox/journal-note';

export interface AccessToken {
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: Date;
  /** When the person last proved who it is. */
  readonly authenticatedAt: Date;
  /** A token that opens less than its person may do. */
  readonly only?: Restriction;
  /** Where the caller came with an API key: its session is the key. From anywhere when `ipAllow` is empty. */
  readonly apiKey?: { readonly ipAllow: readonly string[] };
}

/** What every API key begins with. */
export const API_KEY_PREFIX = 'loro_k1_';

/** Somebody who was connected at an instant. */
export interface Seen {
  readonly orgId: string;
  readonly userId: string;
  readonly at: Date;
}

/** What higher rooms supply at boot, so that every floor may ask. */
export interface AuthPorts {
  /** @throws Unauthenticated */
  verifyAccessToken: (token: string) => Promise<AccessToken>;
  /** Reads who this is and may do what. @throws Unauthenticated for somebody who may not act any more */
  loadActor: (token: AccessToken) => Promise<Actor>;
  hasBranch: (orgId: string, branchId: string) => Promise<boolean>;
  /** Whether pages of this origin may call for the organisation; null: for any of them. */
  allowsOrigin: (origin: string, orgId: string | null) => Promise<boolean>;
  /** Whether the organisation lets its people in from this address; at once where its list is remembered. */
  mayEnter: (orgId: string, address: string) => boolean | Promise<boolean>;
  /**
   * Whether licence, feature, flag, permission and fresh sign-in, in this order, let the actor call a row. Answers at
   * once where everything is known: a hot call waits for nothing.
   * @throws HubError 401, 402 or 403; where it has to ask first, the promise is refused with it
   */
  admit: (actor: Actor, token: AccessToken, demands: Demands, permission?: Permission) => void | Promise<void>;
  /** Whether the actor may hold a connection: with a licence that works, or to pay for one. @throws HubError 402 or 403 */
  connect: (actor: Actor, token: AccessToken) => void | Promise<void>;
  /** What answers say of a licence that is about to lapse, where that is known. */
  licenseNotice: (orgId: string) => string | undefined;
  /** Whether the organisation's plan holds the feature, and its licence works. */
  entitled: (orgId: string, feature: Feature) => Promise<boolean>;
  /** How many of something the plan allows; null for any. */
  limit: (orgId: string, limit: Limit) => Promise<number | null>;
  /** Whether a program may make one call more. @throws HubError 429 where its organisation’s quota is used up */
  quota: (actor: Actor) => void | Promise<void>;
  /** Writes what a transaction tells the journal, inside that transaction. */
  record: (notes: readonly JournalNote[], caller: Caller | undefined) => Promise<void>;
  /** Remembers when people were last connected. */
  noteSeen: (seen: readonly Seen[]) => Promise<void>;
}

const missing = (): never => {
  throw new Unavailable('DEPENDENCY_DOWN', 'The hub is still starting.', { retryAfterMs: 500 });
};

export const emptyPorts = (): AuthPorts => ({
  verifyAccessToken: missing,
  loadActor: missing,
  hasBranch: missing,
  allowsOrigin: async () => false,
  mayEnter: () => true,
  admit: (actor, _token, _demands, permission) => {
    if (permission !== undefined) allow(actor, permission);
  },
  connect: () => {},
  licenseNotice: () => undefined,
  entitled: async () => true,
  limit: async () => null,
  quota: () => {},
  record: async () => {},
  noteSeen: async () => {},
});

/** The one question about rights. Not holding a permission is 403; a thing out of its reach does not exist: 404. */
export function allow(actor: Actor, permission: Permission, thing: Thing & { what?: string } = {}): void {
  const reach = actor.grants.get(permission);
  if (!reach) throw new Forbidden('FORBIDDEN', `This needs the permission ${permission}.`);
  if (!reaches(actor, reach, thing)) throw new NotFound(thing.what ?? 'This');
}

/** The same question as a yes or no. */
export function may(actor: Actor, permission: Permission, thing: Thing = {}): boolean {
  const reach = actor.grants.get(permission);
  return reach !== undefined && reaches(actor, reach, thing);
}

/** How far a list may look: everything of the organisation, some branches, or only the actor's own rows. */
export function reachOf(actor: Actor, permission: Permission): Reach {
  const reach = actor.grants.get(permission);
  if (!reach) throw new Forbidden('FORBIDDEN', `This needs the permission ${permission}.`);
  return reach;
}

function reaches(actor: Actor, reach: Reach, thing: Thing): boolean {
  if (thing.orgId !== undefined && thing.orgId !== actor.orgId) return false;
  if (thing.userId === undefined && thing.branchId === undefined) return true;
  if (thing.userId === actor.userId) return true;
  if (reach.scope === 'org') return true;
  if (typeof thing.userId === 'string' && reach.userIds?.has(thing.userId)) return true;
  if (reach.scope === 'branch' || reach.scope === 'subtree')
    return typeof thing.branchId === 'string' && reach.branchIds.has(thing.branchId);
  return false;
}
