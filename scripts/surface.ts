import { catalog } from '@loro/contracts/catalog';
import type { Contract } from '@loro/contracts/kit/contract';
import { controlEvents } from '@loro/contracts/kit/session';
import type { z } from 'zod';
import type { Direction, JsonSchema } from '../server/platform/docs/json-schema';
import { pascal, Shapes } from '../server/platform/docs/shapes';
import { conclude, type Made, settle } from './written';

export const SURFACE = 'contracts/surface';

/** The whole wire as JSON, a file a room; words for people are left out, so that a diff here is a change for callers. */
export function surfaces(rooms: readonly Contract[] = catalog): Made {
  const made = rooms.map((room) => [`${SURFACE}/${room.name}.json`, print(surfaceOf(room, rooms))] as const);
  return new Map([...made, [`${SURFACE}/session.json`, print(session(rooms))]]);
}

function surfaceOf({ name: room, api, live, jobs, errors, permissions }: Contract, rooms: readonly Contract[]): object {
  const { shape, finish } = shaper(rooms);
  return finish({
    endpoints: mapValues(api?.endpoints, ({ method, path, kind, status, access, versioned, ...row }, name) => ({
      call: `${method} ${api?.prefix ?? ''}${path}`,
      answers: `${status} ${kind}`,
      access,
      versioned,
      query: shape(row.query, 'input', `${room} ${name} query`),
      body: shape(row.body, 'input', `${room} ${name} body`),
      returns: shape(row.returns, 'output', `${room} ${name}`),
      errors: row.errors.toSorted(),
    })),
    namespace: live?.namespace,
    streams: mapValues(live?.streams, ({ class: streamClass, permission }) => ({ class: streamClass, permission })),
    calls: mapValues(live?.calls, ({ access, input, output, errors: codes }, name) => ({
      access,
      input: shape(input, 'input', `${name} input`),
      output: shape(output, 'output', `${name} reply`),
      errors: codes.toSorted(),
    })),
    events: mapValues(live?.events, ({ stream, data }, name) => ({
      stream,
      data: shape(data, 'output', `${name} data`),
    })),
    jobs: Object.fromEntries(
      (jobs ?? []).map(({ name, payload, attempts }) => [
        name,
        { attempts, payload: shape(payload, 'output', `${name} job`) },
      ]),
    ),
    errors: mapValues(errors, ({ status }) => status),
    permissions: mapValues(permissions, ({ grants }) => grants),
  });
}

function session(rooms: readonly Contract[]): object {
  const { shape, finish } = shaper(rooms);
  return finish({
    fromServer: mapValues(controlEvents.fromServer, (schema: z.ZodType, name) => shape(schema, 'output', name)),
    fromClient: mapValues(controlEvents.fromClient, ({ input, output }, name) => ({
      input: shape(input, 'input', `${name} input`),
      output: shape(output, 'output', `${name} reply`),
    })),
  });
}

/** Schemas stand once, below `shapes`, so that a changed field is one changed line. */
function shaper(rooms: readonly Contract[]) {
  const shapes = new Shapes(rooms, '#/shapes/');
  return {
    shape: (schema: z.ZodType | undefined, io: Direction, name: string) =>
      schema === undefined ? undefined : shapes.ref(schema, io, pascal(name)),
    finish: (table: JsonSchema): object => {
      const { document, schemas } = shapes.finish(table);
      return { ...document, shapes: schemas };
    },
  };
}

function mapValues<T, R>(
  table: Readonly<Record<string, T>> | undefined,
  change: (value: T, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(table ?? {}).map(([key, value]) => [key, change(value, key)]));
}

const print = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`;

/** The same keys in the same order however the contract is written; lists keep their order, which may mean something. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}

if (require.main === module) conclude(settle(surfaces(), { check: process.argv.includes('--check'), owned: SURFACE }));
