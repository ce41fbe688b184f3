import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { documentsApi } from '@loro/contracts/documents';
import { ulid } from '../../platform';
import { type Person, type TestNode, testHub } from '../../testing/test-hub';
import { filesFolder, uploads } from '../../testing/uploads';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files } });
const { kept, open, upload, used } = uploads(hub, files);
const TUS = { 'tus-resumable': '1.0.0' };
const BYTES = { ...TUS, 'content-type': 'application/offset+octet-stream' };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const metadata = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${base64(value)}`)
    .join(',');

/** A call of the protocol, as a client of tus makes it. */
async function tus(
  person: Pick<Person, 'token'>,
  method: string,
  path: string,
  { headers, body, at = hub }: { headers?: Record<string, string>; body?: string | Buffer; at?: TestNode } = {},
) {
  const answer = await fetch(`${at.gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${person.token}`, ...TUS, ...headers },
    ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
  });
  const text = await answer.text();
  const { code, errors } = (text.startsWith('{') ? JSON.parse(text) : {}) as {
    code?: string;
    errors?: { path: string }[];
  };
  return { status: answer.status, headers: answer.headers, code, errors };
}

async function begin(person: Person, size: number, fields: Record<string, string> = {}): Promise<string> {
  const answer = await tus(person, 'POST', '/api/v1/uploads', {
    headers: {
      'upload-length': String(size),
      'upload-metadata': metadata({ filename: 'note.txt', ...fields }),
    },
  });
  expect(answer).toMatchObject({ status: 201 });
  return answer.headers.get('location') ?? '';
}

const send = (person: Person, path: string, from: number, body: string | Buffer, at?: TestNode) =>
  tus(person, 'PATCH', path, { headers: { ...BYTES, 'upload-offset': String(from) }, body, ...(at && { at }) });

describe('handing a file in part by part', () => {
  it('goes on where it stood, on whichever node, and is a document with its last byte', async () => {
    const person = await hub.person();
    const other = await hub.secondNode('uploads-b');
    const text = 'the first part, the second part';
    const path = await begin(person, text.length, { title: 'In parts', visibility: 'org' });

    const first = await send(person, path, 0, text.slice(0, 15));
    const middle = await tus(person, 'HEAD', path, { at: other });
    const last = await send(person, path, 15, text.slice(15), other);

    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '15']);
    expect([middle.status, middle.headers.get('upload-offset'), middle.headers.get('upload-length')]).toEqual([
      200,
      '15',
      '31',
    ]);
    expect(Date.parse(middle.headers.get('upload-expires') ?? '')).toBeGreaterThan(hub.clock.now().getTime());
    expect([last.status, last.headers.get('tus-resumable')]).toEqual([204, '1.0.0']);
    const id = (last.headers.get('content-location') ?? '').split('/').at(-1) ?? '';
    expect(await (await open(person, id)).text()).toBe(text);
    expect(await hub.api(documentsApi, person).get({ documentId: id })).toMatchObject({
      title: 'In parts',
      filename: 'note.txt',
      visibility: 'org',
    });
    expect([await used(person), kept(person).length]).toEqual([31, 1]);
  });

  it('keeps what had arrived when the connection broke off', async () => {
    const person = await hub.person();
    const path = await begin(person, 1_000_000, { filename: 'long.txt' });
    const part = Buffer.alloc(300_000, 'a');

    await new Promise<void>((resolve) => {
      const call = httpRequest(`${hub.url}${path}`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${person.token}`,
          ...BYTES,
          'upload-offset': '0',
          'content-length': 1_000_000,
        },
      });
      call.on('error', () => resolve());
      call.write(part, () => setTimeout(() => call.destroy(new Error('away')), 200));
    });
    const arrived = await until(async () => {
      const { headers } = await tus(person, 'HEAD', path);
      return Number(headers.get('upload-offset')) || undefined;
    });
    const rest = await send(person, path, arrived, Buffer.alloc(1_000_000 - arrived, 'b'));

    expect(arrived).toBe(300_000);
    expect(rest.status).toBe(204);
    const id = path.split('/').at(-1) ?? '';
    const whole = Buffer.from(await (await open(person, id)).arrayBuffer());
    expect(whole.equals(Buffer.concat([part, Buffer.alloc(700_000, 'b')]))).toBe(true);
  });

  it('takes a part once, though two send it at one time', async () => {
    const person = await hub.person();
    const path = await begin(person, 10);

    const answers = await Promise.all(Array.from({ length: 6 }, () => send(person, path, 0, 'hello')));

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409, 409, 409, 409, 409]);
    expect((await tus(person, 'HEAD', path)).headers.get('upload-offset')).toBe('5');
    expect(kept(person)).toHaveLength(1);
  });

  it('becomes one document, though two send its last part', async () => {
    const person = await hub.person();
    const path = await begin(person, 5);

    await Promise.all(Array.from({ length: 4 }, () => send(person, path, 0, 'hello')));

    expect((await hub.api(documentsApi, person).list({})).data).toHaveLength(1);
    expect(await used(person)).toBe(5);
    const [room] = await hub.sql('SELECT bytes_reserved AS reserved FROM storage_usage WHERE org_id = ?', [
      person.orgId,
    ]);
    expect(room).toEqual({ reserved: 0 });
  });

  it.each([
    ['at another place', 3, 'abc', 409, 'UPLOAD_OFFSET'],
    ['beyond its length', 0, 'x'.repeat(11), 413, 'UPLOAD_TOO_LONG'],
  ])('refuses a part %s', async (_, from, body, status, code) => {
    const person = await hub.person();
    const path = await begin(person, 10);

    expect(await send(person, path, from, body)).toMatchObject({ status, code });
    expect((await tus(person, 'HEAD', path)).headers.get('upload-offset')).toBe('0');
  });

  it('refuses bytes under another name, another version of the protocol, and says which it speaks', async () => {
    const person = await hub.person();
    const path = await begin(person, 10);

    const typed = await tus(person, 'PATCH', path, {
      headers: { 'content-type': 'text/plain', 'upload-offset': '0' },
      body: 'x',
    });
    const old = await tus(person, 'HEAD', path, { headers: { 'tus-resumable': '0.2.2' } });
    const asked = await fetch(`${hub.url}/api/v1/uploads`);

    expect(typed.status).toBe(415);
    expect([old.status, old.headers.get('tus-version'), old.headers.get('tus-resumable')]).toEqual([
      412,
      '1.0.0',
      '1.0.0',
    ]);
    expect([asked.status, asked.headers.get('tus-extension')]).toEqual([204, 'creation,expiration,termination']);
  });

  it('names every header and field that cannot be, before a byte is sent', async () => {
    const person = await hub.person();
    const ask = (headers: Record<string, string>) => tus(person, 'POST', '/api/v1/uploads', { headers });

    expect(await ask({})).toMatchObject({ status: 422, errors: [{ path: 'Upload-Length' }] });
    const wrong = metadata({ filename: 'a.txt', visibility: 'everybody', sha256: 'x', orgId: ulid() });
    const { status, errors } = await ask({ 'upload-length': '5', 'upload-metadata': wrong });
    expect([status, errors?.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b))]).toEqual([
      422,
      ['Upload-Metadata.', 'Upload-Metadata.sha256', 'Upload-Metadata.visibility'],
    ]);
    expect(
      await ask({ 'upload-length': String(26 * 1_048_576), 'upload-metadata': metadata({ filename: 'a.txt' }) }),
    ).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' });
    expect(await ask({ 'upload-length': '5', 'upload-metadata': metadata({ filename: 'a.exe' }) })).toMatchObject({
      status: 415,
      code: 'TYPE_NOT_ALLOWED',
    });
    expect(await hub.sql('SELECT 1 FROM uploads WHERE org_id = ?', [person.orgId])).toEqual([]);
  });

  it('is refused for good where the whole is not what was announced', async () => {
    const person = await hub.person();
    const right = createHash('sha256').update('hello').digest('hex');
    const [good, bad] = [await begin(person, 5, { sha256: right }), await begin(person, 5, { sha256: right })];

    expect((await send(person, good, 0, 'hello')).status).toBe(204);
    expect(await send(person, bad, 0, 'jello')).toMatchObject({ status: 460, code: 'UPLOAD_CHECKSUM' });
    expect(await tus(person, 'HEAD', bad)).toMatchObject({ status: 410 });
    expect(kept(person)).toHaveLength(1);
  });

  it('is looked at as any other file', async () => {
    const person = await hub.person();
    const path = await begin(person, 3, { filename: 'report.pdf' });

    expect(await send(person, path, 0, 'MZ\u0001')).toMatchObject({ status: 415, code: 'TYPE_NOT_ALLOWED' });
    expect([await used(person), kept(person)]).toEqual([0, []]);
  });

  it('ends when nobody goes on with it for a day, and gives its room back', async () => {
    const person = await hub.person();
    const [waiting, given] = [await begin(person, 50), await begin(person, 50)];
    await send(person, waiting, 0, 'begun');
    const reserved = async () =>
      (await hub.sql('SELECT bytes_reserved AS n FROM storage_usage WHERE org_id = ?', [person.orgId]))[0];

    expect(await reserved()).toEqual({ n: 100 });
    expect((await tus(person, 'DELETE', given)).status).toBe(204);
    expect(await reserved()).toEqual({ n: 50 });
    await hub.sql('UPDATE uploads SET expires_at = ? WHERE org_id = ? AND state = ?', [
      hub.clock.now(),
      person.orgId,
      'open',
    ]);
    expect(await send(person, waiting, 5, 'more')).toMatchObject({ status: 410, code: 'UPLOAD_EXPIRED' });
    await hub.work('documents.sweep-uploads');

    expect([await reserved(), kept(person)]).toEqual([{ n: 0 }, []]);
    expect((await tus(person, 'HEAD', waiting)).status).toBe(410);
  });

  it('counts as taken from its beginning: what would not fit beside it is refused', async () => {
    const person = await hub.person();
    hub.hub.ports.limit = async () => 100;
    const path = await begin(person, 60);

    const beside = await tus(person, 'POST', '/api/v1/uploads', {
      headers: { 'upload-length': '60', 'upload-metadata': metadata({ filename: 'a.txt' }) },
    });
    const at_once = await fetch(`${hub.url}/api/v1/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}` },
      body: formOf(randomBytes(30).toString('hex')),
    });
    const last = await send(person, path, 0, 'y'.repeat(60));
    hub.hub.ports.limit = async () => null;

    expect(beside).toMatchObject({ status: 402, code: 'STORAGE_QUOTA' });
    expect(at_once.status).toBe(402);
    expect([last.status, await used(person)]).toEqual([204, 60]);
  });

  it('is nobody else’s: neither a colleague’s nor another organisation’s', async () => {
    const person = await hub.person();
    const path = await begin(person, 5);

    for (const stranger of [await hub.person(), await hub.person({ beside: person, role: 'admin' })]) {
      expect((await tus(stranger, 'HEAD', path)).status).toBe(404);
      expect(await send(stranger, path, 0, 'hello')).toMatchObject({ status: 404 });
      expect((await tus(stranger, 'DELETE', path)).status).toBe(404);
    }
    expect((await send(person, path, 0, 'hello')).status).toBe(204);
  });

  it('may be as long as the purpose takes, sent in many parts', async () => {
    const person = await hub.person();
    const all = Buffer.from(randomBytes(600_000).toString('hex'));
    const path = await begin(person, all.length);

    for (let from = 0; from < all.length; from += 400_000) {
      const { status } = await send(person, path, from, all.subarray(from, from + 400_000));
      expect(status).toBe(204);
    }

    const back = Buffer.from(await (await open(person, path.split('/').at(-1) ?? '')).arrayBuffer());
    expect(back.equals(all)).toBe(true);
  });

  it('does not stand in the way of files handed in at once', async () => {
    const person = await hub.person();
    await begin(person, 5);

    expect(await upload(person)).toMatchObject({ state: 'ready' });
  });
});

function formOf(text: string): FormData {
  const form = new FormData();
  form.set('file', new Blob([text]), 'a.txt');
  return form;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came');
}
