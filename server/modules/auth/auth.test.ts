import { createPublicKey, verify } from 'node:crypto';
import { authApi, type Tokens } from '@loro/contracts/auth';
import { checkInsApi } from '@loro/contracts/check-ins';
import { branchesApi } from '@loro/contracts/branches';
import { peopleApi } from '@loro/contracts/people';
import { z } from 'zod';
import { stealKeys, unwrap } from '../../testing/stolen-keys';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from './index';

const hub = testHub();
const position = { lat: -26.2041, lng: 28.0473, accuracy: 8 };
const credentials = ({ email, password }: Pick<Person, 'email' | 'password'>) => ({ email, password });

// Every sign-in of these tests comes from one address; what one test used up must not stop the next.
beforeEach(async () => {
  const keys = await hub.hub.redis.keys(`${hub.hub.config.REDIS_PREFIX}:limit:*`);
  if (keys.length > 0) await hub.hub.redis.del(keys);
});

async function signIn(input: object): Promise<Tokens> {
  const answer = await hub.api(authApi).signIn(input as never);
  if (answer.status !== 'signed-in') throw new Error(`is not signed in: ${answer.status}`);
  return answer;
}

/** The bare answer: status, headers and body as they travel. */
async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${hub.url}/api/v1/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: parsed };
}

/** The same person's account in an organisation of its own. */
async function accountElsewhere(person: Person): Promise<Person> {
  const other = await hub.person();
  await hub.sql('UPDATE users SET email = ? WHERE org_id = ? AND id = ?', [person.email, other.orgId, other.userId]);
  return { ...other, email: person.email };
}

