import { authApi } from '@loro/contracts/auth';
import type { SecurityAlert } from '@loro/contracts/auth-alerts';
import { Authenticator, challengeOf, enrol, forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from './index';

const hub = testHub();
const MINUTE_MS = 60_000;

const api = (person?: Pick<Person, 'token'>) => hub.api(authApi, person);

beforeEach(() => forgetLimits(hub));

describe('setting up an authenticator', () => {
  it('asks for two codes in a row, and from then on sign-ins ask for one', async () => {
    const person = await hub.person();
    const { id: factorId, secret, uri } = await api(person).setUpTotp({ name: 'My phone' });
    const app = new Authenticator(hub, secret);
    const before = await signIn(hub, person);

    const wrong = await outcome(api(person).confirmTotp({ factorId, codes: [app.code(), app.code()] }));
    const confirmed = await api(person).confirmTotp({ factorId, codes: [app.code(-1), app.code()] });
    const after = await signIn(hub, person);

    expect(uri).toContain(encodeURIComponent(person.email));
    expect(before.status).toBe('signed-in');
    expect(wrong).toEqual({ status: 401, code: 'MFA_INVALID' });
    expect(confirmed).toMatchObject({ id: factorId, name: 'My phone', kind: 'totp' });
    expect(after).toMatchObject({ status: 'second-factor', methods: ['totp'] });
    expect(after).not.toHaveProperty('accessToken');
    expect(await api(person).factors()).toMatchObject({ factors: [{ id: factorId }], recoveryCodesLeft: 0 });
  });

  it('keeps its secret sealed', async () => {
    const person = await hub.person();
    const { id, secret } = await api(person).setUpTotp();

    const [row] = await hub.sql<{ secret_cipher: Buffer }>('SELECT secret_cipher FROM factors WHERE id = ?', [id]);

    expect(row?.secret_cipher.toString('latin1')).not.toContain(secret);
    expect(row && hub.hub.secrets.open('factors', row.secret_cipher)).toBe(secret);
  });

  it('is told by mail and on what is open', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);

    await enrol(hub, person);

    expect(await listener.next<SecurityAlert>('security:alert')).toMatchObject({ kind: 'factor-added' });
    expect((await hub.mails(person.email)).map(({ subject }) => subject)).toEqual(['A second factor was added']);
  });

  it('can be done for several, one left over from before counting for nothing', async () => {
    const person = await hub.person();
    const { id: given } = await api(person).setUpTotp();
    const phone = await enrol(hub, person, 'Phone');
    const tablet = await enrol(hub, person, 'Tablet');

    const byTablet = await api().verifyFactor({ challengeId: await challengeOf(hub, person), code: tablet.app.next() });
    const byPhone = await api().verifyFactor({ challengeId: await challengeOf(hub, person), code: phone.app.code() });

    expect([byTablet.status, byPhone.status]).toEqual(['signed-in', 'signed-in']);
    const { factors } = await api(person).factors();
    expect(factors.map(({ name }) => name)).toEqual(['Phone', 'Tablet']);
    expect(factors.map(({ id }) => id)).not.toContain(given);
  });

  it('is nobody else’s: a stranger and a colleague find no factor to confirm or remove', async () => {
    const person = await hub.person();
    const { id: factorId, secret } = await api(person).setUpTotp();
    const app = new Authenticator(hub, secret);

    for (const other of [await hub.person(), await hub.person({ beside: person, role: 'admin' })]) {
      const codes: [string, string] = [app.code(-1), app.code()];
      expect(await outcome(api(other).confirmTotp({ factorId, codes }))).toMatchObject({ status: 404 });
      expect(await outcome(api(other).removeFactor({ factorId, code: app.code() }))).toMatchObject({ status: 404 });
    }
  });
});

