import { checkInsApi, type CheckIn } from '@loro/contracts/check-ins';
import type { SessionEnded, SessionReady, Subscribed } from '@loro/contracts/kit/session';
import { io, type Socket as Client } from 'socket.io-client';
import { Listener } from '../../testing/listener';
import { streamOf, write } from '../../testing/notes';
import { RawPeer } from '../../testing/raw-peer';
import { type Person, type TestHub, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { ulid } from '../ulid';
import { STREAMS_PER_CONNECTION } from './limits';

/** An event of the application: where a log stands is said from time to time, whatever else goes on. */
const isEvent = (packet: string | Buffer): boolean => /^42(?!.*"stream:head")/.test(String(packet));

interface Refusal extends Error {
  readonly data?: { readonly code: string; readonly retryAfterMs?: number };
}

describe.each([
  ['on the fast path', 'on'],
  ['on the stock path', 'off'],
])('%s', (_name, fast) => {
  const hub = testHub({ env: { LIVE_FAST_PATH: fast } });
  const clients: { close(): unknown }[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    // Nothing of them stays behind, and the next one is served.
    await within(15_000, () => nobodyIsLeft(hub));
    const person = await hub.person();
    const listener = new Listener(hub.url, '/notifications', person.token);
    await listener.ready;
    await write(hub.hub, person, ['served']);
    await listener.next('note:written');
    listener.close();
    await within(15_000, () => nobodyIsLeft(hub));
  });

  function connect(token: string, options: object = {}): Client {
    const client = io(`${hub.url}/notifications`, { auth: { token }, transports: ['websocket'], ...options });
    clients.push(client);
    return client;
  }

  const listen = (person: Person, namespace = '/notifications'): Listener => {
    const listener = new Listener(hub.url, namespace, person.token);
    clients.push(listener);
    return listener;
  };

  const said = <T>(client: Client, event: string): Promise<T> => new Promise((resolve) => client.once(event, resolve));

  describe('somebody who asks too much', () => {
    it('follows as many streams as a connection may, is told about the others, and is slowed down', async () => {
      const auditor = await hub.person({ role: 'auditor' });
      const branchIds = Array.from({ length: STREAMS_PER_CONNECTION + 100 }, () => ulid());
      await hub.hub.pool.query('INSERT INTO branches (org_id, id, path, code, name, kind, status, timezone) VALUES ?', [
        branchIds.map((id) => [
          auditor.orgId,
          id,
          `/${id}/`,
          id.slice(-10),
          id,
          'branch',
          'active',
          'Africa/Johannesburg',
        ]),
      ]);
      const names = branchIds.map((id) => `${auditor.orgId}:branch:${id}`);
      const made = Array.from({ length: 10_000 - names.length }, () => `${auditor.orgId}:nothing:${ulid()}`);
      const listener = listen(auditor, '/check-ins');
      await listener.ready;
      const socketNow = () => [...hub.gateway.gateway.sessions.ofUser(auditor.userId)][0]?.sockets[0];
      // The streams of one's own, which everybody follows from the start, and the socket's own room.
      const own = (socketNow()?.rooms.size ?? 0) - 1;

      const asked = [...names, ...made].map((stream) => ({ stream }));
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, call) =>
          listener.call<Subscribed>('stream:subscribe', { streams: asked.slice(call * 100, (call + 1) * 100) }),
        ),
      );

      const codes = new Map<string, number>();
      const count = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
      for (const reply of replies)
        if (!reply.ok) count(reply.error.code);
        else for (const answer of reply.data.streams) count('error' in answer ? answer.error.code : 'followed');
      expect(own).toBeLessThan(10);
      expect(codes.get('followed')).toBe(STREAMS_PER_CONNECTION - own);
      expect(codes.get('TOO_MANY_STREAMS')).toBe(100 + own);
      expect(codes.get('NOT_FOUND')).toBeGreaterThan(5_000);
      expect(codes.get('RATE_LIMITED')).toBeGreaterThan(0);
      // One more is the socket's own.
      expect(socketNow()?.rooms.size).toBe(STREAMS_PER_CONNECTION + 1);
      listener.close();
      await within(5_000, () => expect(hub.hub.live.io.of('/check-ins').adapter.rooms.size).toBe(0));
    });

    it('is told how long to wait, and sent away when that is not heard', async () => {
      const person = await hub.person();
      const peer = await RawPeer.open(hub.url);
      clients.push({ close: () => peer.cut() });
      peer.send(`40/notifications,${JSON.stringify({ token: person.token })}`);
      await peer.next((packet) => String(packet).includes('session:ready'));

      for (let id = 0; id < 4_500; id += 1) peer.send(`42/notifications,${id}["nobody:knows"]`);

      const refusal = String(await peer.next((packet) => String(packet).includes('RATE_LIMITED')));
      expect(refusal).toMatch(/"status":429.*"retryAfterMs":\d+/);
      const ended = String(await peer.next((packet) => String(packet).startsWith('42/notifications,["session:ended"')));
      expect(JSON.parse(ended.slice('42/notifications,'.length))).toEqual([
        'session:ended',
        { code: 'RATE_LIMITED', reconnect: true, retryInMs: 60_000 },
      ]);
      await peer.closed;
    });

    it('by coming back a hundred times a second is refused with a time, and nobody else is', async () => {
      const [person, other] = [await hub.person(), await hub.person()];
      const outcomes = new Map<string, number>();
      const waits: number[] = [];

      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const listener = listen(person);
          const outcome = await listener.ready.then(
            () => 'in',
            ({ data }: Refusal) => {
              waits.push(data?.retryAfterMs ?? 0);
              return data?.code ?? 'no reason';
            },
          );
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          listener.close();
        }),
      );

      expect([...outcomes.keys()].toSorted()).toEqual(['RATE_LIMITED', 'in']);
      expect(Math.min(...waits)).toBeGreaterThan(0);
      await listen(other).ready;
    });
  });

  it('a client that never answers anything hears everything, and costs no memory for its silence', async () => {
    const person = await hub.person();
    const peer = await RawPeer.open(hub.url);
    clients.push({ close: () => peer.cut() });
    peer.send(`40/notifications,${JSON.stringify({ token: person.token })}`);
    await peer.next((packet) => String(packet).includes('session:ready'));

    await write(
      hub.hub,
      person,
      Array.from({ length: 200 }, (_, n) => `note ${n}`),
    );

    for (let n = 0; n < 200; n += 1) expect(String(await peer.next(isEvent))).toContain(`{"text":"note ${n}"}`);
    const [session] = hub.gateway.gateway.sessions.ofUser(person.userId);
    const [socket] = session?.sockets ?? [];
    expect((Reflect.get(socket ?? {}, 'acks') as Map<number, unknown>).size).toBe(0);
  });

  describe('a connection that is refused', () => {
    it('stays away until its page has a good token, and then comes in by the same object', async () => {
      const person = await hub.person();
      const client = connect('a token from yesterday');

      const refusal = await said<Refusal>(client, 'connect_error');
      expect(refusal.data?.code).toBe('UNAUTHENTICATED');
      // The stock client takes a refusal for an answer; it does not hammer.
      expect(client.active).toBe(false);

      client.auth = { token: person.token };
      client.connect();

      expect(await said<SessionReady>(client, 'session:ready')).toMatchObject({ protocol: 1 });
    });

    it('by a node that has too much to do is told when to ask again', async () => {
      const person = await hub.person();
      for (let look = 0; look < 3; look += 1) hub.hub.load.note(500);
      const client = connect(person.token);
      const refusal = await said<Refusal>(client, 'connect_error');

      hub.hub.load.note(0);
      client.connect();

      expect(refusal.data).toMatchObject({ code: 'NODE_OVERLOADED', retryAfterMs: expect.any(Number) });
      await said(client, 'session:ready');
    });

    it('before it speaks is tried again by the stock client itself', async () => {
      const person = await hub.person();
      const client = connect(person.token, {
        extraHeaders: { origin: 'https://evil.example' },
        reconnectionDelay: 10,
      });

      await said(client, 'connect_error');
      expect(client.active).toBe(true);
      client.io.opts.extraHeaders = {};

      await said(client, 'session:ready');
    });
  });

  describe('a page that mounts twice', () => {
    it.each([
      ['on one connection', {}],
      ['on a connection each', { forceNew: true }],
    ])('%s ends with one session, and hears everything once', async (_how, options) => {
      const person = await hub.person();
      const first = connect(person.token, options);
      first.close();
      const heard: unknown[] = [];
      const second = connect(person.token, options);
      second.on('note:written', (note) => heard.push(note));
      await said(second, 'session:ready');

      await write(hub.hub, person, ['one', 'two']);

      await within(2_000, () => expect(heard).toEqual([{ text: 'one' }, { text: 'two' }]));
      await within(2_000, () => {
        expect([...hub.gateway.gateway.sessions.ofUser(person.userId)]).toHaveLength(1);
        expect(hub.gateway.gateway.connections).toBe(1);
        expect(hub.hub.live.io.of('/notifications').adapter.rooms.get(streamOf(person))?.size).toBe(1);
      });
    });
  });

  it('a command that waited in a client’s buffer while its twin went over HTTP happens once', async () => {
    const person = await hub.person();
    const listener = listen(person, '/check-ins');
    await listener.ready;
    const [id, input] = [ulid(), { position: { lat: -26.2, lng: 28.04 } }];
    const isBack = said(listener.socket, 'connect');
    listener.socket.io.engine.close();
    await listener.closed;

    const stale = listener.call<CheckIn>('check-in:start', input, { id });
    const started = await hub.api(checkInsApi, person).start(input, { headers: { 'idempotency-key': id } });
    await isBack;

    expect(await stale).toEqual({ ok: true, data: started, replayed: true });
    const rows = await hub.sql('SELECT id FROM check_ins WHERE org_id = ? AND user_id = ?', [
      person.orgId,
      person.userId,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('a session that was told its end is told once', async () => {
    const person = await hub.person();
    const listener = listen(person);
    await listener.ready;
    const [session] = hub.gateway.gateway.sessions.ofUser(person.userId);

    session?.end({ code: 'SESSION_REVOKED', reconnect: false });
    session?.end({ code: 'SHUTDOWN', reconnect: true });

    await listener.closed;
    expect(listener.heard('session:ended')).toEqual<SessionEnded[]>([{ code: 'SESSION_REVOKED', reconnect: false }]);
  });
});

function nobodyIsLeft({ gateway }: TestHub): void {
  expect(gateway.gateway.connections).toBe(0);
  expect(gateway.gateway.sessions.all()).toEqual([]);
}
