import { badAnswer, isProblem, localError, LoroError, offline } from '../errors';
import type { Clock } from './timing';

export interface HttpRequest {
  readonly method: string;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;

/** One request, one answer or one LoroError. Knows nothing of tokens. */
export class Http {
  readonly #base: string;
  readonly #fetch: typeof globalThis.fetch | undefined;
  readonly #clock: Clock;

  constructor(
    /** Up to and with the version. */
    base: string,
    fetch: typeof globalThis.fetch | undefined,
    clock: Clock,
    /** Whether cookies travel along; whoever signs in by one decides. */
    public credentials: boolean = false,
  ) {
    this.#base = base;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  async send({ method, path, query = {}, body, headers = {}, signal }: HttpRequest): Promise<unknown> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort('timeout'), TIMEOUT_MS);
    const stop = (): void => abort.abort('caller');
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const send = this.#fetch ?? globalThis.fetch;
      const response = await send(`${this.#base}${path}${search(query)}`, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(this.credentials && { credentials: 'include' as const }),
        signal: abort.signal,
      });
      this.#clock.noteDate(response.headers.get('date'));
      return await readAnswer(response);
    } catch (error) {
      if (error instanceof LoroError) throw error;
      if (abort.signal.reason === 'caller') throw localError('ABORTED', 'The call was given up.', error);
      throw offline(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }
}

function search(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  const value = parseJson(text);
  if (response.ok) {
    if (text !== '' && value === undefined) throw badAnswer();
    return value;
  }
  const seconds = Number(response.headers.get('retry-after'));
  const wait = seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
  if (isProblem(value)) throw new LoroError({ ...wait, ...value });
  // A proxy on the way answered instead of the hub.
  const { status } = response;
  const code = status >= 502 && status <= 504 ? 'DEPENDENCY_DOWN' : 'BAD_RESPONSE';
  throw new LoroError({ ...localError(code, `The hub answered ${status}.`, undefined, status).problem, ...wait });
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
