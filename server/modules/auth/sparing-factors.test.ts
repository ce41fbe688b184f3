import { authApi } from '@loro/contracts/auth';
import { checkInsApi } from '@loro/contracts/check-ins';
import { configurationApi } from '@loro/contracts/configuration';
import { ulid } from '../../platform';
import { challengeOf, enrol, forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from './index';

const hub = testHub();
const DAY_MS = 86_400_000;

const api = (person?: Pick<Person, 'token'>) => hub.api(authApi, person);

beforeEach(() => forgetLimits(hub));

describe('recovery codes', () => {
  it('are ten of twenty-four characters, each good once, kept as their hashes', async () => {
    const person = await hub.person();
    await enrol(hub, person);
    const { codes } = await api(person).makeRecoveryCodes();
    const [code = ''] = codes;

    const signedIn = await api().verifyFactor({
      challengeId: await challengeOf(hub, person),
      code: code.toLowerCase(),
    });
    const again = await outcome(api().verifyFactor({ challengeId: await challengeOf(hub, person), code }));

    expect(codes).toHaveLength(10);
    expect(signedIn.status).toBe('signed-in');
    expect(again).toEqual({ status: 401, code: 'MFA_INVALID' });
    expect(await api(person).factors()).toMatchObject({ recoveryCodesLeft: 9 });
    expect(await signIn(hub, person)).toMatchObject({ methods: ['totp', 'recovery-code'] });
    const kept = await hub.sql<{ sha256: string }>('SELECT sha256 FROM recovery_codes WHERE user_id = ?', [
      person.userId,
    ]);
    expect(JSON.stringify(kept)).not.toContain(code);
  });

  it('are void once there is a new set', async () => {
    const person = await hub.person();
    await enrol(hub, person);
    const { codes: old } = await api(person).makeRecoveryCodes();

    const { codes } = await api(person).makeRecoveryCodes();

    const challengeId = await challengeOf(hub, person);
    expect(await outcome(api().verifyFactor({ challengeId, code: old[0] ?? '' }))).toMatchObject({
      code: 'MFA_INVALID',
    });
    expect(await outcome(api().verifyFactor({ challengeId, code: codes[0] ?? '' }))).toMatchObject({ status: 200 });
  });

  it('let one of two through that bring one at once', async () => {
    const person = await hub.person();
    await enrol(hub, person);
    const { codes } = await api(person).makeRecoveryCodes();
    const challenges = [await challengeOf(hub, person), await challengeOf(hub, person)];

    const outcomes = await Promise.all(
      challenges.map((challengeId) => outcome(api().verifyFactor({ challengeId, code: codes[3] ?? '' }))),
    );

    expect(outcomes.map(({ code }) => code).toSorted()).toEqual(['MFA_INVALID', 'let through']);
  });

  it('are for people with a second factor', async () => {
    expect(await outcome(api(await hub.person()).makeRecoveryCodes())).toEqual({ status: 409, code: 'NO_FACTOR' });
  });
});

describe('a device that is trusted', () => {
  it('is not asked for a second step for thirty days, and others are', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challengeId = await challengeOf(hub, person, { deviceName: 'Her phone' });
    const { trustedDevice = '' } = await api().verifyFactor({ challengeId, code: app.next(), trustDevice: true });

    const spared = await signIn(hub, person, { trustedDevice });
    const asked = await signIn(hub, person);
    const stranger = await signIn(hub, person, { trustedDevice: 'made up' });
    hub.clock.advance(30 * DAY_MS);
    const later = await signIn(hub, person, { trustedDevice });

    expect(spared).toMatchObject({ status: 'signed-in' });
    expect([asked.status, stranger.status, later.status]).toEqual(Array(3).fill('second-factor'));
  });

  it('is trusted for its own person alone', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const { app } = await enrol(hub, person);
    await enrol(hub, colleague);
    const { trustedDevice = '' } = await api().verifyFactor({
      challengeId: await challengeOf(hub, person),
      code: app.next(),
      trustDevice: true,
    });

    expect(await signIn(hub, colleague, { trustedDevice })).toMatchObject({ status: 'second-factor' });
  });

  it('is listed by its owner, and asked again once it is forgotten', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challengeId = await challengeOf(hub, person, { deviceName: 'Her phone' });
    const { trustedDevice = '' } = await api().verifyFactor({ challengeId, code: app.next(), trustDevice: true });
    const { data } = await api(person).trustedDevices();
    const deviceId = data[0]?.id ?? '';

    const byColleague = await outcome(api(await hub.person({ beside: person })).forgetDevice({ deviceId }));
    await api(person).forgetDevice({ deviceId });

    expect(data).toMatchObject([{ name: 'Her phone' }]);
    expect(byColleague).toMatchObject({ status: 404 });
    expect(await signIn(hub, person, { trustedDevice })).toMatchObject({ status: 'second-factor' });
  });
});

