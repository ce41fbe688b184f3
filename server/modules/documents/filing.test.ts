import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Document, documentsApi } from '@loro/contracts/documents';
import type { Problem } from '@loro/contracts/kit/problem';
import sharp from 'sharp';
import { ulid } from '../../platform';
import { archive } from '../../testing/archive';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, HELLO_SHA256, uploads } from '../../testing/uploads';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files, OUTGOING_PRIVATE: '127.0.0.1' } });
const { kept, open, refusal, send, upload, used } = uploads(hub, files);
const api = (person: Person) => hub.api(documentsApi, person);

describe('handing a file in', () => {
  it('keeps its bytes, names them by their hash, and tells its owner', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);

    const document = await upload(person);

    expect(document).toMatchObject({
      title: 'note.txt',
      mime: 'text/plain',
      size: 11,
      sha256: HELLO_SHA256,
      state: 'ready',
      scan: 'skipped',
    });
    expect(await listener.next('document:changed')).toMatchObject({ id: document.id, state: 'ready' });
    const whole = await open(person, document.id);
    expect(await whole.text()).toBe('hello world');
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      etag: `"${HELLO_SHA256}"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'content-disposition': `attachment; filename="note.txt"; filename*=UTF-8''note.txt`,
    });
  });

  it('acceptance: keeps the same bytes once in an organisation, and apart from those of another', async () => {
    const [one, other, stranger] = [await hub.person(), await hub.person(), await hub.person()];
    const colleague = await hub.person({ beside: one });
    await upload(one);
    await upload(colleague);
    await upload(stranger);

    expect([await used(one), await used(stranger), await used(other)]).toEqual([11, 11, undefined]);
    expect([kept(one).length, kept(stranger).length]).toEqual([1, 1]);
    expect(await hub.sql('SELECT refs FROM blobs WHERE org_id = ?', [one.orgId])).toEqual([{ refs: 2 }]);
  });

  it('keeps the same bytes once though twelve send them at one time', async () => {
    const person = await hub.person();

    const documents = await Promise.all(Array.from({ length: 12 }, () => upload(person)));

    expect(new Set(documents.map(({ id }) => id)).size).toBe(12);
    expect([await used(person), kept(person).length]).toEqual([11, 1]);
    expect(await hub.sql('SELECT refs FROM blobs WHERE org_id = ?', [person.orgId])).toEqual([{ refs: 12 }]);
  });

  it('happens once when it is sent again under its key, and is refused for another file', async () => {
    const person = await hub.person();
    const headers = { 'idempotency-key': ulid() };

    const first = await send(person, { headers });
    const second = await send(person, { headers });

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.answer.data.id).toBe(first.answer.data.id);
    expect(await refusal(person, { headers, bytes: 'another' })).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it.each([
    ['a drawing that can hold scripts', { name: 'photo.svg', bytes: '<svg/>' }, 415, 'TYPE_NOT_ALLOWED'],
    ['a program under another name', { name: 'report.pdf', bytes: 'MZ\u0090' }, 415, 'TYPE_NOT_ALLOWED'],
    ['a page under another name', { name: 'note.txt', bytes: '<html></html>' }, 415, 'TYPE_NOT_ALLOWED'],
    ['an empty file', { bytes: '' }, 422, 'EMPTY_FILE'],
    ['a file that changed on the way', { fields: { sha256: '0'.repeat(64) } }, 422, 'CHECKSUM_MISMATCH'],
    [
      'a picture that does not decode',
      { name: 'a.png', bytes: Buffer.from('89504e470d0a1a0a00000000', 'hex') },
      415,
      'TYPE_NOT_ALLOWED',
    ],
    ['a document as a picture of a product', { fields: { purpose: 'product-image' } }, 415, 'TYPE_NOT_ALLOWED'],
    ['a field that does not exist', { fields: { ownerID: 'x' } }, 422, 'VALIDATION_FAILED'],
    ['a branch of nobody', { fields: { branchId: ulid() } }, 404, 'NOT_FOUND'],
    ['a broken archive', { name: 'a.zip', bytes: 'PK\u0003\u0004nothing' }, 415, 'TYPE_NOT_ALLOWED'],
  ])('acceptance: refuses %s, and keeps nothing of it', async (_, sent, status, code) => {
    const person = await hub.person();

    expect(await refusal(person, sent)).toEqual([status, code]);

    expect(kept(person)).toEqual([]);
    expect((await api(person).list({})).data).toEqual([]);
  });

  it('refuses what is no multipart body, what holds no file, and what is too large for anybody', async () => {
    const person = await hub.person();
    const post = async (body: FormData | string, type?: string) => {
      const headers = { authorization: `Bearer ${person.token}`, ...(type !== undefined && { 'content-type': type }) };
      const answer = await fetch(`${hub.url}/api/v1/documents`, { method: 'POST', body, headers });
      return [answer.status, ((await answer.json()) as Problem).code];
    };
    const empty = new FormData();
    empty.set('purpose', 'document');

    expect(await post('{}', 'application/json')).toEqual([415, 'UNSUPPORTED_MEDIA']);
    expect(await post(empty)).toEqual([422, 'VALIDATION_FAILED']);
    expect(await post('--x\r\n', 'multipart/form-data; boundary=x')).toEqual([400, 'MALFORMED_JSON']);
    expect(
      await refusal(person, { fields: { purpose: 'avatar' }, name: 'a.png', bytes: Buffer.alloc(6 * 1024 * 1024, 1) }),
    ).toEqual([413, 'FILE_TOO_LARGE']);
    // The hub may close before it was told everything.
    const huge = await send(person, { bytes: Buffer.alloc(51 * 1024 * 1024, 1) }).then(
      ({ status }) => status,
      () => 413,
    );
    expect(huge).toBe(413);
  });

  it('gives a name without folders, and the hub’s own to the file on the disk', async () => {
    const person = await hub.person();

    const document = await upload(person, { name: '..%2F..%2Fetc%2Fpasswd.txt' });

    expect(document.title).not.toMatch(/[/\\]/);
    expect(kept(person)[0]).toMatch(new RegExp(`^${person.orgId}/[\\da-f]{2}/[\\da-f]{2}/${HELLO_SHA256}-`));
  });
});

describe('an archive', () => {
  it('acceptance: that would unpack to ten gigabytes is refused by its list alone', async () => {
    const bomb = archive([{ name: 'zeros', data: Buffer.from('x'), claims: 10 * 1024 ** 3 - 1 }]);

    expect(await refusal(await hub.person(), { name: 'a.zip', bytes: bomb })).toEqual([422, 'ZIP_BOMB']);
  });

  it.each([
    ['too many files', Array.from({ length: 2_001 }, (_, n) => ({ name: `${n}` })), 422, 'ZIP_BOMB', 'a.zip'],
    ['a name that leads out of it', [{ name: '../evil.txt' }], 415, 'TYPE_NOT_ALLOWED', 'a.zip'],
    ['a symbolic link', [{ name: 'link', mode: 0o120_777 }], 415, 'TYPE_NOT_ALLOWED', 'a.zip'],
    ['macros', [{ name: 'word/document.xml' }, { name: 'word/vbaProject.bin' }], 422, 'MACRO_NOT_ALLOWED', 'a.docx'],
    ['no document inside', [{ name: 'hello.txt' }], 415, 'TYPE_NOT_ALLOWED', 'a.docx'],
  ])('with %s is refused', async (_, entries, status, code, name) => {
    expect(await refusal(await hub.person(), { name, bytes: archive(entries) })).toEqual([status, code]);
  });

  it('may hold an archive, which is looked into as well, but none that holds a further one', async () => {
    const person = await hub.person();
    const inner = (entries: Parameters<typeof archive>[0]) => [{ name: 'inner.zip', data: archive(entries) }];
    const handed = (entries: Parameters<typeof archive>[0]) =>
      refusal(person, { name: 'a.zip', bytes: archive(entries) });

    expect(await upload(person, { name: 'a.zip', bytes: archive(inner([{ name: 'hello.txt' }])) })).toMatchObject({
      mime: 'application/zip',
    });
    expect(await handed(inner(inner([{ name: 'hello.txt' }])))).toEqual([422, 'ZIP_BOMB']);
    expect(await handed(inner([{ name: 'zeros', claims: 10 * 1024 ** 3 - 1 }]))).toEqual([422, 'ZIP_BOMB']);
    expect(await handed(inner([{ name: '../evil.txt' }]))).toEqual([415, 'TYPE_NOT_ALLOWED']);
    expect(await handed(inner([{ name: 'word/vbaProject.bin' }]))).toEqual([422, 'MACRO_NOT_ALLOWED']);
    expect(await handed([{ name: 'inner.zip', data: Buffer.from('PK'), claims: 40 * 1024 ** 2 }])).toEqual([
      422,
      'ZIP_BOMB',
    ]);
  });

  it('of an office document is taken as what it is', async () => {
    const document = await upload(await hub.person(), {
      name: 'a.docx',
      bytes: archive([{ name: 'word/document.xml' }]),
    });

    expect(document.mime).toMatch(/wordprocessingml/);
  });
});

describe('a picture', () => {
  const picture = () => sharp({ create: { width: 40, height: 20, channels: 3, background: '#08f' } });

  it('is drawn anew: where it was taken and what was hidden behind it do not come along', async () => {
    const person = await hub.person();
    const exif = { IFD0: { Copyright: 'secret place' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } };
    const taken = await picture().withExif(exif).jpeg().toBuffer();
    const bytes = Buffer.concat([taken, Buffer.from('<script>alert(1)</script>')]);

    const document = await upload(person, { name: 'a.jpg', bytes, fields: { purpose: 'photo' } });
    const back = Buffer.from(await (await open(person, document.id, {}, '?disposition=inline')).arrayBuffer());

    expect(document).toMatchObject({ mime: 'image/jpeg', meta: { width: 40, height: 20 } });
    expect(bytes.includes('secret place')).toBe(true);
    expect(back.includes('secret place') || back.includes('<script>')).toBe(false);
    expect((await sharp(back).metadata()).exif).toBeUndefined();
    expect(document.sha256).toBe(createHash('sha256').update(back).digest('hex'));
  });

  it('of more pixels than anybody needs is refused though its file is small', async () => {
    const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: '#fff' } })
      .png({ compressionLevel: 9 })
      .toBuffer();

    expect(bomb.length).toBeLessThan(2_000_000);
    expect(await refusal(await hub.person(), { name: 'a.png', bytes: bomb })).toEqual([422, 'IMAGE_TOO_LARGE']);
  });
});

describe('the room for files', () => {
  it('acceptance: is counted under two uploads at once: what would not fit both fits one', async () => {
    const person = await hub.person();
    hub.hub.ports.limit = async () => 100;
    await upload(person, { bytes: 'x'.repeat(92) });

    const large = await Promise.all(['a', 'b'].map((text) => send(person, { bytes: text.repeat(10) })));
    const small = await Promise.all(['c', 'd'].map((text) => send(person, { bytes: text.repeat(5) })));
    hub.hub.ports.limit = async () => null;

    expect(large.map(({ answer }) => answer.code)).toEqual(['STORAGE_QUOTA', 'STORAGE_QUOTA']);
    expect(small.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 402]);
    expect([await used(person), kept(person).length]).toEqual([97, 2]);
  });
});

describe('trusting a file', () => {
  it('is not done where it holds the text that every scanner must find', async () => {
    const person = await hub.person();
    const bytes = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

    const document = await upload(person, { bytes });

    expect(document).toMatchObject({ state: 'quarantined', scan: 'infected' });
    expect((await open(person, document.id)).status).toBe(423);
    await expect(api(person).download({ documentId: document.id })).rejects.toMatchObject({ code: 'QUARANTINED' });
  });

  it('waits for the organisation’s scanner, which is asked again when it gives no verdict', async () => {
    let verdict: [number, string] = [500, ''];
    const scanner = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(verdict[0]).end(verdict[1]));
    });
    await new Promise<void>((resolve) => scanner.listen(0, '127.0.0.1', resolve));
    const { port } = scanner.address() as AddressInfo;
    const person = await hub.person();
    await hub.sql(
      `INSERT INTO storage_targets (org_id, id, name, place, max_file_mb, mime_allow, url_ttl_sec, retention, scan_url, state, created_at, version)
       VALUES (?, ?, 'here', '{"driver":"local","prefix":""}', 50, '[]', 600, 'standard', ?, 'ok', NOW(3), 1)`,
      [person.orgId, ulid(), `http://127.0.0.1:${port}/`],
    );
    await hub.sql(
      `INSERT INTO storage_routes (org_id, kind, target_id) SELECT org_id, 'documents', id FROM storage_targets WHERE org_id = ?`,
      [person.orgId],
    );
    const [good, bad] = [await upload(person), await upload(person, { bytes: 'bad' })];
    const scan = ({ id }: Document) =>
      hub.work('documents.scan-document', { orgId: person.orgId, documentId: id, no: 1 });

    expect([good.state, (await open(person, good.id)).status]).toEqual(['processing', 409]);
    await expect(scan(good)).rejects.toThrow('no verdict');
    verdict = [200, '{"clean":true}'];
    await scan(good);
    verdict = [200, '{"clean":false}'];
    await scan(bad);
    scanner.close();

    expect(await api(person).get({ documentId: good.id })).toMatchObject({ state: 'ready', scan: 'clean' });
    expect(await api(person).get({ documentId: bad.id })).toMatchObject({ state: 'quarantined', scan: 'infected' });
  });

  it('is said by somebody else than its owner', async () => {
    const manager = await hub.person({ role: 'manager' });
    const other = await hub.person({ role: 'hr', beside: manager });
    const { id } = await upload(manager);

    await expect(api(manager).verify({ documentId: id, decision: 'verified' })).rejects.toMatchObject({
      code: 'SELF_VERIFICATION',
    });
    expect(await api(other).verify({ documentId: id, decision: 'rejected', note: 'blurred' })).toMatchObject({
      verification: 'rejected',
      verificationNote: 'blurred',
    });
  });

  it('ends where the kept bytes are gone or changed, which is found by hashing them again', async () => {
    const person = await hub.person();
    await upload(person, { bytes: `kept ${person.userId}` });
    writeFileSync(path.join(files, kept(person)[0] ?? ''), 'something else');

    await hub.work('documents.verify-files');

    expect(await hub.sql('SELECT state FROM blobs WHERE org_id = ?', [person.orgId])).toEqual([{ state: 'changed' }]);
  });
});
