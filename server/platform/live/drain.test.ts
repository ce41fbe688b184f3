import type { SessionEnded } from '@loro/contracts/kit/session';
import type { Listener } from '../../testing/listener';
import { type Note, streamOf, write } from '../../testing/notes';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';

const PEOPLE = 80;
const NOTES = 40;

describe.each([
  ['on the fast path', 'on'],
  ['on the stock path', 'off'],
])('%s', (_name, fast) => {
  const hub = testHub({ env: { LIVE_FAST_PATH: fast } });

  const textsOf = (listener: Listener) => listener.heard('note:written').map((note) => (note as Note).text);

  it('a node that stops under load tells everybody when to come back, and the next node has all that they missed', async () => {
    const leaving = await hub.secondNode();
    const people: Person[] = [];
    const first = await hub.person();
    for (let n = 0; n < PEOPLE; n += 1) people.push(await hub.person({ beside: first }));
    const listeners = await Promise.all(people.map((person) => hub.listen('/notifications', person, leaving)));
    const starts = await Promise.all(
      listeners.map(async (listener, at) => {
        const { streams } = await listener.ready;
        const own = people[at];
        return streams.find(({ stream }) => own && stream === streamOf(own));
      }),
    );
    for (const { socket } of listeners) socket.io.reconnection(false);

    let isStopped = false;
    const stopping = leaving.hub.shutdown.end().then(() => (isStopped = true));
    const expected: string[] = [];
    for (let n = 0; n < NOTES; n += 1) {
      expected.push(`note ${n}`);
      await write(hub.hub, people, [`note ${n}`]);
    }
    await stopping;
    await Promise.all(listeners.map(({ closed }) => closed));

    const endings = listeners.map((listener) => listener.heard('session:ended') as SessionEnded[]);
    expect(endings).toEqual(
      listeners.map(() => [{ code: 'SHUTDOWN', reconnect: true, retryInMs: expect.any(Number) }]),
    );
    // Spread, so that the other nodes are not stormed.
    const waits = endings.map(([ending]) => ending?.retryInMs ?? 0);
    expect(Math.max(...waits)).toBeLessThan(5_000);
    expect(new Set(waits).size).toBeGreaterThan(PEOPLE / 2);

    expect(isStopped).toBe(true);
    for (const [at, person] of people.entries()) {
      const heard = listeners[at];
      const start = starts[at];
      if (!heard || start?.epoch === undefined || start.n === undefined) throw new Error('was not welcomed');
      const before = textsOf(heard);
      const last = heard.metas('note:written').at(-1)?.n ?? start.n;
      const back = await hub.listen('/notifications', person);
      const { recovered, events } = await back.subscribe(streamOf(person), { epoch: start.epoch, n: last });
      expect(recovered).toBe(true);
      expect([...before, ...events.map(([, note]) => (note as Note).text)]).toEqual(expected);
    }
    await within(2_000, () => expect(hub.gateway.gateway.sessions.all()).toHaveLength(PEOPLE));
    expect(leaving.gateway.gateway.connections).toBe(0);
    expect(leaving.gateway.gateway.sessions.all()).toEqual([]);
  });

  it('a node that stops takes nobody new while it sends its own away', async () => {
    const leaving = await hub.secondNode('test-c');
    const [person, late] = [await hub.person(), await hub.person()];
    const listener = await hub.listen('/notifications', person, leaving);

    const stopping = leaving.hub.shutdown.end();

    await listener.next('session:ended');
    const newcomer = await hub.listen('/notifications', late, leaving).then(
      () => 'in',
      () => 'refused',
    );
    expect(newcomer).toBe('refused');
    await stopping;
    await expect(fetch(leaving.gateway.url)).rejects.toThrow('fetch failed');
  });
});
