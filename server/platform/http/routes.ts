import type { Readable } from 'node:stream';
import type { ApiContract, Endpoint, Params } from '@loro/contracts/kit/api';
import type { StreamPosition } from '@loro/contracts/kit/api';
import type { z } from 'zod';
import type { Actor } from '../actor';
import type { AccessToken } from '../auth/ports';
import type { Page } from '../db/pages';
import type { ReceivedFile } from './uploads';

/** What a public call knows of its caller. */
export interface PublicRequest {
  readonly ip: string;
  readonly userAgent: string;
  /** A header as it was sent; empty where there is none. */
  header(name: string): string;
  /** @throws Forbidden for a page of another host */
  cookie(name: string): string | undefined;
  /** Sets an HttpOnly, SameSite=Strict cookie; `maxAgeSec` 0 removes it. */
  setCookie(name: string, value: string, maxAgeSec: number): void;
  /** Says on the answer how the licence of an organisation stands, as every answer to its people does. */
  noteLicense(orgId: string): void;
}

export interface HubRequest extends PublicRequest {
  /** Who calls; reading it in a public call is a bug and throws. */
  readonly actor: Actor;
  /** What the caller is let in by; the same holds of it. */
  readonly token: AccessToken;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The body as it was sent, for whoever has to check a signature. */
  readonly rawBody: string;
  /** The version of `If-Match`; NaN in calls that need none. */
  readonly ifMatch: number;
  /** What came in a multipart row; reading it in another is a bug and throws. */
  readonly file: ReceivedFile;
  /** The body of a row that takes bytes, as they come; reading it in another is a bug and throws. */
  readonly bytes: Readable;
  /** The header `Range`, as it was sent. */
  readonly range: string | undefined;
  /** Only the headers are asked for. */
  readonly isHead: boolean;
  /** Ends when the caller goes away, or was answered. */
  readonly closed: AbortSignal;
}

/** The answer to a row of the kind `feed`. */
export interface Feed {
  readonly status: 200 | 201 | 204 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: unknown;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

type Request<E> =
  E extends Endpoint<infer P, infer Q, infer B, infer _R, infer _K>
    ? Omit<HubRequest, 'params' | 'query' | 'body'> & { params: Params<P>; query: Output<Q>; body: Output<B> }
    : never;

type Answer<E> =
  E extends Endpoint<string, infer _Q, infer _B, infer R, infer K>
    ? K extends 'feed'
      ? Feed
      : R extends z.ZodType
        ? K extends 'list'
          ? Page<z.output<R>> & { streams?: StreamPosition[] }
          : z.output<R>
        : void
    : never;

type Handlers<A extends ApiContract> = {
  [Name in keyof A['endpoints']]: (request: Request<A['endpoints'][Name]>) => Promise<Answer<A['endpoints'][Name]>>;
};

export interface Route {
  readonly name: string;
  readonly path: string;
  readonly endpoint: Endpoint;
  handle(request: HubRequest): Promise<unknown>;
}
export type Mount = readonly Route[];

/** Ties a REST table to verbs: one line a row. Edges are tables; a thought belongs in the service. */
export const routes = <A extends ApiContract>(api: A, handlers: Handlers<A>): Mount =>
  Object.entries(api.endpoints).map(([name, endpoint]) => ({
    name,
    path: api.prefix + (endpoint.path === '/' ? '' : endpoint.path),
    endpoint,
    // The platform parses params, query and body by this very row before it calls.
    handle: handlers[name] as unknown as Route['handle'],
  }));
