import { configurationApi } from '@loro/contracts/configuration';
import { documentsApi } from '@loro/contracts/documents';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, read, uploads } from '../../testing/uploads';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files } });
const { upload } = uploads(hub, files);
const api = (person: Person) => hub.api(documentsApi, person);
const DAY_MS = 86_400_000;

const age = (id: string, days: number) =>
  hub.sql('UPDATE documents SET created_at = ? WHERE id = ?', [
    new Date(hub.clock.now().getTime() - days * DAY_MS),
    id,
  ]);

async function ruled(rules: object): Promise<Person> {
  const owner = await hub.person({ role: 'owner' });
  await hub
    .api(configurationApi, owner)
    .setForOrganisation(
      { ownerId: owner.orgId, key: 'documents.retention', value: rules },
      { headers: { 'if-match': '"0"' } },
    );
  return owner;
}

describe('how long documents are kept', () => {
  it('is said for each purpose: before its time nothing is thrown away', async () => {
    const owner = await ruled({ 'claim-evidence': { keepDays: 365 } });
    const evidence = await upload(owner, { fields: { purpose: 'claim-evidence' } });
    const note = await upload(owner);

    expect(Date.parse(evidence.retentionUntil ?? '') - Date.parse(evidence.createdAt)).toBe(365 * DAY_MS);
    expect(note.retentionUntil).toBeNull();
    await expect(api(owner).trash({ documentId: evidence.id }, read(1))).rejects.toMatchObject({
      code: 'RETENTION_ACTIVE',
    });
    await api(owner).trash({ documentId: note.id }, read(1));
  });

  it('ends by itself where the organisation says so, but not for what is held for a case', async () => {
    const owner = await ruled({ photo: { removeAfterDays: 30 }, document: { keepDays: 90, removeAfterDays: 90 } });
    const stranger = await hub.person();
    const [due, held, young, theirs] = [
      await upload(owner),
      await upload(owner),
      await upload(owner),
      await upload(stranger),
    ];
    await hub.sql('UPDATE documents SET retention_until = ? WHERE org_id = ?', [hub.clock.now(), owner.orgId]);
    await api(owner).hold({ documentId: held.id, isHeld: true });
    for (const { id } of [due, held, theirs]) await age(id, 90);
    await age(young.id, 89);

    await hub.work('documents.purge-trash');

    const states = await hub.sql<{ id: string; state: string }>('SELECT id, state FROM documents WHERE id IN (?)', [
      [due.id, held.id, young.id, theirs.id],
    ]);
    expect(Object.fromEntries(states.map(({ id, state }) => [id, state]))).toEqual({
      [due.id]: 'trashed',
      [held.id]: 'ready',
      [young.id]: 'ready',
      [theirs.id]: 'ready',
    });
    expect(await api(owner).restore({ documentId: due.id })).toMatchObject({ state: 'ready' });
  });

  it('cannot be shorter than what must be kept', async () => {
    await expect(ruled({ photo: { keepDays: 90, removeAfterDays: 30 } })).rejects.toMatchObject({ status: 422 });
  });
});
