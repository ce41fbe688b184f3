import type { Role } from '@loro/contracts/access-roles';
import { hub } from '../../app/hub';
import { useMe, usePermission } from '../../app/session';
import { useRequest } from '../../app/use-request';
import { givable } from './reach';

/** The roles that the signed-in person may give, as far as the hub tells which there are. */
export function useGivableRoles(): readonly Role[] {
  const me = useMe();
  const mayRead = usePermission('roles.read');
  const request = useRequest(`roles ${mayRead}`, async () => (mayRead ? readAll() : []));
  return request.state === 'ready' ? givable(me, request.data) : [];
}

/** A built-in role is named as it is written in the contract. */
export function roleName(name: string): string {
  if (name === 'hr') return 'HR';
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

async function readAll(): Promise<Role[]> {
  const roles: Role[] = [];
  for await (const { data } of hub.access.pages('roles', { limit: 200 })) roles.push(...data);
  return roles;
}
