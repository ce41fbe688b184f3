import { join } from 'node:path';
import { createLoroHub, memoryStore, type StoredSession } from '@loro/client';
import { fileStore } from '@loro/client/node';
import { testHub } from '../../server/testing/test-hub';
import { within } from '../../server/testing/within';
import { clients, folder } from './kit';

const hub = testHub();
const client = clients(hub);
const LONGER_THAN_A_TOKEN_MS = 11 * 60_000;

describe('signing in', () => {
  it('takes the right password, and names a wrong one', async () => {
    const person = await hub.person();
    const app = await client(person);

    const { user } = await app.auth.me();
    const wrong = createLoroHub({ url: hub.url }).auth.signIn({ email: person.email, password: 'guess' });

    expect(user.id).toBe(person.userId);
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS', status: 401 });
  });

  it('goes on after a restart of the app', async () => {
    const person = await hub.person();
    const session = fileStore(join(folder(), 'session.json'));
    await (await client(person, { session })).close();

    const restarted = createLoroHub({ url: hub.url, session });

    expect(await restarted.auth.resume()).toBe(true);
    expect((await restarted.auth.me()).user.id).toBe(person.userId);
  });
});

describe('a session of one device', () => {
  it('is refreshed there, and is worth nothing where its tokens are copied to', async () => {
    const person = await hub.person();
    const session = memoryStore();
    const app = await client(person, { session, deviceId: 'phone-1' });
    const { data } = await app.auth.sessions();
    expect(data.find(({ current }) => current)?.deviceId).toBe('phone-1');

    hub.clock.advance(LONGER_THAN_A_TOKEN_MS);
    expect((await app.auth.me()).user.id).toBe(person.userId);
    hub.clock.advance(LONGER_THAN_A_TOKEN_MS);
    const copied = createLoroHub({ url: hub.url, session, deviceId: 'phone-2' });

    await expect(copied.auth.me()).rejects.toMatchObject({ status: 401 });
  });
});

describe('keeping a session alive', () => {
  it('trades its token for the next pair when it has run out, once for all who ask', async () => {
    const session = memoryStore();
    const app = await client(await hub.person(), { session });
    const before = await session.load();

    hub.clock.advance(LONGER_THAN_A_TOKEN_MS);
    await Promise.all([app.auth.me(), app.auth.me(), app.checkIns.list()]);

    const after = await session.load();
    expect(after?.sessionId).toBe(before?.sessionId);
    expect(after?.accessToken).not.toBe(before?.accessToken);
    expect(after?.refreshToken).not.toBe(before?.refreshToken);
    const [row] = await hub.sql<{ rotated: number }>(
      "SELECT COUNT(*) AS rotated FROM refresh_tokens WHERE session_id = ? AND status = 'rotated'",
      [before?.sessionId],
    );
    expect(Number(row?.rotated)).toBe(1);
  });

  it('comes back on the live connection too, when it was away longer than its token lived', async () => {
    const app = await client(await hub.person());
    app.connect();
    await within(5_000, () => expect(app.status.state).toBe('live'));
    await app.close();

    hub.clock.advance(LONGER_THAN_A_TOKEN_MS);
    app.connect();

    await within(10_000, () => expect(app.status.state).toBe('live'));
  });

  it('is over when a copy of an old refresh token was used', async () => {
    const session = memoryStore();
    const app = await client(await hub.person(), { session });
    const copy = (await session.load()) as StoredSession;
    hub.clock.advance(LONGER_THAN_A_TOKEN_MS);
    await app.auth.me();
    const ends: (string | undefined)[] = [];
    app.auth.onChange(({ signedIn, reason }) => {
      if (!signedIn) ends.push(reason);
    });

    hub.clock.advance(LONGER_THAN_A_TOKEN_MS);
    const thief = createLoroHub({ url: hub.url, session: keeping(copy) });
    await expect(thief.auth.me()).rejects.toMatchObject({ status: 401 });

    await expect(app.auth.me()).rejects.toMatchObject({ status: 401 });
    expect(ends).toHaveLength(1);
    expect(app.auth.signedIn).toBe(false);
  });
});

describe('signing out', () => {
  it('ends the session here, at the hub and on the live connection', async () => {
    const person = await hub.person();
    const session = memoryStore();
    const app = await client(person, { session });
    app.connect();
    await within(5_000, () => expect(app.status.state).toBe('live'));
    const copy = (await session.load()) as StoredSession;

    await app.auth.signOut();

    expect(app.status.state).toBe('idle');
    expect(await session.load()).toBeNull();
    await expect(createLoroHub({ url: hub.url, session: keeping(copy) }).auth.me()).rejects.toMatchObject({
      status: 401,
    });
  });

  it('from another device ends the live connection here for good, with its reason', async () => {
    const person = await hub.person();
    const [here, there] = [await client(person), await client(person)];
    here.connect();
    await within(5_000, () => expect(here.status.state).toBe('live'));
    const sessions = await there.auth.sessions({ limit: 200 });
    const { sessionId } = await here.auth.me();
    expect(sessions.data.map(({ id }) => id)).toContain(sessionId);

    await there.auth.endSession({ sessionId });

    await within(5_000, () => expect(here.status).toMatchObject({ state: 'ended', reason: 'SESSION_REVOKED' }));
    expect(here.auth.signedIn).toBe(false);
  });
});

/** A store in which somebody left a session. */
function keeping(session: StoredSession) {
  const store = memoryStore();
  void store.save(session);
  return store;
}
