import { type FixesTaken, trackingLive } from '@loro/contracts/tracking';
import type { Listener } from '../../testing/listener';
import { streamOf, write } from '../../testing/notes';
import { RawPeer } from '../../testing/raw-peer';
import { type Person, type TestHub, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { ulid } from '../ulid';
import { MAX_PACKET_BYTES } from './limits';

const NOTIFICATIONS = '/notifications';
const TRACKING = trackingLive.namespace;
const LISTS = '['.repeat(15_000) + ']'.repeat(15_000);
const OBJECTS = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;

interface Answer {
  readonly ok: boolean;
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly instance: string; readonly detail: string };
}

describe.each([
  ['on the fast path', 'on'],
  ['on the stock path', 'off'],
])('%s', (_name, fast) => {
  const hub = testHub({ env: { LIVE_FAST_PATH: fast } });
  const peers: RawPeer[] = [];
  let bystander: Person;
  let witness: Listener;

  beforeAll(async () => {
    bystander = await hub.person();
    witness = await hub.listen(NOTIFICATIONS, bystander);
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.cut();
    // Whatever was done to the hub: the others are served, and nothing of it is kept.
    const text = `after ${expect.getState().currentTestName}`;
    await write(hub.hub, bystander, [text]);
    await witness.next<{ text: string }>('note:written', (note) => note.text === text);
    await within(5_000, () => onlyWitnessIsLeft(hub));
  });

  const join = (peer: RawPeer, namespace: string, token: unknown) =>
    peer.send(`40${namespace},${JSON.stringify({ token })}`);

  /** A peer that speaks by hand, signed in to a namespace. */
  async function peerOf(person: Person, namespace = NOTIFICATIONS): Promise<RawPeer> {
    const peer = await RawPeer.open(hub.url);
    peers.push(peer);
    join(peer, namespace, person.token);
    await peer.next((packet) => String(packet).includes('session:ready'));
    return peer;
  }

  async function answerOf(peer: RawPeer, id: number, namespace = NOTIFICATIONS): Promise<Answer> {
    const prefix = `43${namespace},${id}[`;
    const packet = String(await peer.next((candidate) => String(candidate).startsWith(prefix)));
    return (JSON.parse(packet.slice(prefix.length - 1)) as [Answer])[0];
  }

  const socketOf = ({ userId }: Person) => {
    const [session] = hub.gateway.gateway.sessions.ofUser(userId);
    const [socket] = session?.sockets ?? [];
    if (!socket) throw new Error('nobody is connected');
    return socket;
  };

  describe('names that a client makes up', () => {
    it('open no room: not another’s stream, not a socket’s own, not one of the language', async () => {
      const [stranger, victim] = [await hub.person(), await hub.person()];
      const peer = await peerOf(stranger);
      const socket = socketOf(stranger);
      const before = new Set(socket.rooms);
      const { orgId } = stranger;
      const names = [
        streamOf(victim),
        `${orgId}:user:${victim.userId}`,
        socketOf(bystander).id,
        `${streamOf(stranger)}:more`,
        `${orgId}:user`,
        `${orgId}:user:`,
        `${orgId}:__proto__:x`,
        `${orgId}:constructor:x`,
        `:user:${stranger.userId}`,
        '__proto__',
        '*',
        '../../secret',
      ];

      peer.send(`42${NOTIFICATIONS},1["stream:subscribe",${JSON.stringify({ streams: names.map(toStream) })}]`);

      const { data } = await answerOf(peer, 1);
      const answers = (data as { streams: { stream: string; error?: { code: string } }[] }).streams;
      expect(answers.map(({ stream, error }) => [stream, error?.code])).toEqual(
        names.map((name) => [name, 'NOT_FOUND']),
      );
      expect(socket.rooms).toEqual(before);
    });

    it('are refused as a whole where they are no names', async () => {
      const peer = await peerOf(await hub.person());

      for (const [id, streams] of [[''], ['x'.repeat(161)], [7], [null], [{ toString: 'x' }]].entries())
        peer.send(`42${NOTIFICATIONS},${id}["stream:subscribe",${JSON.stringify({ streams: streams.map(toStream) })}]`);

      for (let id = 0; id < 5; id += 1) expect((await answerOf(peer, id)).error?.code).toBe('VALIDATION_FAILED');
    });

    it('cannot make a socket leave its own room', async () => {
      const stranger = await hub.person();
      const peer = await peerOf(stranger);
      const socket = socketOf(stranger);

      peer.send(`42${NOTIFICATIONS},1["stream:unsubscribe",${JSON.stringify({ streams: [socket.id] })}]`);
      await answerOf(peer, 1);

      expect(socket.rooms.has(socket.id)).toBe(true);
    });

    it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'stream:', 'n'.repeat(10_000)])(
      'of a call are answered as unknown, %#',
      async (name) => {
        const peer = await peerOf(await hub.person());

        peer.send(`42${NOTIFICATIONS},1[${JSON.stringify(name)},{}]`);

        const { error } = await answerOf(peer, 1);
        expect(error?.code).toBe('UNKNOWN_CALL');
        expect(error?.instance.length).toBeLessThan(100);
        // A metric for each name would let anybody fill the memory.
        expect(await hub.hub.metrics.registry.metrics()).not.toContain(`call="${name}"`);
      },
    );

    it('of namespaces are refused without a trace, signed in or not', async () => {
      const namespaces = () => hub.hub.live.io._nsps.size;
      const before = namespaces();
      const peer = await RawPeer.open(hub.url);
      peers.push(peer);

      for (let n = 0; n < 200; n += 1) peer.send(`40/made-up-${n},`);

      for (let n = 0; n < 200; n += 1)
        expect(await peer.next()).toBe(`44/made-up-${n},{"message":"Invalid namespace"}`);
      expect(namespaces()).toBe(before);
    });
  });

  describe('content', () => {
    it('of 64 KiB is answered, and one byte more ends the connection', async () => {
      const [fitting, tooLong] = [await peerOf(await hub.person()), await peerOf(await hub.person())];
      const packet = (bytes: number) => {
        const [head, tail] = [`42${NOTIFICATIONS},1["stream:subscribe","`, '"]'];
        return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
      };

      fitting.send(packet(MAX_PACKET_BYTES));
      tooLong.send(packet(MAX_PACKET_BYTES + 1));

      expect((await answerOf(fitting, 1)).error?.code).toBe('VALIDATION_FAILED');
      expect(await tooLong.closed).toBe(1009);
    });

    it.each([
      [NOTIFICATIONS, 'stream:subscribe', 'MALFORMED_JSON'],
      [TRACKING, 'fix:report', 'VALIDATION_FAILED'],
    ])('nested thousands deep is answered, in %s', async (namespace, call, code) => {
      const peer = await peerOf(await hub.person(), namespace);

      peer.send(`42${namespace},1["${call}",${LISTS}]`);
      peer.send(`42${namespace},2["${call}",${OBJECTS}]`);

      expect((await answerOf(peer, 1, namespace)).error?.code).toBe(code);
      expect((await answerOf(peer, 2, namespace)).error?.code).toBe(code);
    });

    it('nested thousands deep within a batch of fixes is named, and does not hold the batch back', async () => {
      const peer = await peerOf(await hub.person(), TRACKING);
      const [device, boot] = [ulid(), ulid()];

      peer.send(`42${TRACKING},1["fix:report",{"device":"${device}","boot":"${boot}","fixes":[${LISTS},${OBJECTS}]}]`);

      const { data } = await answerOf(peer, 1, TRACKING);
      expect((data as FixesTaken).rejected.map(({ index }) => index)).toEqual([0, 1]);
    });

    it('with keys of prototypes is refused by name and changes nobody', async () => {
      const peer = await peerOf(await hub.person());
      const keys = '"__proto__":{"isOwner":true},"constructor":{"prototype":{"isOwner":true}}';

      peer.send(`42${NOTIFICATIONS},1["stream:subscribe",{"streams":[{"stream":"a:b:c",${keys}}],${keys}}]`);
      peer.send(`42${NOTIFICATIONS},2["stream:unsubscribe",{"streams":["a:b:c"]},{${keys}}]`);

      expect((await answerOf(peer, 1)).error?.code).toBe('VALIDATION_FAILED');
      expect((await answerOf(peer, 2)).ok).toBe(true);
      expect(Reflect.get({}, 'isOwner')).toBeUndefined();
    });

    it('of bytes ends the connection with its reason, before any attachment is kept', async () => {
      const peer = await peerOf(await hub.person());

      peer.send(`459-${NOTIFICATIONS},1["stream:subscribe",{"_placeholder":true,"num":0}]`);
      for (let n = 0; n < 100; n += 1) peer.send(Buffer.alloc(60_000));

      expect(String(await peer.next((packet) => String(packet).includes('session:ended')))).toBe(
        `42${NOTIFICATIONS},["session:ended",{"code":"UNSUPPORTED_MEDIA","reconnect":false}]`,
      );
      await peer.closed;
    });

    it('of bytes from somebody who never signed in just ends the connection', async () => {
      const peer = await RawPeer.open(hub.url);

      peer.send(Buffer.alloc(60_000));

      expect(await peer.closed).toBe(1005);
    });

    it.each(['4nonsense', '42{}', `42${NOTIFICATIONS},{"no":"list"}`, `42${NOTIFICATIONS},["cut`, '9'])(
      'that is no packet ends the connection: %s',
      async (packet) => {
        const peer = await peerOf(await hub.person());

        peer.send(packet);

        expect(await peer.closed).toBe(1005);
      },
    );
  });

  describe('a packet', () => {
    it('without an acknowledgement is executed, and its error dropped', async () => {
      const stranger = await hub.person();
      const peer = await peerOf(stranger);

      peer.send(`42${NOTIFICATIONS},["stream:subscribe",{"streams":"wrong"}]`);
      peer.send(`42${NOTIFICATIONS},["nobody:knows"]`, `42${NOTIFICATIONS},["stream:unsubscribe"]`);
      peer.send(`42${NOTIFICATIONS},["stream:unsubscribe",{"streams":["${streamOf(stranger)}"]}]`);

      await within(2_000, () => expect(socketOf(stranger).rooms.has(streamOf(stranger))).toBe(false));
      expect(peer.isOpen).toBe(true);
    });

    it('whose acknowledgement is no function is taken as input', async () => {
      const peer = await peerOf(await hub.person());

      peer.send(`42${NOTIFICATIONS},["stream:unsubscribe",{"streams":["a:b:c"]},"function"]`);
      peer.send(`42${NOTIFICATIONS},4["stream:unsubscribe",{"streams":["a:b:c"]},{"id":"not a ulid"}]`);
      peer.send(`42${NOTIFICATIONS},5["stream:unsubscribe",{"streams":["a:b:c"]},{"id":{"length":26}}]`);
      peer.send(`42${NOTIFICATIONS},6["stream:unsubscribe",{"streams":["a:b:c"]},null,{},[]]`);

      expect((await answerOf(peer, 4)).error?.code).toBe('VALIDATION_FAILED');
      expect((await answerOf(peer, 5)).error?.code).toBe('VALIDATION_FAILED');
      expect((await answerOf(peer, 6)).ok).toBe(true);
    });

    it('that answers what nobody asked is ignored', async () => {
      const peer = await peerOf(await hub.person());

      peer.send(`43${NOTIFICATIONS},5["answer"]`, `43${NOTIFICATIONS},["no number"]`);
      peer.send(`42${NOTIFICATIONS},99999999999999999999["nobody:knows"]`);

      expect(String(await peer.next((packet) => String(packet).startsWith('43')))).toContain('UNKNOWN_CALL');
    });

    it('for a namespace that was never joined ends the connection', async () => {
      const peer = await peerOf(await hub.person());

      peer.send(`42${TRACKING},1["fix:report",{}]`);

      expect(await peer.closed).toBe(1005);
    });
  });
});

function onlyWitnessIsLeft({ gateway }: TestHub): void {
  expect(gateway.gateway.connections).toBe(1);
  expect(gateway.gateway.sessions.all()).toHaveLength(1);
}

const toStream = (stream: unknown) => ({ stream });
