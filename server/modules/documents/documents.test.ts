import { closeStaleDocument, documentsApi } from '@loro/contracts/documents';
import { testHub } from '../../testing/test-hub';
import { STALE_AFTER_MS } from './documents.policy';

const hub = testHub();
const aManager = async () => {
  const manager = await hub.person({ role: 'manager' });
  return { manager, api: hub.api(documentsApi, manager), body: { branchId: manager.branchId, name: 'The first' } };
};

describe('making a document', () => {
  it('tells the branch, and nobody else', async () => {
    const { manager, api, body } = await aManager();
    const stranger = await hub.person({ role: 'manager' });
    const here = await hub.listen('/notifications', manager);
    const elsewhere = await hub.listen('/notifications', stranger);
    await here.subscribe(`${manager.orgId}:documents:${manager.branchId}`);
    await elsewhere.subscribe(`${stranger.orgId}:documents:${stranger.branchId}`);

    const document = await api.create(body);

    expect(await here.next('document:created')).toEqual(document);
    expect(elsewhere.heard('document:created')).toEqual([]);
  });

  it('is not for staff, and not at a branch of somebody else', async () => {
    const { manager, api, body } = await aManager();
    const colleague = await hub.person({ beside: manager });
    const stranger = await hub.person();

    await expect(hub.api(documentsApi, colleague).create(body)).rejects.toMatchObject({ status: 403 });
    await expect(api.create({ ...body, branchId: stranger.branchId })).rejects.toMatchObject({ status: 404 });
  });
});

describe('renaming a document', () => {
  it('asks for the version that was read', async () => {
    const { api, body } = await aManager();
    const { id: documentId } = await api.create(body);

    const renamed = await api.rename({ documentId, name: 'Another' }, { headers: { 'if-match': '"1"' } });
    const stale = api.rename({ documentId, name: 'Too late' }, { headers: { 'if-match': '"1"' } });

    expect(renamed).toMatchObject({ name: 'Another', version: 2 });
    await expect(stale).rejects.toMatchObject({ status: 412, problem: { current: renamed } });
  });
});

describe('closing a document', () => {
  it('happens once', async () => {
    const { api, body } = await aManager();
    const { id: documentId } = await api.create(body);

    const closed = await api.close({ documentId });

    expect(closed).toMatchObject({ status: 'closed', version: 2 });
    await expect(api.close({ documentId })).rejects.toMatchObject({ code: 'DOCUMENT_CLOSED' });
  });

  it('happens by itself after a month, and not before', async () => {
    const { manager, api, body } = await aManager();
    const { id: documentId } = await api.create(body);
    const { orgId } = manager;
    const status = () => hub.sql('SELECT status, version FROM documents WHERE id = ?', [documentId]);

    await hub.work(closeStaleDocument.name, { orgId, documentId });
    const early = await status();
    hub.clock.advance(STALE_AFTER_MS);
    await hub.work(closeStaleDocument.name, { orgId, documentId });
    await hub.work(closeStaleDocument.name, { orgId, documentId });
    hub.clock.advance(-STALE_AFTER_MS);

    expect(early).toEqual([{ status: 'open', version: 1 }]);
    expect(await status()).toEqual([{ status: 'closed', version: 2 }]);
  });
});

describe('reading documents', () => {
  it('shows a branch its own, page by page, and strangers nothing', async () => {
    const { manager, api, body } = await aManager();
    const colleague = await hub.person({ beside: manager });
    const first = await api.create(body);
    const second = await api.create({ ...body, name: 'The second' });
    const theirs = hub.api(documentsApi, await hub.person({ role: 'owner' }));

    const page = await hub.api(documentsApi, colleague).list({ limit: 1 });
    const rest = await hub.api(documentsApi, colleague).list({ limit: 1, cursor: page.page.nextCursor ?? '' });

    expect([...page.data, ...rest.data].map(({ id }) => id).toSorted()).toEqual([first.id, second.id].toSorted());
    expect((await theirs.list()).data).toEqual([]);
    await expect(theirs.get({ documentId: first.id })).rejects.toMatchObject({ status: 404 });
  });
});
