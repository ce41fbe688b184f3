import type { Permission } from '@loro/contracts/catalog';
import type { Demands } from '@loro/contracts/kit/demands';
import type { Feature } from '@loro/contracts/kit/features';
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
  /** A token that opens less than its person may do: paying, enrolling a second factor, handing in offline work. */
  readonly only?: 'billing' | 'enrolment' | 'offline-upload';
}

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
  /** Whether the licence and the flags let this actor call a row with these demands. @throws HubError 401, 402 or 403 */
  admit: (actor: Actor, token: AccessToken, demands: Demands) => Promise<void>;
  /** Whether the organisation's plan holds the feature, and its licence works. */
  entitled: (orgId: string, feature: Feature) => Promise<boolean>;
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
  admit: async () => {},
  entitled: async () => true,
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
  if (reach.scope === 'branch' || reach.scope === 'subtree')
    return typeof thing.branchId === 'string' && reach.branchIds.has(thing.branchId);
  return false;
}
