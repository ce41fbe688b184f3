import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Document } from '@loro/contracts/documents';
import type { Problem } from '@loro/contracts/kit/problem';
import type { Person, TestHub } from './test-hub';

interface Sent {
  readonly fields?: Record<string, string>;
  readonly name?: string;
  readonly bytes?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

export const HELLO_SHA256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';
export const filesFolder = (): string => mkdtempSync(path.join(tmpdir(), 'loro-files-'));
/** With the version that was read. */
export const read = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

/** Hands files in and opens them over HTTP, as a browser's form does; `hello world` unless told otherwise. */
export function uploads(hub: TestHub, folder: string) {
  const send = async (
    person: Pick<Person, 'token'>,
    { fields = {}, name = 'note.txt', bytes, headers, path: to }: Sent,
  ) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set('file', new Blob([bytes === undefined ? 'hello world' : new Uint8Array(Buffer.from(bytes))]), name);
    const answer = await fetch(`${hub.url}/api/v1${to ?? '/documents'}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, ...headers },
      body: form,
    });
    return { status: answer.status, answer: (await answer.json()) as { data: Document } & Problem };
  };
  return {
    send,
    upload: async (person: Person, sent: Sent = {}): Promise<Document> => {
      const { status, answer } = await send(person, sent);
      expect(status).toBe(201);
      return answer.data;
    },
    refusal: async (person: Person, sent: Sent): Promise<[number, string]> => {
      const { status, answer } = await send(person, sent);
      return [status, answer.code];
    },
    open: (person: Pick<Person, 'token'>, id: string, headers: Record<string, string> = {}, query = '') =>
      fetch(`${hub.url}/api/v1/documents/${id}/content${query}`, {
        headers: { authorization: `Bearer ${person.token}`, ...headers },
      }),
    /** Files on the disk of this organisation. */
    kept: ({ orgId }: Person): string[] =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
        (name) => name.startsWith(orgId) && statSync(path.join(folder, name)).isFile(),
      ),
    used: async ({ orgId }: Person): Promise<number | undefined> =>
      (await hub.sql<{ bytes_used: number }>('SELECT bytes_used FROM storage_usage WHERE org_id = ?', [orgId]))[0]
        ?.bytes_used,
  };
}
