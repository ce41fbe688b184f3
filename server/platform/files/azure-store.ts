import type { Readable } from 'node:stream';
import type { Outgoing, OutgoingAnswer } from '../http/outgoing';
import {
  type ByteRange,
  checkKey,
  type FileAbout,
  FileMissing,
  type FileStore,
  prefixOf,
  rangeHeader,
} from './file-store';

const TRANSFER_MS = 300_000;

export interface AzurePlace {
  /** `https://account.blob.core.windows.net` */
  readonly endpoint: string;
  readonly container: string;
  readonly prefix: string;
  /** A shared access signature for the container: `sv=…&sr=c&sig=…`. */
  readonly signature: string;
}

/** Files in a container of Azure's blob storage, opened by a shared access signature. */
export class AzureStore implements FileStore {
  private readonly prefix: string;

  constructor(
    private readonly place: AzurePlace,
    private readonly outgoing: Outgoing,
  ) {
    this.prefix = prefixOf(place.prefix);
  }

  async put(key: string, body: Readable | Uint8Array, { type, size }: FileAbout): Promise<void> {
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': type, 'content-length': String(size) };
    await this.finish('PUT', await this.send('PUT', this.urlOf(key), headers, body));
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    const answer = await this.send('GET', this.urlOf(key), rangeHeader(range));
    if (answer.status === (range ? 206 : 200)) return answer.body;
    answer.body.destroy();
    throw answer.status === 404 ? new FileMissing(key) : refused('GET', answer.status);
  }

  async sizeOf(key: string): Promise<number | null> {
    const answer = await this.send('HEAD', this.urlOf(key));
    answer.body.destroy();
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw refused('HEAD', answer.status);
    return Number(answer.headers['content-length'] ?? 0);
  }

  async remove(key: string): Promise<void> {
    const answer = await this.send('DELETE', this.urlOf(key));
    if (answer.status === 404) answer.body.destroy();
    else await this.finish('DELETE', answer);
  }

  /** Azure pages by markers of its own, so names before `after` are read past. */
  async list(after: string | null, limit: number): Promise<string[]> {
    const keys: string[] = [];
    for (let marker = ''; keys.length < limit;) {
      const url = this.base();
      for (const [name, value] of Object.entries({ restype: 'container', comp: 'list', prefix: this.prefix, marker }))
        if (value !== '') url.searchParams.set(name, value);
      const { status, text } = await this.outgoing.text(url, {});
      if (status !== 200) throw refused('LIST', status);
      const names = [...text.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = '']) => name.slice(this.prefix.length));
      keys.push(...names.filter((key) => after === null || key > after));
      marker = /<NextMarker>([^<]+)<\/NextMarker>/.exec(text)?.[1] ?? '';
      if (marker === '') break;
    }
    return keys.slice(0, limit);
  }

  /** A link would carry the container's own signature, which opens everything in it. */
  async signedUrl(): Promise<null> {
    return null;
  }

  private base(): URL {
    const { endpoint, container, signature } = this.place;
    return new URL(`${endpoint.replace(/\/+$/, '')}/${container}?${signature.replace(/^\?/, '')}`);
  }

  private urlOf(key: string): URL {
    const url = this.base();
    url.pathname += `/${this.prefix}${checkKey(key)}`;
    return url;
  }

  private send(
    method: 'GET' | 'HEAD' | 'PUT' | 'DELETE',
    url: URL,
    headers: Record<string, string> = {},
    body?: Readable | Uint8Array,
  ): Promise<OutgoingAnswer> {
    return this.outgoing.request(url, { method, headers, timeoutMs: TRANSFER_MS, ...(body && { body }) });
  }

  private async finish(what: string, { status, body }: OutgoingAnswer): Promise<void> {
    body.resume();
    if (status < 200 || status > 299) throw refused(what, status);
  }
}

const refused = (what: string, status: number): Error => new Error(`the storage answered ${status} to ${what}`);
