import type { Role } from '@loro/contracts/access-roles';
import type { Scope } from '@loro/contracts/kit/permissions';

export interface PermissionGroup {
  readonly area: string;
  readonly permissions: Role['permissions'];
}

/** By area, both in the order of the alphabet. */
export function grouped(permissions: Role['permissions']): readonly PermissionGroup[] {
  const sorted = permissions.toSorted((a, b) => (a.permission < b.permission ? -1 : 1));
  const areas = [...new Set(sorted.map(({ permission }) => areaOf(permission)))];
  return areas.map((area) => ({ area, permissions: sorted.filter(({ permission }) => areaOf(permission) === area) }));
}

const areaOf = (permission: string): string => permission.split('.')[0] ?? permission;

/** `people.read-details` reads as "read details" below its area. */
export const verbOf = (permission: string): string => permission.split('.').slice(1).join(' ').replaceAll('-', ' ');

export function areaTitle(area: string): string {
  const words = area.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Narrowest first. */
export const scopes = ['own', 'team', 'branch', 'subtree', 'org'] as const satisfies readonly Scope[];

export const scopeTitles: Readonly<Record<Scope, string>> = {
  own: 'own',
  team: 'own team',
  branch: 'branch',
  subtree: 'branch and below',
  org: 'whole organisation',
};
