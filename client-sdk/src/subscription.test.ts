import { createLoroHub, type KeyValueStore, type LoroHub } from './index';
import { FakeHub, until } from './testing/fake-hub';

const BRANCH = 'ORG:branch:B';

let peer: FakeHub;
let hub: LoroHub;
let storage: KeyValueStore;

beforeEach(async () => {
  peer = await FakeHub.start();
  const kept = new Map<string, string>();
  storage = { get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value) };
  hub = await signedIn();
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

async function signedIn(): Promise<LoroHub> {
  const client = createLoroHub({ url: peer.url, storage });
  await client.auth.signIn({ email: 'a@b.c', password: 'x' });
  return client;
}
function listen(client: LoroHub, options: { echoes?: boolean } = {}): string[] {
  const seen: string[] = [];
  client.checkIns.on('check-in:started', ({ id }) => seen.push(id), options);
  return seen;
}

describe('remembering how far a stream was read', () => {
  it('goes on behind the last event that an earlier start had delivered', async () => {
    const before = listen(hub);
    const subscription = hub.checkIns.subscribe('branch', 'B', { keepPosition: true });
    await subscription.ready;
    peer.publish(BRANCH, 'check-in:started', { id: 'a' });
    await until(() => before.length === 1, 'a');
    subscription.close();
    await hub.close();
    peer.write(BRANCH, 'check-in:started', { id: 'b' });

    hub = await signedIn();
    const after = listen(hub);
    await hub.checkIns.subscribe('branch', 'B', { keepPosition: true }).ready;

    expect(after).toEqual(['b']);
  });

  it('begins where the list stood when there is one', async () => {
    await storage.set(`loro:position:${BRANCH}`, '1 E1');
    for (const id of ['a', 'b', 'c']) peer.write(BRANCH, 'check-in:started', { id });
    const seen = listen(hub);

    await hub.checkIns.subscribe('branch', 'B', { keepPosition: true, after: { epoch: 'E1', n: 2 } }).ready;

    expect(seen).toEqual(['c']);
  });
});

describe('hearing one’s own echoes', () => {
  it('leaves out what this client caused, where that is wished', async () => {
    const [all, others] = [listen(hub), listen(hub, { echoes: false })];
    await hub.checkIns.subscribe('branch', 'B').ready;
    peer.calls.set('check-in:start', (_, options) => {
      const [name, data, meta] = peer.write(BRANCH, 'check-in:started', { id: 'mine' });
      peer.send([name, data, { ...meta, ...(options?.id !== undefined && { cause: options.id }) }]);
      return { id: 'mine' };
    });

    await hub.checkIns.call('check-in:start', { position: { lat: 46, lng: 14 } });
    peer.publish(BRANCH, 'check-in:started', { id: 'theirs' });
    await until(() => all.length === 2, 'both');

    expect(all).toEqual(['mine', 'theirs']);
    expect(others).toEqual(['theirs']);
  });
});

describe('going to the background and coming back', () => {
  it('leaves the hub, and catches up with what happened meanwhile', async () => {
    const seen = listen(hub);
    const subscription = hub.checkIns.subscribe('branch', 'B');
    await subscription.ready;

    hub.lifecycle.background();
    await until(() => peer.connections() === 0, 'gone');
    expect(hub.status).toMatchObject({ state: 'idle', reason: 'BACKGROUND' });
    peer.write(BRANCH, 'check-in:started', { id: 'a' });
    hub.tracking.on('fixes:moved', () => {});
    expect(peer.connections()).toBe(0);

    hub.lifecycle.foreground();
    await until(() => seen.length === 1, 'a');

    expect(subscription.ended).toBeNull();
    expect(hub.status.state).toBe('live');
  });
});
