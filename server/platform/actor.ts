import type { Permission } from '@loro/contracts/catalog';
import type { BuiltInRole, Scope } from '@loro/contracts/kit/permissions';

/**
 * How far an actor's permission reaches. `branchIds` counts for the scopes branch and subtree, `userIds` are the people
 * that a role of scope team brings, whatever wider scope another role adds.
 */
export interface Reach {
  readonly scope: Scope;
  readonly branchIds: ReadonlySet<string>;
  readonly userIds?: ReadonlySet<string>;
}

/** The person behind a request, a socket or a job. */
export interface Actor {
  readonly orgId: string;
  readonly userId: string;
  readonly name: string;
  readonly sessionId: string;
  /** A service acts by an API key. */
  readonly kind: 'person' | 'service';
  /** Somebody else who acts in this person’s place, by his leave. */
  readonly impersonatorId?: string;
  readonly homeBranchId: string | null;
  readonly roles: readonly BuiltInRole[];
  readonly grants: ReadonlyMap<Permission, Reach>;
  /** When the first of the rights ends by itself: they are read anew then. */
  readonly rightsUntil?: Date;
}

/** What a permission is asked about: any of whose it is, and where. */
export interface Thing {
  readonly orgId?: string;
  readonly userId?: string | null;
  readonly branchId?: string | null;
}