describe('doing without a second factor', () => {
  it('takes a code, and then a password is enough again', async () => {
    const person = await hub.person();
    const { app, factorId } = await enrol(hub, person);
    await api(person).makeRecoveryCodes();

    const without = await outcome(api(person).removeFactor({ factorId, code: '000000' }));
    await api(person).removeFactor({ factorId, code: app.next() });

    expect(without).toEqual({ status: 401, code: 'MFA_INVALID' });
    expect(await signIn(hub, person)).toMatchObject({ status: 'signed-in' });
    expect(await api(person).factors()).toEqual({ factors: [], recoveryCodesLeft: 0 });
    expect((await hub.mails(person.email)).map(({ subject }) => subject)).toContain('A second factor was removed');
  });
});

it('setting up, making codes and doing without ask for a fresh proof, which a code is', async () => {
  const person = await hub.person();
  const { app, factorId } = await enrol(hub, person);
  hub.clock.advance(6 * 60_000);
  const calls = [
    api(person).setUpTotp(),
    api(person).makeRecoveryCodes(),
    api(person).removeFactor({ factorId, code: app.code() }),
  ];

  for (const call of calls) expect(await outcome(call)).toEqual({ status: 401, code: 'REAUTH_REQUIRED' });

  const { accessToken } = await api(person).reauth({ code: app.next() });
  expect(await outcome(api({ token: accessToken }).makeRecoveryCodes())).toMatchObject({ status: 200 });
});

describe('a role that needs a second factor', () => {
  async function organisation(roles: readonly string[]): Promise<Person> {
    const owner = await hub.person({ role: 'owner' });
    const setting = { ownerId: owner.orgId, key: 'security.mfa-required-roles', value: roles };
    await hub.api(configurationApi, owner).setForOrganisation(setting, { headers: { 'if-match': '"0"' } });
    return owner;
  }

  it('lets whoever has none do nothing but get one', async () => {
    const owner = await organisation(['manager']);
    const manager = await hub.person({ role: 'manager', beside: owner });
    const signedIn = await signIn(hub, manager);
    if (signedIn.status !== 'signed-in') throw new Error(signedIn.status);
    const restricted = { token: signedIn.accessToken };
    const listener = await hub.listen('/check-ins', restricted);

    expect(signedIn.only).toBe('enrolment');
    expect((await api(restricted).me()).grants.map(({ permission }) => permission)).toEqual(['account.secure']);
    expect(await outcome(api(restricted).sessions())).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await outcome(hub.api(checkInsApi, restricted).list())).toEqual({ status: 403, code: 'FORBIDDEN' });
    await expect(listener.subscribe(`${owner.orgId}:branch:${owner.branchId}`)).rejects.toThrow('FORBIDDEN');
    expect(await api().refresh({ refreshToken: signedIn.refreshToken })).toMatchObject({ only: 'enrolment' });

    await enrol(hub, restricted);
    const { accessToken, only } = await api(restricted).reauth({ password: manager.password });

    expect(only).toBeUndefined();
    expect(await outcome(hub.api(checkInsApi, { token: accessToken }).list())).toMatchObject({ status: 200 });
    expect(await outcome(hub.api(checkInsApi, restricted).list())).toMatchObject({ status: 403 });
  });

  it('asks nothing of others, nor of other organisations', async () => {
    const owner = await organisation(['manager']);
    const staff = await hub.person({ role: 'staff', beside: owner });
    const elsewhere = await hub.person({ role: 'manager' });

    for (const person of [staff, elsewhere]) {
      const answer = await signIn(hub, person);
      expect(answer).toMatchObject({ status: 'signed-in' });
      expect(answer).not.toHaveProperty('only');
    }
  });
});

