import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { builtInRoles, scopes } from './kit/permissions';
import { Id, Instant, ShortText } from './kit/values';

/** A built-in role by its name, a custom one by its id. */
export const RoleKey = z.union([z.enum(builtInRoles), Id]);
export type RoleKey = z.infer<typeof RoleKey>;

/** Permissions of one role, each with how far it reaches. */
export const RolePermissions = z.array(
  z.strictObject({ permission: z.string().min(3).max(80), scope: z.enum(scopes) }),
);

export const Role = z.object({
  id: RoleKey,
  name: z.string(),
  description: z.string(),
  isBuiltIn: z.boolean(),
  permissions: RolePermissions,
  /** Built-in roles change with the hub, and stand at 0. */
  version: z.number().int(),
});
export type Role = z.infer<typeof Role>;

/** A role that somebody holds. */
export const HeldRole = z.object({
  role: RoleKey,
  name: z.string(),
  /** Where it counts; null: at the person’s home branch, wherever that is. */
  branchId: Id.nullable(),
  grantedAt: Instant,
  grantedBy: Id.nullable(),
  /** From then on it counts no more. */
  expiresAt: Instant.nullable(),
});
export type HeldRole = z.infer<typeof HeldRole>;
export const HeldRoles = z.object({ userId: Id, roles: z.array(HeldRole) });
export type HeldRoles = z.infer<typeof HeldRoles>;

const description = z.string().trim().max(500);
export const NewRole = z.strictObject({
  name: ShortText,
  description: description.default(''),
  permissions: RolePermissions.max(500).default([]),
});
export const RoleChange = z
  .strictObject({ name: ShortText, description })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const RoleGrant = z.strictObject({
  role: RoleKey,
  branchId: Id.nullable().default(null),
  expiresAt: Instant.nullable().default(null),
});

const roleParams = z.object({ roleId: RoleKey });
const manage = { permission: 'roles.manage' } as const;
const custom = { ...manage, feature: 'custom-roles' } as const;

/** Rows about roles, and about who holds them. */
export const roleRows = {
  roles: list('/roles', {
    permission: 'roles.read',
    query: PageQuery,
    returns: Role,
    summary: 'List the roles: the built-in ones first, then the organisation’s own by name',
  }),
  role: get('/roles/:roleId', {
    permission: 'roles.read',
    params: roleParams,
    returns: Role,
    summary: 'Read one role with its permissions',
  }),
  makeRole: create('/roles', {
    ...custom,
    body: NewRole,
    returns: Role,
    errors: ['ROLE_NAME_TAKEN'],
    summary: 'Make a role of the organisation’s own; it cannot hold what its maker lacks',
  }),
  changeRole: patch('/roles/:roleId', {
    ...custom,
    params: roleParams,
    body: RoleChange,
    returns: Role,
    versioned: true,
    errors: ['ROLE_NAME_TAKEN'],
    summary: 'Rename or describe a custom role',
  }),
  setRolePermissions: put('/roles/:roleId/permissions', {
    ...custom,
    params: roleParams,
    body: z.strictObject({ permissions: RolePermissions.max(500) }),
    returns: Role,
    versioned: true,
    summary: 'Say what a custom role may do; in force everywhere within two seconds',
  }),
  // Without the feature: whoever leaves the plan must still be able to close what it opened.
  removeRole: remove('/roles/:roleId', {
    ...manage,
    params: roleParams,
    versioned: true,
    errors: ['ROLE_IN_USE'],
    summary: 'Remove a custom role that nobody holds',
  }),
  rolesOf: get('/users/:userId/roles', {
    permission: 'roles.read',
    returns: HeldRoles,
    summary: 'Which roles a person holds, where, and until when',
  }),
  grantRole: act('/users/:userId/roles', {
    ...manage,
    body: RoleGrant,
    returns: HeldRoles,
    errors: ['OWNER_IMMUTABLE'],
    summary: 'Give somebody a role; nobody gives himself one, or more than he holds',
  }),
  revokeRole: remove('/users/:userId/roles', {
    ...manage,
    query: z.strictObject({ role: RoleKey, branchId: Id.optional() }),
    errors: ['OWNER_IMMUTABLE', 'LAST_ADMIN'],
    summary: 'Take a role away; the last administrator stays',
  }),
};
