import { documentsApi } from '@loro/contracts/documents';
import { type Entry, fromBuffer } from 'yauzl';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, read, uploads } from '../../testing/uploads';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files } });
const { upload } = uploads(hub, files);

const archived = (person: Person, ids: readonly string[]) =>
  fetch(`${hub.url}/api/v1/documents/archives`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ids }),
  });

/** What another program finds in an archive, by name. */
function unpacked(bytes: Buffer): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (failed, zip) => {
      if (failed) return reject(failed);
      const found: Record<string, string> = {};
      zip.on('entry', (entry: Entry) => {
        zip.openReadStream(entry, (error, stream) => {
          if (error) return reject(error);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('end', () => {
            found[entry.fileName] = Buffer.concat(parts).toString();
            zip.readEntry();
          });
        });
      });
      zip.on('end', () => resolve(found)).on('error', reject);
      zip.readEntry();
    });
  });
}

describe('several documents in one archive', () => {
  it('holds each under its name, and those of one name under different ones', async () => {
    const person = await hub.person();
    const [one, two, three] = [
      await upload(person, { bytes: 'the first' }),
      await upload(person, { name: 'Note.txt', bytes: 'the second' }),
      await upload(person, { name: 'résumé.txt', bytes: 'x'.repeat(300_000) }),
    ];

    const answer = await archived(person, [one.id, two.id, three.id, one.id]);

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
    expect(await unpacked(Buffer.from(await answer.arrayBuffer()))).toEqual({
      'note.txt': 'the first',
      'Note (2).txt': 'the second',
      'résumé.txt': 'x'.repeat(300_000),
    });
  });

  it('is not made where one of them is nobody’s to see, locked away or in the trash', async () => {
    const person = await hub.person();
    const stranger = await hub.person();
    const [mine, theirs, trashed] = [await upload(person), await upload(stranger), await upload(person)];
    await hub.api(documentsApi, person).trash({ documentId: trashed.id }, read(1));

    expect((await archived(person, [mine.id, theirs.id])).status).toBe(404);
    expect((await archived(person, [mine.id, trashed.id])).status).toBe(409);
    expect((await archived(person, [])).status).toBe(422);
    expect((await archived(person, [mine.id])).status).toBe(200);
  });

  it('is told the journal for each document that was taken out', async () => {
    const person = await hub.person();
    const ids = [(await upload(person)).id, (await upload(person, { bytes: 'another' })).id];
    await archived(person, ids);

    const told = await hub.sql<{ entity_id: string }>(
      "SELECT entity_id FROM journal_entries WHERE org_id = ? AND action = 'document.opened' ORDER BY id",
      [person.orgId],
    );
    expect(told.map(({ entity_id: id }) => id)).toEqual(ids);
  });
});
