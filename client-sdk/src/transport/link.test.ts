import { toLoroError } from '../errors';
import { createLoroHub, type LoroHub, type Status } from '../index';
import { FakeHub, problem, until } from '../testing/fake-hub';

let peer: FakeHub;
let hub: LoroHub;

beforeEach(async () => {
  peer = await FakeHub.start();
  hub = createLoroHub({ url: peer.url });
  await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await hub.close();
  await peer.stop();
});

const live = () => until(() => hub.status.state === 'live', 'live');
const statesOf = (): Status['state'][] => {
  const states: Status['state'][] = [];
  hub.onStatus(({ state }) => states.push(state));
  return states;
};

describe('connecting', () => {
  it('waits until somebody listens, then opens that namespace with a token', async () => {
    expect(hub.status.state).toBe('idle');

    hub.checkIns.on('check-in:started', () => {});
    await live();

    expect(peer.handshakes).toEqual([
      expect.objectContaining({
        namespace: '/check-ins',
        auth: expect.objectContaining({ token: 'access-1', protocol: 1 }),
      }),
    ]);
  });

  it('carries all namespaces over one connection', async () => {
    hub.checkIns.on('check-in:started', () => {});
    await live();

    hub.tracking.on('fixes:moved', () => {});
    hub.reports.on('report:finished', () => {});
    await until(() => peer.handshakes.length === 3);

    expect(peer.connections()).toBe(1);
    expect(new Set(peer.handshakes.map(({ connection }) => connection)).size).toBe(1);
  });

  it('listens before anybody is signed in, and connects when somebody is', async () => {
    const other = createLoroHub({ url: peer.url });
    other.checkIns.on('check-in:started', () => {});
    expect(other.status.state).toBe('idle');

    await other.auth.signIn({ email: 'a@b.c', password: 'x' });
    await until(() => other.status.state === 'live');

    await other.close();
  });

  it('knows the hub’s clock', async () => {
    peer.clockOffsetMs = 3_600_000;
    hub.connect();
    await live();

    expect(Math.round(hub.time() / 60_000)).toBe(60);
  });
});

describe('being refused', () => {
  it('renews an expired token once and comes back', async () => {
    peer.refuse = ({ token }) => (token === 'access-1' ? problem(401, 'TOKEN_EXPIRED') : null);

    hub.connect();
    await live();

    expect(peer.handshakes.map(({ auth }) => auth['token'])).toEqual(['access-1', 'access-2']);
  });

  it('tries again, which a stock client would not', async () => {
    let left = 2;
    peer.refuse = () => (left-- > 0 ? problem(503, 'NODE_OVERLOADED', { retryAfterMs: 20 }) : null);
    const states = statesOf();

    hub.connect();
    await live();

    expect(peer.handshakes).toHaveLength(3);
    expect(states).toEqual(['connecting', 'waiting', 'connecting', 'waiting', 'connecting', 'live']);
  });

  it('keeps the other namespaces live when one is refused', async () => {
    peer.refuse = (_, namespace) => (namespace === '/reports' ? problem(403, 'FORBIDDEN') : null);
    hub.checkIns.on('check-in:started', () => {});
    await live();
    const states = statesOf();

    hub.reports.on('report:finished', () => {});
    await until(() => peer.handshakes.length >= 3, 'a second try');

    expect(hub.status.state).toBe('live');
    expect(states).toEqual([]);
    expect(peer.handshakes.filter(({ namespace }) => namespace === '/check-ins')).toHaveLength(1);
  });

  it('is over when the session was revoked', async () => {
    peer.refuse = () => problem(401, 'SESSION_REVOKED');

    hub.connect();
    await until(() => hub.status.state === 'ended');

    expect(hub.status.reason).toBe('SESSION_REVOKED');
    expect(hub.auth.signedIn).toBe(false);
  });
});

