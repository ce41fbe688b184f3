/**
 * Writes `src/tables.ts` from the catalog of contracts: what the SDK must know at run time (names, methods, paths,
 * kinds, stream classes, namespaces), without the schemas. `--check` compares and writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '@loro/contracts/catalog';
import type { Endpoint } from '@loro/contracts/kit/api';
import type { Contract } from '@loro/contracts/kit/contract';
import { z } from 'zod';
import { camel, reservedNames } from '../src/names';

const target = join(__dirname, '../src/tables.ts');

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
    ...(live && {
      live: {
        namespace: live.namespace,
        streams: Object.fromEntries(Object.entries(live.streams).map(([kind, { class: name }]) => [kind, name])),
        calls: Object.keys(live.calls),
        events: Object.fromEntries(Object.entries(live.events).map(([name, event]) => [name, event.stream])),
      },
    }),
  };
}

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

const contractOf = (room: Contract): string => `${camel(room.name)}Contract`;
const tables = Object.fromEntries(reachable.map((room) => [room.name, tableOf(room)]));

const text = `// Written by scripts/make-tables.ts from the contracts. Do not edit: run \`npm run tables -w @loro/client\`.
${reachable.map((room) => `import type { ${contractOf(room)} } from '@loro/contracts/${room.name}';`).join('\n')}
import type { ModuleTable } from './names';

/** The contract of every module that a client can reach. */
export interface Contracts {
${reachable.map((room) => `  readonly ${/^\w+$/.test(room.name) ? room.name : `'${room.name}'`}: typeof ${contractOf(room)};`).join('\n')}
}

/** What the SDK must know of them at run time. */
export const tables: { readonly [Name in keyof Contracts]: ModuleTable } = ${literal(tables)};
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(
      'client-sdk/src/tables.ts is not what the contracts say: run `npm run tables -w @loro/client`.\n',
    );
    process.exitCode = 1;
  }
} else writeFileSync(target, text);
