import { z } from 'zod';
import { type Demands, demandsOf } from './demands';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call: holders of a permission, or anybody, with the reason why. A row that declares both stops the boot. */
export type Access = { readonly permission: string } | { readonly public: string };

/**
 * `one` answers `{ data }`, `list` answers `{ data: [], page }`, `none` answers 204, `document` answers its value bare,
 * `feed` answers a part of something that grows, its value bare too, and says in headers where the next part begins.
 */
export type EndpointKind = 'one' | 'list' | 'none' | 'document' | 'feed';

type Schema = z.ZodType | undefined;

export interface Endpoint<
  Path extends string = string,
  Query extends Schema = Schema,
  Body extends Schema = Schema,
  Returns extends Schema = Schema,
  Kind extends EndpointKind = EndpointKind,
> {
  readonly method: Method;
  readonly path: Path;
  readonly kind: Kind;
  readonly status: number;
  readonly summary: string;
  readonly access: Access;
  readonly demands: Demands;
  readonly query: Query;
  readonly body: Body;
  readonly returns: Returns;
  readonly errors: readonly string[];
  /** Needs `If-Match` with the version that the caller read. */
  readonly versioned: boolean;
  /** What the parameters of the path must look like, where they are not ids. */
  readonly params?: z.ZodType<Record<string, string>>;
  /** Headers of the answer beside the usual ones, and what they say. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How large a body may be, where 64 KiB are too few. */
  readonly maxBytes?: number;
  /** The body is `multipart/form-data`: one `file`, and the fields of `body` as text. */
  readonly multipart?: true;
  /** The body is bytes of this type, which the verb reads while they come. */
  readonly bytes?: string;
  /** Where what it makes is read, if that is not below its own path. */
  readonly location?: string;
  /** Headers that every answer of the row carries, refusals too, as a protocol spoken over it asks for. */
  readonly always?: Readonly<Record<string, string>>;
}

export interface ApiContract {
  readonly prefix: string;
  readonly endpoints: Record<string, Endpoint>;
}

/** `/:checkInId/end` reads as `{ checkInId: string }`, `/:calendarId.ics` as `{ calendarId: string }`. */
export type Params<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & Params<`/${Rest}`>
  : Path extends `${string}:${infer Name}.${string}`
    ? Record<Name, string>
    : Path extends `${string}:${infer Name}`
      ? Record<Name, string>
      : unknown;

type Fields<S> = S extends z.ZodType ? z.input<S> : unknown;

/** The one flat object a caller gives: path parameters, query and body together. */
export type InputOf<E> = E extends Endpoint<infer P, infer Q, infer B> ? Params<P> & Fields<Q> & Fields<B> : never;

/** Where a log stream stood when rows were read: subscribe from there and no event is missed or repeated. */
export const StreamPosition = z.object({ stream: z.string(), epoch: z.string(), n: z.number().int() });
export type StreamPosition = z.infer<typeof StreamPosition>;

export interface ListOf<T> {
  readonly data: T[];
  readonly page: { readonly nextCursor: string | null; readonly limit: number };
  readonly streams?: readonly StreamPosition[];
}

/** What a caller gets back. */
export type OutputOf<E> =
  E extends Endpoint<string, Schema, Schema, infer R, infer K>
    ? R extends z.ZodType
      ? K extends 'list'
        ? ListOf<z.output<R>>
        : z.output<R>
      : undefined
    : never;

/** Query of every list. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(600).optional(),
});

interface Options<Q extends Schema, B extends Schema, R extends Schema> extends Demands {
  readonly summary: string;
  readonly permission?: string;
  readonly public?: string;
  readonly query?: Q;
  readonly body?: B;
  readonly returns?: R;
  readonly status?: number;
  readonly errors?: readonly string[];
  readonly versioned?: true;
  readonly params?: z.ZodType<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
  readonly multipart?: true;
  readonly bytes?: string;
  readonly location?: string;
  readonly always?: Readonly<Record<string, string>>;
}

const build =
  <K extends EndpointKind>(method: Method, kind: K, status: number) =>
  <const P extends string, Q extends Schema = undefined, B extends Schema = undefined, R extends Schema = undefined>(
    path: P,
    options: Options<Q, B, R>,
  ): Endpoint<P, Q, B, R, K> => ({
    method,
    path,
    kind,
    status: options.status ?? status,
    summary: options.summary,
    access: accessOf(`${method} ${path}`, options),
    demands: demandsOf(options),
    // The three are generic over `undefined`, which a default cannot express without a cast.
    query: options.query as Q,
    body: options.body as B,
    returns: options.returns as R,
    errors: options.errors ?? [],
    versioned: options.versioned ?? false,
    ...(options.params && { params: options.params }),
    ...(options.headers && { headers: options.headers }),
    ...(options.maxBytes !== undefined && { maxBytes: options.maxBytes }),
    ...(options.multipart && { multipart: options.multipart }),
    ...(options.bytes !== undefined && { bytes: options.bytes }),
    ...(options.location !== undefined && { location: options.location }),
    ...(options.always && { always: options.always }),
  });

/** Reads the declared access; a row without one must not come to life. */
export function accessOf(row: string, options: { permission?: string; public?: string }): Access {
  const { permission, public: reason } = options;
  if (permission === undefined && reason === undefined)
    throw new Error(`${row} declares neither a permission nor why it is public`);
  return {
    ...(permission !== undefined && { permission }),
    ...(reason !== undefined && { public: reason }),
    // One of the two is there.
  } as Access;
}

export const get = build('GET', 'one', 200);
export const list = build('GET', 'list', 200);
/** Answers its value as it stands, for formats with a shape of their own such as GeoJSON or JWKS. */
export const document = build('GET', 'document', 200);
/** Reads what grows: headers say where the next part begins, 204 that nothing came while the hub waited for it. */
export const feed = build('GET', 'feed', 200);
/** Takes a step of a protocol of its own: the answer is headers and a status, as the protocol says. */
export const step = build('POST', 'feed', 201);
/** Takes bytes that belong to something begun earlier. */
export const append = build('PATCH', 'feed', 204);
/** Creates: 201 with `Location`. */
export const create = build('POST', 'one', 201);
/** Acts on a thing that exists: 200. */
export const act = build('POST', 'one', 200);
/** Accepts work that a worker will do: 202. */
export const accept = build('POST', 'one', 202);
/** Replaces a thing whole, or makes it. */
export const put = build('PUT', 'one', 200);
export const patch = build('PATCH', 'one', 200);
export const remove = build('DELETE', 'none', 204);
export const command = build('POST', 'none', 204);

/** `prefix` stands before every path; a room of several things has none. */
export const api = <const P extends `/${string}` | '', E extends Record<string, Endpoint>>(
  prefix: P,
  endpoints: E,
) => ({
  prefix,
  endpoints,
});
