import { setTimeout as sleep } from 'node:timers/promises';
import { createPublicKey, verify } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { journalApi } from '@loro/contracts/journal';
import { signCheckpoints, verifyChain, verifyDaily } from '@loro/contracts/journal-live';
import { breaksOf, JournalChains } from '../../testing/journal-chain';
import { type Person, testHub } from '../../testing/test-hub';
import { journal } from '.';
import { hashOf } from './chain.policy';
import { bodyOf, ENTRY_COLUMNS, type EntryRow } from './entry.store';

const folder = mkdtempSync(path.join(tmpdir(), 'loro-journal-'));
const hub = testHub({ env: { JOURNAL_DIR: folder } });
const chains = new JournalChains(hub);
const rows = ({ orgId }: Person) =>
  hub.hub.select<EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId ORDER BY seq`, {
    orgId,
  });

describe('a chain', () => {
  it('begins with the first entry of an organisation that nobody made a head for', async () => {
    const admin = await chains.aChain(3);

    const [first, second, third] = await rows(admin);

    expect([first?.seq, second?.seq, third?.seq]).toEqual([1, 2, 3]);
    expect(first?.prev_hash).toBe('0'.repeat(64));
    expect(second?.prev_hash).toBe(first?.hash);
    expect(third?.hash).toBe(third && hashOf(bodyOf(third, 3), third.prev_hash ?? ''));
    expect(await chains.verified(admin)).toMatchObject({ isOk: true, fromSeq: 0, checked: 3, breaks: [] });
  });

  it('is computed by a stranger from what the hub shows, to the same hashes', async () => {
    const admin = await chains.aChain(2);

    const { data } = await hub.api(journalApi, admin).list({ entityType: 'client', entityId: '9001' });

    expect(data).toHaveLength(2);
    for (const entry of data) {
      const { seq, orgId, at, type, action, outcome, severity, actor, entity, piiRefs, prevHash } = entry;
      const text = JSON.stringify(entry.data);
      const who = { kind: actor.kind, ...(actor.id !== undefined && { id: actor.id }) };
      const body = { seq: seq ?? 0, orgId, at, type, action, outcome, severity, actor: who, piiRefs, data: text };
      expect(hashOf({ ...body, ...(entity && { entity }) }, prevHash ?? '')).toBe(entry.hash);
    }
  });
});

describe('acceptance: two thousand writes at once in two organisations', () => {
  it('make two chains without a gap that verify', async () => {
    const admins = [await chains.anAdmin(), await chains.anAdmin()] as const;
    const jobs = Array.from({ length: 2_000 }, (_, n) => ({ orgId: admins[n % 2 === 0 ? 0 : 1].orgId, n }));

    await Promise.all([
      ...Array.from({ length: 20 }, async () => {
        for (let job = jobs.pop(); job; job = jobs.pop()) await chains.tell(job.orgId, `client.changed-${job.n}`);
      }),
      // Two sealers at work meanwhile, as two workers would be.
      ...[0, 1].map(async () => {
        for (; jobs.length > 0; await sleep(50)) await hub.hub.use(journal).sealer.sealAll();
      }),
    ]);
    await chains.seal();

    for (const admin of admins) {
      expect((await rows(admin)).map(({ seq }) => seq)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 1));
      expect(await chains.verified(admin)).toMatchObject({ isOk: true, breaks: [] });
    }
  }, 120_000);
});

describe('checking a chain', () => {
  it('goes from a point that the caller kept', async () => {
    const admin = await chains.aChain(5);
    const third = (await rows(admin))[2];

    const good = await chains.verified(admin, { fromSeq: 3, fromHash: third?.hash ?? '' });
    const bad = await chains.verified(admin, { fromSeq: 3, fromHash: 'f'.repeat(64) });

    expect(good).toMatchObject({ isOk: true, fromSeq: 3, breaks: [] });
    expect(breaksOf(bad)).toEqual([
      [3, 'HASH_MISMATCH'],
      [4, 'LINK_BROKEN'],
    ]);
  });

  it('lists every break and the first one, and raises an alarm that reaches the admins', async () => {
    const admin = await chains.aChain(6);
    const listener = await hub.listen('/notifications', admin);
    await listener.subscribe(`${admin.orgId}:journal:${admin.orgId}`);
    await chains.asIntruder(async () => {
      await chains.edit(admin, 2, '1000.00', '1.00');
      await chains.edit(admin, 5, '1000.00', '2.00');
    });

    const found = await chains.verified(admin);
    await chains.seal();

    expect(breaksOf(found)).toEqual([
      [2, 'HASH_MISMATCH'],
      [5, 'HASH_MISMATCH'],
    ]);
    expect(await listener.next('journal:verified')).toEqual({
      verificationId: found.id,
      isOk: false,
      firstBadSeq: 2,
      code: 'HASH_MISMATCH',
    });
    const { data } = await hub.api(journalApi, admin).list({ action: 'journal.verification_failed' });
    expect(data).toMatchObject([{ severity: 'critical', outcome: 'failure' }]);
  });

  it('is one at a time in an organisation', async () => {
    const admin = await chains.aChain(1);
    const api = hub.api(journalApi, admin);

    const asked = await Promise.allSettled([api.verify(), api.verify()]);

    expect(asked.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(api.verify()).rejects.toMatchObject({ status: 409, code: 'VERIFY_RUNNING' });
  });

  it('runs every day since the last good check, and whole on Sundays', async () => {
    const admin = await chains.aChain(2);
    const api = hub.api(journalApi, admin);
    const daily = async (tick: string) => {
      await chains.seal();
      await hub.work(verifyDaily.name, { tick });
      const [newest] = (await api.verifications()).data;
      await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: newest?.id });
      return api.verification({ verificationId: newest?.id ?? '' });
    };

    const first = await daily('2026-11-24T03:00:00.000Z');
    const second = await daily('2026-11-25T03:00:00.000Z');
    const sunday = await daily('2026-11-29T03:00:00.000Z');

    expect(first).toMatchObject({ kind: 'daily', fromSeq: 0, isOk: true });
    expect(second).toMatchObject({ kind: 'daily', fromSeq: first.toSeq, isOk: true });
    expect(sunday).toMatchObject({ kind: 'full', fromSeq: 0, isOk: true });
  });

  it('is for admins and auditors, and of their own organisation', async () => {
    const admin = await chains.aChain(1);
    const manager = await hub.person({ role: 'manager', beside: admin });
    const stranger = await hub.person({ role: 'admin' });
    const { id } = await chains.verified(admin);

    await expect(hub.api(journalApi, manager).verify()).rejects.toMatchObject({ status: 403 });
    await expect(hub.api(journalApi, stranger).verification({ verificationId: id })).rejects.toMatchObject({
      status: 404,
    });
    const auditor = hub.api(journalApi, await hub.person({ role: 'auditor', beside: admin }));
    expect((await auditor.head()).seq).toBeGreaterThan(0);
  });
});

describe('signed points', () => {
  it('are made every thousand entries and every day, and stand outside the database', async () => {
    const admin = await chains.anAdmin();
    await hub.hub.transact(async (after) => {
      for (let n = 0; n < 2_100; n += 1) after.record({ action: 'thing.made', orgId: admin.orgId });
    });
    await chains.seal();
    await hub.work(signCheckpoints.name, {});
    const thousands = await hub.api(journalApi, admin).checkpoints();
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    const { data } = await hub.api(journalApi, admin).checkpoints();

    expect(thousands.data.map(({ seq }) => seq)).toEqual([2_000, 1_000]);
    expect(data.map(({ seq }) => seq)).toEqual([2_100, 2_000, 1_000]);
    const file = await readFile(path.join(folder, `${admin.orgId}.jsonl`), 'utf8');
    const lines = file.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).signature)).toEqual(
      data.toReversed().map(({ signature }) => signature),
    );
  });

  it('are signed so that a stranger can check them with the public key', async () => {
    const admin = await chains.aChain(2);

    const { seq, hash, signed, publicKey, signature } = await hub.api(journalApi, admin).head();

    const key = createPublicKey(publicKey);
    expect(key.asymmetricKeyType).toBe('ed25519');
    expect(verify(null, Buffer.from(signed), key, Buffer.from(signature, 'base64'))).toBe(true);
    expect(JSON.parse(signed)).toMatchObject({ seq, hash, orgId: admin.orgId });
  });

  it('of another organisation and broken lines of the file are none', async () => {
    const admin = await chains.aChain(2);
    const other = await chains.aChain(9);
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    const theirs = await readFile(path.join(folder, `${other.orgId}.jsonl`), 'utf8');
    await appendFile(path.join(folder, `${admin.orgId}.jsonl`), `not json\n${theirs}`);

    expect(await chains.verified(admin)).toMatchObject({ isOk: true });
  });
});
