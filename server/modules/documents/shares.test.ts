import { documentsApi } from '@loro/contracts/documents';
import { ulid } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { filesFolder, uploads } from '../../testing/uploads';

const files = filesFolder();
const hub = testHub({ env: { FILES_DIR: files } });
const { upload } = uploads(hub, files);
const api = (person: Person) => hub.api(documentsApi, person);
const inDays = (days: number): string => new Date(hub.clock.now().getTime() + days * 86_400_000).toISOString();

async function opened(token: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${hub.url}/api/v1/public/documents/${token}`, { headers });
  const text = await answer.text();
  return { status: answer.status, text, headers: answer.headers };
}

async function unlocked(token: string, password: string) {
  const answer = await fetch(`${hub.url}/api/v1/public/documents/${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ password }),
  });
  const body = (await answer.json()) as { code?: string; data?: { url: string } };
  return { status: answer.status, code: body.code, url: body.data?.url, headers: answer.headers };
}

describe('a share', () => {
  it('opens the file for whoever has its address, who needs no account, until it ends', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const share = await api(person).share({ documentId: id, expiresAt: inDays(7) });

    const file = await opened(share.token);
    expect([file.status, file.text]).toEqual([200, 'hello world']);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="note.txt"/);
    expect((await opened(share.token, { range: 'bytes=0-4' })).text).toBe('hello');

    await hub.sql('UPDATE document_shares SET expires_at = ? WHERE id = ?', [hub.clock.now(), share.id]);
    expect((await opened(share.token)).status).toBe(410);
  });

  it('ends when its maker ends it, and lives for thirty days at most', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const share = await api(person).share({ documentId: id, expiresAt: inDays(30) });

    await api(person).unshare({ documentId: id, shareId: share.id });
    await api(person).unshare({ documentId: id, shareId: share.id });

    expect((await opened(share.token)).status).toBe(410);
    for (const expiresAt of [inDays(31), inDays(-1)])
      await expect(api(person).share({ documentId: id, expiresAt })).rejects.toMatchObject({
        status: 422,
        problem: { errors: [{ path: 'expiresAt' }] },
      });
    await expect(api(person).unshare({ documentId: id, shareId: ulid() })).rejects.toMatchObject({ status: 404 });
  });

  it('is opened as often as its maker said, and not once more, whoever comes at once', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const { token } = await api(person).share({ documentId: id, expiresAt: inDays(1), maxDownloads: 3 });

    const answers = await Promise.all(Array.from({ length: 8 }, () => opened(token)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(5);
    expect((await api(person).shares({ documentId: id })).data).toEqual([
      expect.objectContaining({ downloads: 3, maxDownloads: 3, hasPassword: false }),
    ]);
  });

  it('with a password opens by it alone', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const { token } = await api(person).share({ documentId: id, expiresAt: inDays(1), password: 'open sesame' });

    expect((await opened(token)).status).toBe(401);
    expect(await unlocked(token, 'open says me')).toMatchObject({ status: 401, code: 'SHARE_PASSWORD' });
    const { url } = await unlocked(token, 'open sesame');
    expect(await (await fetch(`${hub.url}${url ?? ''}`)).text()).toBe('hello world');
    const [row] = await hub.sql<{ hash: string }>(
      'SELECT password_hash AS hash FROM document_shares WHERE org_id = ?',
      [person.orgId],
    );
    expect(row?.hash).not.toContain('sesame');
  });

  it('closes for a quarter of an hour after five wrong passwords, the right one among them', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const { token } = await api(person).share({ documentId: id, expiresAt: inDays(1), password: 'open sesame' });

    const guesses = await Promise.all(Array.from({ length: 12 }, (_, n) => unlocked(token, `guess ${n}`)));
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
    const right = await unlocked(token, 'open sesame');
    expect([right.status, right.code]).toEqual([429, 'SHARE_LOCKED']);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(800);

    await hub.sql('UPDATE document_shares SET closed_until = ? WHERE org_id = ?', [hub.clock.now(), person.orgId]);
    expect((await unlocked(token, 'open sesame')).status).toBe(200);
  });

  it('shows nothing while the file is not open to anybody', async () => {
    const person = await hub.person();
    const document = await upload(person);
    const { token } = await api(person).share({ documentId: document.id, expiresAt: inDays(1) });

    await api(person).trash({ documentId: document.id }, { headers: { 'if-match': '"1"' } });

    expect((await opened(token)).status).toBe(409);
  });

  it('is told the journal when it is made, opened and ended, and its address nowhere', async () => {
    const person = await hub.person();
    const { id } = await upload(person);
    const share = await api(person).share({ documentId: id, expiresAt: inDays(1) });
    await opened(share.token);
    await api(person).unshare({ documentId: id, shareId: share.id });

    const entries = await hub.sql<{ action: string; data: string }>(
      "SELECT action, data FROM journal_entries WHERE org_id = ? AND entity_type = 'document' ORDER BY id",
      [person.orgId],
    );
    expect(entries.map(({ action }) => action)).toEqual([
      'document.handed-in',
      'document.shared',
      'document.opened',
      'document.share-ended',
    ]);
    expect(JSON.stringify(entries)).not.toContain(share.token.slice(27));
  });

  it('is nobody else’s to make, see or end, and a token that nobody was given opens nothing', async () => {
    const person = await hub.person();
    const stranger = await hub.person({ role: 'admin' });
    const { id } = await upload(person);
    const share = await api(person).share({ documentId: id, expiresAt: inDays(1) });

    const theirs = { documentId: id, shareId: share.id };
    for (const call of [
      api(stranger).share({ documentId: id, expiresAt: inDays(1) }),
      api(stranger).shares({ documentId: id }),
      api(stranger).unshare(theirs),
    ])
      await expect(call).rejects.toMatchObject({ status: 404 });
    const mixed = `${stranger.orgId}.${share.token.slice(27)}`;
    expect([(await opened(mixed)).status, (await opened('nothing')).status]).toEqual([404, 404]);
    expect((await opened(share.token)).status).toBe(200);
  });
});
