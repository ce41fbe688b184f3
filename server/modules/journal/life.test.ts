import { journalApi } from '@loro/contracts/journal';
import { ulid } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { HUB_JOURNAL } from './draft.policy';
import { journal } from '.';

const hub = testHub();
const api = (person: Person) => hub.api(journalApi, person);
const ofTheHub = (action: string, node: string) =>
  hub.sql<{ data: string }>(
    'SELECT data FROM journal_entries WHERE org_id = ? AND action = ? AND entity_id = ? ORDER BY id',
    [HUB_JOURNAL, action, node],
  );

describe('the life of the hub', () => {
  it('stands in its own journal: nodes that start and stop', async () => {
    const name = `node-${ulid().slice(-6)}`;
    const node = await hub.secondNode(name);
    expect(await ofTheHub('node.started', name)).toHaveLength(1);
    expect(await ofTheHub('node.stopped', name)).toEqual([]);

    await node.hub.use(journal).stop();

    const [stopped] = await ofTheHub('node.stopped', name);
    expect(JSON.parse(stopped?.data ?? '{}')).toMatchObject({ process: node.hub.nodeId });
  });

  it('tells of every migration once, whoever starts', async () => {
    const [{ count } = { count: 0 }] = await hub.sql<{ count: number }>('SELECT COUNT(*) AS count FROM migrations');
    const told = await hub.sql<{ data: string }>(
      "SELECT data FROM journal_entries WHERE org_id = ? AND action = 'migrations.applied'",
      [HUB_JOURNAL],
    );

    const sum = told.reduce((all, { data }) => all + (JSON.parse(data) as { count: number }).count, 0);
    expect(sum).toBe(count);
  });
});

describe('looking into the journal', () => {
  it('leaves out, where one asks for it, that one looked oneself, and nothing of anybody else', async () => {
    const admin = await hub.person({ role: 'admin' });
    const other = await hub.person({ role: 'admin', beside: admin });
    await api(admin).list();
    await api(other).list();

    const actions = async (query: object) =>
      (await api(admin).list(query)).data
        .filter(({ action }) => action === 'journal.searched')
        .map(({ actor }) => actor.id)
        .toSorted((a = '', b = '') => a.localeCompare(b));

    expect(await actions({ ownSearches: 'false' })).toEqual([other.userId]);
    expect(new Set(await actions({}))).toEqual(new Set([admin.userId, other.userId]));
  });

  it('asks about branches of one’s own organisation alone, also where it takes entries out', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person();

    await expect(api(admin).export({ format: 'csv', filter: { branchId: stranger.branchId } })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('answers where the check that was asked for is found', async () => {
    const admin = await hub.person({ role: 'admin' });
    const answer = await fetch(`${hub.url}/api/v1/journal/verify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const at = answer.headers.get('location') ?? '';

    expect(answer.status).toBe(202);
    const found = await fetch(`${hub.url}${at}`, { headers: { authorization: `Bearer ${admin.token}` } });
    expect([found.status, ((await found.json()) as { data: { status: string } }).data.status]).toEqual([200, 'queued']);
  });
});

describe('calls over sockets', () => {
  it('stand in the log of requests, with what became of them', async () => {
    const admin = await hub.person({ role: 'admin' });
    const listener = await hub.listen('/check-ins', admin);
    await listener.call('check-in:start', {});
    await hub.hub.use(journal).gather.flush();

    const lines = (await api(admin).operations({})).data.filter(({ data }) => data['method'] === 'CALL');
    expect(lines).toEqual([
      expect.objectContaining({
        kind: 'access_log',
        data: expect.objectContaining({
          route: '/check-ins check-in:start',
          status: 422,
          actorId: admin.userId,
        }) as object,
      }),
    ]);
  });
});
