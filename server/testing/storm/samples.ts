import type { z } from 'zod';
import { isRecord, type JsonSchema, jsonSchema } from '../../platform/docs/json-schema';
import { ulid } from '../../platform/ulid';

/** Where in an input an id stands. @example 'stops.0.branchId' */
export type Place = string;

export interface SampleOptions {
  /** An id of one's own for a field of this name. */
  readonly own: (field: string) => string;
  /** Stands in every text that takes any, so that it can be found again where it must not be. */
  readonly marker: string;
  /** An id that stands at this place, whatever is optional on the way there. */
  readonly foreign?: { readonly place: Place; readonly id: string } | undefined;
  /** Fields that a schema does not say it needs. */
  readonly also?: Readonly<Record<string, unknown>> | undefined;
}

/** Tried where a field is refused; between them they please most checks that a schema cannot say. */
const CANDIDATES: readonly unknown[] = [
  'someone@example.test',
  'https://example.test/x',
  'Africa/Johannesburg',
  '2027-03-01',
  '2027-03-02',
  '2027-03-01T08:00:00Z',
  '2027-03-02T08:00:00Z',
  '08:00',
  '17:00',
  'USD',
  'ZA',
  'en-ZA',
  '+27831234567',
  'some.key',
  'some-key',
  '123456',
  'a'.repeat(12),
  1,
  true,
  [],
  {},
  null,
];
const REPAIRS = 12;

const isId = (schema: JsonSchema): boolean => schema['format'] === 'ulid';
const list = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const alternatives = (schema: JsonSchema): JsonSchema[] => [...list(schema['anyOf']), ...list(schema['oneOf'])];
const join = (path: Place, key: string): Place => (path === '' ? key : `${path}.${key}`);

/** Every place of a schema where an id is taken. */
export function idPlaces(schema: z.ZodType): Place[] {
  const found = new Set<Place>();
  const look = (at: JsonSchema, path: Place, depth: number): void => {
    if (depth > 8) return;
    if (isId(at)) found.add(path);
    for (const one of [...alternatives(at), ...list(at['allOf'])]) look(one, path, depth + 1);
    if (isRecord(at['properties']))
      for (const [key, inner] of Object.entries(at['properties']))
        if (isRecord(inner)) look(inner, join(path, key), depth + 1);
    for (const [index, inner] of list(at['prefixItems']).entries()) look(inner, join(path, String(index)), depth + 1);
    if (isRecord(at['items'])) look(at['items'], join(path, '0'), depth + 1);
  };
  look(jsonSchema(schema, 'input'), '', 0);
  return [...found];
}

/** Something that the schema takes, as far as it can be made from the schema alone. */
export function sample(schema: z.ZodType, options: SampleOptions): unknown {
  const shape = jsonSchema(schema, 'input');
  const built = build(shape, '', options);
  const made: { value: unknown } = { value: isRecord(built) ? { ...built, ...options.also } : built };
  for (let tries = 0; tries < REPAIRS; tries += 1) {
    const wrong = issuesOf(schema, made.value).find((path) => path !== options.foreign?.place);
    if (wrong === undefined) break;
    if (!(wrong === '' && widen(schema, shape, made, options)) && !repair(schema, made, wrong)) break;
  }
  return made.value;
}

/** Something optional may be missing: a change that names nothing, one of two that are needed. */
function widen(schema: z.ZodType, shape: JsonSchema, made: { value: unknown }, options: SampleOptions): boolean {
  const properties = isRecord(shape['properties']) ? shape['properties'] : {};
  if (!isRecord(made.value)) return false;
  for (const [key, inner] of Object.entries(properties)) {
    if (key in made.value || !isRecord(inner)) continue;
    const wider = { value: { ...made.value, [key]: build(inner, key, options) } };
    if (issuesOf(schema, wider.value).includes(key)) repair(schema, wider, key);
    if (issuesOf(schema, wider.value).length > 0) continue;
    made.value = wider.value;
    return true;
  }
  return false;
}

