import type { SessionEnded } from '@loro/contracts/kit/session';
import { access } from '../../modules/access';
import { auth } from '../../modules/auth';
import { streamOf, write } from '../../testing/notes';
import { RedisGate } from '../../testing/redis-gate';
import { Listener } from '../../testing/listener';
import { type Person, TestHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';

/** How long rights may outlive their end, on every node. */
const BOUND_MS = 2_000;
const MINUTE_MS = 60_000;

describe.each([
  ['on the fast path', 'on'],
  ['on the stock path', 'off'],
])('%s', (_name, fast) => {
  const gate = new RedisGate();
  let hub: TestHub;
  let other: TestNode;

  beforeAll(async () => {
    await gate.open();
    hub = new TestHub({ env: { LIVE_FAST_PATH: fast, REDIS_URL: gate.url } });
    await hub.start();
    other = await hub.secondNode();
  }, 60_000);
  afterAll(async () => {
    await hub.stop();
    await gate.shut();
  }, 60_000);

  const listenOnBoth = (namespace: string, person: Person) =>
    Promise.all([hub.listen(namespace, person), hub.listen(namespace, person, other)]);

  /** Streams of one's own, which a role opens too. */
  const isOwn = (name: string) => /:(person|attendance|leave):/.test(name);

  /** One more sign-in of the same person. */
  const signInAgain = ({ orgId, userId }: Person) =>
    hub.hub.use(auth).sessions.open(orgId, userId, { name: 'another', ip: '127.0.0.1' });

  async function endSession({ token, sessionId }: Person): Promise<void> {
    const { actor } = await hub.hub.authenticator.authenticate(token);
    await hub.hub.use(auth).sessions.end(actor, sessionId);
  }

  describe('a role that is taken away', () => {
    it('ends the streams that it opened, on every node, and nothing else', async () => {
      const manager = await hub.person({ role: 'manager' });
      const colleague = await hub.person({ role: 'manager', beside: manager });
      const stream = `${manager.orgId}:branch:${manager.branchId}`;
      const listeners = await listenOnBoth('/check-ins', manager);
      const untouched = await hub.listen('/check-ins', colleague, other);
      for (const listener of [...listeners, untouched]) await listener.subscribe(stream);

      await hub.hub.use(access).revoke(manager.orgId, manager.userId, 'manager');

      await within(BOUND_MS, () => {
        for (const listener of listeners)
          expect(listener.heard('stream:ended')).toContainEqual({ stream, code: 'FORBIDDEN' });
      });
      // What else ends is one's own, which the role opened too.
      const ended = listeners.flatMap((listener) => listener.heard('stream:ended') as { stream: string }[]);
      expect(ended.filter((one) => one.stream !== stream && !isOwn(one.stream))).toEqual([]);
      for (const listener of listeners) {
        await expect(listener.subscribe(stream)).rejects.toThrow('FORBIDDEN');
        expect(listener.socket.connected).toBe(true);
      }
      expect(untouched.heard('stream:ended')).toEqual([]);
    });

    it('opens nothing until it is given back, and then does without a new connection', async () => {
      const person = await hub.person({ role: 'staff' });
      const stream = `${person.orgId}:branch:${person.branchId}`;
      const [here, there] = await listenOnBoth('/check-ins', person);
      await expect(here.subscribe(stream)).rejects.toThrow('NOT_FOUND');

      await hub.hub.use(access).grant(person.orgId, person.userId, 'manager');

      await within(BOUND_MS, () => Promise.all([here.subscribe(stream), there.subscribe(stream)]));
    });
  });

  describe('a change for everybody of an organisation', () => {
    it('is obeyed by all of its connections on every node, and by nobody else’s', async () => {
      const manager = await hub.person({ role: 'manager' });
      const colleague = await hub.person({ role: 'manager', beside: manager });
      const stranger = await hub.person({ role: 'manager' });
      const listeners = [await hub.listen('/check-ins', manager), await hub.listen('/check-ins', colleague, other)];
      const elsewhere = await hub.listen('/check-ins', stranger, other);
      const stream = `${manager.orgId}:branch:${manager.branchId}`;
      for (const listener of listeners) await listener.subscribe(stream);
      await elsewhere.subscribe(`${stranger.orgId}:branch:${stranger.branchId}`);
      await hub.sql("DELETE FROM role_grants WHERE role = 'manager'");

      await hub.hub.transact(() => hub.hub.changes.record({ orgId: manager.orgId, userId: null, sessionId: null }));

      await within(BOUND_MS, () => {
        for (const listener of listeners)
          expect(listener.heard('stream:ended')).toContainEqual({ stream, code: 'FORBIDDEN' });
      });
      // What else ends is one's own, which the role opened too.
      const ended = listeners.flatMap((listener) => listener.heard('stream:ended') as { stream: string }[]);
      expect(ended.filter((one) => one.stream !== stream && !isOwn(one.stream))).toEqual([]);
      // The stranger lost the role too, and nobody said so of that organisation.
      expect(elsewhere.heard('stream:ended')).toEqual([]);
    });
  });

  describe('a session that is ended', () => {
    it('ends its connections on every node with the reason, and leaves the person’s other devices alone', async () => {
      const person = await hub.person();
      const { accessToken } = await signInAgain(person);
      const listeners = await listenOnBoth('/notifications', person);
      const phone = await hub.listen('/notifications', { token: accessToken }, other);

      await endSession(person);

      await within(BOUND_MS, () => {
        for (const listener of listeners)
          expect(listener.heard('session:ended')).toEqual([{ code: 'SESSION_REVOKED', reconnect: false }]);
      });
      await Promise.all(listeners.map(({ closed }) => closed));
      expect(phone.socket.connected).toBe(true);
    });

    it('ends them as soon while Redis is away', async () => {
      const person = await hub.person();
      const listeners = await listenOnBoth('/notifications', person);
      await gate.shut();

      try {
        await endSession(person);

        await within(BOUND_MS, () => {
          for (const listener of listeners)
            expect(listener.heard('session:ended')).toEqual([{ code: 'SESSION_REVOKED', reconnect: false }]);
        });
        await Promise.all(listeners.map(({ closed }) => closed));
        for (const { gateway } of [hub, other])
          await within(BOUND_MS, () => expect([...gateway.gateway.sessions.ofUser(person.userId)]).toEqual([]));
      } finally {
        await gate.open();
      }
    });

    it('is not opened again by a token that has not run out', async () => {
      const person = await hub.person();
      await endSession(person);

      for (const node of [hub, other])
        await within(BOUND_MS, async () => {
          const listener = new Listener(node.gateway.url, '/notifications', person.token);
          const reason = await listener.ready.then(
            () => 'in',
            (error: { data: { code: string } }) => error.data.code,
          );
          listener.close();
          expect(reason).toBe('SESSION_REVOKED');
        });
    });
  });

  describe('a token that is exchanged on an open connection', () => {
    it('prolongs it', async () => {
      const person = await hub.person();
      const listener = await hub.listen('/notifications', person);
      const { expiresAt } = await listener.ready;
      hub.clock.advance(MINUTE_MS);
      const { accessToken: token } = await signInAgain(person);

      const reply = await listener.call<{ expiresAt: string; lost: string[] }>('session:refresh', { token });

      if (!reply.ok) throw new Error(reply.error.code);
      expect(reply.data.lost).toEqual([]);
      expect(Date.parse(reply.data.expiresAt)).toBeGreaterThan(Date.parse(expiresAt));
    });

    it('is refused when it is somebody else’s, and the connection stays its owner’s', async () => {
      const person = await hub.person();
      const [colleague, stranger] = [await hub.person({ beside: person }), await hub.person()];
      const listener = await hub.listen('/notifications', person);

      for (const { token } of [colleague, stranger])
        expect(await listener.call('session:refresh', { token })).toMatchObject({
          ok: false,
          error: { code: 'UNAUTHENTICATED' },
        });

      await write(hub.hub, colleague, ['for the colleague']);
      await write(hub.hub, person, ['for the owner']);
      expect(await listener.next('note:written')).toEqual({ text: 'for the owner' });
      await expect(listener.subscribe(streamOf(colleague))).rejects.toThrow('NOT_FOUND');
    });

    it('is refused when it is no token, or of a session that was ended', async () => {
      const person = await hub.person();
      const ended = await signInAgain(person);
      const listener = await hub.listen('/notifications', person);
      await endSession({ ...person, token: ended.accessToken, sessionId: ended.sessionId });

      for (const [token, code] of [
        [ended.accessToken, 'SESSION_REVOKED'],
        ['nonsense', 'UNAUTHENTICATED'],
        ['tkt_nonsense', 'UNAUTHENTICATED'],
        [7, 'VALIDATION_FAILED'],
      ] as const)
        expect(await listener.call('session:refresh', { token })).toMatchObject({ ok: false, error: { code } });
      expect(listener.socket.connected).toBe(true);
    });
  });

  it('a token that runs out is announced, honoured a little longer, and ends the connection', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    const { expiresAt } = await listener.ready;
    const untilEnd = () => Date.parse(expiresAt) - hub.clock.now().getTime();

    hub.clock.advance(untilEnd() * 0.81);
    const { inMs } = await listener.next<{ inMs: number }>('session:expiring');
    hub.clock.advance(untilEnd() + 10_000);
    const inGrace = await listener.subscribe(streamOf(person));
    hub.clock.advance(5_001);

    expect(await listener.next<SessionEnded>('session:ended')).toEqual({ code: 'TOKEN_EXPIRED', reconnect: true });
    await listener.closed;
    expect(inMs).toBeGreaterThan(0);
    expect(inMs).toBeLessThanOrEqual(2 * MINUTE_MS);
    expect(inGrace.class).toBe('log');
    // The stock client comes back by itself, with the same token, and is told why it may not.
    const refusal = await new Promise<{ data?: unknown }>((resolve) => {
      listener.socket.on('connect_error', resolve);
    });
    expect(refusal.data).toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect([...hub.gateway.gateway.sessions.ofUser(person.userId)]).toEqual([]);
  });
});
