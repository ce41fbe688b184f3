import { createHash } from 'node:crypto';
import type { FieldError } from '@loro/contracts/kit/problem';
import { canonicalJson, HubError, type Json } from '../../platform';

export const MAX_DEPTH = 32;
export const MAX_BYTES = 65_536;

/** One field that differs, as RFC 6901 points to it. `from` is absent of what was made, `to` of what was removed. */
export interface Change {
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
}

/** What stands for a value that is too large or too deep: its hash proves it to whoever kept it. */
export interface Truncated {
  readonly [key: string]: Json;
  readonly truncated: true;
  readonly sha256: string;
  readonly bytes: number;
}

export function truncated(value: unknown): Truncated {
  const text = canonicalJson(value);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { truncated: true, sha256, bytes: Buffer.byteLength(text) };
}

/**
 * A value as the journal keeps it. Float text differs between languages, so that a number which is no safe integer is
 * refused in what a room says on purpose, and becomes text in a thing that is only compared.
 */
export function journalValue(value: unknown, onFloat: 'refuse' | 'text', path = '', depth = 0): Json {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'boolean':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? value + 0 : floatOf(value, onFloat, path);
    case 'bigint':
      return String(value);
    case 'object':
      return composite(value, onFloat, path, depth);
    default:
      return null;
  }
}

function floatOf(value: number, onFloat: 'refuse' | 'text', path: string): Json {
  if (onFloat === 'text') return String(value);
  const errors: FieldError[] = [
    { path, code: 'not_a_safe_integer', message: 'is a number that is no safe integer; send it as text' },
  ];
  throw new HubError('JOURNAL_BAD_VALUE', `The journal takes no such number: ${path}.`, { errors });
}

function composite(value: object, onFloat: 'refuse' | 'text', path: string, depth: number): Json {
  if ('toJSON' in value && typeof value.toJSON === 'function' && !Buffer.isBuffer(value))
    return journalValue(value.toJSON(), onFloat, path, depth);
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { truncated: true, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  }
  if (depth >= MAX_DEPTH) return tooDeep(value);
  if (Array.isArray(value))
    return value.map((entry, index) => journalValue(entry, onFloat, `${path}/${index}`, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined && typeof field !== 'function')
      .map(([key, field]) => [wellFormed(key), journalValue(field, onFloat, pointer(path, key), depth + 1)]),
  );
}

/** By the text that JSON makes of it; a circle has none. */
function tooDeep(value: object): Json {
  try {
    return truncated(JSON.parse(JSON.stringify(value)));
  } catch {
    return { truncated: true };
  }
}

/** RFC 8785 has no text for half a surrogate pair; what replaces it is what UTF-8 would make of it. */
const wellFormed = (text: string): string => (LONE.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text);
const LONE = /\p{Surrogate}/u;

export const pointer = (path: string, key: string): string =>
  `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

type Fields = { readonly [key: string]: Json | undefined };

/** Replaces the largest values until the canonical text fits; the text of whatever fits is left as it is. */
export function fit(data: Fields, maxBytes = MAX_BYTES): string {
  const text = canonicalJson(data);
  if (Buffer.byteLength(text) <= maxBytes) return text;
  return canonicalJson(shrink(data, maxBytes));
}

function shrink(data: Fields, maxBytes: number): Fields {
  const changes = data['changes'];
  if (!Array.isArray(changes)) return dropLargest(data, maxBytes);
  // Single large fields go first, so that the small ones beside them still say what changed.
  const room = maxBytes - sizeOf({ ...data, changes: [] });
  const kept: Json[] = changes.map((change: Json) => (sizeOf(change) > SMALL ? summary(change) : change));
  return dropLargest({ ...data, changes: sizeOf(kept) <= room ? kept : truncated(changes) }, maxBytes);
}

const SMALL = 1_024;
const sizeOf = (value: unknown): number => Buffer.byteLength(canonicalJson(value));

function summary(change: Json): Json {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return truncated(change);
  return Object.fromEntries(
    Object.entries(change).map(([key, value]) => [
      key,
      key === 'path' || sizeOf(value) <= 200 ? (value ?? null) : truncated(value),
    ]),
  );
}

/** Where it came from stays in any case: columns are held against it. */
function dropLargest({ source, ...data }: Fields, maxBytes: number): Fields {
  const from = source === undefined ? {} : { source };
  const kept: Record<string, Json | undefined> = { ...data, ...from };
  const bySize = Object.keys(data).toSorted((a, b) => sizeOf(data[b]) - sizeOf(data[a]));
  for (const key of bySize) {
    if (sizeOf(kept) <= maxBytes) break;
    kept[key] = truncated(kept[key]);
  }
  // Very many small fields: each hash would be longer than what it stands for.
  return sizeOf(kept) <= maxBytes ? kept : { ...truncated(data), ...from };
}
