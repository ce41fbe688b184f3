import { journalApi } from '@loro/contracts/journal';
import { batchOperations, sealEntries, verifyChain } from '@loro/contracts/journal-live';
import { peopleApi } from '@loro/contracts/people';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { journal } from '.';
import { leafHash, rootOf } from './merkle.policy';

const ROUTE = `/api/v1${peopleApi.prefix}${peopleApi.endpoints.get.path}`;
const hub = testHub();
const api = (person: Person) => hub.api(journalApi, person);
const flush = () => hub.hub.use(journal).gather.flush();

/** Makes requests, and lets their minute pass. */
async function requests(person: Person, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await hub.api(peopleApi, person).get({ userId: person.userId });
  await within(15_000, async () => {
    await flush();
    const [row] = await hub.sql<{ n: number }>('SELECT COUNT(*) AS n FROM journal_operations WHERE org_id = ?', [
      person.orgId,
    ]);
    expect(row?.n).toBeGreaterThanOrEqual(count);
  });
}
async function nextMinute<T>(work: () => Promise<T>): Promise<T> {
  hub.clock.advance(70_000);
  try {
    return await work();
  } finally {
    hub.clock.advance(-70_000);
  }
}

describe('the log of requests', () => {
  it('tells method, route, status and who, and no address of a household', async () => {
    const admin = await hub.person({ role: 'admin' });
    await requests(admin, 1);

    const { data } = await api(admin).operations({ kind: 'access_log' });

    expect(data[0]?.data).toMatchObject({
      method: 'GET',
      route: ROUTE,
      status: 200,
      actorId: admin.userId,
      ip: '127.0.0.0',
      bytes: expect.any(Number),
    });
  });

  it('is written in one statement, however many requests there were', async () => {
    const admin = await hub.person({ role: 'admin' });
    await flush();
    const statements = jest.spyOn(hub.hub.pool, 'query');
    await Promise.all(Array.from({ length: 30 }, () => hub.api(peopleApi, admin).get({ userId: admin.userId })));
    await requests(admin, 0);

    const inserts = statements.mock.calls.filter(([sql]) =>
      JSON.stringify(sql).includes('INSERT INTO journal_operations'),
    );
    statements.mockRestore();
    expect(inserts.length).toBeLessThanOrEqual(2);
  });

  it('is sealed by the minute, so that any row can be proven', async () => {
    const admin = await hub.person({ role: 'admin' });
    await requests(admin, 5);

    await nextMinute(() => hub.work(batchOperations.name, {}));
    await hub.work(sealEntries.name);

    const { data } = await api(admin).operations({ kind: 'access_log', limit: 5 });
    for (const { id } of data) {
      const {
        row,
        leafHash: leaf,
        index,
        count,
        path,
        root,
        entryId,
        entrySeq,
      } = await api(admin).proof({
        operationId: id,
      });
      const nodes = path.map((hash) => Buffer.from(hash, 'hex'));
      expect(leafHash(row).toString('hex')).toBe(leaf);
      expect(rootOf(leafHash(row), { index, count, path: nodes }).toString('hex')).toBe(root);
      const entry = await api(admin).get({ entryId });
      expect(entry).toMatchObject({ action: 'ops.batch_sealed', seq: entrySeq, data: { root, count } });
    }
  });

  it('answers that a minute is not sealed yet, and nothing of another organisation', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person({ role: 'admin' });
    await requests(admin, 1);
    const [row] = (await api(admin).operations()).data;
    const operationId = row?.id ?? '';

    await expect(api(admin).proof({ operationId })).rejects.toMatchObject({ code: 'JOURNAL_NOT_SEALED' });
    await expect(api(stranger).proof({ operationId })).rejects.toMatchObject({ status: 404 });
    const manager = await hub.person({ role: 'manager', beside: admin });
    await expect(api(manager).operations()).rejects.toMatchObject({ status: 403 });
  });

  it('does not verify any more when somebody changes a row of it', async () => {
    const admin = await hub.person({ role: 'admin' });
    await requests(admin, 3);
    await nextMinute(() => hub.work(batchOperations.name, {}));
    await hub.work(sealEntries.name);
    await hub.sql("UPDATE journal_operations SET data = REPLACE(data, '200', '404') WHERE org_id = ?", [admin.orgId]);

    const { id } = await api(admin).verify();
    await hub.work(verifyChain.name, { orgId: admin.orgId, verificationId: id });

    expect(await api(admin).verification({ verificationId: id })).toMatchObject({
      isOk: false,
      code: 'OPS_ROOT_MISMATCH',
    });
  });
});

describe('errors of our side', () => {
  it('are grouped by fingerprint, without secrets', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { gather } = hub.hub.use(journal);
    const caller = { requestId: 'r', ip: '127.0.0.1', userAgent: '' };
    const failing = (id: number) => new Error(`row ${id} of zoe@example.test is gone, password=hunter2`);
    const actor = { ...(await hub.hub.authenticator.authenticate(admin.token, '127.0.0.1')).actor };

    for (const id of [1, 22, 333])
      gather.failed({ error: failing(id), place: 'job x.run', caller: { ...caller, actor } });
    gather.failed({ error: new TypeError('another'), place: 'GET /x', caller: { ...caller, actor } });
    await flush();

    const { data } = await api(admin).errors();
    expect(data.find(({ where }) => where === 'job x.run')).toMatchObject({
      count: 3,
      name: 'Error',
      message: 'row 1 of [e-mail] is gone, password=[secret]',
    });
    expect(JSON.stringify(data)).not.toMatch(/hunter2|zoe@/);
    expect(data).toHaveLength(2);
  });
});

describe('timings', () => {
  it('are told by the minute and by longer steps', async () => {
    const admin = await hub.person({ role: 'admin' });
    await requests(admin, 4);
    await nextMinute(() => flush());
    const name = `route:GET ${ROUTE}`;
    const from = new Date(hub.clock.now().getTime() - 3_600_000).toISOString();
    const to = new Date(hub.clock.now().getTime() + 3_600_000).toISOString();

    const { data } = await api(admin).metrics({ name, from, to, stepSec: 3_600 });

    expect(data.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect(data.every(({ p50, p95, p99 }) => p50 <= p95 && p95 <= p99)).toBe(true);
    const stranger = await hub.person({ role: 'admin' });
    expect((await api(stranger).metrics({ name, from, to })).data).toEqual([]);
  });
});
