import type { Permission } from '@loro/contracts/catalog';
import { type Actor, reachOf } from '../../platform';

/** Whose rows somebody sees: those of these branches and these people; null for everything of the organisation. */
export type Scope = { readonly branchIds: readonly string[]; readonly userIds: readonly string[] } | null;

/** @throws Forbidden */
export function scopeOf(actor: Actor, permission: Permission): Scope {
  const { scope, branchIds, userIds = [] } = reachOf(actor, permission);
  if (scope === 'org') return null;
  const isOfBranches = scope === 'branch' || scope === 'subtree';
  return { branchIds: isOfBranches ? [...branchIds] : [], userIds: [actor.userId, ...userIds] };
}

/** The same as a condition of SQL; `:scopeBranches` and `:scopeUsers` are among `scopeValues`. */
export const scopeSql = (scope: Scope, { branch, user }: { branch: string; user: string }): string =>
  scope === null ? 'TRUE' : `(${branch} IN (:scopeBranches) OR ${user} IN (:scopeUsers))`;

export const scopeValues = (scope: Scope): Record<string, string[]> =>
  scope === null
    ? {}
    : // A list without anything in it is no SQL, and no id is empty.
      { scopeBranches: [...scope.branchIds, ''], scopeUsers: [...scope.userIds, ''] };
