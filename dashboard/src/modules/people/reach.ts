import type { Me } from '@loro/contracts/auth';
import type { Role } from '@loro/contracts/access-roles';
import { scopes } from './role-permissions';

interface Thing {
  readonly id?: string;
  readonly homeBranchId: string | null;
}

/** Whether somebody's permission reaches a person; the hub decides, this keeps what it would refuse off the page. */
export function reaches({ user, grants }: Me, permission: string, { id, homeBranchId }: Thing): boolean {
  const grant = grants.find((held) => held.permission === permission);
  if (!grant) return false;
  if (grant.scope === 'org' || id === user.id) return true;
  return homeBranchId !== null && grant.branchIds.includes(homeBranchId);
}

/** Roles that hold nothing which the giver lacks: nobody gives more than he has, and ownership is handed over. */
export function givable({ grants }: Me, roles: readonly Role[]): readonly Role[] {
  const held = new Map(grants.map(({ permission, scope }) => [permission, scopes.indexOf(scope)]));
  return roles.filter(
    ({ id, permissions }) =>
      id !== 'owner' &&
      permissions.every(({ permission, scope }) => (held.get(permission) ?? -1) >= scopes.indexOf(scope)),
  );
}
