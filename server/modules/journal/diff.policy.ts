import { canonicalJson, type Json } from '../../platform';
import { type Change, journalValue, pointer } from './values.policy';

type Fields = { readonly [key: string]: Json };
const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What differs between two states of a thing, field by field; lists are compared as a whole. */
export function changesBetween(before: object | undefined, after: object | undefined): Change[] {
  const from = before && journalValue(before, 'text');
  const to = after && journalValue(after, 'text');
  if (!isFields(from) && !isFields(to)) return [];
  return compare('', isFields(from) ? from : {}, isFields(to) ? to : {});
}

function compare(path: string, from: Fields, to: Fields): Change[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted().flatMap((key) => {
    const at = pointer(path, key);
    const old = from[key];
    const fresh = to[key];
    if (isFields(old) && isFields(fresh)) return compare(at, old, fresh);
    if (canonicalJson(old ?? null) === canonicalJson(fresh ?? null) && (old === undefined) === (fresh === undefined))
      return [];
    return [{ path: at, ...(old !== undefined && { from: old }), ...(fresh !== undefined && { to: fresh }) }];
  });
}

/** The names of an RFC 6901 pointer. */
export const namesOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

interface Step {
  readonly isAfter: boolean;
  readonly changes: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[];
}

/**
 * A thing as it stood, from its changes in the order of the journal: what was set until then holds, and of what was
 * only touched later, what it was before. Fields that the journal never saw change are unknown to it.
 */
export function stateAt(steps: readonly Step[]): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const { isAfter, changes } of steps)
    for (const change of changes) {
      if (isAfter && known.has(change.path)) continue;
      known.add(change.path);
      setAt(state, namesOf(change.path), isAfter ? change.from : change.to);
    }
  return state;
}

function setAt(state: Record<string, unknown>, names: readonly string[], value: unknown): void {
  const last = names.at(-1);
  if (last === undefined) return;
  let at = state;
  for (const name of names.slice(0, -1)) {
    const next = Object.hasOwn(at, name) ? at[name] : undefined;
    const inner: Record<string, unknown> = isRecord(next) ? next : {};
    define(at, name, inner);
    at = inner;
  }
  if (value === undefined) Reflect.deleteProperty(at, last);
  else define(at, last, value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field may be named `__proto__`. */
const define = (on: object, name: string, value: unknown): void => {
  Object.defineProperty(on, name, { value, enumerable: true, configurable: true, writable: true });
};
