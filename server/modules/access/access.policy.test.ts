import { catalog, type Permission } from '@loro/contracts/catalog';
import { builtInRoles, type Scope } from '@loro/contracts/kit/permissions';
import { beyond, beyondAnywhere, builtInScopes, grantsOf, type RoleAt } from './access.policy';

const role = (scopes: Partial<Record<Permission, Scope>>, at: Partial<Omit<RoleAt, 'scopes'>> = {}): RoleAt => ({
  // An object of permissions has permissions for keys.
  scopes: new Map(Object.entries(scopes) as [Permission, Scope][]),
  branchIds: [],
  subtreeIds: [],
  teamIds: [],
  ...at,
});

describe('what roles add up to', () => {
  it('is the widest scope of each permission, over the branches of every role that holds it', () => {
    const grants = grantsOf([
      role({ 'branches.read': 'branch', 'check-ins.read': 'own' }, { branchIds: ['A'], subtreeIds: ['A', 'A1'] }),
      role({ 'branches.read': 'subtree' }, { branchIds: ['B'], subtreeIds: ['B', 'B1'] }),
    ]);

    expect(grants.get('branches.read')).toEqual({ scope: 'subtree', branchIds: new Set(['A', 'B', 'B1']) });
    expect(grants.get('check-ins.read')).toEqual({ scope: 'own', branchIds: new Set() });
    expect(grants.has('branches.manage')).toBe(false);
  });

  it('keeps the people of a team beside the branches that another role brings', () => {
    const grants = grantsOf([
      role({ 'check-ins.read': 'team' }, { branchIds: ['A'], teamIds: ['U', 'V'] }),
      role({ 'check-ins.read': 'branch' }, { branchIds: ['B'] }),
    ]);

    expect(grants.get('check-ins.read')).toEqual({
      scope: 'branch',
      branchIds: new Set(['B']),
      userIds: new Set(['U', 'V']),
    });
  });
});

describe('what one may give', () => {
  const grants = grantsOf([
    role(
      { 'branches.read': 'subtree', 'check-ins.read': 'branch', 'people.read': 'org', 'reports.run': 'own' },
      {
        branchIds: ['B'],
        subtreeIds: ['B', 'B1'],
      },
    ),
  ]);
  const at = (scope: Scope, branchIds: string[], subtreeIds = branchIds) =>
    beyond(grants, role({ 'branches.read': scope }, { branchIds, subtreeIds }));

  it('is what one holds, where one holds it', () => {
    expect(at('branch', ['B1'])).toEqual([]);
    expect(at('subtree', ['B'], ['B', 'B1'])).toEqual([]);
    expect(at('own', ['C'])).toEqual([]);
    expect(beyond(grants, role({ 'people.read': 'org' }))).toEqual([]);
  });

  it('is nothing elsewhere, wider, or of what one lacks', () => {
    expect(at('branch', ['C'])).toEqual(['branches.read']);
    expect(at('subtree', ['B'], ['B', 'B1', 'B2'])).toEqual(['branches.read']);
    expect(at('branch', [])).toEqual(['branches.read']);
    expect(at('org', ['B'])).toEqual(['branches.read']);
    expect(at('team', ['B'])).toEqual(['branches.read']);
    expect(beyond(grants, role({ 'branches.manage': 'own' }))).toEqual(['branches.manage']);
  });

  it('holds of a role as such by its scopes alone', () => {
    expect(beyondAnywhere(grants, role({ 'branches.read': 'subtree', 'reports.run': 'own' }).scopes)).toEqual([]);
    expect(beyondAnywhere(grants, role({ 'check-ins.read': 'subtree', 'reports.run': 'branch' }).scopes)).toEqual([
      'check-ins.read',
      'reports.run',
    ]);
  });
});

describe('the built-in roles', () => {
  const permissions = catalog.flatMap((contract) => Object.entries(contract.permissions ?? {}));

  it('let owner and admin do everything of their organisation, and nothing beyond it', () => {
    for (const name of ['owner', 'admin'])
      expect(Object.fromEntries(builtInScopes(name) ?? [])).toEqual(
        Object.fromEntries(
          permissions.filter(([, { isHubWide }]) => !isHubWide).map(([permission]) => [permission, 'org']),
        ),
      );
  });

  it('let the auditor read everything of the organisation', () => {
    const unseen = permissions
      .filter(([name, { isHubWide }]) => name.endsWith('.read') && !isHubWide)
      .filter(
        ([name]) => ![...(builtInScopes('auditor') ?? [])].some(([held, scope]) => held === name && scope === 'org'),
      );

    expect(unseen.map(([name]) => name)).toEqual([]);
  });

  it('let everybody use their own account', () => {
    for (const name of builtInRoles) expect(builtInScopes(name)?.has('account.secure')).toBe(true);
  });
});
