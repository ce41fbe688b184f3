import { accountSafetyApi } from '@loro/contracts/account-safety';
import { authApi } from '@loro/contracts/auth';
import { ulid } from '../../platform';
import { letter, lettersTo, post, statusesOf, tokenIn } from '../../testing/links';
import { challengeOf, enrol, forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { auth } from './index';

const hub = testHub();
const RESET = 'Set a new password';
const CHANGED = 'Your password was changed';
const NEW_PASSWORD = 'seven trombones marching';
const MINUTE_MS = 60_000;
const BOUND_MS = 2_000;

let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
}, 60_000);
beforeEach(() => forgetLimits(hub));

const api = () => hub.api(authApi);

async function resetLink(person: Pick<Person, 'email'>): Promise<string> {
  await api().forgotPassword({ email: person.email });
  return tokenIn(await letter(hub, person.email, RESET));
}

const reset = (token: string, more: object = {}) =>
  post(hub, '/auth/password/reset', { token, newPassword: NEW_PASSWORD, ...more });

const opens = async (person: Person, password: string): Promise<boolean> => {
  await forgetLimits(hub);
  return (await outcome(signIn(hub, { ...person, password }))).status === 200;
};

describe('resetting a password', () => {
  it('sets the new one, and the old one opens nothing any more', async () => {
    const person = await hub.person();

    const { status } = await reset(await resetLink(person));

    expect(status).toBe(204);
    expect(await opens(person, NEW_PASSWORD)).toBe(true);
    expect(await opens(person, person.password)).toBe(false);
  });

  it('ends every session on every node within two seconds, and says so to the person', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person, other);
    await listener.subscribe(`${person.orgId}:user:${person.userId}`);
    await hub.api(authApi, person, other).me();

    await reset(await resetLink(person));

    for (const node of [hub, other])
      await within(BOUND_MS, async () =>
        expect(await outcome(hub.api(authApi, person, node).me())).toMatchObject({ status: 401 }),
      );
    expect(await listener.next('session:ended')).toMatchObject({ code: 'SESSION_REVOKED' });
    expect((await letter(hub, person.email, CHANGED)).text).toContain('was changed');
  });

  it('works once, by the newest link, for half an hour', async () => {
    const person = await hub.person();
    const first = await resetLink(person);
    const second = await resetLink(person);
    const refused = { status: 410, code: 'TOKEN_USED_OR_EXPIRED' };

    expect(await reset(first)).toMatchObject(refused);
    expect((await reset(second)).status).toBe(204);
    expect(await reset(second)).toMatchObject(refused);
    await forgetLimits(hub);
    const late = await resetLink(person);
    hub.clock.advance(30 * MINUTE_MS);
    expect(await reset(late)).toMatchObject(refused);
    expect(await reset('x'.repeat(43))).toMatchObject(refused);
  });

  it('lets one through, where two bring the link at once', async () => {
    const token = await resetLink(await hub.person());

    const answers = await Promise.all([reset(token), reset(token), reset(token)]);

    expect(statusesOf(answers)).toEqual([204, 410, 410]);
  });

  it('keeps the link where the password is refused', async () => {
    const token = await resetLink(await hub.person());

    const weak = await reset(token, { newPassword: 'password1234' });

    expect(weak).toMatchObject({ status: 400, code: 'PASSWORD_WEAK' });
    expect(JSON.parse(weak.text)).toMatchObject({ errors: [{ path: 'newPassword', code: 'common' }] });
    expect((await reset(token)).status).toBe(204);
  });

  it('never spares the second factor', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const token = await resetLink(person);

    const without = await reset(token);
    const wrong = await reset(token, { code: '000000' });
    const right = await reset(token, { code: app.next() });

    expect([without, wrong, right].map(({ status, code }) => [status, code])).toEqual([
      [401, 'MFA_REQUIRED'],
      [401, 'MFA_INVALID'],
      [204, undefined],
    ]);
    expect(await challengeOf(hub, { ...person, password: NEW_PASSWORD })).toHaveLength(43);
  });

  it('trusts no device that was trusted before', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challengeId = await challengeOf(hub, person);
    const { trustedDevice } = await api().verifyFactor({ challengeId, code: app.next(), trustDevice: true });
    expect(await signIn(hub, person, { trustedDevice })).toMatchObject({ status: 'signed-in' });

    await reset(await resetLink(person), { code: app.next() });

    const again = await signIn(hub, { ...person, password: NEW_PASSWORD }, { trustedDevice });
    expect(again).toMatchObject({ status: 'second-factor' });
  });

  it('is offered for each account of an address, and changes that one alone', async () => {
    const [here, there] = [await hub.person(), await hub.person()];
    await hub.sql('UPDATE users SET email = ? WHERE id = ?', [here.email, there.userId]);
    await api().forgotPassword({ email: here.email });
    const letters = (await lettersTo(hub, here.email)).filter(({ subject }) => subject === RESET);
    const mine = letters.find(({ text }) => text.includes(`Organisation ${here.orgId.slice(-4)}`));
    if (!mine) throw new Error('no letter of this organisation');

    await reset(tokenIn(mine));

    expect(letters).toHaveLength(2);
    const answer = await signIn(hub, { ...there, email: here.email });
    if (answer.status !== 'signed-in') throw new Error(answer.status);
    expect(await hub.api(authApi, { token: answer.accessToken }).me()).toMatchObject({ user: { id: there.userId } });
  });

  it.each(['suspended', 'deactivated'])('sends nothing to somebody who is %s', async (status) => {
    const person = await hub.person();
    const earlier = await resetLink(person);
    await hub.sql(
      `UPDATE users SET status = ?${status === 'deactivated' ? ", deactivated_at = NOW(3), deactivated_from = 'active'" : ''} WHERE id = ?`,
      [status, person.userId],
    );
    const before = (await lettersTo(hub, person.email)).length;

    await api().forgotPassword({ email: person.email });

    expect(await lettersTo(hub, person.email)).toHaveLength(before);
    expect(await reset(earlier)).toMatchObject({ status: 410 });
  });

  it('takes nothing that it does not ask for', async () => {
    const token = await resetLink(await hub.person());

    expect(await reset(token, { userId: ulid() })).toMatchObject({ status: 422 });
    expect(await reset(token, { email: 'somebody@else.test' })).toMatchObject({ status: 422 });
  });
});