const issuesOf = (schema: z.ZodType, value: unknown): Place[] =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path }) => path.map(String).join('.'));

function repair(schema: z.ZodType, made: { value: unknown }, path: Place): boolean {
  const before = valueAt(made.value, path);
  for (const candidate of CANDIDATES) {
    put(made, path, candidate);
    if (!issuesOf(schema, made.value).includes(path)) return true;
  }
  put(made, path, before);
  return false;
}

function valueAt(value: unknown, path: Place): unknown {
  let here = value;
  for (const key of path === '' ? [] : path.split('.')) {
    if (Array.isArray(here)) here = here[Number(key)];
    else if (isRecord(here)) here = here[key];
    else return undefined;
  }
  return here;
}

function put(made: { value: unknown }, path: Place, value: unknown): void {
  if (path === '') {
    made.value = value;
    return;
  }
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = valueAt(made.value, keys.join('.'));
  if (Array.isArray(holder)) holder[Number(last)] = value;
  else if (isRecord(holder)) holder[last] = value;
}

function build(schema: JsonSchema, path: Place, options: SampleOptions): unknown {
  const { foreign } = options;
  if (foreign?.place === path) return foreign.id;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const choices = alternatives(schema);
  if (choices.length > 0) return build(choiceOf(choices, path, foreign?.place), path, options);
  if (isId(schema)) return options.own(path.split('.').findLast((key) => !/^\d+$/.test(key)) ?? '');
  switch (schema['type']) {
    case 'object':
      return buildObject(schema, path, options);
    case 'array':
      return buildArray(schema, path, options);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    default:
      return text(schema, options.marker);
  }
}

function choiceOf(choices: JsonSchema[], path: Place, place: Place | undefined): JsonSchema {
  const leads = place === undefined ? [] : choices.filter((choice) => reaches(choice, path, place));
  return leads[0] ?? choices.find((choice) => choice['type'] !== 'null') ?? {};
}

function reaches(schema: JsonSchema, path: Place, place: Place): boolean {
  if (path === place) return isId(schema);
  if (path !== '' && !place.startsWith(`${path}.`)) return false;
  const [key = ''] = place.slice(path === '' ? 0 : path.length + 1).split('.');
  const inner = isRecord(schema['properties']) ? schema['properties'][key] : key === '0' ? schema['items'] : undefined;
  if (isRecord(inner) && reaches(inner, join(path, key), place)) return true;
  return alternatives(schema).some((choice) => reaches(choice, path, place));
}

function buildObject(schema: JsonSchema, path: Place, options: SampleOptions): Record<string, unknown> {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const place = options.foreign?.place;
  const wanted = Object.entries(properties).filter(([key]) => {
    const inner = join(path, key);
    return required.has(key) || place === inner || place?.startsWith(`${inner}.`);
  });
  return Object.fromEntries(
    wanted.map(([key, inner]) => [key, build(isRecord(inner) ? inner : {}, join(path, key), options)]),
  );
}

function buildArray(schema: JsonSchema, path: Place, options: SampleOptions): unknown[] {
  const tuple = list(schema['prefixItems']);
  if (tuple.length > 0) return tuple.map((item, index) => build(item, join(path, String(index)), options));
  const inner = join(path, '0');
  const { foreign } = options;
  const leads = foreign !== undefined && (foreign.place === inner || foreign.place.startsWith(`${inner}.`));
  const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
  if (least === 0 && !leads) return [];
  return [build(isRecord(schema['items']) ? schema['items'] : {}, inner, options)];
}

function text(schema: JsonSchema, marker: string): string {
  if (schema['format'] === 'date') return '2027-03-01';
  if (schema['format'] === 'date-time') return '2027-03-01T08:00:00Z';
  if (schema['format'] === 'email') return `${marker}@example.test`;
  if (schema['format'] === 'uri') return 'https://example.test/x';
  const most = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : 60;
  // Different each time, so that what must be unique is.
  return `${marker}${ulid().slice(-8)}`.slice(-Math.min(most, 60));
}
