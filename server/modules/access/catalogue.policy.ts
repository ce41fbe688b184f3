import type { AccessRule } from '@loro/contracts/access-explain';
import { catalog } from '@loro/contracts/catalog';
import type { Access } from '@loro/contracts/kit/api';
import type { Demands } from '@loro/contracts/kit/demands';
import { builtInRoles } from '@loro/contracts/kit/permissions';
import { scopeOf } from './access.policy';

/** A route, a call or a kind of stream of the catalogue, as far as access asks. */
export interface Row {
  readonly name: string;
  readonly kind: AccessRule['kind'];
  readonly room: string;
  readonly summary: string;
  readonly permission: string | undefined;
  readonly public: string | undefined;
  readonly demands: Demands;
}

const accessOf = (access: Access): Pick<Row, 'permission' | 'public'> => ({
  permission: 'permission' in access ? access.permission : undefined,
  public: 'public' in access ? access.public : undefined,
});

const declared: readonly Row[] = catalog
  .flatMap(({ name: room, api, live }): Row[] => [
    ...Object.values(api?.endpoints ?? {}).map(({ method, path, access, demands, summary }): Row => {
      const name = `${method} ${api?.prefix ?? ''}${path === '/' ? '' : path}`;
      return { name, kind: 'route', room, summary, demands, ...accessOf(access) };
    }),
    ...Object.entries(live?.calls ?? {}).map(([call, { access, demands, summary }]): Row => {
      return { name: `${live?.namespace ?? ''} ${call}`, kind: 'call', room, summary, demands, ...accessOf(access) };
    }),
    ...Object.entries(live?.streams ?? {}).map(([kind, { permission, demands, summary }]): Row => {
      const name = `${live?.namespace ?? ''} stream ${kind}`;
      return { name, kind: 'stream', room, summary, demands, permission, public: undefined };
    }),
  ])
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));

// Rooms that tell the same people share a kind of stream; the boot has checked that nothing else is declared twice.
const rows: readonly Row[] = [...new Map(declared.toReversed().map((row) => [row.name, row])).values()].toReversed();

type Asked = { readonly [K in 'method' | 'path' | 'namespace' | 'call']?: string | undefined };

/** The row that a request or a call comes to. */
export function rowOf({ method, path = '', namespace, call }: Asked): Row | undefined {
  if (method === undefined) return rows.find(({ kind, name }) => kind === 'call' && name === `${namespace} ${call}`);
  const asked = path.replace(/^\/api\/v1(?=\/)/, '').replace(/\?.*$/, '');
  const matching = rows.filter(({ kind, name }) => kind === 'route' && matches(name, `${method} ${asked}`));
  // As the router does: a row without parameters wins.
  return matching.find(({ name }) => !name.includes(':')) ?? matching[0];
}

function matches(pattern: string, asked: string): boolean {
  const parts = pattern.split('/');
  const given = asked.split('/');
  return parts.length === given.length && parts.every((part, at) => part.startsWith(':') || part === given[at]);
}

const definitions = new Map(catalog.flatMap(({ permissions }) => Object.entries(permissions ?? {})));

let made: readonly AccessRule[] | undefined;

/** Every rule there is, by name. */
export const rules = (): readonly AccessRule[] => (made ??= rows.map(ruleOf));

function ruleOf({ name, kind, room, summary, permission, public: reason, demands }: Row): AccessRule {
  const definition = definitions.get(permission ?? '');
  const roles = Object.fromEntries(
    builtInRoles.flatMap((role) => {
      const scope = definition && scopeOf(role, definition);
      return scope === undefined ? [] : [[role, scope]];
    }),
  );
  return {
    row: name,
    kind,
    room,
    summary,
    permission: permission ?? null,
    public: reason ?? null,
    feature: demands.feature ?? null,
    flag: demands.flag ?? null,
    license: demands.license ?? 'working',
    needsFreshSignIn: demands.freshSignIn ?? false,
    isOpenToApiKeys: demands.apiKey ?? false,
    roles,
  };
}
