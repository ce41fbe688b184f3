import type { Role, RoleKey } from '@loro/contracts/access-roles';
import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import { NotFound } from '../../platform';
import { builtInScopes, isBuiltIn, isPermission, type RoleScopes } from './access.policy';
import { RoleModel } from './role.model';
import { RolePermissionModel } from './role-permission.model';

type Permissions = Role['permissions'];

const TITLES: Readonly<Record<BuiltInRole, string>> = {
  platform_admin: 'Keeps the hub itself, for all organisations',
  owner: 'Owns the organisation',
  admin: 'Administers the organisation',
  hr: 'Keeps people, attendance and leave',
  finance: 'Keeps payments, refunds and claims',
  manager: 'Leads a branch and what is below it',
  sales: 'Sells: clients, leads, quotations, orders',
  warehouse: 'Keeps stock and fulfils orders',
  staff: 'Works here',
  reseller: 'Sells on our behalf',
  client: 'Buys from us',
  auditor: 'Reads everything, changes nothing',
};

/** Reading roles, built-in and custom alike. */
export class RoleBook {
  /** @throws NotFound */
  async byKey(orgId: string, key: RoleKey): Promise<Role> {
    const builtIn = ofTheHub(key);
    if (builtIn) return builtIn;
    const row = await RoleModel.findOne({ where: { orgId, id: key } });
    if (!row) throw new NotFound('This role');
    return this.present(row);
  }

  async present(row: RoleModel): Promise<Role> {
    const { id, name, description, version } = row;
    const held = await this.permissionsOf(row.orgId, [id]);
    return { id, name, description, isBuiltIn: false, permissions: held.get(id) ?? [], version };
  }

  async permissionsOf(orgId: string, roleIds: readonly string[]): Promise<Map<string, Permissions>> {
    const byRole = new Map<string, Permissions>(roleIds.map((id) => [id, []]));
    if (roleIds.length === 0) return byRole;
    const rows = await RolePermissionModel.findAll({ where: { orgId, roleId: [...roleIds] }, order: ['permission'] });
    for (const { roleId, permission, scope } of rows) byRole.get(roleId)?.push({ permission, scope });
    return byRole;
  }

  /** Names by key; keys of roles that are no more are left out. */
  async namesOf(orgId: string, keys: readonly RoleKey[]): Promise<Map<string, string>> {
    const ids = keys.filter((key) => !isBuiltIn(key));
    const rows = ids.length === 0 ? [] : await RoleModel.findAll({ where: { orgId, id: ids } });
    return new Map([
      ...keys.filter(isBuiltIn).map((key): [string, string] => [key, key]),
      ...rows.map(({ id, name }): [string, string] => [id, name]),
    ]);
  }
}

/** A built-in role as the wire shows it. */
export function ofTheHub(key: string): Role | undefined {
  const scopes = builtInScopes(key);
  if (!scopes || !isBuiltIn(key)) return undefined;
  return {
    id: key,
    name: key,
    description: TITLES[key],
    isBuiltIn: true,
    permissions: [...scopes].map(([permission, scope]) => ({ permission, scope })),
    version: 0,
  };
}

/** Permissions that a room took away with an update of the hub count no more. */
export const scopesOf = (permissions: Permissions): RoleScopes =>
  new Map(
    permissions.flatMap(({ permission, scope }) => (isPermission(permission) ? [[permission, scope] as const] : [])),
  );
