import { z } from 'zod';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What a caller sends is `input`, what it gets back is `output`: defaults and coercions make the two differ. */
export type Direction = 'input' | 'output';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// These formats are defined by JSON Schema itself; the long patterns that zod puts beside them only hide the fields.
const KNOWN_FORMATS = new Set(['date', 'date-time', 'time', 'email', 'uri', 'uuid']);

const schemaOptions = (io: Direction) =>
  ({ io, target: 'draft-2020-12', unrepresentable: 'any', override: tidy }) as const;

function tidy({
  zodSchema,
  jsonSchema: made,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if (made.format !== undefined && KNOWN_FORMATS.has(made.format)) delete made.pattern;
  if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
  if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
  // Answers may gain fields; only what was declared strict is closed.
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined) delete made.additionalProperties;
}

/** One schema on its own, nothing referred to from outside. */
export function jsonSchema(schema: z.ZodType, io: Direction): JsonSchema {
  return without(z.toJSONSchema(schema, schemaOptions(io)), ['$schema', '~standard']);
}

/** The schemas of a registry by id; where one holds another it says `{ $ref: uri(id) }`. */
export function jsonSchemas(
  registry: z.core.$ZodRegistry<{ id: string }>,
  io: Direction,
  uri: (id: string) => string,
): Record<string, JsonSchema> {
  const { __shared, ...named } = z.toJSONSchema(registry, { ...schemaOptions(io), uri }).schemas;
  const shared = isRecord(__shared?.['$defs']) ? __shared['$defs'] : {};
  const all = { ...named, ...shared };
  return Object.fromEntries(
    Object.entries(all).map(([id, schema]) => {
      const body = isRecord(schema) ? schema : {};
      return [
        id,
        mapRefs(without(body, ['$schema', '$id', '~standard']), (ref) =>
          ref.replace(`${uri('__shared')}#/$defs/`, uri('')),
        ),
      ];
    }),
  );
}

const without = (schema: JsonSchema, keywords: readonly string[]): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));

/** A copy of `value` with every `$ref` in it passed through `change`. */
export function mapRefs<T>(value: T, change: (ref: string) => string): T {
  return JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    key === '$ref' && typeof part === 'string' ? change(part) : part,
  );
}

export function refsOf(value: unknown): string[] {
  const found: string[] = [];
  mapRefs(value ?? null, (ref) => {
    found.push(ref);
    return ref;
  });
  return found;
}

export interface Field {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
}

/** A schema as flat lines for people: `position.lat`, `fixes[].n`. */
export function fieldsOf(schema: JsonSchema, path = ''): Field[] {
  const variants = [schema['oneOf'], schema['anyOf']].find(Array.isArray)?.filter(isRecord) ?? [];
  const objects = variants.filter((variant) => variant['type'] !== 'null');
  if (objects.length > 0) return merged(objects.map((variant) => fieldsOf(variant, path)));
  if (isRecord(schema['items'])) return fieldsOf(schema['items'], `${path}[]`);
  if (!isRecord(schema['properties'])) return [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(schema['properties']).flatMap(([name, property]) => {
    const part = isRecord(property) ? property : {};
    const here = path === '' ? name : `${path}.${name}`;
    return [{ path: here, type: typeOf(part), required: required.includes(name) }, ...fieldsOf(part, here)];
  });
}

/** Variants side by side: a field is always present only where every variant has it. */
function merged(variants: Field[][]): Field[] {
  const all = variants.flat();
  return [...new Set(all.map(({ path }) => path))].map((path) => {
    const same = all.filter((field) => field.path === path);
    return {
      path,
      type: [...new Set(same.map(({ type }) => type))].join(' or '),
      required: same.length === variants.length && same.every(({ required }) => required),
    };
  });
}

/** A schema's type in a few words: `string (date-time)`, `integer 1…200`, `one of a, b`. */
export function typeOf(schema: JsonSchema): string {
  const variants = [schema['oneOf'], schema['anyOf']].find(Array.isArray)?.filter(isRecord);
  if (variants !== undefined) return [...new Set(variants.map(typeOf))].join(' or ');
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].map(String).join(', ')}`;
  if (isRecord(schema['items'])) return `list of ${typeOf(schema['items'])}`;
  if (Array.isArray(schema['prefixItems'])) {
    return `[${schema['prefixItems'].map((item) => typeOf(isRecord(item) ? item : {})).join(', ')}]`;
  }
  if (typeof schema['$ref'] === 'string') return 'the same again';
  const { type = 'any' } = schema;
  return [Array.isArray(type) ? type.join(' or ') : wordOf(type), formatOf(schema), rangeOf(schema)]
    .filter((part) => part !== '')
    .join(' ');
}

const formatOf = ({ format }: JsonSchema): string => (typeof format === 'string' ? `(${format})` : '');

function rangeOf(schema: JsonSchema): string {
  const low = wordOf(schema['minimum'] ?? schema['minLength']);
  const high = wordOf(schema['maximum'] ?? schema['maxLength']);
  return low === '' && high === '' ? '' : `${low}…${high}`;
}

const wordOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? `${value}` : '');
