import { documentsApi } from '@loro/contracts/documents';
import sharp from 'sharp';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, read, uploads } from '../../testing/uploads';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files } });
const { kept, upload, used } = uploads(hub, files);
const DAY_MS = 86_400_000;

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#08f' } })
    .jpeg()
    .toBuffer();
const thumbnail = (person: Person, id: string, query = '', headers: Record<string, string> = {}) =>
  fetch(`${hub.url}/api/v1/documents/${id}/thumbnail${query}`, {
    headers: { authorization: `Bearer ${person.token}`, ...headers },
  });

describe('a smaller picture of an image', () => {
  it.each([
    ['160', 160, 80],
    ['480', 480, 240],
    ['1200', 1_000, 500],
  ])('is at most %s pixels wide, and never larger than the image', async (w, width, height) => {
    const person = await hub.person();
    const { id } = await upload(person, { name: 'a.jpg', bytes: await picture(1_000, 500) });

    const answer = await thumbnail(person, id, `?w=${w}`);

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const drawn = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
    expect([drawn.width, drawn.height]).toEqual([width, height]);
  });

  it('is drawn once, whoever asks at once, and counts against nobody’s storage', async () => {
    const person = await hub.person();
    const bytes = await picture(600, 600);
    const document = await upload(person, { name: 'a.jpg', bytes });

    const answers = await Promise.all(Array.from({ length: 8 }, () => thumbnail(person, document.id)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(kept(person).filter((name) => name.includes('previews'))).toHaveLength(1);
    expect(await used(person)).toBe(document.size);
    const tag = answers[0]?.headers.get('etag') ?? '';
    expect((await thumbnail(person, document.id, '', { 'if-none-match': tag })).status).toBe(304);
  });

  it('there is none of what is no image, of what is locked away, and for whom the document is not', async () => {
    const person = await hub.person();
    const note = await upload(person);
    const image = await upload(person, { name: 'a.jpg', bytes: await picture(20, 20) });
    const stranger = await hub.person();

    expect((await thumbnail(person, note.id)).status).toBe(415);
    expect((await thumbnail(person, image.id, '?w=17')).status).toBe(400);
    expect((await thumbnail(stranger, image.id)).status).toBe(404);
    await hub.sql("UPDATE documents SET state = 'quarantined', scan = 'infected' WHERE id = ?", [image.id]);
    expect((await thumbnail(person, image.id)).status).toBe(423);
  });

  it('goes with the last document that holds the image', async () => {
    const person = await hub.person();
    const { id } = await upload(person, { name: 'a.jpg', bytes: await picture(30, 30) });
    await thumbnail(person, id);
    expect(kept(person)).toHaveLength(2);

    await hub.api(documentsApi, person).trash({ documentId: id }, read(1));
    await hub.sql('UPDATE documents SET deleted_at = ? WHERE id = ?', [
      new Date(hub.clock.now().getTime() - 30 * DAY_MS),
      id,
    ]);
    await hub.work('documents.purge-trash');

    expect(kept(person)).toEqual([]);
  });
});
