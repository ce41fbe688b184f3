import { setImmediate as turn } from 'node:timers/promises';
import { platformApi } from '@loro/contracts/platform';
import { type PackedFix, trackingLive } from '@loro/contracts/tracking';
import { testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';

const hub = testHub();
let second: TestNode;

beforeAll(async () => {
  second = await hub.secondNode('operator-b');
}, 60_000);

describe('looking at the hub', () => {
  it('shows every node with its connections, a page at a time', async () => {
    const operator = await hub.person({ role: 'platform_admin' });
    await hub.listen('/tracking', operator);
    await hub.listen('/tracking', operator, second);
    const api = hub.api(platformApi, operator);
    const mine = new Set([hub.hub.nodeId, second.hub.nodeId]);

    const nodes = await within(10_000, async () => {
      const { data } = await api.nodes({ limit: 200 });
      const found = data.filter(({ id }) => mine.has(id));
      expect(found.map(({ connections }) => connections)).toEqual([1, 1]);
      return found;
    });
    const page = await api.nodes({ limit: 1 });
    const next = await api.nodes({ limit: 1, cursor: page.page.nextCursor ?? '' });

    expect(nodes.map(({ name }) => name)).toEqual(['operator-b', 'test']);
    for (const node of nodes)
      expect(node).toMatchObject({ kind: 'gateway', sessions: 1, presenceMembers: 1, slowReaders: 0 });
    expect(nodes.every(({ rssBytes, authzAgeSeconds }) => rssBytes > 0 && authzAgeSeconds < 10)).toBe(true);
    expect(page.data).toHaveLength(1);
    expect(next.data[0]?.id).not.toBe(page.data[0]?.id);
  });

  it('shows the streams that are heard, on how many nodes and by how many', async () => {
    const operator = await hub.person({ role: 'platform_admin' });
    await hub.listen('/notifications', operator);
    await hub.listen('/notifications', operator, second);
    const api = hub.api(platformApi, operator);
    const stream = `${operator.orgId}:user:${operator.userId}`;

    const found = await within(10_000, async () => {
      const { data } = await api.streams({ limit: 200 });
      const heard = data.find((row) => row.stream === stream);
      expect(heard?.nodes).toBe(2);
      return heard;
    });

    expect(found).toEqual({ stream, namespace: '/notifications', class: 'log', listeners: 2, nodes: 2, n: 0 });
  });

  it('shows the queues, and a list of slow readers that is empty while everybody reads', async () => {
    const operator = await hub.person({ role: 'platform_admin' });
    const api = hub.api(platformApi, operator);

    const { data } = await within(10_000, async () => {
      const queues = await api.queues();
      expect(queues.data.length).toBeGreaterThan(0);
      return queues;
    });

    expect(data.map(({ queue }) => queue)).toEqual(expect.arrayContaining(['reports', 'tracking']));
    expect((await api.slowReaders()).data).toEqual([]);
  });

  it('names who does not read, for how long and how much waits for them', async () => {
    const operator = await hub.person({ role: 'platform_admin' });
    const reader = await hub.person({ role: 'manager' });
    const asleep = await hub.listen('/tracking', reader, second);
    await asleep.subscribe(`${reader.orgId}:fleet:${reader.branchId}`);
    const ws = Reflect.get(asleep.socket.io.engine.transport, 'ws') as object;
    const network = Reflect.get(ws, '_socket') as { pause(): void; resume(): void };
    network.pause();

    const crowd = Array.from({ length: 2_000 }, (_, key): PackedFix => [key, 0, 1, 1, 5, -1, -1]);
    for (let tick = 0; tick < 150; tick += 1) {
      second.hub.emitLatest(
        trackingLive,
        'fixes:moved',
        { orgId: reader.orgId, id: reader.branchId },
        { at: new Date().toISOString(), fixes: crowd },
      );
      await turn();
    }

    await within(10_000, async () =>
      expect((await hub.api(platformApi, operator).slowReaders()).data).toMatchObject([
        { userId: reader.userId, node: 'operator-b', bytesQueued: expect.any(Number) as number },
      ]),
    );
    network.resume();
    await within(10_000, async () => expect((await hub.api(platformApi, operator).slowReaders()).data).toEqual([]));
  });

  it.each(['owner', 'admin', 'auditor'] as const)('is not for the %s of one organisation', async (role) => {
    const person = await hub.person({ role });
    const api = hub.api(platformApi, person);

    for (const look of [api.nodes, api.queues, api.slowReaders, api.streams])
      await expect(look()).rejects.toMatchObject({ status: 403 });
  });

  it('no longer shows a node that stopped', async () => {
    const operator = await hub.person({ role: 'platform_admin' });
    const third = await hub.secondNode('operator-c');
    const names = async () => (await hub.api(platformApi, operator).nodes({ limit: 200 })).data.map(({ name }) => name);
    await within(8_000, async () => expect(await names()).toContain('operator-c'));

    await third.hub.shutdown.end();

    expect(await names()).not.toContain('operator-c');
  });
});
