import { createLoroHub, type LoroHub, memoryStore, type SessionStore } from '../index';
import { FakeHub, problem } from '../testing/fake-hub';

let peer: FakeHub;
let hub: LoroHub;
let session: SessionStore;

beforeEach(async () => {
  peer = await FakeHub.start();
  session = memoryStore();
  hub = createLoroHub({ url: peer.url, session });
  await hub.auth.signIn({ email: 'a@b.c', password: 'x' });
});
afterEach(async () => {
  await hub.close();
  await peer.stop();
});

const refreshes = () => peer.requests.filter(({ path }) => path === '/auth/refresh');
/** Answers who is signed in, but only to the newest token. */
const believeNewest = (): void => {
  peer.routes.set('GET /auth/me', ({ headers }) =>
    headers.authorization === `Bearer ${peer.token}`
      ? { body: { data: { user: { id: 'USER' }, organisation: { id: 'ORG' } } } }
      : { status: 401, body: problem(401, 'TOKEN_EXPIRED') },
  );
};

describe('trading a token for the next', () => {
  it('happens once for everybody who finds it expired', async () => {
    believeNewest();
    peer.token = 'another one';

    await Promise.all([hub.auth.me(), hub.auth.me(), hub.auth.me()]);

    expect(refreshes()).toHaveLength(1);
  });

  it('takes what another tab has traded instead of trading again', async () => {
    believeNewest();
    const kept = await session.load();
    peer.token = 'of-the-other-tab';
    if (kept) await session.save({ ...kept, accessToken: 'of-the-other-tab', refreshToken: 'refresh-9' });

    await hub.auth.me();

    expect(refreshes()).toHaveLength(0);
  });

  it('tries again after it lost a race', async () => {
    believeNewest();
    peer.token = 'another one';
    let races = 0;
    const refresh = peer.routes.get('POST /auth/refresh');
    peer.routes.set('POST /auth/refresh', (seen) => {
      if (races++ === 0) return { status: 401, body: problem(401, 'REFRESH_RACED', { retryAfterMs: 1 }) };
      return refresh?.(seen) ?? { status: 500 };
    });

    await hub.auth.me();

    expect(races).toBe(2);
    expect(hub.auth.signedIn).toBe(true);
  });

  it('ends the session when the hub no longer knows it, and says so', async () => {
    believeNewest();
    peer.token = 'another one';
    peer.refreshToken = 'another one';
    const changes: unknown[] = [];
    hub.auth.onChange((change) => changes.push(change));

    await expect(hub.auth.me()).rejects.toMatchObject({ code: 'REFRESH_INVALID' });

    expect(changes).toEqual([{ signedIn: false, reason: 'REFRESH_INVALID' }]);
    expect(await session.load()).toBeNull();
  });

  it('keeps the session while the hub cannot be asked', async () => {
    const { url } = peer;
    await peer.stop();
    const restarted = createLoroHub({ url, session: expired(session) });

    await expect(restarted.auth.resume()).rejects.toMatchObject({ code: 'OFFLINE' });

    expect(await session.load()).toMatchObject({ accessToken: 'access-1' });
  });
});

describe('signing in by the app’s own tokens', () => {
  it('asks for another one when one was refused', async () => {
    believeNewest();
    peer.token = 'second';
    const given = ['first', 'second'];
    const own = createLoroHub({ url: peer.url, token: () => given.shift() ?? 'second' });

    await own.auth.me();

    expect(peer.requests.filter(({ path }) => path === '/auth/me').map(({ headers }) => headers.authorization)).toEqual(
      ['Bearer first', 'Bearer second'],
    );
  });
});

/** The same store, whose access token has run out meanwhile. */
function expired(store: SessionStore): SessionStore {
  return {
    load: async () => {
      const kept = await store.load();
      return kept && { ...kept, expiresAt: new Date(0).toISOString() };
    },
    save: (value) => store.save(value),
  };
}
