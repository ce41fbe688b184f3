import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configurationApi } from '@loro/contracts/configuration';
import { journalApi } from '@loro/contracts/journal';
import { anchorOutside, sealEntries, signCheckpoints, watchSecurity } from '@loro/contracts/journal-live';
import { anOwner } from '../../testing/licenses';
import { type Person, testHub } from '../../testing/test-hub';

const posted: string[] = [];
let answers = 200;
const webhook = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => {
    posted.push(body);
    response.writeHead(answers).end();
  });
});
const files = mkdtempSync(path.join(tmpdir(), 'loro-anchors-'));
const hub = testHub({ env: { OUTGOING_PRIVATE: '127.0.0.1', FILES_DIR: files } });
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/points`;
});
afterAll(() => void webhook.close());
beforeEach(() => {
  posted.length = 0;
  answers = 200;
});

const set = ({ orgId, token }: Person, key: string, value: unknown) =>
  hub
    .api(configurationApi, { token })
    .setForOrganisation({ ownerId: orgId, key, value }, { headers: { 'if-match': '"0"' } });

/** Seals, signs, and does what waits of this job for the organisation, as workers would. */
async function signed({ orgId }: Person): Promise<void> {
  await hub.work(sealEntries.name);
  await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
  await anchored(orgId);
}
async function anchored(orgId: string): Promise<void> {
  const jobs = await hub.sql<{ id: string; payload: string }>(
    "SELECT id, payload FROM outbox_jobs WHERE name = ? AND state = 'open' AND payload LIKE ? ORDER BY id",
    [anchorOutside.name, `%${orgId}%`],
  );
  for (const { id, payload } of jobs) {
    await hub.work(anchorOutside.name, JSON.parse(payload));
    await hub.sql("UPDATE outbox_jobs SET state = 'done' WHERE id = ?", [id]);
  }
}
const newest = async (person: Person) => (await hub.api(journalApi, person).checkpoints()).data[0];

describe('signed points outside this machine', () => {
  it('are in the owner’s mailbox, at a webhook and in the organisation’s storage, where it wants them', async () => {
    const owner = await anOwner(hub);
    await set(owner, 'journal.anchor-mail', true);
    await set(owner, 'journal.anchor-webhook', url);
    await set(owner, 'journal.anchor-storage', true);

    await signed(owner);

    const point = await newest(owner);
    expect(point?.anchors.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'email',
      'file',
      's3',
      'webhook',
    ]);
    const [mail] = await hub.mails(owner.email);
    expect(mail?.text).toContain(point?.signature);
    const key = `journal/checkpoints/${String(point?.seq).padStart(12, '0')}.json`;
    const kept = await readFile(path.join(files, owner.orgId, key), 'utf8');
    expect(kept).toBe(posted[0]);
    const { signed: said, publicKey, signature } = JSON.parse(kept) as Record<string, string>;
    expect(
      verify(null, Buffer.from(said ?? ''), createPublicKey(publicKey ?? ''), Buffer.from(signature ?? '', 'base64')),
    ).toBe(true);
  });

  it('are put there once, and again where a place was away, without holding up the others', async () => {
    const owner = await anOwner(hub);
    await set(owner, 'journal.anchor-webhook', url);
    await set(owner, 'journal.anchor-storage', true);
    answers = 503;

    await expect(signed(owner)).rejects.toThrow('503');
    answers = 200;
    await anchored(owner.orgId);
    await anchored(owner.orgId);

    expect((await newest(owner))?.anchors.map(({ kind }) => kind).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'file',
      's3',
      'webhook',
    ]);
    expect(posted).toHaveLength(2);
  });

  it('are nowhere but here for an organisation that says nothing', async () => {
    const owner = await anOwner(hub);

    await signed(owner);

    expect((await newest(owner))?.anchors.map(({ kind }) => kind)).toEqual(['file']);
    expect(posted).toEqual([]);
  });
});

describe('security alerts by mail', () => {
  const watched = async ({ orgId }: Person) => {
    await hub.work(sealEntries.name);
    const jobs = await hub.sql<{ id: string; payload: string }>(
      "SELECT id, payload FROM outbox_jobs WHERE name = ? AND state = 'open' AND payload LIKE ?",
      [watchSecurity.name, `%${orgId}%`],
    );
    for (const { id, payload } of jobs) {
      await hub.work(watchSecurity.name, JSON.parse(payload));
      await hub.sql("UPDATE outbox_jobs SET state = 'done' WHERE id = ?", [id]);
    }
  };
  const tell = ({ orgId }: Person, action: string) =>
    hub.hub.transact(async (after) =>
      after.record({ type: 'security_event', action, orgId, entity: { type: 'user', id: 'u1' } }),
    );
  const subjects = async (person: Person) => (await hub.mails(person.email)).map(({ subject }) => subject);

  it('reach owner and administrators when they are critical, and nobody else', async () => {
    const owner = await anOwner(hub);
    const admin = await hub.person({ role: 'admin', beside: owner });
    const [staff, stranger] = [await hub.person({ beside: owner }), await anOwner(hub)];

    await tell(owner, 'session.compromised');
    await tell(owner, 'impersonation.started');
    await watched(owner);

    for (const person of [owner, admin])
      expect((await subjects(person)).filter((subject) => subject.startsWith('Security alert'))).toHaveLength(1);
    for (const person of [staff, stranger]) expect(await subjects(person)).toEqual([]);
  });

  it('are as many as the organisation wants, but a broken journal cannot be muted', async () => {
    const [quiet, all] = [await anOwner(hub), await anOwner(hub)];
    await set(quiet, 'journal.alert-mails', 'off');
    await set(all, 'journal.alert-mails', 'all');

    for (const owner of [quiet, all])
      for (const action of ['session.compromised', 'impersonation.started', 'journal.verification_failed'])
        await tell(owner, action);
    for (const owner of [quiet, all]) await watched(owner);

    const about = async (person: Person) =>
      (await hub.mails(person.email)).filter(({ subject }) => /alert/.test(subject));
    expect((await about(quiet)).map(({ text }) => text.split('\n')[0])).toEqual([
      'The journal is not what it was: entries were changed, removed or cut off.',
    ]);
    expect(await about(all)).toHaveLength(3);
  });
});
