import { accountSafetyApi } from '@loro/contracts/account-safety';
import { authApi, type Tokens } from '@loro/contracts/auth';
import { forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { access } from '../access';
import { auth } from './index';

const hub = testHub();
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How long an ended session may live on, on every node. */
const BOUND_MS = 2_000;

const api = (person?: Pick<Person, 'token'>, at?: TestNode) => hub.api(authApi, person, at);
const refused = (code: string) => ({ status: 401, code });

let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
}, 60_000);
beforeEach(() => forgetLimits(hub));

async function stateOf(sessionId: string): Promise<string | undefined> {
  const [row] = await hub.sql<{ state: string }>('SELECT state FROM sessions WHERE id = ?', [sessionId]);
  return row?.state;
}

/** The person, signed in once more with a phone. */
async function phone(): Promise<Person & { tokens: Tokens }> {
  const person = await hub.person();
  const tokens = await signIn(hub, person, { deviceName: 'Her phone', deviceId: 'phone-1' });
  if (tokens.status !== 'signed-in') throw new Error(`is ${tokens.status}`);
  return { ...person, token: tokens.accessToken, tokens };
}

/** One more sign-in of the same person. */
async function signedInAgain({ orgId, userId }: Person, ip = '127.0.0.1') {
  const { sessions } = hub.hub.use(auth);
  const issued = await sessions.open(orgId, userId, { name: 'another', ip });
  return { ...issued, token: issued.accessToken };
}

describe('a sign-in from a device that was not seen before', () => {
  it('is told to its person, and the first one and those that are known are not', async () => {
    const person = await hub.person();
    const told = async () => (await hub.mails(person.email)).map(({ subject }) => subject);

    await signIn(hub, person, { deviceId: 'phone-1' });
    await signIn(hub, person, { deviceId: 'phone-1' });
    const before = await told();
    await signIn(hub, person, { deviceId: 'phone-2' });
    await signIn(hub, person, { deviceId: 'phone-2' });

    expect(before).toEqual([]);
    expect(await told()).toEqual(['A new device signed in']);
  });
});

