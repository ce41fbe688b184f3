import type { Permission } from '@loro/contracts/catalog';
import { type Actor, Forbidden, HubError, NotFound, reachOf } from '../../platform';

/** How far somebody sees rows that belong to a person and a branch, as a condition of a statement. */
export function reachSql(
  actor: Actor,
  permission: Permission,
  { user = 'user_id', branch = 'branch_id' } = {},
): { readonly sql: string; readonly values: Record<string, unknown> } {
  const { scope, branchIds, userIds } = reachOf(actor, permission);
  const values = {
    reachOrg: actor.orgId,
    reachSelf: actor.userId,
    reachBranches: listOf(branchIds),
    reachUsers: listOf(userIds),
  };
  if (scope === 'org') return { sql: '1 = 1', values };
  const parts = [
    `${user} = :reachSelf`,
    `${user} IN (:reachUsers)`,
    ...(scope === 'branch' || scope === 'subtree' ? [`${branch} IN (:reachBranches)`] : []),
  ];
  return { sql: `(${parts.join(' OR ')})`, values };
}

const listOf = (ids: ReadonlySet<string> | undefined): string[] => (ids && ids.size > 0 ? [...ids] : ['']);

/** Nobody decides about what he asked for himself. @throws Forbidden SELF_APPROVAL */
export function mustBeAnother(actor: Actor, userId: string): void {
  if (actor.userId === userId) throw new Forbidden('SELF_APPROVAL', 'Somebody else has to decide about this.');
}

/** @throws HubError VERSION_CONFLICT */
export function mustStand<T extends { readonly version: number }>(current: T, version: number): void {
  if (current.version === version) return;
  throw new HubError('VERSION_CONFLICT', 'Somebody changed this meanwhile.', { current });
}

/** @throws NotFound */
export function found<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new NotFound(what);
  return row;
}
