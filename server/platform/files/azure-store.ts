import type { Readable } from 'node:stream';
import type { Outgoing, OutgoingAnswer } from '../http/outgoing';
import { checkKey, type FileAbout, prefixOf } from './file-store';
import { refused, RemoteStore, type StoreMethod, TRANSFER_MS } from './remote-store';

export interface AzurePlace {
  /** `https://account.blob.core.windows.net` */
  readonly endpoint: string;
  readonly container: string;
  readonly prefix: string;
  /** A shared access signature for the container: `sv=…&sr=c&sig=…`. */
  readonly signature: string;
}

/** Files in a container of Azure's blob storage, opened by a shared access signature. */
export class AzureStore extends RemoteStore {
  private readonly prefix: string;

  constructor(
    private readonly place: AzurePlace,
    private readonly outgoing: Outgoing,
  ) {
    super();
    this.prefix = prefixOf(place.prefix);
  }

  async put(key: string, body: Readable | Uint8Array, { type, size }: FileAbout): Promise<void> {
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': type, 'content-length': String(size) };
    await this.finish('PUT', await this.send('PUT', this.urlOf(key), headers, body));
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

  protected urlOf(key: string): URL {
    const url = this.base();
    url.pathname += `/${this.prefix}${checkKey(key)}`;
    return url;
  }

  protected send(
    method: StoreMethod,
    url: URL,
    headers: Record<string, string> = {},
    body?: Readable | Uint8Array,
  ): Promise<OutgoingAnswer> {
    return this.outgoing.request(url, { method, headers, timeoutMs: TRANSFER_MS, ...(body && { body }) });
  }
}
