import { authApi, type Tokens } from '@loro/contracts/auth';
import { forgetLimits } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from './index';

const hub = testHub();
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const api = (person?: Pick<Person, 'token'>) => hub.api(authApi, person);

beforeEach(() => forgetLimits(hub));

type Refreshed = Tokens | { status: number; code: string };

/** The tokens, or why there are none. */
const refresh = (refreshToken: string, deviceId?: string): Promise<Refreshed> =>
  api()
    .refresh({ refreshToken, ...(deviceId !== undefined && { deviceId }) })
    .catch(({ status, code }: { status: number; code: string }) => ({ status, code }));

const refused = (code: string) => ({ status: 401, code });

/** A session of a phone, as its app has it. */
async function phone(): Promise<Person & { refreshToken: string; deviceId: string; phoneSession: string }> {
  const person = await hub.person();
  const { email, password } = person;
  const answer = await api().signIn({ email, password, deviceName: 'Her phone', deviceId: 'phone-1' });
  if (answer.status !== 'signed-in') throw new Error(`is ${answer.status}`);
  const { refreshToken = '', sessionId: phoneSession, accessToken } = answer;
  return { ...person, token: accessToken, refreshToken, deviceId: 'phone-1', phoneSession };
}

async function traded({ refreshToken, deviceId }: { refreshToken: string; deviceId: string }): Promise<string> {
  const answer = await refresh(refreshToken, deviceId);
  if (!('refreshToken' in answer) || answer.refreshToken === undefined) throw new Error(JSON.stringify(answer));
  return answer.refreshToken;
}

async function stateOf(sessionId: string): Promise<string | undefined> {
  const [row] = await hub.sql<{ state: string }>('SELECT state FROM sessions WHERE id = ?', [sessionId]);
  return row?.state;
}

