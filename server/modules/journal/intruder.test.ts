import { writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { journalApi } from '@loro/contracts/journal';
import { signCheckpoints, verifyChain } from '@loro/contracts/journal-live';
import { breaksOf, JournalChains } from '../../testing/journal-chain';
import { type Person, testHub } from '../../testing/test-hub';
import { hashOf } from './chain.policy';
import { bodyOf, ENTRY_COLUMNS, type EntryRow } from './entry.store';

const folder = mkdtempSync(path.join(tmpdir(), 'loro-journal-'));
const hub = testHub({ env: { JOURNAL_DIR: folder } });
const chains = new JournalChains(hub);
const rows = ({ orgId }: Person) =>
  hub.hub.select<EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM journal_entries WHERE org_id = :orgId ORDER BY seq`, {
    orgId,
  });

describe('acceptance: somebody edits the second entry in SQL', () => {
  it('is found at that entry', async () => {
    const admin = await chains.aChain(3);
    await chains.asIntruder(() => chains.edit(admin, 2, '1000.00', '9500.00'));

    const found = await chains.verified(admin);

    expect(found).toMatchObject({ isOk: false, firstBadSeq: 2, code: 'HASH_MISMATCH' });
    expect(breaksOf(found)).toEqual([[2, 'HASH_MISMATCH']]);
  });

  it('is found at the next entry, when he wrote its hash anew too', async () => {
    const admin = await chains.aChain(3);
    await chains.asIntruder(async () => {
      await chains.edit(admin, 2, '1000.00', '9500.00');
      const row = (await rows(admin))[1];
      const hash = row && hashOf(bodyOf(row, 2), row.prev_hash ?? '');
      await hub.sql('UPDATE journal_entries SET hash = ? WHERE org_id = ? AND seq = 2', [hash, admin.orgId]);
    });

    expect(breaksOf(await chains.verified(admin))).toEqual([[3, 'LINK_BROKEN']]);
  });

  it('is found where he changed only at which branch it was', async () => {
    const admin = await chains.anAdmin();
    await hub.hub.transact(async (after) =>
      after.record({ action: 'thing.made', orgId: admin.orgId, branchId: admin.branchId }),
    );
    await chains.seal();
    await chains.asIntruder(() =>
      hub.sql('UPDATE journal_entries SET branch_id = NULL WHERE org_id = ?', [admin.orgId]),
    );

    expect(breaksOf(await chains.verified(admin))).toEqual([[1, 'HASH_MISMATCH']]);
  });
});

describe('an intruder who takes entries away', () => {
  it('leaves a gap', async () => {
    const admin = await chains.aChain(5);
    await chains.asIntruder(() => hub.sql('DELETE FROM journal_entries WHERE org_id = ? AND seq = 3', [admin.orgId]));

    expect(breaksOf(await chains.verified(admin))).toEqual([[4, 'SEQ_GAP']]);
  });

  it('is betrayed by the head, when he cuts the end off', async () => {
    const admin = await chains.aChain(5);
    const { id } = await hub.api(journalApi, admin).verify();
    await chains.seal();
    await chains.asIntruder(() => hub.sql('DELETE FROM journal_entries WHERE org_id = ? AND seq > 3', [admin.orgId]));

    await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: id });

    const found = await hub.api(journalApi, admin).verification({ verificationId: id });
    expect(breaksOf(found)).toEqual([[4, 'TRUNCATED']]);
  });

  it('is betrayed by a signed point outside the database, when he sets the head back and removes the points in it', async () => {
    const admin = await chains.aChain(5);
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    const kept = (await rows(admin))[2];
    await chains.asIntruder(async () => {
      await hub.sql('DELETE FROM journal_entries WHERE org_id = ? AND seq > 3', [admin.orgId]);
      await hub.sql('UPDATE journal_heads SET seq = 3, hash = ? WHERE org_id = ?', [kept?.hash, admin.orgId]);
      await hub.sql('DELETE FROM journal_checkpoints WHERE org_id = ?', [admin.orgId]);
    });
    const { id } = await hub.api(journalApi, admin).verify();

    await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: id });

    const found = await hub.api(journalApi, admin).verification({ verificationId: id });
    expect(breaksOf(found)).toEqual([[4, 'TRUNCATED']]);
  });

  it('is betrayed by the point that a reader kept', async () => {
    const admin = await chains.aChain(5);
    const { seq, hash } = await hub.api(journalApi, admin).head();
    const third = (await rows(admin))[2];
    await chains.asIntruder(async () => {
      await hub.sql('DELETE FROM journal_entries WHERE org_id = ? AND seq > 3', [admin.orgId]);
      await hub.sql('UPDATE journal_heads SET seq = 3, hash = ? WHERE org_id = ?', [third?.hash, admin.orgId]);
    });
    const { id } = await hub.api(journalApi, admin).verify({ fromSeq: seq, fromHash: hash });

    await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: id });

    const found = await hub.api(journalApi, admin).verification({ verificationId: id });
    expect(found).toMatchObject({ isOk: false, code: 'TRUNCATED' });
  });
});

describe('an intruder who writes anew', () => {
  it('does not get past the head', async () => {
    const admin = await chains.aChain(3);
    await hub.sql("UPDATE journal_heads SET hash = REPEAT('a', 64) WHERE org_id = ?", [admin.orgId]);
    const { id } = await hub.api(journalApi, admin).verify();

    await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: id });

    expect(breaksOf(await hub.api(journalApi, admin).verification({ verificationId: id }))).toEqual([
      [3, 'HEAD_MISMATCH'],
    ]);
  });

  it('does not get past a signed point, though he rebuilt the whole chain', async () => {
    const admin = await chains.aChain(3);
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    await chains.asIntruder(() => rebuild(admin, 2));

    const found = await chains.verified(admin);

    expect(breaksOf(found)).toEqual([[3, 'CHECKPOINT_MISMATCH']]);
  });

  it('cannot sign', async () => {
    const admin = await chains.aChain(3);
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    await chains.asIntruder(() => rebuild(admin, 2));
    const [, , third] = await rows(admin);
    await hub.sql('UPDATE journal_checkpoints SET hash = ?, signed = REPLACE(signed, hash, ?) WHERE org_id = ?', [
      third?.hash,
      third?.hash,
      admin.orgId,
    ]);
    await writeFile(path.join(folder, `${admin.orgId}.jsonl`), '');

    expect(breaksOf(await chains.verified(admin))).toEqual([[3, 'SIGNATURE_INVALID']]);
  });

  /** Edits an entry and chains everything from there anew, the head too. */
  async function rebuild(admin: Person, from: number): Promise<void> {
    await chains.edit(admin, from, '1000.00', '9500.00');
    let prevHash = '';
    for (const row of await rows(admin)) {
      const seq = row.seq ?? 0;
      const before = seq < from ? (row.prev_hash ?? '') : seq === from ? (row.prev_hash ?? '') : prevHash;
      prevHash = hashOf(bodyOf(row, seq), before);
      await hub.sql('UPDATE journal_entries SET prev_hash = ?, hash = ? WHERE org_id = ? AND seq = ?', [
        before,
        prevHash,
        admin.orgId,
        seq,
      ]);
      await hub.sql('UPDATE journal_heads SET hash = ? WHERE org_id = ?', [prevHash, admin.orgId]);
    }
  }
});
