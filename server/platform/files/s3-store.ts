import type { Readable } from 'node:stream';
import { AwsV4Signer } from 'aws4fetch';
import type { Outgoing, OutgoingAnswer } from '../http/outgoing';
import { checkKey, type FileAbout, prefixOf } from './file-store';
import { refused, RemoteStore, type StoreMethod, TRANSFER_MS } from './remote-store';

export interface S3Place {
  /** `https://minio.example.com:9000`; without it Amazon's own of the region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** How the service encrypts what it keeps; the key is the service's own where none is named. */
  readonly encryption: 'none' | 'AES256' | 'aws:kms';
  readonly kmsKeyId: string | null;
}

/** Files in a bucket that speaks Amazon's S3. Requests are signed here and sent by the guarded way out. */
export class S3Store extends RemoteStore {
  private readonly base: URL;
  private readonly prefix: string;

  constructor(
    private readonly place: S3Place,
    private readonly outgoing: Outgoing,
  ) {
    super();
    const { endpoint, bucket, region, prefix } = place;
    this.base =
      endpoint === null
        ? new URL(`https://${bucket}.s3.${region}.amazonaws.com/`)
        : new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}/`);
    this.prefix = prefixOf(prefix);
  }

  async put(key: string, body: Readable | Uint8Array, { type, size }: FileAbout): Promise<void> {
    const { encryption, kmsKeyId } = this.place;
    const headers = {
      'content-type': type,
      'content-length': String(size),
      ...(encryption !== 'none' && { 'x-amz-server-side-encryption': encryption }),
      ...(encryption === 'aws:kms' && kmsKeyId !== null && { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
    };
    await this.finish('PUT', await this.send('PUT', this.urlOf(key), headers, body));
  }

  async list(after: string | null, limit: number): Promise<string[]> {
    const url = new URL(this.base);
    url.searchParams.set('list-type', '2');
    url.searchParams.set('max-keys', String(limit));
    url.searchParams.set('prefix', this.prefix);
    if (after !== null) url.searchParams.set('start-after', this.prefix + after);
    const { url: signed, headers } = await this.sign('GET', url);
    const { status, text } = await this.outgoing.text(signed, { headers });
    if (status !== 200) throw refused('LIST', status);
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescape(key).slice(this.prefix.length));
  }

  async signedUrl(key: string, seconds: number): Promise<string> {
    const url = this.urlOf(key);
    url.searchParams.set('X-Amz-Expires', String(seconds));
    const { accessKeyId, secretAccessKey, region } = this.place;
    const signer = new AwsV4Signer({
      url: url.href,
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
      signQuery: true,
    });
    return (await signer.sign()).url.href;
  }

  protected urlOf(key: string): URL {
    return new URL(this.prefix + checkKey(key), this.base);
  }

  protected async send(
    method: StoreMethod,
    url: URL,
    extra: Record<string, string> = {},
    body?: Readable | Uint8Array,
  ): Promise<OutgoingAnswer> {
    const { url: signed, headers } = await this.sign(method, url, extra);
    return this.outgoing.request(signed, { method, headers, timeoutMs: TRANSFER_MS, ...(body && { body }) });
  }

  /** Headers of a file whose bytes are not looked at twice: the connection's own checksum is trusted. */
  private async sign(method: string, url: URL, extra: Record<string, string> = {}) {
    const { accessKeyId, secretAccessKey, region } = this.place;
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: extra,
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
    });
    const signed = await signer.sign();
    return { url: signed.url, headers: { ...extra, ...Object.fromEntries(signed.headers) } };
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