it('wrong codes are counted and told even where the command that brought them comes to nothing', async () => {
  const person = await hub.person();
  await enrol(hub, person);
  for (let n = 1; n <= 10; n += 1) {
    await forgetLimits(hub);
    const headers = { 'idempotency-key': ulid() };
    expect(await outcome(api(person).reauth({ code: '000000' }, { headers }))).toMatchObject({ code: 'MFA_INVALID' });
  }

  expect((await hub.mails(person.email)).filter(({ subject }) => subject.includes('locked'))).toHaveLength(1);
  const told = await hub.sql<{ action: string }>(
    "SELECT action FROM journal_entries WHERE org_id = ? AND outcome = 'denied' ORDER BY id",
    [person.orgId],
  );
  expect(told.map(({ action }) => action)).toEqual([...Array(9).fill('factor.refused'), 'factor.locked']);
});

describe('what a password alone must not open', () => {
  it('asks for a code where there is a factor, and for nothing where there is none', async () => {
    const { factors } = hub.hub.use(auth);
    const person = await hub.person();
    const plain = await hub.person();
    const { app } = await enrol(hub, person);
    const prove = (code?: string) => outcome(factors.mustProve(person.orgId, person.userId, code));

    expect(await prove()).toEqual({ status: 401, code: 'MFA_REQUIRED' });
    expect(await prove('000000')).toEqual({ status: 401, code: 'MFA_INVALID' });
    expect(await prove(app.next())).toMatchObject({ code: 'let through' });
    await expect(factors.mustProve(plain.orgId, plain.userId, undefined)).resolves.toBeUndefined();
  });
});

describe('a second factor in a browser', () => {
  async function post(path: string, body: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${hub.url}/api/v1/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const jar = response.headers.getSetCookie().map((text) => text.split(';')[0] ?? '');
    return { status: response.status, jar, body: JSON.parse(await response.text()) };
  }

  it('leaves the refresh token, the device and its trust in cookies', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const credentials = { email: person.email, password: person.password, cookie: true, deviceId: 'browser-1' };
    const first = await post('/login', credentials);

    const { challengeId } = first.body.data;
    const second = await post('/mfa/verify', { challengeId, code: app.next(), trustDevice: true });
    const cookie = second.jar.join('; ');
    const refreshed = await post('/refresh', {}, { cookie });
    const again = await post('/login', credentials, { cookie });

    expect(first.jar).toEqual([]);
    expect(new Set(second.jar.map((text) => text.split('=')[0]))).toEqual(
      new Set(['loro_device', 'loro_refresh', 'loro_trusted']),
    );
    expect(second.body.data).not.toHaveProperty('refreshToken');
    expect(second.body.data).not.toHaveProperty('trustedDevice');
    expect(refreshed.status).toBe(200);
    expect(again.body.data).toMatchObject({ status: 'signed-in' });
  });

  it('is not used for pages of other hosts', async () => {
    const person = await hub.person();
    const credentials = { email: person.email, password: person.password, cookie: true };
    const cookie = (await post('/login', credentials)).jar.join('; ');

    const foreign = await post('/refresh', {}, { cookie, origin: 'https://evil.example' });
    const hidden = await post('/refresh', {}, { cookie, origin: 'null' });
    const login = await post('/login', credentials, { origin: 'https://evil.example' });
    const partner = await post('/refresh', {}, { cookie, origin: 'https://partner.example' });

    for (const refused of [foreign, hidden, login])
      expect(refused).toMatchObject({ status: 403, body: { code: 'ORIGIN_NOT_ALLOWED' } });
    expect(partner.status).toBe(200);
  });
});
