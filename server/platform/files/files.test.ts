import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { ObjectServer } from '../../testing/object-server';
import { Outgoing } from '../http/outgoing';
import { AzureStore, FileMissing, type FileStore, LocalStore, probeStore, S3Store } from '.';

const folder = mkdtempSync(path.join(tmpdir(), 'loro-files-'));
const bucket = new ObjectServer('AKIAEXAMPLE', 'a secret/of+the=bucket', 'azure+sig/nature=');
const outgoing = new Outgoing(['127.0.0.1/32']);
let endpoint = '';

beforeAll(async () => {
  endpoint = await bucket.open();
});
afterAll(async () => {
  await bucket.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  bucket.objects.clear();
  bucket.isBroken = false;
});

const s3 = (change: object = {}) =>
  new S3Store(
    {
      endpoint,
      region: 'eu-west-1',
      bucket: 'field-files',
      prefix: 'hub/files',
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'a secret/of+the=bucket',
      encryption: 'AES256',
      kmsKeyId: null,
      ...change,
    },
    outgoing,
  );
const azure = (signature = 'sv=2026-01-01&sr=c&sig=azure%2Bsig%2Fnature%3D') =>
  new AzureStore({ endpoint, container: 'field-files', prefix: 'hub', signature }, outgoing);

async function textOf(store: FileStore, key: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of (await store.get(key)) as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

const put = (store: FileStore, key: string, text: string) =>
  store.put(key, Readable.from([Buffer.from(text)]), { type: 'text/plain', size: Buffer.byteLength(text) });

describe.each([
  ['a folder of this machine', () => new LocalStore(path.join(folder, String(Math.random())))],
  ['a bucket of S3', s3],
  ['a container of Azure', azure],
])('files in %s', (_name, open) => {
  it('come back as they were written, and are replaced by what is written later', async () => {
    const store = open();

    await put(store, 'photos/2026/one.jpg', 'first');
    await put(store, 'photos/2026/one.jpg', 'second one');

    expect(await textOf(store, 'photos/2026/one.jpg')).toBe('second one');
    expect(await store.sizeOf('photos/2026/one.jpg')).toBe(10);
  });

  it('that are not there say so, and may be removed again', async () => {
    const store = open();

    await expect(store.get('nothing.txt')).rejects.toThrow(FileMissing);
    expect(await store.sizeOf('nothing.txt')).toBeNull();
    await store.remove('nothing.txt');
  });

  it('are listed in the order of their names, from any of them on', async () => {
    const store = open();
    for (const key of ['c.txt', 'a.txt', 'b/d.txt']) await put(store, key, key);

    expect(await store.list(null, 2)).toEqual(['a.txt', 'b/d.txt']);
    expect(await store.list('a.txt', 10)).toEqual(['b/d.txt', 'c.txt']);
  });

  it('cannot be named out of their place', async () => {
    const store = open();

    for (const key of ['../up.txt', 'a/../../b', '/etc/passwd', 'a//b', '.hidden', '', 'a\\b', 'a b'])
      await expect(put(store, key, 'x')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('pass the probe that writes, reads and deletes', async () => {
    await expect(probeStore(open())).resolves.toBeUndefined();
    expect([...bucket.objects.keys()]).toEqual([]);
  });
});

describe('a folder of this machine', () => {
  it('never shows half a file, and keeps nothing of one that broke off', async () => {
    const root = path.join(folder, 'half');
    const store = new LocalStore(root);
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('the phone is gone');
      })(),
    );

    await expect(store.put('photo.jpg', broken, { type: 'image/jpeg', size: 8 })).rejects.toThrow('the phone is gone');
    await expect(store.put('photo.jpg', Buffer.from('four'), { type: 'image/jpeg', size: 5 })).rejects.toThrow('not 5');

    expect(readdirSync(root)).toEqual([]);
    expect(await store.signedUrl()).toBeNull();
  });
});

describe('a bucket of S3', () => {
  it('is asked with a signature that holds, and to encrypt what it keeps', async () => {
    await put(s3(), 'one.txt', 'text');

    expect([...bucket.objects.keys()]).toEqual(['field-files/hub/files/one.txt']);
    expect(bucket.headers.get('field-files/hub/files/one.txt')).toMatchObject({
      'x-amz-server-side-encryption': 'AES256',
      'content-type': 'text/plain',
    });
    await expect(put(s3({ secretAccessKey: 'another' }), 'one.txt', 'text')).rejects.toThrow('answered 403');
  });

  it('opens one file by a link, and no other by the same', async () => {
    await put(s3(), 'one.txt', 'for you');
    await put(s3(), 'two.txt', 'not for you');
    const link = await s3().signedUrl('one.txt', 300);

    expect(await outgoing.text(link)).toEqual({ status: 200, text: 'for you' });
    expect((await outgoing.text(link.replace('one.txt', 'two.txt'))).status).toBe(403);
    expect((await outgoing.text(link.replace('Expires=300', 'Expires=3000'))).status).toBe(403);
  });

  it('fails the probe when it gives back other bytes, and in a place that must not be called', async () => {
    bucket.isBroken = true;

    await expect(probeStore(s3())).rejects.toThrow('other bytes');
    await expect(probeStore(s3({ endpoint: 'http://169.254.169.254' }))).rejects.toThrow('not a public address');
  });
});

describe('a container of Azure', () => {
  it('is opened by its signature alone', async () => {
    await expect(put(azure('sv=1&sig=another'), 'one.txt', 'text')).rejects.toThrow('answered 403');
    expect(await azure().signedUrl()).toBeNull();
  });
});
