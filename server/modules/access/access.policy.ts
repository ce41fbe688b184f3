import { catalog, type Permission } from '@loro/contracts/catalog';
import { type BuiltInRole, type Scope, scopes } from '@loro/contracts/kit/permissions';
import type { Reach } from '../../platform';

/** A role, and the branches it counts at: itself, and with everything below. */
export interface RoleAt {
  readonly role: BuiltInRole;
  readonly branchIds: readonly string[];
  readonly subtreeIds: readonly string[];
}

const EVERYTHING: ReadonlySet<BuiltInRole> = new Set<BuiltInRole>(['platform_admin', 'owner', 'admin']);
const definitions = catalog.flatMap((contract) => Object.entries(contract.permissions ?? {}));

const widest = (a: Scope, b: Scope): Scope => (scopes.indexOf(a) >= scopes.indexOf(b) ? a : b);

/** What a set of roles may do: of every permission the widest scope, over the branches of all roles that hold it. */
export function grantsOf(roles: readonly RoleAt[]): Map<Permission, Reach> {
  const grants = new Map<Permission, Reach>();
  for (const [permission, definition] of definitions)
    for (const { role, branchIds, subtreeIds } of roles) {
      const scope = EVERYTHING.has(role) && !definition.isHubWide ? 'org' : definition.grants[role];
      if (scope === undefined) continue;
      // `definitions` are the catalogue's own, so its names are permissions.
      const name = permission as Permission;
      const known = grants.get(name);
      const reached = scope === 'subtree' ? subtreeIds : scope === 'branch' ? branchIds : [];
      grants.set(name, {
        scope: known ? widest(known.scope, scope) : scope,
        branchIds: new Set([...(known?.branchIds ?? []), ...reached]),
      });
    }
  return grants;
}
