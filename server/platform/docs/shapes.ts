import type { Contract } from '@loro/contracts/kit/contract';
import { StreamPosition } from '@loro/contracts/kit/api';
import { FieldError, Problem } from '@loro/contracts/kit/problem';
import { Position } from '@loro/contracts/kit/values';
import { z } from 'zod';
import { type Direction, type JsonSchema, isRecord, jsonSchemas, mapRefs, refsOf } from './json-schema';

const mark = (io: Direction, name: string) => `#${io}/${name}`;

/**
 * The schemas of a document, each under one name however often it is used. While a document is written it holds
 * provisional references; `finish` settles the names, because only then is it known which schemas are used both ways.
 */
export class Shapes {
  private readonly registry = z.registry<{ id: string }>();
  private readonly taken = new Set<string>();

  constructor(
    catalog: readonly Contract[],
    private readonly prefix = '#/components/schemas/',
  ) {
    for (const [name, schema] of Object.entries({ Problem, FieldError, StreamPosition, Position })) {
      this.register(schema, name);
    }
    for (const { name: room } of catalog) {
      const exported = exportsOf(room);
      for (const [name, schema] of Object.entries(isRecord(exported) ? exported : {})) {
        if (isNameable(schema)) this.register(schema, name, pascal(room));
      }
    }
  }

  /** A reference to the schema; `name` is used when its author exported it under none. */
  ref(schema: z.ZodType, io: Direction, name: string): JsonSchema {
    this.register(schema, name);
    return { $ref: mark(io, this.nameOf(schema) ?? name) };
  }

  /** The name that the schema's author gave it. */
  nameOf(schema: z.ZodType): string | undefined {
    return this.registry.get(schema)?.id;
  }

  finish(document: JsonSchema): { document: JsonSchema; schemas: Record<string, JsonSchema> } {
    const all = new Map<string, JsonSchema>();
    for (const io of ['input', 'output'] as const) {
      for (const [id, body] of Object.entries(jsonSchemas(this.registry, io, (name) => mark(io, name)))) {
        all.set(mark(io, id), body);
      }
    }
    const used = reachable(document, all);
    const settled = new Map([...used].map((ref) => [ref, this.prefix + nameOf(ref, used, differing(used, all))]));
    const settle = <T>(value: T): T => mapRefs(value, (ref) => settled.get(ref) ?? ref);
    const schemas = [...settled].map(
      ([ref, name]) => [name.slice(this.prefix.length), settle(all.get(ref) ?? {})] as const,
    );
    return {
      document: settle(document),
      schemas: Object.fromEntries(schemas.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  private register(schema: z.ZodType, name: string, room = ''): void {
    if (this.registry.has(schema)) return;
    const id = this.taken.has(name) ? `${room}${name}` : name;
    if (this.taken.has(id)) throw new Error(`Two different schemas are called ${id}: name one of them otherwise`);
    this.taken.add(id);
    this.registry.add(schema, { id });
  }
}

/** `check-in:started` → `CheckInStarted`. */
export const pascal = (text: string): string =>
  text.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function exportsOf(room: string): unknown {
  try {
    // Names exist only as exports, and a room's name is its file's name; the catalog itself holds no names.
    return require(`@loro/contracts/${room}`);
  } catch {
    return {};
  }
}

const isNameable = (value: unknown): value is z.ZodType =>
  value instanceof z.ZodObject || value instanceof z.ZodUnion || value instanceof z.ZodTuple;

const ioOf = (ref: string): Direction => (ref.startsWith('#input/') ? 'input' : 'output');
const idOf = (ref: string): string => ref.slice(ref.indexOf('/') + 1);

function reachable(document: JsonSchema, all: ReadonlyMap<string, JsonSchema>): Set<string> {
  const used = new Set<string>();
  const visit = (value: unknown) => {
    for (const ref of refsOf(value)) {
      if (used.has(ref) || !all.has(ref)) continue;
      used.add(ref);
      visit(all.get(ref));
    }
  };
  visit(document);
  return used;
}

/** Ids that read one way when sent and another when received, in themselves or in what they hold. */
function differing(used: ReadonlySet<string>, all: ReadonlyMap<string, JsonSchema>): Set<string> {
  const ids = [...used].filter((ref) => used.has(mark('output', idOf(ref)))).map(idOf);
  const text = (io: Direction, id: string) => JSON.stringify(mapRefs(all.get(mark(io, id)) ?? {}, idOf));
  const found = new Set(ids.filter((id) => text('input', id) !== text('output', id)));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const id of ids) {
      if (refsOf(all.get(mark('input', id))).some((ref) => found.has(idOf(ref)))) found.add(id);
    }
  }
  return found;
}

function nameOf(ref: string, used: ReadonlySet<string>, differs: ReadonlySet<string>): string {
  const id = idOf(ref);
  const both = used.has(mark('input', id)) && used.has(mark('output', id));
  return both && differs.has(id) && ioOf(ref) === 'input' ? `${id}Input` : id;
}
