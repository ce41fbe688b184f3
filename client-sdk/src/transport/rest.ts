import { dataOf, isPassing, localError, toLoroError } from '../errors';
import type { EndpointRow } from '../names';
import type { CallOptions } from '../types';
import { ulid } from '../ulid';
import type { Echoes } from './echoes';
import type { Http, HttpRequest } from './http';
import { jitter, sleep } from './timing';

/** Where calls get their access token. */
export interface Tokens {
  /** One that is still valid for a moment. */
  token(): Promise<string>;
  /** Another one than `used`, which was refused. */
  renew(used: string): Promise<string>;
}

type Input = Readonly<Record<string, unknown>>;

const TRIES = 3;
const LONGEST_WAIT_MS = 10_000;

/** The REST half of a module client: one flat input in, the unwrapped answer out. */
export class Rest {
  readonly #http: Http;
  readonly #tokens: Tokens;
  readonly #echoes: Echoes;

  constructor(http: Http, tokens: Tokens, echoes: Echoes) {
    this.#http = http;
    this.#tokens = tokens;
    this.#echoes = echoes;
  }

  async call(prefix: string, row: EndpointRow, input: Input = {}, options: CallOptions = {}): Promise<unknown> {
    const [method, , kind, { open = false } = {}] = row;
    const key = method === 'POST' && options.idempotencyKey !== null ? (options.idempotencyKey ?? ulid()) : undefined;
    if (key !== undefined) this.#echoes.note(key);
    const request: HttpRequest = {
      ...requestOf(prefix, row, input),
      headers: {
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(options.ifMatch !== undefined && { 'if-match': `"${options.ifMatch}"` }),
      },
      signal: options.signal,
    };
    // A repeated PATCH or DELETE would answer that the thing has changed or is gone, though all went well.
    const tries = method === 'GET' || key !== undefined ? TRIES : 1;
    const answer = await this.#insist(
      () => (open ? this.#http.send(request) : this.#authorised(request)),
      tries,
      options.signal,
    );
    if (kind === 'none') return undefined;
    return kind === 'one' ? dataOf(answer) : answer;
  }

  async #insist(send: () => Promise<unknown>, tries: number, signal?: AbortSignal): Promise<unknown> {
    for (let left = tries - 1; ; left--) {
      try {
        return await send();
      } catch (error) {
        const problem = toLoroError(error);
        // 429 is for the caller to pace; a long wait is for a person to see.
        const wait = problem.retryAfterMs ?? jitter(tries - left - 1);
        if (left <= 0 || !isPassing(problem) || problem.status === 429 || wait > LONGEST_WAIT_MS) throw problem;
        await sleep(wait, signal).catch(() => {
          throw localError('ABORTED', 'The call was given up.');
        });
      }
    }
  }

  async #authorised(request: HttpRequest): Promise<unknown> {
    const token = await this.#tokens.token();
    try {
      return await this.#http.send(withToken(request, token));
    } catch (error) {
      const { code } = toLoroError(error);
      if (code !== 'TOKEN_EXPIRED' && code !== 'UNAUTHENTICATED') throw error;
      return this.#http.send(withToken(request, await this.#tokens.renew(token)));
    }
  }
}

const withToken = (request: HttpRequest, token: string): HttpRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
});

/** Sorts a flat input into path, query and body. */
export function requestOf(
  prefix: string,
  [method, path, , { query: queryFields = [] } = {}]: EndpointRow,
  input: Input,
): HttpRequest {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = `${prefix}${path}`.replace(/:(\w+)/g, (_, name: string) => {
    const value = rest.get(name);
    // An empty one would silently address the list instead of the thing.
    if (typeof value !== 'string' || value === '')
      throw localError('VALIDATION_FAILED', `\`${name}\` is missing.`, undefined, 422);
    rest.delete(name);
    return encodeURIComponent(value);
  });
  const target = filled.length > 1 && filled.endsWith('/') ? filled.slice(0, -1) : filled;
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const query: Record<string, unknown> = {};
  const body: Record<string, unknown> = {};
  for (const [name, value] of rest) (hasBody && !queryFields.includes(name) ? body : query)[name] = value;
  return { method, path: target, query, ...(hasBody && { body }) };
}
