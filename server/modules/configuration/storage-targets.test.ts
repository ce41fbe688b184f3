import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrateStorage, storageTargetsApi } from '@loro/contracts/storage-targets';
import { ObjectServer } from '../../testing/object-server';
import { type Person, testHub } from '../../testing/test-hub';
import { configuration } from '.';

const folder = mkdtempSync(path.join(tmpdir(), 'loro-storage-'));
const hub = testHub({ env: { OUTGOING_PRIVATE: '127.0.0.1/32', FILES_DIR: folder } });
const bucket = new ObjectServer('AKIAEXAMPLE', 'the secret of the bucket', 'sas');
const api = (person: Person) => hub.api(storageTargetsApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const storage = () => hub.hub.use(configuration).storage;
let endpoint = '';

beforeAll(async () => {
  endpoint = await bucket.open();
});
afterAll(async () => {
  await bucket.close();
  rmSync(folder, { recursive: true, force: true });
});

const inBucket = (person: Person, more: object = {}) =>
  api(person).create({
    name: 'Bucket',
    place: { driver: 's3', endpoint, region: 'eu-west-1', bucket: 'field-files', accessKeyId: 'AKIAEXAMPLE' },
    secret: 'the secret of the bucket',
    ...more,
  });
const onDisk = (person: Person, more: object = {}) =>
  api(person).create({ name: 'Disk', place: { driver: 'local', prefix: 'files' }, ...more });

describe('naming where files go', () => {
  it('keeps its secret, and tests by writing, reading and deleting', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [disk, far] = [await onDisk(admin), await inBucket(admin)];

    expect(far).toMatchObject({ hasSecret: true, last4: 'cket', state: 'untested', urlTtlSec: 600 });
    expect(JSON.stringify(far)).not.toContain('the secret');
    for (const { id } of [disk, far])
      expect(await api(admin).test({ storageTargetId: id })).toMatchObject({ isOk: true, state: 'ok' });
  });

  it('says which step failed, and calls no place inside the network', async () => {
    const admin = await hub.person({ role: 'admin' });
    const wrong = await inBucket(admin, { secret: 'another secret' });
    const inside = await inBucket(admin, {
      place: { driver: 's3', endpoint: 'http://169.254.169.254', region: 'r', bucket: 'abc', accessKeyId: 'A' },
    });

    expect(await api(admin).test({ storageTargetId: wrong.id })).toEqual({
      isOk: false,
      detail: 'write: the storage answered 403 to PUT',
      state: 'failing',
    });
    expect(await api(admin).test({ storageTargetId: inside.id })).toMatchObject({
      isOk: false,
      detail: expect.stringContaining('not a public address'),
    });
    await api(admin).rotate({ storageTargetId: wrong.id, secret: 'the secret of the bucket' });
    expect(await api(admin).test({ storageTargetId: wrong.id })).toMatchObject({ isOk: true });
  });

  it('refuses links that open for longer than an hour, and paths that lead out', async () => {
    const admin = await hub.person({ role: 'admin' });

    await expect(onDisk(admin, { urlTtlSec: 3_601 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(onDisk(admin, { place: { driver: 'local', prefix: '../other' } })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('sends each kind of file to one target, the one named last', async () => {
    const admin = await hub.person({ role: 'admin' });
    const first = await onDisk(admin, { kinds: ['photos', 'documents'] });
    const second = await inBucket(admin, { kinds: ['photos'] });

    expect(await api(admin).get({ storageTargetId: first.id })).toMatchObject({ kinds: ['documents'] });
    expect((await storage().placeFor(admin.orgId, 'photos')).target).toMatchObject({ id: second.id });
    expect((await storage().placeFor(admin.orgId, 'documents')).target).toMatchObject({ id: first.id });
    expect((await storage().placeFor(admin.orgId, 'exports')).target).toBeNull();
  });

  it('keeps a target that files go to, and forgets one that none goes to', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: storageTargetId } = await onDisk(admin, { kinds: ['exports'] });

    await expect(api(admin).remove({ storageTargetId }, ifMatch(1))).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
    await api(admin).change({ storageTargetId, kinds: [] }, ifMatch(1));
    await expect(api(admin).change({ storageTargetId, kinds: [] }, ifMatch(1))).rejects.toMatchObject({ status: 412 });
    await api(admin).remove({ storageTargetId }, ifMatch(2));

    await expect(api(admin).get({ storageTargetId })).rejects.toMatchObject({ status: 404 });
  });

  it('is the administrators’, in their own organisation', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const { id: storageTargetId } = await onDisk(admin);
    const theirs = await onDisk(stranger);

    await expect(onDisk(await hub.person())).rejects.toMatchObject({ status: 403 });
    await expect(api(stranger).get({ storageTargetId })).rejects.toMatchObject({ status: 404 });
    await expect(api(stranger).migrate({ storageTargetId: theirs.id, toId: storageTargetId })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('files on this machine', () => {
  it('lie in a folder of the organisation, whatever it names', async () => {
    const [one, other] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    for (const person of [one, other]) await onDisk(person, { kinds: ['documents'] });
    const { store } = await storage().placeFor(one.orgId, 'documents');

    await store.put('plan.txt', Buffer.from('ours'), { type: 'text/plain', size: 4 });

    expect(await (await storage().placeFor(other.orgId, 'documents')).store.sizeOf('plan.txt')).toBeNull();
  });
});

describe('moving files to another target', () => {
  const run = (person: Person, migrationId: string) =>
    hub.work(migrateStorage.name, { orgId: person.orgId, migrationId });

  it('copies every file, goes on where it stopped, and compares what arrived', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [from, to] = [
      await onDisk(admin, { kinds: ['documents'] }),
      await inBucket(admin, {
        place: {
          driver: 's3',
          endpoint,
          region: 'r',
          bucket: 'moved',
          accessKeyId: 'AKIAEXAMPLE',
          prefix: admin.orgId.toLowerCase(),
        },
      }),
    ];
    const { store } = await storage().placeFor(admin.orgId, 'documents');
    for (let n = 0; n < 53; n += 1)
      await store.put(`f${String(n).padStart(2, '0')}.txt`, Buffer.from(`file ${n}`), {
        type: 'text/plain',
        size: `file ${n}`.length,
      });

    const started = await api(admin).migrate({ storageTargetId: from.id, toId: to.id });
    await expect(api(admin).migrate({ storageTargetId: from.id, toId: to.id })).rejects.toMatchObject({
      code: 'MIGRATION_RUNNING',
    });
    const read = () => api(admin).migration({ storageTargetId: from.id, migrationId: started.id });
    await run(admin, started.id);
    const between = await read();
    await run(admin, started.id);
    await run(admin, started.id);

    expect(between).toMatchObject({ state: 'running', copied: 50, upTo: 'f49.txt' });
    expect(await read()).toMatchObject({ state: 'done', copied: 53, upTo: 'f52.txt' });
    const moved = [...bucket.objects].filter(([key]) => key.startsWith('moved/'));
    expect(moved).toHaveLength(53);
    expect(moved.at(-1)?.[1].toString()).toBe('file 52');
    expect(await store.sizeOf('f00.txt')).toBe(6);
  });

  it('stops at a copy that differs, and says so', async () => {
    const admin = await hub.person({ role: 'admin' });
    const [from, to] = [await onDisk(admin, { kinds: ['documents'] }), await inBucket(admin)];
    const { store } = await storage().placeFor(admin.orgId, 'documents');
    await store.put('one.txt', Buffer.from('text'), { type: 'text/plain', size: 4 });
    const { id } = await api(admin).migrate({ storageTargetId: from.id, toId: to.id });

    bucket.isBroken = true;
    await expect(run(admin, id)).rejects.toThrow('differs from the original');
    bucket.isBroken = false;

    expect(await api(admin).migration({ storageTargetId: from.id, migrationId: id })).toMatchObject({
      state: 'failed',
      copied: 0,
      failure: expect.stringContaining('one.txt'),
    });
  });
});
