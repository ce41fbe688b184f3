import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { journalApi } from '@loro/contracts/journal';
import { exportEntries, pruneEntries, sealEntries, signCheckpoints, verifyChain } from '@loro/contracts/journal-live';
import { ulid } from 'ulid';
import type { JournalNote } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';

const YEAR_MS = 366 * 86_400_000;
const folder = mkdtempSync(path.join(tmpdir(), 'loro-journal-'));
const hub = testHub({ env: { JOURNAL_DIR: folder } });
const seal = () => hub.work(sealEntries.name);
const tell = (...notes: JournalNote[]) =>
  hub.hub.transact(async (after) => {
    for (const note of notes) after.record(note);
  });
const api = (person: Person) => hub.api(journalApi, person);

async function isWhole(admin: Person): Promise<boolean | null> {
  await seal();
  const { id } = await api(admin).verify();
  await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: id });
  return (await api(admin).verification({ verificationId: id })).isOk;
}

describe('acceptance: a client is erased', () => {
  it('shows his values as erased, verifies as before, and tells of it once', async () => {
    const owner = await hub.person({ role: 'owner' });
    const { orgId } = owner;
    const client = { type: 'client', id: ulid() };
    const other = { type: 'client', id: ulid() };
    const personal = ['email'];
    await tell(
      { action: 'client.made', orgId, entity: client, after: { email: 'zoe@example.test', limit: 1 }, personal },
      { action: 'client.updated', orgId, entity: client, before: { limit: 1 }, after: { limit: 2 } },
      { action: 'client.made', orgId, entity: other, after: { email: 'max@example.test' }, personal },
    );
    const at = { type: 'client', entityId: client.id };
    const [before] = (await api(owner).history(at)).data;

    await api(owner).erase({ subject: client });

    expect(before?.changes).toContainEqual({ path: '/email', to: 'zoe@example.test' });
    const [after] = (await api(owner).history(at)).data;
    expect(after?.changes).toEqual([
      { path: '/email', to: '[erased]' },
      { path: '/limit', to: 1 },
    ]);
    const stood = await api(owner).asOf({ ...at, at: hub.clock.now().toISOString() });
    expect(stood.state).toEqual({ email: '[erased]', limit: 2 });
    expect((await api(owner).history({ type: 'client', entityId: other.id })).data[0]?.changes).toEqual([
      { path: '/email', to: 'max@example.test' },
    ]);
    expect(await isWhole(owner)).toBe(true);
    const { data } = await api(owner).list({ action: 'subject.erased', entityType: 'client', entityId: client.id });
    expect(data).toHaveLength(1);
  });

  it('keeps nothing personal of him afterwards either', async () => {
    const owner = await hub.person({ role: 'owner' });
    const client = { type: 'client', id: ulid() };
    await api(owner).erase({ subject: client });

    await tell({
      action: 'client.made',
      orgId: owner.orgId,
      entity: client,
      after: { email: 'x' },
      personal: ['email'],
    });

    const rows = await hub.sql('SELECT 1 FROM journal_pii WHERE org_id = ? AND subject_id = ?', [
      owner.orgId,
      client.id,
    ]);
    expect(rows).toEqual([]);
  });

  it('is for admins, and leaves the client of the same id of another organisation alone', async () => {
    const owner = await hub.person({ role: 'owner' });
    const manager = await hub.person({ role: 'manager', beside: owner });
    const stranger = await hub.person({ role: 'owner' });
    const client = { type: 'client', id: ulid() };
    const note = { action: 'client.made', entity: client, after: { email: 'x' }, personal: ['email'] };
    await tell({ ...note, orgId: owner.orgId }, { ...note, orgId: stranger.orgId });

    await expect(api(manager).erase({ subject: client })).rejects.toMatchObject({ status: 403 });
    await api(owner).erase({ subject: client });

    const [theirs] = (await api(stranger).history({ type: 'client', entityId: client.id })).data;
    expect(theirs?.changes).toEqual([{ path: '/email', to: 'x' }]);
  });
});

