import { type ApiContract, type InputOf, type ListOf, type OutputOf } from '@loro/contracts/kit/api';
import { Problem } from '@loro/contracts/kit/problem';
import { z } from 'zod';

type Extra = { headers?: Record<string, string> };

export type ApiClient<A extends ApiContract> = {
  [Name in keyof A['endpoints']]: (
    input?: InputOf<A['endpoints'][Name]>,
    extra?: Extra,
  ) => Promise<OutputOf<A['endpoints'][Name]>>;
};

/** What a refused call rejects with: the problem object, and the answer's headers. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(
    readonly problem: Problem,
    readonly headers: Headers,
  ) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
  }
}

/** Calls a REST table over real HTTP, and holds every answer against the contract. */
export function apiClient<A extends ApiContract>(url: string, api: A, token?: string): ApiClient<A> {
  const calls = Object.entries(api.endpoints).map(([name, endpoint]) => [
    name,
    async (input: Record<string, unknown> = {}, { headers = {} }: Extra = {}) => {
      const rest = { ...input };
      const path = endpoint.path.replaceAll(/:(\w+)/g, (_, key: string) => {
        const value = String(rest[key]);
        delete rest[key];
        return value;
      });
      const target = new URL(`${url}/api/v1${api.prefix}${path === '/' ? '' : path}`);
      const reads = endpoint.method === 'GET';
      if (reads) for (const [key, value] of Object.entries(rest)) target.searchParams.set(key, String(value));
      const response = await fetch(target, {
        method: endpoint.method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(!reads && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(!reads && { body: JSON.stringify(rest) }),
      });
      if (response.status === 204) return undefined;
      const body: unknown = await response.json();
      if (!response.ok) throw new Refused(Problem.parse(body), response.headers);
      if (endpoint.kind === 'document' || endpoint.kind === 'feed') return endpoint.returns?.parse(body);
      if (endpoint.kind === 'list') {
        z.array(endpoint.returns ?? z.unknown()).parse((body as ListOf<unknown>).data);
        return body;
      }
      return endpoint.returns?.parse((body as { data: unknown }).data);
    },
  ]);
  // Built from the very table that the type is read off.
  return Object.fromEntries(calls) as ApiClient<A>;
}