describe('the list of sessions', () => {
  it('says from where and how each was opened, to its owner alone', async () => {
    const device = await phone();
    const colleague = await hub.person({ beside: device });

    const { data } = await api(device).sessions();

    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({
      id: device.tokens.sessionId,
      kind: 'mobile',
      deviceId: 'phone-1',
      deviceName: 'Her phone',
      amr: ['pwd'],
      current: true,
    });
    expect((await api(colleague).sessions()).data.map(({ id }) => id)).toEqual([colleague.sessionId]);
  });

  it('holds ten at most: the one that was used least ends', async () => {
    const person = await hub.person();
    for (let n = 1; n <= 10; n += 1) {
      hub.clock.advance(SECOND_MS);
      await signedInAgain(person);
    }

    expect(await stateOf(person.sessionId)).toBe('revoked');
    const { data } = await api(await signedInAgain(person)).sessions();
    expect(data).toHaveLength(10);
  });

  it('is emptied but for the one that asks', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const others = [await signedInAgain(person), await signedInAgain(person)];

    const { status } = await fetch(`${hub.url}/api/v1/auth/sessions?except=current`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${person.token}` },
    });

    expect(status).toBe(204);
    expect((await api(person).sessions()).data.map(({ id }) => id)).toEqual([person.sessionId]);
    for (const { refreshToken } of others)
      expect(await outcome(api().refresh({ refreshToken }))).toEqual(refused('SESSION_REVOKED'));
    expect(await stateOf(colleague.sessionId)).toBe('active');
  });

  it('is never ended by a stranger or a colleague', async () => {
    const person = await hub.person();

    for (const somebody of [await hub.person(), await hub.person({ beside: person, role: 'owner' })])
      await expect(api(somebody).endSession({ sessionId: person.sessionId })).rejects.toMatchObject({ status: 404 });
    expect(await stateOf(person.sessionId)).toBe('active');
  });
});

describe('an administrator', () => {
  it('ends all sessions of a person, on every node within two seconds', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const { token } = await signedInAgain(person);
    const listener = await hub.listen('/notifications', { token }, other);
    await expect(api(person, other).me()).resolves.toMatchObject({ user: { id: person.userId } });

    await hub.api(accountSafetyApi, admin).endSessions({ userId: person.userId });

    await within(BOUND_MS, () => expect(api(person, other).me()).rejects.toMatchObject({ code: 'SESSION_REVOKED' }));
    expect(await listener.next('session:ended')).toMatchObject({ code: 'SESSION_REVOKED' });
    expect(await stateOf(admin.sessionId)).toBe('active');
  });

  it('does so in no other organisation, and a manager does it nowhere', async () => {
    const person = await hub.person();
    const stranger = await hub.person({ role: 'admin' });
    const manager = await hub.person({ beside: person, role: 'manager' });
    const end = (by: Person) => hub.api(accountSafetyApi, by).endSessions({ userId: person.userId });

    await expect(end(stranger)).rejects.toMatchObject({ status: 404 });
    await expect(end(manager)).rejects.toMatchObject({ status: 403 });
    expect(await stateOf(person.sessionId)).toBe('active');
  });
});

describe('acceptance: a role that is lowered', () => {
  it('is in force within two seconds on every node, without a new sign-in', async () => {
    const owner = await hub.person({ role: 'owner' });
    const admin = await hub.person({ role: 'admin', beside: owner });
    const listener = await hub.listen('/notifications', admin, other);
    const list = (at: TestNode) => api(admin, at).apiKeys();
    for (const node of [hub, other]) await list(node);

    await hub.hub.use(access).grant(admin.orgId, admin.userId, 'staff');
    await hub.hub.use(access).revoke(admin.orgId, admin.userId, 'admin');

    for (const node of [hub, other])
      await within(BOUND_MS, () => expect(list(node)).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' }));
    const { grants } = await api(admin, other).permissions();
    expect(grants.map(({ permission }) => permission)).toContain('account.use');
    expect(grants.map(({ permission }) => permission)).not.toContain('api-keys.manage');
    expect(listener.socket.connected).toBe(true);
  });
});

describe('somebody who leaves', () => {
  const traces = () => hub.hub.use(auth).traces;

  it('is signed out everywhere, and a colleague is not', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const listener = await hub.listen('/notifications', person, other);

    await hub.hub.transact(() => traces().leave(person.orgId, person.userId));

    expect(await listener.next('session:ended')).toMatchObject({ code: 'SESSION_REVOKED' });
    expect(await stateOf(person.sessionId)).toBe('revoked');
    expect(await stateOf(colleague.sessionId)).toBe('active');
  });

  it('stays where the transaction fails that would have ended it all', async () => {
    const person = await hub.person();

    const failed = hub.hub.transact(async () => {
      await traces().leave(person.orgId, person.userId);
      throw new Error('something else went wrong');
    });

    await expect(failed).rejects.toThrow('something else');
    expect(await stateOf(person.sessionId)).toBe('active');
    await expect(api(person, other).permissions()).resolves.toBeDefined();
  });

  it('leaves nothing that says where, once forgotten', async () => {
    const device = await phone();

    await hub.hub.transact(() => traces().erase(device.orgId, device.userId));

    const kept = await hub.sql('SELECT device_id, device_name, user_agent, ip FROM sessions WHERE user_id = ?', [
      device.userId,
    ]);
    expect(kept).toHaveLength(2);
    for (const session of kept)
      expect(session).toEqual({ device_id: null, device_name: 'erased', user_agent: '', ip: '' });
  });
});

describe('proving once more who one is', () => {
  it('by the password makes the session fresh, and answers a token that says so', async () => {
    const person = await hub.person();
    hub.clock.advance(8 * MINUTE_MS);

    const { accessToken, sessionId } = await api(person).reauth({ password: person.password });

    const { token } = await hub.hub.authenticator.authenticate(accessToken);
    expect(sessionId).toBe(person.sessionId);
    expect(hub.clock.now().getTime() - token.authenticatedAt.getTime()).toBeLessThan(MINUTE_MS);
    const { token: before } = await hub.hub.authenticator.authenticate(person.token);
    expect(token.authenticatedAt.getTime() - before.authenticatedAt.getTime()).toBeGreaterThanOrEqual(8 * MINUTE_MS);
  });

  it('is asked for by what must not be done on an old proof, and then lets it through', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const end = (token: string) => outcome(hub.api(accountSafetyApi, { token }).endSessions({ userId: person.userId }));
    hub.clock.advance(5 * MINUTE_MS + SECOND_MS);

    const old = await end(admin.token);
    const { accessToken } = await api(admin).reauth({ password: admin.password });

    expect(old).toEqual({ status: 401, code: 'REAUTH_REQUIRED' });
    expect(await end(accessToken)).toMatchObject({ status: 200 });
  });

  it('is not done by a refresh', async () => {
    const device = await phone();
    hub.clock.advance(8 * MINUTE_MS);
    const { accessToken } = await api().refresh({ refreshToken: device.tokens.refreshToken, deviceId: 'phone-1' });

    const { token } = await hub.hub.authenticator.authenticate(accessToken);

    expect(hub.clock.now().getTime() - token.authenticatedAt.getTime()).toBeGreaterThanOrEqual(8 * MINUTE_MS);
  });

  it('with a wrong password is refused, and stopped after five tries', async () => {
    const person = await hub.person();
    const guess = () => api(person).reauth({ password: 'a guess' });
    for (let n = 1; n <= 5; n += 1) await expect(guess()).rejects.toMatchObject(refused('INVALID_CREDENTIALS'));

    await expect(api(person).reauth({ password: person.password })).rejects.toMatchObject({ status: 429 });
  });
});

describe('sweeping', () => {
  it('ends sessions that nobody refreshed, and leaves the others', async () => {
    const person = await hub.person();
    hub.clock.advance(10 * DAY_MS);
    const younger = await signedInAgain(person);
    hub.clock.advance(4 * DAY_MS);

    await hub.work('auth.sweep-sessions');
    await hub.work('auth.sweep-sessions');

    expect(await stateOf(person.sessionId)).toBe('expired');
    expect(await stateOf(younger.sessionId)).toBe('active');
  });
});

it('an alert is heard by its person alone', async () => {
  const device = await phone();
  const admin = await hub.person({ beside: device, role: 'admin' });
  const listener = await hub.listen('/notifications', admin);
  const own = await hub.listen('/notifications', await signedInAgain(device));

  await outcome(api().refresh({ refreshToken: device.tokens.refreshToken, deviceId: 'phone-2' }));

  await own.next('security:alert');
  await expect(listener.subscribe(`${device.orgId}:user:${device.userId}`)).rejects.toThrow('NOT_FOUND');
  expect(listener.heard('security:alert')).toEqual([]);
});
