import { catalog, type Permission } from '@loro/contracts/catalog';
import {
  type BuiltInRole,
  builtInRoles,
  type PermissionDefinition,
  type Scope,
  scopes,
} from '@loro/contracts/kit/permissions';
import type { Actor, Reach } from '../../platform';

/** What a role may do, and how far. */
export type RoleScopes = ReadonlyMap<Permission, Scope>;

/** A role that somebody holds, and where it counts: at branches, with everything below them, over people. */
export interface RoleAt {
  readonly scopes: RoleScopes;
  readonly branchIds: readonly string[];
  readonly subtreeIds: readonly string[];
  readonly teamIds: readonly string[];
}

const EVERYTHING: ReadonlySet<BuiltInRole> = new Set<BuiltInRole>(['platform_admin', 'owner', 'admin']);
/** The last of them stays. */
export const ADMINS = ['owner', 'admin'] as const satisfies readonly BuiltInRole[];

// Names of the catalogue are permissions: that is how the type is made.
const definitions = catalog.flatMap(
  (contract) => Object.entries(contract.permissions ?? {}) as [Permission, PermissionDefinition][],
);
const byName = new Map<string, PermissionDefinition>(definitions);

export const isPermission = (name: string): name is Permission => byName.has(name);
/** Whether it reaches beyond one organisation. */
export const isHubWide = (name: string): boolean => byName.get(name)?.isHubWide ?? false;

const rank = (scope: Scope): number => scopes.indexOf(scope);
const widest = (a: Scope, b: Scope): Scope => (rank(a) >= rank(b) ? a : b);

/** How far each built-in role holds a permission. */
export const scopeOf = (role: BuiltInRole, definition: PermissionDefinition): Scope | undefined =>
  EVERYTHING.has(role) && !definition.isHubWide ? 'org' : definition.grants[role];

const builtIn: ReadonlyMap<string, RoleScopes> = new Map(
  builtInRoles.map((role) => [
    role,
    new Map(
      definitions.flatMap(([permission, definition]) => {
        const scope = scopeOf(role, definition);
        return scope === undefined ? [] : [[permission, scope] as const];
      }),
    ),
  ]),
);

/** What a built-in role may do; nothing for a name that is none. */
export const builtInScopes = (role: string): RoleScopes | undefined => builtIn.get(role);
export const isBuiltIn = (role: string): role is BuiltInRole => builtIn.has(role);

/** What a set of roles may do: of every permission the widest scope, over the branches of all roles that hold it. */
export function grantsOf(roles: readonly RoleAt[]): Map<Permission, Reach> {
  const grants = new Map<Permission, Reach>();
  for (const { scopes: held, branchIds, subtreeIds, teamIds } of roles)
    for (const [permission, scope] of held) {
      const known = grants.get(permission);
      const reached = scope === 'subtree' ? subtreeIds : scope === 'branch' ? branchIds : [];
      const people = scope === 'team' ? teamIds : [];
      const userIds = new Set([...(known?.userIds ?? []), ...people]);
      grants.set(permission, {
        scope: known ? widest(known.scope, scope) : scope,
        branchIds: new Set([...(known?.branchIds ?? []), ...reached]),
        ...(userIds.size > 0 && { userIds }),
      });
    }
  return grants;
}

/** Permissions that a role holds and its giver does not, or not as far: nobody gives more than he has. */
export function beyond(giver: Actor['grants'], role: RoleAt): Permission[] {
  return [...role.scopes].flatMap(([permission, scope]) => {
    const held = giver.get(permission);
    return held && covers(held, scope, role) ? [] : [permission];
  });
}

function covers(held: Reach, scope: Scope, { branchIds, subtreeIds }: RoleAt): boolean {
  if (held.scope === 'org' || scope === 'own') return true;
  // Whom somebody else leads, nobody but the whole organisation's keeper surely reaches.
  if (scope === 'org' || scope === 'team') return false;
  const reached = scope === 'subtree' ? subtreeIds : branchIds;
  return reached.length > 0 && reached.every((id) => held.branchIds.has(id));
}

/** The same of a role as such, before anybody holds it anywhere. */
export const beyondAnywhere = (giver: Actor['grants'], role: RoleScopes): Permission[] =>
  [...role].flatMap(([permission, scope]) => {
    const held = giver.get(permission);
    return held && rank(held.scope) >= rank(scope) ? [] : [permission];
  });