describe('changing one’s password', () => {
  const change = (person: Pick<Person, 'token'>, body: object) =>
    post(hub, '/auth/password/change', body, { authorization: `Bearer ${person.token}` });

  it('keeps this session, ends the others, and says so by mail', async () => {
    const person = await hub.person();
    const elsewhere = await signIn(hub, person);
    if (elsewhere.status !== 'signed-in') throw new Error(elsewhere.status);
    const listener = await hub.listen('/notifications', person);
    await listener.subscribe(`${person.orgId}:user:${person.userId}`);

    const { status } = await change(person, { currentPassword: person.password, newPassword: NEW_PASSWORD });

    expect(status).toBe(204);
    expect(await outcome(hub.api(authApi, person).me())).toMatchObject({ status: 200 });
    expect(await outcome(hub.api(authApi, { token: elsewhere.accessToken }).me())).toMatchObject({ status: 401 });
    expect(await listener.next('security:alert')).toMatchObject({ kind: 'password-changed' });
    expect(await lettersTo(hub, person.email)).toContainEqual(expect.objectContaining({ subject: CHANGED }));
    expect(await opens(person, NEW_PASSWORD)).toBe(true);
  });

  it('needs a fresh sign-in', async () => {
    const person = await hub.person();
    const { orgId, userId, sessionId } = person;
    await hub.sql('UPDATE sessions SET auth_time = ? WHERE id = ?', [new Date(0), sessionId]);
    const old = await hub.hub
      .use(auth)
      .keys.sign(
        { orgId, userId, sessionId, authenticatedAt: new Date(hub.clock.now().getTime() - 6 * MINUTE_MS) },
        10 * MINUTE_MS,
      );

    const answer = await change({ token: old.token }, { currentPassword: person.password, newPassword: NEW_PASSWORD });

    expect(answer).toMatchObject({ status: 401, code: 'REAUTH_REQUIRED' });
  });

  it('needs the current one, which cannot be guessed at', async () => {
    const person = await hub.person();
    const guess = () => change(person, { currentPassword: 'a wrong guess', newPassword: NEW_PASSWORD });

    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push(await guess());

    expect(answers[0]).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it.each([
    ['the same again', 'correct horse battery', 'unchanged'],
    ['a common one', 'letmein12345', 'common'],
    ['a short one', 'x9!k', 'too_short'],
    ['a very long one', 'y'.repeat(64) + 'z x'.repeat(30), 'too_long'],
  ])('is refused for %s', async (_what, newPassword, reason) => {
    const person = await hub.person();

    const answer = await change(person, { currentPassword: person.password, newPassword });

    expect(answer).toMatchObject({ status: 400, code: 'PASSWORD_WEAK' });
    expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ path: 'newPassword', code: reason }] });
  });

  it('voids links that were mailed to reset it', async () => {
    const person = await hub.person();
    const token = await resetLink(person);

    await change(person, { currentPassword: person.password, newPassword: NEW_PASSWORD });

    expect(await reset(token)).toMatchObject({ status: 410 });
  });
});

