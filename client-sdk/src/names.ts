import type { EndpointKind, Method } from '@loro/contracts/kit/api';

interface RowExtras {
  /** Needs no token. */
  readonly open?: boolean;
  /** The names of the query fields, where a body travels beside them. */
  readonly query?: readonly string[];
}

/** `[method, path, kind]` and what is unusual about it. */
export type EndpointRow = readonly [Method, string, EndpointKind, RowExtras?];

/** What is known of a module at run time. */
export interface ModuleTable {
  readonly prefix?: string;
  readonly endpoints?: Readonly<Record<string, EndpointRow>>;
  readonly live?: {
    readonly namespace: string;
    /** Call → the endpoint that does the same over HTTP, or null. */
    readonly calls: Readonly<Record<string, string | null>>;
  };
}

/** Methods that every module client has, or that are written by hand; no endpoint may be called so. */
export const reservedNames: readonly string[] = [
  'pages',
  'call',
  'on',
  'subscribe',
  'then',
  'fleet',
  'recorder',
  'tracker',
  'checkIns',
  'clock',
  'useDevice',
];

export type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** `check-ins` → `checkIns`. */
export const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
