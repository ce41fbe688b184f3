import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** As Amazon writes names and values into what is signed. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * A bucket in memory that speaks as much S3 as the hub does, and a container of Azure's. It works out each signature by
 * itself, and refuses one that differs.
 */
export class ObjectServer {
  readonly objects = new Map<string, Buffer>();
  readonly headers = new Map<string, IncomingMessage['headers']>();
  /** Loses the last byte of everything it keeps. */
  isBroken = false;
  private readonly server = createServer((request, response) => void this.serve(request, response));

  constructor(
    private readonly accessKeyId: string,
    private readonly secretAccessKey: string,
    private readonly azureSignature: string,
  ) {}

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    if (!this.isSigned(request, url)) return void response.writeHead(403).end();
    const key = decodeURIComponent(url.pathname.slice(1));
    if (url.searchParams.has('list-type') || url.searchParams.get('comp') === 'list') return this.list(url, response);
    if (request.method === 'PUT') {
      const body = Buffer.concat(parts);
      this.objects.set(key, this.isBroken ? body.subarray(0, -1) : body);
      this.headers.set(key, request.headers);
      return void response.writeHead(200).end();
    }
    const found = this.objects.get(key);
    if (!found) return void response.writeHead(404).end();
    if (request.method === 'DELETE') {
      this.objects.delete(key);
      return void response.writeHead(204).end();
    }
    response.writeHead(200, { 'content-length': found.length });
    response.end(request.method === 'HEAD' ? undefined : found);
  }

  private list(url: URL, response: ServerResponse): void {
    const { searchParams } = url;
    const bucket = `${url.pathname.slice(1).replace(/\/$/, '')}/`;
    const after = searchParams.get('start-after') ?? '';
    const isAzure = searchParams.get('comp') === 'list';
    const names = [...this.objects.keys()]
      .filter((key) => key.startsWith(bucket))
      .map((key) => key.slice(bucket.length))
      .filter((key) => key.startsWith(searchParams.get('prefix') ?? '') && key > after)
      .toSorted()
      .slice(0, Number(searchParams.get('max-keys') ?? 5_000));
    const tag = isAzure ? 'Name' : 'Key';
    response.end(
      `<Result>${names.map((name) => `<${tag}>${name.replaceAll('&', '&amp;')}</${tag}>`).join('')}</Result>`,
    );
  }

  private isSigned(request: IncomingMessage, url: URL): boolean {
    if (url.searchParams.has('sig')) return url.searchParams.get('sig') === this.azureSignature;
    const isInQuery = url.searchParams.has('X-Amz-Signature');
    const fields = new Map(
      isInQuery
        ? [
            ['Credential', url.searchParams.get('X-Amz-Credential') ?? ''],
            ['SignedHeaders', url.searchParams.get('X-Amz-SignedHeaders') ?? ''],
            ['Signature', url.searchParams.get('X-Amz-Signature') ?? ''],
          ]
        : [...(request.headers.authorization ?? '').matchAll(/(\w+)=([^,]+)/g)].map(([, name = '', value = '']) => [
            name,
            value,
          ]),
    );
    const [id, date = '', region = '', service = ''] = (fields.get('Credential') ?? '').split('/');
    const at = isInQuery ? (url.searchParams.get('X-Amz-Date') ?? '') : String(request.headers['x-amz-date']);
    const query = [...url.searchParams]
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .toSorted()
      .join('&');
    const names = (fields.get('SignedHeaders') ?? '').split(';');
    const canonical = [
      request.method,
      url.pathname,
      query,
      ...names.map((name) => `${name}:${String(request.headers[name]).trim()}`),
      '',
      names.join(';'),
      isInQuery ? 'UNSIGNED-PAYLOAD' : String(request.headers['x-amz-content-sha256']),
    ].join('\n');
    const scope = [date, region, service, 'aws4_request'].join('/');
    const key = ['aws4_request', service, region, date].reduceRight<string | Buffer>(
      (from, part) => hmac(from, part),
      `AWS4${this.secretAccessKey}`,
    );
    const expected = hmac(key, ['AWS4-HMAC-SHA256', at, scope, hex(canonical)].join('\n')).toString('hex');
    return id === this.accessKeyId && expected === fields.get('Signature');
  }
}