describe('an administrator who has a reason', () => {
  const safety = (person: Person) => hub.api(accountSafetyApi, person);

  it('ends somebody’s sessions and password, and never sets another', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });

    await safety(admin).forceReset({ userId: person.userId });

    expect(await outcome(hub.api(authApi, person).me())).toMatchObject({ status: 401 });
    expect(await opens(person, person.password)).toBe(false);
    const token = tokenIn(await letter(hub, person.email, RESET));
    const same = await reset(token, { newPassword: person.password });
    expect(JSON.parse(same.text)).toMatchObject({ code: 'PASSWORD_WEAK', errors: [{ code: 'unchanged' }] });
    expect((await reset(token)).status).toBe(204);
    expect(await opens(person, NEW_PASSWORD)).toBe(true);
  });

  it('is an administrator of the same organisation, and proves it freshly', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const stranger = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', beside: admin });

    expect(await outcome(safety(stranger).forceReset({ userId: person.userId }))).toMatchObject({ status: 404 });
    expect(await outcome(safety(stranger).unlock({ userId: person.userId }))).toMatchObject({ status: 404 });
    expect(await outcome(safety(manager).forceReset({ userId: person.userId }))).toMatchObject({ status: 403 });
    expect(await outcome(hub.api(authApi, person).me())).toMatchObject({ status: 200 });
    expect(await lettersTo(hub, person.email)).toEqual([]);
  });
});

describe('what is logged and kept', () => {
  it('never holds a token or a password', async () => {
    const said: string[] = [];
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const)
      jest.spyOn(hub.hub.log, level).mockImplementation((...parts: unknown[]) => void said.push(JSON.stringify(parts)));
    const person = await hub.person();
    const token = await resetLink(person);
    await reset(token, { newPassword: 'password1234' });
    await reset(token);
    await reset(token);
    jest.restoreAllMocks();

    const rows = [
      ...(await hub.sql<object>('SELECT * FROM action_tokens')),
      ...(await hub.sql<object>('SELECT * FROM journal_entries')),
      ...(await hub.sql<object>('SELECT * FROM outbox_jobs')),
      ...(await hub.sql<object>('SELECT * FROM stream_events')),
      ...(await hub.sql<object>('SELECT * FROM login_attempts')),
    ];
    const kept = JSON.stringify(rows) + said.join('\n');
    expect(rows.length).toBeGreaterThan(0);
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(NEW_PASSWORD);
    expect(kept).not.toContain('password1234');
  });
});
