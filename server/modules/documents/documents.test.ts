import { authApi } from '@loro/contracts/auth';
import { documentsApi } from '@loro/contracts/documents';
import type { Problem } from '@loro/contracts/kit/problem';
import { ulid } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, HELLO_SHA256, read, uploads } from '../../testing/uploads';
import { documents } from './index';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files, OUTGOING_PRIVATE: '127.0.0.1' } });
const { kept, open, refusal, send, upload, used } = uploads(hub, files);
const api = (person: Person) => hub.api(documentsApi, person);

describe('opening a file', () => {
  it('acceptance: gives a part, says when there is none, and nothing to who has it', async () => {
    const person = await hub.person();
    const { id } = await upload(person);

    const part = await open(person, id, { range: 'bytes=0-4' });
    const none = await open(person, id, { range: 'bytes=20-' });
    const had = await open(person, id, { 'if-none-match': `"${HELLO_SHA256}"` });
    const head = await fetch(`${hub.url}/api/v1/documents/${id}/content`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${person.token}` },
    });

    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'hello', 'bytes 0-4/11']);
    expect([none.status, ((await none.json()) as Problem).code]).toEqual([416, 'RANGE_NOT_SATISFIABLE']);
    expect([had.status, await had.text()]).toEqual([304, '']);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '11']);
  });

  it('acceptance: works by a signed address without signing in, until it runs out, is changed or is ended', async () => {
    const person = await hub.person();
    const { id, version } = await upload(person);
    const { url } = await api(person).download({ documentId: id });
    const ask = async (address: string) => {
      const answer = await fetch(`${hub.url}${address}`);
      return answer.ok ? answer.text() : ((await answer.json()) as Problem).code;
    };

    expect(await ask(url)).toBe('hello world');
    expect(await ask(url.replace('d=attachment', 'd=inline'))).toBe('URL_SIGNATURE');
    expect(await ask(url.replace(id, ulid()))).toBe('URL_SIGNATURE');
    await api(person).change({ documentId: id, visibility: 'org' }, read(version));
    expect(await ask(url)).toBe('URL_EXPIRED');
    const { url: short } = await api(person).link({ documentId: id, ttlSec: 60 });
    expect(await ask(short)).toBe('hello world');
    hub.clock.advance(61_000);
    expect(await ask(short)).toBe('URL_EXPIRED');
  });

  it('is a 404 for another organisation, for whom it is private from, and its events are silence', async () => {
    const person = await hub.person();
    const [stranger, colleague] = [await hub.person({ role: 'owner' }), await hub.person({ beside: person })];
    const ears = await hub.listen('/notifications', stranger);
    const document = await upload(person);

    for (const other of [stranger, colleague]) {
      expect((await open(other, document.id)).status).toBe(404);
      await expect(api(other).get({ documentId: document.id })).rejects.toMatchObject({ status: 404 });
      await expect(api(other).trash({ documentId: document.id }, read(1))).rejects.toMatchObject({
        status: 404,
      });
      expect((await api(other).list({})).data).toEqual([]);
    }
    expect(ears.heard('document:changed')).toEqual([]);
  });

  it('is open to the branch or everybody where its owner says so, and to clients never by that', async () => {
    const person = await hub.person();
    const [colleague, elsewhere] = [
      await hub.person({ beside: person, role: 'sales' }),
      await hub.person({ elsewhereIn: person, role: 'sales' }),
    ];
    const client = await hub.person({ beside: person, role: 'client' });
    const fields = { visibility: 'branch', branchId: person.branchId };
    const [ofBranch, ofAll] = [
      await upload(person, { fields }),
      await upload(person, { fields: { visibility: 'org' } }),
    ];
    const seen = async (who: Person) => (await api(who).list({})).data.map(({ id }) => id).toSorted();

    expect(await seen(colleague)).toEqual([ofBranch.id, ofAll.id].toSorted());
    expect(await seen(elsewhere)).toEqual([ofAll.id]);
    expect(await seen(client)).toEqual([]);
    expect((await open(client, ofAll.id)).status).toBe(404);
    await expect(api(elsewhere).trash({ documentId: ofAll.id }, read(1))).rejects.toMatchObject({ status: 403 });
  });
});

describe('what a document is linked to', () => {
  it('acceptance: shows it to whoever may see that thing, to no client of another, and to its owner alone once unlinked', async () => {
    const owner = await hub.person({ role: 'client' });
    const [own, foreign] = [
      await hub.person({ beside: owner, role: 'client' }),
      await hub.person({ beside: owner, role: 'client' }),
    ];
    const thing = ulid();
    hub.hub
      .use(documents)
      .linksTo('test-thing', async ({ userId }, id) => id === thing && [own.userId, owner.userId].includes(userId));
    const fields = { ownerType: 'test-thing', ownerId: thing, role: 'evidence' };

    const document = await upload(owner, { fields });
    const listed = async (who: Person) =>
      (await api(who).list({ ownerType: 'test-thing', ownerId: thing })).data.length;

    expect(document).toMatchObject({ visibility: 'linked', links: [fields] });
    expect([(await open(own, document.id)).status, (await open(foreign, document.id)).status]).toEqual([200, 404]);
    expect([await listed(own), await listed(foreign)]).toEqual([1, 0]);
    expect(await refusal(foreign, { fields })).toEqual([404, 'NOT_FOUND']);
    await api(owner).removeLink({ documentId: document.id, ...fields });
    expect([(await open(own, document.id)).status, (await open(owner, document.id)).status]).toEqual([404, 200]);
  });
});

describe('versions', () => {
  it('are kept beside each other, and an earlier one comes back as a new one', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const versions = `/documents/${id}/versions`;

    const second = await send(person, {
      path: versions,
      bytes: 'second',
      fields: { note: 'better' },
      headers: { 'if-match': '"1"' },
    });
    const stale = await send(person, { path: versions, bytes: 'third', headers: { 'if-match': '"1"' } });
    const third = await api(person).restoreVersion({ documentId: id, no: '1' }, read(2));

    expect([second.status, stale.status, stale.answer.code]).toEqual([201, 412, 'VERSION_CONFLICT']);
    expect(third).toMatchObject({ currentVersion: 3, sha256: HELLO_SHA256, version: 3 });
    expect((await api(person).versions({ documentId: id })).data.map(({ no, note }) => [no, note])).toEqual([
      [3, 'As version 1'],
      [2, 'better'],
      [1, null],
    ]);
    expect(await (await open(person, id, {}, '?version=2')).text()).toBe('second');
    expect((await open(person, id, {}, '?version=9')).status).toBe(404);
  });
});

describe('throwing away', () => {
  it('can be taken back for thirty days, and then is for good, bytes and all', async () => {
    const person = await hub.person();
    const [gone, twin] = [await upload(person), await upload(person)];
    const alone = await upload(person, { bytes: 'alone' });
    for (const { id } of [gone, alone]) await api(person).trash({ documentId: id }, read(1));

    expect((await open(person, gone.id)).status).toBe(409);
    await api(person).restore({ documentId: gone.id });
    expect((await open(person, gone.id)).status).toBe(200);
    await api(person).trash({ documentId: gone.id }, read(3));
    await hub.work('documents.purge-trash');
    expect(kept(person)).toHaveLength(2);
    hub.clock.advance(31 * 86_400_000);
    const { email, password } = person;
    const signedIn = await hub.api(authApi).signIn({ email, password });
    const token = signedIn.status === 'signed-in' ? signedIn.accessToken : '';
    await hub.work('documents.purge-trash');

    await expect(hub.api(documentsApi, { token }).get({ documentId: gone.id })).rejects.toMatchObject({ status: 404 });
    expect([kept(person).length, await used(person)]).toEqual([1, 11]);
    expect(await (await open({ token }, twin.id)).text()).toBe('hello world');
  });

  it('is refused while the document is held for a case', async () => {
    const person = await hub.person();
    const admin = await hub.person({ beside: person, role: 'admin' });
    const { id } = await upload(person);
    await expect(api(person).hold({ documentId: id, isHeld: true })).rejects.toMatchObject({ status: 403 });
    await api(admin).hold({ documentId: id, isHeld: true });

    await expect(api(person).trash({ documentId: id }, read(2))).rejects.toMatchObject({ code: 'LEGAL_HOLD' });
    await api(admin).hold({ documentId: id, isHeld: false });
    await api(person).trash({ documentId: id }, read(3));
  });
});