describe('a legal hold', () => {
  it('keeps a client from being erased until it is released', async () => {
    const owner = await hub.person({ role: 'owner' });
    const subject = { type: 'client', id: ulid() };
    const hold = await api(owner).hold({ subject, reason: 'Case 12/2026' });

    const held = { status: 409, code: 'JOURNAL_LEGAL_HOLD' };
    await expect(api(owner).erase({ subject })).rejects.toMatchObject(held);
    await expect(api(owner).hold({ subject, reason: 'Again' })).rejects.toMatchObject(held);
    const released = await api(owner).release({ holdId: hold.id, reason: 'Closed' });
    await expect(api(owner).release({ holdId: hold.id, reason: 'Twice' })).rejects.toMatchObject(held);
    await api(owner).erase({ subject });

    expect(released).toMatchObject({ subject, releasedBy: owner.userId });
    expect((await api(owner).holds()).data.map(({ id }) => id)).toEqual([hold.id]);
    const { data } = await api(owner).list({ entityType: 'client', entityId: subject.id });
    expect(data.map(({ action }) => action)).toEqual(['subject.erased', 'legal-hold.released', 'legal-hold.placed']);
  });

  it('of another organisation does not exist', async () => {
    const owner = await hub.person({ role: 'owner' });
    const stranger = await hub.person({ role: 'owner' });
    const { id } = await api(owner).hold({ subject: { type: 'client', id: ulid() }, reason: 'Case' });

    await expect(api(stranger).release({ holdId: id, reason: 'Mine' })).rejects.toMatchObject({ status: 404 });
  });
});

