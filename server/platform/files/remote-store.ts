import type { Readable } from 'node:stream';
import type { OutgoingAnswer } from '../http/outgoing';
import { type ByteRange, type FileAbout, FileMissing, type FileStore, rangeHeader } from './file-store';

export const TRANSFER_MS = 300_000;

export type StoreMethod = 'GET' | 'HEAD' | 'PUT' | 'DELETE';

/** What stores that are spoken to over HTTP have in common: one address a file, and the verbs of HTTP on it. */
export abstract class RemoteStore implements FileStore {
  abstract put(key: string, body: Readable | Uint8Array, about: FileAbout): Promise<void>;
  abstract list(after: string | null, limit: number): Promise<string[]>;
  abstract signedUrl(key: string, seconds: number): Promise<string | null>;
  protected abstract urlOf(key: string): URL;
  /** Sends with whatever proves who asks. */
  protected abstract send(
    method: StoreMethod,
    url: URL,
    headers?: Record<string, string>,
    body?: Readable | Uint8Array,
  ): Promise<OutgoingAnswer>;

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

  protected async finish(what: string, { status, body }: OutgoingAnswer): Promise<void> {
    body.resume();
    if (status < 200 || status > 299) throw refused(what, status);
  }
}

export const refused = (what: string, status: number): Error => new Error(`the storage answered ${status} to ${what}`);
