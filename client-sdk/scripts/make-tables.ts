/**
 * Writes `src/entries/*.ts`, one a module, and `src/tables.ts` from the catalog of contracts: what the SDK must know at run time
 * (names, methods, paths, kinds, namespaces), without the schemas. `--check` compares and writes nothing.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '@loro/contracts/catalog';
import type { Endpoint } from '@loro/contracts/kit/api';
import type { Contract } from '@loro/contracts/kit/contract';
import { z } from 'zod';
import { camel, reservedNames } from '../src/names';

const SOURCE = join(__dirname, '../src');
/** Modules whose client has more than its table; their entry point is written by hand, on top of what is made here. */
const EXTENDED = new Set(['tracking']);

const auth = catalog.find(({ name }) => name === 'auth');
/** Modules that a client can reach; the others have rules but no door. */
const reachable = catalog
  .filter((room) => room.api !== undefined || room.live !== undefined)
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));

const fieldsOf = (schema: z.ZodType): string[] => {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties);
};

const paramsOf = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

function endpointRow(where: string, { method, path, kind, query, body, access }: Endpoint): unknown[] {
  const queryFields = query ? fieldsOf(query) : [];
  const given = [...paramsOf(path), ...queryFields, ...(body ? fieldsOf(body) : [])];
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  // The SDK takes one flat object; two places for one name could not be told apart.
  if (twice !== undefined) throw new Error(`${where}: \`${twice}\` is named twice among path, query and body`);
  const more = { ...('public' in access && { open: true }), ...(query && body && { query: queryFields }) };
  return Object.keys(more).length > 0 ? [method, path, kind, more] : [method, path, kind];
}

function tableOf(room: Contract): object {
  const endpoints = Object.entries(room.api?.endpoints ?? {}).map(([name, endpoint]): [string, unknown[]] => {
    if (reservedNames.includes(name)) throw new Error(`${room.name}.${name}: the SDK has a method of this name`);
    return [name, endpointRow(`${room.name}.${name}`, endpoint)];
  });
  const { live } = room;
  return {
    ...(room.api && { prefix: room.api.prefix, endpoints: Object.fromEntries(endpoints) }),
    ...(live && { live: { namespace: live.namespace, calls: twinsOf(room, Object.keys(live.calls)) } }),
  };
}

/** `check-in:start` and `POST …` of the endpoint `start` are the same command. */
const twinsOf = (room: Contract, calls: readonly string[]): Record<string, string | null> =>
  Object.fromEntries(
    calls.map((call) => {
      const name = camel(call.slice(call.indexOf(':') + 1));
      return [call, room.api?.endpoints[name]?.method === 'POST' ? name : null];
    }),
  );

/** A value as TypeScript: objects a line a property, arrays and what is in them on one line. */
function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map((item) => literal(item).replaceAll(/,?\n\s*/g, ' ')).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const deeper = `${indent}  `;
  const rows = Object.entries(value).map(
    ([name, item]) => `${deeper}${/^\w+$/.test(name) ? name : `'${name}'`}: ${literal(item, deeper)},\n`,
  );
  return rows.length === 0 ? '{}' : `{\n${rows.join('')}${indent}}`;
}

const HEAD =
  '// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.\n';
/** Which rows those are is seen by their answers. */
function withoutSessions(endpoints: Record<string, Endpoint>): Record<string, Endpoint> {
  const gives = ({ returns }: Endpoint): boolean =>
    JSON.stringify(returns ? z.toJSONSchema(returns, { unrepresentable: 'any' }) : '').includes('"accessToken"');
  return Object.fromEntries(Object.entries(endpoints).filter(([name, row]) => !gives(row) && name !== 'signOut'));
}

const contractOf = (name: string): string => `${camel(name)}Contract`;
const CONTRACTS = join(__dirname, '../../contracts/src');
/** The file of a contract; a folder's second subject stands beside its first, under a name that says so. */
const fileOf = (name: string): string => {
  const file = readdirSync(CONTRACTS).find(
    (one) =>
      one.endsWith('.ts') &&
      readFileSync(join(CONTRACTS, one), 'utf8').includes(`export const ${contractOf(name)} = contract(`),
  );
  if (file === undefined) throw new Error(`no file of contracts/src makes ${contractOf(name)}`);
  return file.slice(0, -'.ts'.length);
};
const constantOf = (name: string): string => (EXTENDED.has(name) ? `${camel(name)}Base` : camel(name));

const entryOf = (
  room: Contract,
): string => `${HEAD}import type { ${contractOf(room.name)} } from '@loro/contracts/${fileOf(room.name)}';
import { defineModule } from '../module';

export const ${constantOf(room.name)} = defineModule<typeof ${contractOf(room.name)}>(${literal(tableOf(room))});
`;

/** Rows that give a session belong to `hub.auth`; the others of the room are a module of their own. */
const account: Contract = {
  name: 'auth',
  ...(auth?.api && { api: { ...auth.api, endpoints: withoutSessions(auth.api.endpoints) } }),
  ...(auth?.live && { live: auth.live }),
};
const names = reachable.map(({ name }) => name);
const plain = names.filter((name) => name !== 'auth' && !EXTENDED.has(name));
const index = `${HEAD}${names.map((name) => `import type { ${contractOf(name)} } from '@loro/contracts/${fileOf(name)}';`).join('\n')}
import { account } from './entries/account';
${plain.map((name) => `import { ${camel(name)} } from './entries/${name}';`).join('\n')}

/** The contract of every module that a client can reach. */
export interface Contracts {
${names.map((name) => `  readonly ${/^\w+$/.test(name) ? name : `'${name}'`}: typeof ${contractOf(name)};`).join('\n')}
}

/** The modules that need nothing but their table. */
export const modules: {
${['account', ...plain.map(camel)].map((name) => `  readonly ${name}: typeof ${name};`).join('\n')}
} = { account, ${plain.map(camel).join(', ')} };
`;

const accountEntry = entryOf(account).replace('export const auth ', 'export const account ');
const files = new Map<string, string>([['tables.ts', index]]);
for (const room of reachable) if (room.name !== 'auth') files.set(`entries/${room.name}.ts`, entryOf(room));
files.set('entries/account.ts', accountEntry);
const stale = readdirSync(join(SOURCE, 'entries')).filter((file) => !files.has(`entries/${file}`));

if (process.argv.includes('--check')) {
  const wrong = [...files].filter(([file, text]) => readOr(join(SOURCE, file)) !== text).map(([file]) => file);
  for (const file of [...wrong, ...stale.map((name) => `entries/${name}`)]) {
    process.stderr.write(
      `client-sdk/src/${file} is not what the contracts say: run \`npm run tables -w @loro/client\`.\n`,
    );
    process.exitCode = 1;
  }
} else {
  mkdirSync(join(SOURCE, 'entries'), { recursive: true });
  for (const file of stale) rmSync(join(SOURCE, 'entries', file));
  for (const [file, text] of files) writeFileSync(join(SOURCE, file), text);
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
