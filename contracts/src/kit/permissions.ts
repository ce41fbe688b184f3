/** How far a permission reaches, narrowest first; each holds the ones before it. */
export const scopes = ['own', 'team', 'branch', 'subtree', 'org'] as const;
export type Scope = (typeof scopes)[number];

export const builtInRoles = [
  'platform_admin',
  'owner',
  'admin',
  'hr',
  'finance',
  'manager',
  'sales',
  'warehouse',
  'staff',
  'reseller',
  'client',
  'auditor',
] as const;
export type BuiltInRole = (typeof builtInRoles)[number];

export interface PermissionDefinition {
  readonly description: string;
  /** Reaches beyond one organisation: only the roles named in `grants` hold it, whatever else they hold. */
  readonly isHubWide?: true;
  /** The scope each built-in role holds it with; owner and admin hold every permission of their organisation. */
  readonly grants: Partial<Record<BuiltInRole, Scope>>;
}

/** Declares permissions, named `<area>.<verb>`. */
export const permissions = <const P extends Record<`${string}.${string}`, PermissionDefinition>>(definitions: P): P =>
  definitions;