describe('signing in', () => {
  it('opens a session that calls are made with', async () => {
    const person = await hub.person();

    const { accessToken, sessionId, refreshToken } = await signIn({ ...credentials(person), deviceName: 'My phone' });

    const api = hub.api(authApi, { token: accessToken });
    expect(await api.me()).toMatchObject({
      user: { id: person.userId },
      organisation: { id: person.orgId },
      sessionId,
    });
    expect((await api.sessions()).data[0]).toMatchObject({ id: sessionId, deviceName: 'My phone', current: true });
    expect(refreshToken).toHaveLength(43);
  });

  it('takes the address in any case and with blanks around it', async () => {
    const person = await hub.person();

    const signedIn = await signIn({ email: `  ${person.email.toUpperCase()} `, password: person.password });

    expect(signedIn.status).toBe('signed-in');
  });

  it('does not tell a wrong password from an unknown address or a closed account', async () => {
    const person = await hub.person();
    const suspended = await hub.person();
    await hub.sql("UPDATE users SET status = 'suspended' WHERE id = ?", [suspended.userId]);

    const answers = [
      await post('/login', { email: person.email, password: 'wrong horse battery' }),
      await post('/login', { email: 'nobody@example.test', password: person.password }),
      await post('/login', credentials(suspended)),
    ];

    const told = answers.map(({ status, body }) => ({ status, ...z.looseObject({}).parse(body), requestId: '' }));
    expect(told[0]).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
  });

  it('asks which organisation when one address and password fit two, and then opens that one alone', async () => {
    const here = await hub.person({ role: 'manager' });
    const there = await accountElsewhere(here);
    const { id: checkInId } = await hub.api(checkInsApi, there).start({ position });

    const choice = await hub.api(authApi).signIn(credentials(here));
    const { accessToken: token } = await signIn({ ...credentials(here), organisation: here.orgId.toLowerCase() });

    expect(choice).toMatchObject({ status: 'choose-organisation' });
    expect(choice.status === 'choose-organisation' && choice.organisations.map(({ slug }) => slug).toSorted()).toEqual(
      [here.orgId.toLowerCase(), there.orgId.toLowerCase()].toSorted(),
    );
    expect(await hub.api(authApi, { token }).me()).toMatchObject({ user: { id: here.userId } });
    for (const call of [
      () => hub.api(checkInsApi, { token }).get({ checkInId }),
      () => hub.api(peopleApi, { token }).get({ userId: there.userId }),
      () => hub.api(branchesApi, { token }).get({ branchId: there.branchId }),
      () => hub.api(authApi, { token }).endSession({ sessionId: there.sessionId }),
    ])
      await expect(call()).rejects.toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('goes straight in where the password fits only one of two organisations', async () => {
    const here = await hub.person();
    const there = await accountElsewhere(here);
    const passwordHash = await hub.hub.use(auth).passwords.hash('another long password');
    await hub.hub.use(auth).setPassword(there.orgId, there.userId, passwordHash);

    const { accessToken: token } = await signIn({ email: here.email, password: 'another long password' });

    expect(await hub.api(authApi, { token }).me()).toMatchObject({ user: { id: there.userId } });
  });

  it('to an organisation that the person does not belong to is refused as a wrong password is', async () => {
    const person = await hub.person();
    const stranger = await hub.person();

    const refused = signIn({ ...credentials(person), organisation: stranger.orgId.toLowerCase() });

    await expect(refused).rejects.toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
  });

  it('tells passwords apart that differ only after 72 bytes', async () => {
    const person = await hub.person();
    const long = 'x'.repeat(100);
    await hub.hub
      .use(auth)
      .setPassword(person.orgId, person.userId, await hub.hub.use(auth).passwords.hash(`${long}a`));

    const wrong = signIn({ email: person.email, password: `${long}b` });

    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    await expect(signIn({ email: person.email, password: `${long}a` })).resolves.toMatchObject({ status: 'signed-in' });
  });
});

describe('guessing', () => {
  it('is stopped after five tries at an account, even with the right password, and says how long', async () => {
    const person = await hub.person();
    const colleague = await hub.person();
    const wrong = { email: person.email, password: 'a guess' };
    for (let n = 1; n <= 5; n += 1) expect(await post('/login', wrong)).toMatchObject({ status: 401 });

    const stopped = await post('/login', credentials(person));

    expect(stopped).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(stopped.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    await expect(signIn(credentials(colleague))).resolves.toMatchObject({ status: 'signed-in' });
  });

  it('at many accounts from one address is stopped after twenty tries', async () => {
    const guess = (n: number) => post('/login', { email: `guess-${n}@example.test`, password: 'a guess' });
    for (let n = 1; n <= 20; n += 1) expect(await guess(n)).toMatchObject({ status: 401 });

    const stopped = await guess(21);

    expect(stopped).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
  });

  it('is not what thirty colleagues behind one address do, who all know their passwords', async () => {
    const person = await hub.person();

    for (let n = 1; n <= 30; n += 1)
      await expect(signIn(credentials(person))).resolves.toMatchObject({ status: 'signed-in' });
  });
});

describe('signing in from a browser', () => {
  const cookieOf = (headers: Headers) => headers.getSetCookie().find((text) => text.startsWith('loro_refresh=')) ?? '';

  it('keeps the refresh token where no script can read it', async () => {
    const person = await hub.person();

    const { body, headers } = await post('/login', { ...credentials(person), cookie: true });

    expect(body).toMatchObject({ data: { status: 'signed-in' } });
    expect(body).not.toHaveProperty('data.refreshToken');
    expect(cookieOf(headers)).toMatch(/; httponly/i);
    expect(cookieOf(headers)).toMatch(/; samesite=strict/i);
    expect(cookieOf(headers)).toMatch(/; path=\/api\/v1\/auth;/i);
  });

  it('refreshes by the cookie, and forgets it at sign-out', async () => {
    const person = await hub.person();
    const { headers } = await post('/login', { ...credentials(person), cookie: true });
    const cookie = cookieOf(headers).split(';')[0] ?? '';

    const refreshed = await post('/refresh', {}, { cookie });
    const { accessToken } = z.object({ data: z.object({ accessToken: z.string() }) }).parse(refreshed.body).data;
    const signedOut = await post('/logout', {}, { authorization: `Bearer ${accessToken}` });

    expect(refreshed.status).toBe(200);
    expect(refreshed.body).not.toHaveProperty('data.refreshToken');
    expect(cookieOf(refreshed.headers)).not.toContain(cookie);
    expect(signedOut.status).toBe(204);
    expect(cookieOf(signedOut.headers)).toMatch(/^loro_refresh=;.*expires=Thu, 01 Jan 1970/i);
  });

  it('without cookie and without token refreshes nothing', async () => {
    expect(await post('/refresh', {})).toMatchObject({ status: 401, body: { code: 'REFRESH_INVALID' } });
  });
});

describe('the published keys', () => {
  it('verify access tokens and hold nothing private', async () => {
    const { token } = await hub.person();
    const [header = '', claims = '', signature = ''] = unwrap(await stealKeys(hub), token).split('.');
    const { kid } = z.object({ kid: z.string() }).parse(JSON.parse(Buffer.from(header, 'base64url').toString()));

    const { keys } = await hub.api(authApi).keys();

    const key = keys.find((jwk) => jwk['kid'] === kid) ?? {};
    const publicKey = createPublicKey({ key, format: 'jwk' });
    expect(
      verify(
        'sha256',
        Buffer.from(`${header}.${claims}`),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
    ).toBe(true);
    expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });
});
