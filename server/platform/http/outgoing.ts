import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { HubError, Invalid } from '../errors';
import { isAddressIn, isMetadata, isPublicAddress } from './addresses';

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;
const MAX_BYTES = 1_048_576;

export interface OutgoingRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
  /** From the first packet to the last. */
  readonly timeoutMs?: number;
  /** Follows GET and HEAD to where the answer sends them, each place looked at anew; by default not. */
  readonly redirects?: boolean;
}

export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Must be read or destroyed. */
  readonly body: Readable;
}

/** A place that was looked up: what is connected to is this address, whatever its name means a moment later. */
interface Pinned {
  readonly host: string;
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Calls to addresses that a person typed. Names are resolved once and the connection is pinned to what was found, so
 * that a name cannot mean one address while it is checked and another while it is called. Anything but a public address
 * is refused, also behind a redirect, unless the operator allows its network.
 */
export class Outgoing {
  constructor(private readonly allowed: readonly string[]) {}

  /** @throws Invalid ADDRESS_NOT_ALLOWED */
  async pin(host: string): Promise<Pinned> {
    const bare = host.replace(/^\[|\]$/g, '');
    const found = isIP(bare) ? [{ address: bare, family: isIP(bare) }] : await resolve(bare);
    const bad = found.find(({ address }) => !this.isAllowed(address));
    const [first] = found;
    if (bad || !first)
      throw new Invalid('ADDRESS_NOT_ALLOWED', `${bare} is not a public address, or does not lead to one.`);
    return { host: bare, address: first.address, family: first.family === 6 ? 6 : 4 };
  }

  /** @throws Invalid ADDRESS_NOT_ALLOWED @throws Error for a place that cannot be reached */
  async request(address: string | URL, options: OutgoingRequest = {}): Promise<OutgoingAnswer> {
    const { method = 'GET', redirects = false } = options;
    const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    let url = urlOf(address);
    let headers = options.headers ?? {};
    for (let hop = 0; ; hop += 1) {
      const answer = await this.send(url, { ...options, headers }, signal);
      const { location } = answer.headers;
      if (!redirects || location === undefined || !isRedirect(answer.status) || !['GET', 'HEAD'].includes(method))
        return answer;
      answer.body.destroy();
      if (hop >= MAX_REDIRECTS) throw new Error('too many redirects');
      const next = urlOf(new URL(location, url));
      // Another host must not see what was meant for the first.
      if (next.origin !== url.origin) headers = {};
      url = next;
    }
  }

  /** The same, with its body as text of at most a mebibyte. */
  async text(address: string | URL, options: OutgoingRequest = {}): Promise<{ status: number; text: string }> {
    const { status, body } = await this.request(address, options);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MAX_BYTES) {
        body.destroy();
        throw new Error('the answer is too long');
      }
      parts.push(part);
    }
    return { status, text: Buffer.concat(parts).toString('utf8') };
  }

  private isAllowed(address: string): boolean {
    if (isMetadata(address)) return false;
    return isPublicAddress(address) || isAddressIn(this.allowed, address);
  }

  private async send(url: URL, { method = 'GET', headers = {}, body }: OutgoingRequest, signal: AbortSignal) {
    const pinned = await this.pin(url.hostname);
    const client = url.protocol === 'https:' ? https : http;
    const call = client.request(url, { method, headers, signal, agent: false, lookup: lookupOf(pinned) });
    const answer = new Promise<OutgoingAnswer>((done, fail) => {
      call.once('error', fail);
      call.once('response', (response) =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: response }),
      );
    });
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) call.end(body);
    else body.once('error', (error) => call.destroy(error)).pipe(call);
    return answer;
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function urlOf(address: string | URL): URL {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : address;
  if (
    !(url instanceof URL) ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  )
    throw new Invalid('ADDRESS_NOT_ALLOWED', 'This is not an http or https address without a password in it.');
  return url;
}

async function resolve(host: string): Promise<{ address: string; family: number }[]> {
  try {
    return await lookup(host, { all: true, verbatim: true });
  } catch (cause) {
    throw new HubError('ADDRESS_NOT_ALLOWED', `${host} cannot be found.`, { cause });
  }
}

/** Node asks for one address or for all of them; the answer is the pinned one either way. */
const lookupOf =
  ({ address, family }: Pinned): LookupFunction =>
  (_host, options, done) => {
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