async function tokensOf(sessionId: string): Promise<Record<string, number>> {
  const rows = await hub.sql<{ status: string; n: number }>(
    'SELECT status, COUNT(*) AS n FROM refresh_tokens WHERE session_id = ? GROUP BY status',
    [sessionId],
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
}

const subjects = async (email: string): Promise<string[]> => (await hub.mails(email)).map(({ subject }) => subject);

const ENDED_MAIL = 'A session of yours was ended';

describe('acceptance: what becomes of a refresh', () => {
  it('an unknown token is refused, and an address that tries many has to wait', async () => {
    for (let n = 1; n <= 20; n += 1) expect(await refresh(`made up ${n}`)).toEqual(refused('REFRESH_INVALID'));

    expect(await refresh('made up 21')).toEqual({ status: 429, code: 'RATE_LIMITED' });
  });

  it('an active token of a live session, from its device, is traded for a new pair', async () => {
    const device = await phone();

    const answer = await refresh(device.refreshToken, device.deviceId);

    expect(answer).toMatchObject({ status: 'signed-in', sessionId: device.phoneSession });
    expect(answer).not.toMatchObject({ refreshToken: device.refreshToken });
    expect(await tokensOf(device.phoneSession)).toEqual({ rotated: 1, active: 1 });
  });

  it.each([
    ['another device', 'phone-2'],
    ['no device at all', undefined],
  ])('an active token from %s compromises its session', async (_what, deviceId) => {
    const device = await phone();

    const answer = await refresh(device.refreshToken, deviceId);

    expect(answer).toEqual(refused('REFRESH_DEVICE'));
    expect(await stateOf(device.phoneSession)).toBe('compromised');
    expect(await refresh(device.refreshToken, device.deviceId)).toEqual(refused('SESSION_REVOKED'));
    expect(await subjects(device.email)).toContain(ENDED_MAIL);
  });

  it.each([
    ['its idle life', 0, 14 * DAY_MS],
    ['its absolute life', 8, 10 * DAY_MS],
  ])('a session that outlived %s is expired', async (_what, uses, unusedMs) => {
    const device = await phone();
    let { refreshToken } = device;
    // Used every ten days, it does not end of being idle.
    for (let use = 1; use <= uses; use += 1) {
      hub.clock.advance(10 * DAY_MS);
      refreshToken = await traded({ ...device, refreshToken });
    }
    hub.clock.advance(unusedMs);

    const answer = await refresh(refreshToken, device.deviceId);

    expect(answer).toEqual(refused('REFRESH_EXPIRED'));
    expect(await stateOf(device.phoneSession)).toBe('expired');
    expect(await refresh(refreshToken, device.deviceId)).toEqual(refused('REFRESH_EXPIRED'));
    expect(await subjects(device.email)).not.toContain(ENDED_MAIL);
  });

  it('a token traded less than ten seconds ago, its successor unused, gives the same successor', async () => {
    const device = await phone();
    const successor = await traded(device);
    hub.clock.advance(9 * SECOND_MS);

    expect(await traded(device)).toBe(successor);
    expect(await tokensOf(device.phoneSession)).toEqual({ rotated: 1, active: 1 });
    expect(await stateOf(device.phoneSession)).toBe('active');
  });

  it('a token traded less than ten seconds ago, its successor used, merely lost a race', async () => {
    const device = await phone();
    const successor = await traded(device);
    await traded({ ...device, refreshToken: successor });

    expect(await refresh(device.refreshToken, device.deviceId)).toEqual(refused('REFRESH_RACED'));
    expect(await stateOf(device.phoneSession)).toBe('active');
  });

  it.each([
    ['unused', false],
    ['used', true],
  ])('a token traded just now that comes from another device is a theft, its successor %s', async (_what, isUsed) => {
    const device = await phone();
    const successor = await traded(device);
    if (isUsed) await traded({ ...device, refreshToken: successor });

    expect(await refresh(device.refreshToken, 'phone-2')).toEqual(refused('REFRESH_REUSED'));
    expect(await stateOf(device.phoneSession)).toBe('compromised');
  });

  it.each([
    ['its own device', 'phone-1'],
    ['another device', 'phone-2'],
  ])('a token traded more than ten seconds ago is a theft, from %s too', async (_what, deviceId) => {
    const device = await phone();
    const successor = await traded(device);
    const listener = await hub.listen('/notifications', device);
    const elsewhere = await hub.listen('/notifications', await signedInAgain(device));
    hub.clock.advance(10 * SECOND_MS + 1);

    expect(await refresh(device.refreshToken, deviceId)).toEqual(refused('REFRESH_REUSED'));

    expect(await stateOf(device.phoneSession)).toBe('compromised');
    expect(await tokensOf(device.phoneSession)).toEqual({ revoked: 2 });
    expect(await refresh(successor, device.deviceId)).toEqual(refused('SESSION_REVOKED'));
    expect(await listener.next('session:ended')).toEqual({ code: 'SESSION_REVOKED', reconnect: false });
    expect(await elsewhere.next('security:alert')).toMatchObject({ kind: 'refresh-reused', deviceName: 'Her phone' });
    expect(await subjects(device.email)).toContain(ENDED_MAIL);
  });

  it('a token of a session that was ended says so, and nothing else happens', async () => {
    const device = await phone();
    await api(device).endSession({ sessionId: device.phoneSession });

    expect(await refresh(device.refreshToken, device.deviceId)).toEqual(refused('SESSION_REVOKED'));
    expect(await stateOf(device.phoneSession)).toBe('revoked');
    expect(await subjects(device.email)).not.toContain(ENDED_MAIL);
  });
});

/** One more sign-in of the same person. */
async function signedInAgain({ orgId, userId }: Person, ip = '127.0.0.1') {
  const { sessions } = hub.hub.use(auth);
  const issued = await sessions.open(orgId, userId, { name: 'another', ip });
  return { ...issued, token: issued.accessToken };
}

describe('refreshing', () => {
  it('with one token fifty times at once gives one successor', async () => {
    const device = await phone();

    const answers = await Promise.all(Array.from({ length: 50 }, () => traded(device)));

    expect(new Set(answers).size).toBe(1);
    expect(await tokensOf(device.phoneSession)).toEqual({ rotated: 1, active: 1 });
  });

  it('is done thirty times a minute; what is merely repeated does not count', async () => {
    const device = await phone();
    let { refreshToken } = device;
    for (let n = 1; n <= 30; n += 1) {
      const used = refreshToken;
      refreshToken = await traded({ ...device, refreshToken: used });
      expect(await traded({ ...device, refreshToken: used })).toBe(refreshToken);
    }

    const stopped = await api()
      .refresh({ refreshToken, deviceId: device.deviceId })
      .catch((error: { status: number; headers: Headers }) => error);
    hub.clock.advance(MINUTE_MS);

    expect(stopped).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect('headers' in stopped && Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refresh(refreshToken, device.deviceId)).toMatchObject({ status: 'signed-in' });
  });

  it('is not bound to a device that was never named', async () => {
    const { refreshToken } = await signedInAgain(await hub.person());

    expect(await refresh(refreshToken, 'any')).toMatchObject({ status: 'signed-in' });
  });

  it('of a browser lives for half a day unused, and for seven days altogether', async () => {
    const person = await hub.person();
    const { sessions } = hub.hub.use(auth);
    const open = () => sessions.open(person.orgId, person.userId, { name: 'browser', ip: '127.0.0.1', kind: 'web' });
    const [idle, used] = [await open(), await open()];
    let { refreshToken } = used;
    for (let halfDays = 1; halfDays <= 15; halfDays += 1) {
      hub.clock.advance(11 * HOUR_MS);
      const answer = await refresh(refreshToken);
      if (!('refreshToken' in answer)) throw new Error(JSON.stringify(answer));
      refreshToken = answer.refreshToken ?? '';
      if (halfDays === 2) expect(await refresh(idle.refreshToken)).toEqual(refused('REFRESH_EXPIRED'));
    }
    hub.clock.advance(3 * HOUR_MS);

    expect(await refresh(refreshToken)).toEqual(refused('REFRESH_EXPIRED'));
  });
});