describe('the second step of a sign-in', () => {
  it('opens the session that the first one asked for', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challengeId = await challengeOf(hub, person, { deviceName: 'Her phone', deviceId: 'phone-1' });

    const issued = await api().verifyFactor({ challengeId, code: app.next() });

    expect(issued.refreshToken).toHaveLength(43);
    expect((await api({ token: issued.accessToken }).sessions()).data[0]).toMatchObject({
      id: issued.sessionId,
      deviceName: 'Her phone',
      deviceId: 'phone-1',
      amr: ['pwd', 'otp'],
      current: true,
    });
  });

  it('takes a code once, whoever brings it again', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const [first, second] = [await challengeOf(hub, person), await challengeOf(hub, person)];
    const code = app.next();

    const used = await api().verifyFactor({ challengeId: first, code });
    const again = await outcome(api().verifyFactor({ challengeId: second, code }));

    expect(used.status).toBe('signed-in');
    expect(again).toEqual({ status: 401, code: 'MFA_INVALID' });
  });

  it('takes no code of an earlier step than the last one used', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const earlier = app.next();
    await api().verifyFactor({ challengeId: await challengeOf(hub, person), code: app.next() });

    expect(await outcome(api().verifyFactor({ challengeId: await challengeOf(hub, person), code: earlier }))).toEqual({
      status: 401,
      code: 'MFA_INVALID',
    });
  });

  it('lets one of two through that bring one code at once', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challenges = [await challengeOf(hub, person), await challengeOf(hub, person), await challengeOf(hub, person)];
    const code = app.next();

    const outcomes = await Promise.all(
      challenges.map((challengeId) => outcome(api().verifyFactor({ challengeId, code }))),
    );

    expect(outcomes.map(({ code: said }) => said).toSorted()).toEqual(['MFA_INVALID', 'MFA_INVALID', 'let through']);
  });

  it('is over after one use, after five minutes, and where it never began', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const used = await challengeOf(hub, person);
    await api().verifyFactor({ challengeId: used, code: app.next() });
    const late = await challengeOf(hub, person);

    const again = await outcome(api().verifyFactor({ challengeId: used, code: app.next() }));
    hub.clock.advance(5 * MINUTE_MS);
    const tooLate = await outcome(api().verifyFactor({ challengeId: late, code: app.next() }));
    const never = await outcome(api().verifyFactor({ challengeId: 'never', code: app.next() }));

    for (const over of [again, tooLate, never]) expect(over).toEqual({ status: 401, code: 'MFA_CHALLENGE_ENDED' });
  });

  it('takes five tries a challenge, then tells how long to wait, even with the right code', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challengeId = await challengeOf(hub, person);
    for (let n = 1; n <= 5; n += 1)
      expect(await outcome(api().verifyFactor({ challengeId, code: '000000' }))).toMatchObject({ status: 401 });

    const sixth = await api()
      .verifyFactor({ challengeId, code: app.next() })
      .catch((error: { status: number; headers: Headers }) => error);

    expect(sixth).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect('headers' in sixth && Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
    const anew = await api().verifyFactor({ challengeId: await challengeOf(hub, person), code: app.code() });
    expect(anew.status).toBe('signed-in');
  });

  it('is closed for fifteen minutes after ten wrong codes, from wherever they come, and its owner is told', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const wrong = async () =>
      outcome(api().verifyFactor({ challengeId: await challengeOf(hub, person), code: '000000' }));
    for (let n = 1; n <= 10; n += 1) expect(await wrong()).toEqual({ status: 401, code: 'MFA_INVALID' });
    await hub.hub.redis.flushdb();

    const right = await outcome(api().verifyFactor({ challengeId: await challengeOf(hub, person), code: app.next() }));
    hub.clock.advance(15 * MINUTE_MS);
    const later = await api().verifyFactor({ challengeId: await challengeOf(hub, person), code: app.next() });

    expect(right).toEqual({ status: 401, code: 'MFA_INVALID' });
    expect(later.status).toBe('signed-in');
    expect((await hub.mails(person.email)).map(({ subject }) => subject)).toContain(
      'Your second factor is locked for fifteen minutes',
    );
  });

  it('lets no more than ten of thirty guesses through that are made at once', async () => {
    const person = await hub.person();
    await enrol(hub, person);

    const guess = () => hub.hub.use(auth).factors.prove(person.orgId, person.userId, '000000');
    await Promise.allSettled(Array.from({ length: 30 }, guess));

    const [counted] = await hub.sql<{ failures: number }>('SELECT failures FROM factor_failures WHERE user_id = ?', [
      person.userId,
    ]);
    const mails = (await hub.mails(person.email)).filter(({ subject }) => subject.includes('locked'));
    expect(counted?.failures).toBe(11);
    expect(mails).toHaveLength(1);
  });

  it('is not asked of a colleague, and its failures close nobody else’s', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    await enrol(hub, person);
    const { app } = await enrol(hub, colleague);
    const prove = (code: string) => hub.hub.use(auth).factors.prove(person.orgId, person.userId, code);
    for (let n = 1; n <= 10; n += 1) await outcome(prove('000000'));

    const issued = await api().verifyFactor({ challengeId: await challengeOf(hub, colleague), code: app.next() });

    expect(issued.status).toBe('signed-in');
  });
});