describe('letting go of the oldest entries', () => {
  async function anOldChain(): Promise<Person> {
    const owner = await hub.person({ role: 'owner' });
    for (let n = 0; n < 4; n += 1) await tell({ action: `client.changed-${n}`, orgId: owner.orgId });
    await seal();
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    await tell({ action: 'client.changed-late', orgId: owner.orgId });
    await seal();
    return owner;
  }
  const seqs = async ({ orgId }: Person) =>
    (
      await hub.sql<{ seq: number }>(
        'SELECT seq FROM journal_entries WHERE org_id = ? AND seq IS NOT NULL ORDER BY seq',
        [orgId],
      )
    ).map(({ seq }) => seq);
  async function years<T>(count: number, work: () => Promise<T>): Promise<T> {
    hub.clock.advance(count * YEAR_MS);
    try {
      return await work();
    } finally {
      hub.clock.advance(-count * YEAR_MS);
    }
  }

  it('goes up to a signed point after seven years, not before, and leaves a copy', async () => {
    const owner = await anOldChain();
    const all = await seqs(owner);

    await years(6, () => hub.work(pruneEntries.name, {}));
    const early = await seqs(owner);
    await years(8, () => hub.work(pruneEntries.name, {}));
    await seal();

    expect(early).toEqual(all);
    const kept = await seqs(owner);
    expect(kept[0]).toBe(all.at(-1));
    const copy = readdirSync(folder).find((name) => name.startsWith(`${owner.orgId}-pruned`)) ?? '';
    const lines = readFileSync(path.join(folder, copy), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(all.slice(0, -1));
    expect(await isWhole(owner)).toBe(true);
    const pruned = await hub.sql<{ data: string }>(
      "SELECT data FROM journal_entries WHERE org_id = ? AND action = 'journal.pruned'",
      [owner.orgId],
    );
    expect(JSON.parse(pruned[0]?.data ?? '{}')).toMatchObject({ throughSeq: all.at(-2), count: all.length - 1 });
  });

  it('is told to who asks for what is gone', async () => {
    const owner = await anOldChain();
    await tell({ action: 'client.made', orgId: owner.orgId, entity: { type: 'client', id: '1' }, after: { n: 1 } });
    await years(8, () => hub.work(pruneEntries.name, {}));
    const gone = { status: 410, code: 'JOURNAL_PRUNED' };

    await expect(api(owner).verify({ fromSeq: 1, fromHash: 'a'.repeat(64) })).rejects.toMatchObject(gone);
    await expect(api(owner).list({ to: '2026-01-01T00:00:00Z' })).rejects.toMatchObject(gone);
    await expect(api(owner).asOf({ type: 'client', entityId: '1', at: '2026-01-01T00:00:00Z' })).rejects.toMatchObject(
      gone,
    );
  });

  it('waits for a legal hold', async () => {
    const owner = await hub.person({ role: 'owner' });
    const client = { type: 'client', id: ulid() };
    await tell({ action: 'client.made', orgId: owner.orgId, entity: client });
    await seal();
    await hub.work(signCheckpoints.name, { tick: hub.clock.now().toISOString() });
    const { id } = await api(owner).hold({ subject: client, reason: 'Case' });
    await seal();
    const all = await seqs(owner);

    await years(8, () => hub.work(pruneEntries.name, {}));
    const held = await seqs(owner);
    await api(owner).release({ holdId: id, reason: 'Closed' });
    await years(8, () => hub.work(pruneEntries.name, {}));

    expect(held).toEqual(all);
    expect((await seqs(owner))[0]).toBeGreaterThan(all[0] ?? 0);
  });
});

describe('an export', () => {
  async function exported(owner: Person, format: 'csv' | 'jsonl', filter = {}) {
    await seal();
    const { id: exportId } = await api(owner).export({ format, filter });
    await hub.work(exportEntries.name, { orgId: owner.orgId, exportId });
    const made = await api(owner).exported({ exportId });
    const answer = await fetch(`${hub.url}/api/v1/journal/export/${exportId}/file`, {
      headers: { authorization: `Bearer ${owner.token}` },
    });
    return { made, answer, text: await answer.text() };
  }

  it('is a file with a manifest that a stranger can check', async () => {
    const owner = await hub.person({ role: 'owner' });
    for (let n = 0; n < 3; n += 1)
      await tell({ action: 'client.updated', orgId: owner.orgId, entity: { type: 'client', id: 'a' }, data: { n } });

    const { made, text, answer } = await exported(owner, 'jsonl', { action: 'client.updated' });

    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ data }) => data.n)).toEqual([0, 1, 2]);
    const { manifest } = made;
    expect(manifest).toMatchObject({
      count: 3,
      firstSeq: lines[0].seq,
      lastSeq: lines[2].seq,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
    const key = createPublicKey(manifest?.publicKey ?? '');
    const { signed = '', signature = '' } = manifest ?? {};
    expect(verify(null, Buffer.from(signed), key, Buffer.from(signature, 'base64'))).toBe(true);
    expect(JSON.parse(signed)).toMatchObject({ orgId: owner.orgId, count: 3, sha256: manifest?.sha256 });
    expect(answer.headers.get('content-disposition')).toContain('.jsonl');
    const { data } = await api(owner).list({ action: 'journal.exported' });
    expect(data).toHaveLength(1);
  });

  it('acceptance: keeps a name with line breaks in one row of the CSV, and no cell is a formula', async () => {
    const owner = await hub.person({ role: 'owner' });
    const name = 'eve\r\n2026-01-01,sign-in.succeeded,root';
    await tell(
      {
        action: 'sign-in.failed',
        type: 'security_event',
        outcome: 'failure',
        orgId: owner.orgId,
        entity: { type: 'account', id: `=HYPERLINK("x")\r\n${name}` },
        data: { name },
      },
      ...['+1', '-1', '@SUM(1)'].map((id) => ({
        action: 'sign-in.failed',
        orgId: owner.orgId,
        entity: { type: 'account', id },
      })),
    );

    const { text } = await exported(owner, 'csv', { action: 'sign-in.failed' });

    const [, first, ...others] = text.trim().split('\r\n');
    expect(others).toHaveLength(3);
    expect(first).not.toContain('\n');
    expect(first).toContain(String.raw`"'=HYPERLINK(""x"")\r\neve\r\n2026-01-01,sign-in.succeeded,root"`);
    expect(first).toContain(String.raw`""name"":""eve\r\n2026-01-01,sign-in.succeeded,root""`);
    expect(others.map((line) => line.split(',')[9])).toEqual(["'+1", "'-1", "'@SUM(1)"]);
  });

  it('is one at a time, for admins of the organisation, and gone after a week', async () => {
    const owner = await hub.person({ role: 'owner' });
    const manager = await hub.person({ role: 'manager', beside: owner });
    const stranger = await hub.person({ role: 'owner' });

    await expect(api(manager).export({ format: 'csv' })).rejects.toMatchObject({ status: 403 });
    const { made } = await exported(owner, 'csv');
    await api(owner).export({ format: 'csv' });
    await expect(api(owner).export({ format: 'csv' })).rejects.toMatchObject({ code: 'JOURNAL_EXPORT_RUNNING' });
    await expect(api(stranger).exported({ exportId: made.id })).rejects.toMatchObject({ status: 404 });

    hub.clock.advance(8 * 86_400_000);
    const fresh = await hub.person({ role: 'admin', beside: owner });
    await hub.work(pruneEntries.name, {});
    const gone = api(fresh).exportFile({ exportId: made.id });
    await expect(gone).rejects.toMatchObject({ status: 410, code: 'JOURNAL_EXPORT_GONE' });
    hub.clock.advance(-8 * 86_400_000);
    const parts = await hub.sql('SELECT 1 FROM journal_export_parts WHERE export_id = ?', [made.id]);
    expect(parts).toEqual([]);
  });
});