describe('losing the connection', () => {
  it('reconnects by itself, within the bounds of full jitter', async () => {
    const waits: number[] = [];
    hub.onStatus(({ state, retryAt, since }) => {
      if (state === 'waiting' && retryAt !== undefined) waits.push(retryAt - since);
    });
    hub.connect();
    await live();

    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.cut();
    await until(() => peer.handshakes.length === 2 && hub.status.state === 'live', 'live again');

    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeLessThanOrEqual(500);
  });

  it('waits no longer each time where the line flaps and the hub is well', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.2);
    const waits: number[] = [];
    hub.onStatus(({ state, retryAt, since }) => {
      if (state === 'waiting' && retryAt !== undefined) waits.push(retryAt - since);
    });
    hub.connect();
    for (let cut = 1; cut <= 5; cut += 1) {
      await until(() => peer.handshakes.length === cut && hub.status.state === 'live', 'live again');
      await new Promise((resolve) => setTimeout(resolve, 20));
      peer.cut();
    }
    await until(() => waits.length === 5);

    // A fifth of half a second, then a fifth of one, and no more.
    expect(Math.max(...waits)).toBeLessThanOrEqual(205);
  });

  it('comes back when the hub says, and not before', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    hub.connect();
    await live();

    peer.say('session:ended', { code: 'SHUTDOWN', reconnect: true, retryInMs: 400 });
    peer.cut();
    await until(() => hub.status.state === 'waiting');
    const { retryAt = 0, since, reason } = hub.status;
    await live();

    expect(retryAt - since).toBe(400);
    expect(reason).toBe('SHUTDOWN');
    expect(hub.status.since).toBeGreaterThanOrEqual(retryAt);
  });

  it('stays away when the hub says so, until the app connects again', async () => {
    hub.connect();
    await live();

    peer.say('session:ended', { code: 'ACCOUNT_CLOSED', reconnect: false });
    peer.cut();
    await until(() => hub.status.state === 'ended');
    hub.connect();
    await live();

    expect(peer.handshakes).toHaveLength(2);
  });

  it('gives up on a hub that never says that the session is ready, and tells callers', async () => {
    peer.sayReady = false;
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const outcome = hub.checkIns.call('check-in:start', { position: { lat: 0, lng: 0 } }).catch(toLoroError);

    await jest.advanceTimersByTimeAsync(10_100);
    jest.useRealTimers();

    expect(await outcome).toMatchObject({ code: 'OFFLINE' });
  });
});

describe('keeping the token fresh', () => {
  it('refreshes in place on every open namespace when the hub says that it runs out', async () => {
    hub.checkIns.on('check-in:started', () => {});
    hub.tracking.on('fixes:moved', () => {});
    await until(() => peer.handshakes.length === 2);
    await live();
    await new Promise((resolve) => setTimeout(resolve, 50));

    peer.say('session:expiring', { inMs: 1000 });
    await until(() => peer.refreshes.length === 2);

    expect(peer.refreshes.map(({ token }) => token)).toEqual(['access-2', 'access-2']);
    expect(peer.requests.filter(({ path }) => path === '/auth/refresh')).toHaveLength(1);
    expect(peer.handshakes).toHaveLength(2);
  });

  it('does so at 80 % of the token’s life without being told', async () => {
    peer.tokenLifeMs = 2_000;
    hub.connect();
    await live();

    await until(() => peer.refreshes.length === 1, 'the refresh');

    expect(peer.refreshes).toEqual([{ namespace: '/notifications', token: 'access-2' }]);
    expect(hub.status.state).toBe('live');
    expect(peer.handshakes).toHaveLength(1);
  });
});

describe('calling', () => {
  const place = { position: { lat: 46, lng: 14 } };

  it('answers the data, and refuses with the problem', async () => {
    peer.calls.set('check-in:start', () => ({ id: 'C' }));
    peer.calls.set('check-in:end', () => {
      throw problem(409, 'CHECK_IN_ENDED');
    });

    await expect(hub.checkIns.call('check-in:start', place)).resolves.toEqual({ id: 'C' });
    await expect(hub.checkIns.call('check-in:end', { ...place, checkInId: 'C' })).rejects.toMatchObject({
      code: 'CHECK_IN_ENDED',
      status: 409,
    });
  });

  it('sends a call again under the same id when its connection was lost before the answer', async () => {
    const ids: (string | undefined)[] = [];
    peer.calls.set('check-in:start', (_, options) => {
      ids.push(options?.id);
      if (ids.length > 1) return { id: 'C' };
      peer.cut();
      return 'never';
    });

    await expect(hub.checkIns.call('check-in:start', place)).resolves.toEqual({ id: 'C' });

    expect(ids).toHaveLength(2);
    expect(ids[0]).toMatch(/^[0-9A-Z]{26}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('refuses a call that the hub would end the connection for', async () => {
    const note = 'x'.repeat(70_000);

    await expect(hub.checkIns.call('check-in:start', { ...place, note })).rejects.toMatchObject({ status: 413 });
  });
});

describe('signing out', () => {
  it('ends the connection and every subscription', async () => {
    const onEnded = jest.fn();
    const subscription = hub.checkIns.subscribe('branch', 'B', { onEnded });
    await subscription.ready;

    await hub.auth.signOut();

    expect(hub.status.state).toBe('idle');
    expect(onEnded).toHaveBeenCalledWith('SIGNED_OUT');
    await until(() => peer.connections() === 0);
  });
});
