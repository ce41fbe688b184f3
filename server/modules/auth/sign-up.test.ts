import { authApi } from '@loro/contracts/auth';
import type { VerifiedSignUp } from '@loro/contracts/auth-flows';
import { peopleApi } from '@loro/contracts/people';
import { ulid } from '../../platform';
import { letter, lettersTo, post, statusesOf, tokenIn } from '../../testing/links';
import { forgetLimits, outcome } from '../../testing/sign-ins';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const CONFIRM = 'Confirm your address';
const PASSWORD = 'a long walk by the river';
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

const address = () => `${ulid().toLowerCase()}@${ulid().toLowerCase()}.test`;
const organisation = { name: 'Blue Crane Cooling', timezone: 'Africa/Johannesburg', country: 'ZA', currency: 'ZAR' };
const api = () => hub.api(authApi);

beforeEach(() => forgetLimits(hub));

async function linkFor(email: string): Promise<string> {
  await api().signUp({ email });
  return tokenIn(await letter(hub, email, CONFIRM));
}

async function verified(email: string): Promise<VerifiedSignUp> {
  return api().verifySignUp({ token: await linkFor(email) });
}

const setUp = (setupToken: string, more: object = {}) =>
  post(hub, '/auth/signup/password', { setupToken, name: 'Thandi Nkosi', password: PASSWORD, organisation, ...more });

describe('signing up', () => {
  it('goes from an address over a link and a password to an organisation of one’s own', async () => {
    const email = address();

    const { setupToken, email: shown, invitations } = await verified(email);
    const answer = await api().setUp({ setupToken, name: 'Thandi Nkosi', password: PASSWORD, organisation });

    expect({ shown, invitations }).toEqual({ shown: email, invitations: [] });
    if (answer.status !== 'signed-in') throw new Error(answer.status);
    const [owner] = await hub.sql<{ id: string; status: string; org: string; ownerId: string; state: string }>(
      `SELECT u.id, u.status, o.name AS org, o.owner_id AS ownerId, o.status AS state
       FROM users u JOIN organisations o ON o.id = u.org_id WHERE u.email = ?`,
      [email],
    );
    expect(owner).toMatchObject({ status: 'active', org: 'Blue Crane Cooling', ownerId: owner?.id, state: 'trial' });
    expect(await api().signIn({ email, password: PASSWORD })).toMatchObject({ status: 'signed-in' });
  });

  it('lets the founder own the organisation from the first minute', async () => {
    const { setupToken } = await verified(address());
    const answer = await api().setUp({ setupToken, name: 'Thandi Nkosi', password: PASSWORD, organisation });
    if (answer.status !== 'signed-in') throw new Error(answer.status);
    expect(answer.only).toBeUndefined();

    const me = await hub.api(authApi, { token: answer.accessToken }).me();

    expect(me).toMatchObject({ roles: ['owner'], organisation: { name: 'Blue Crane Cooling' } });
    expect(me.organisation.ownerId).toBe(me.user.id);
  });

  it('mails a link with 32 random bytes, and keeps nothing but their hash', async () => {
    const email = address();
    const token = await linkFor(email);

    const kept = await hub.sql<object>('SELECT * FROM action_tokens WHERE email = ?', [email]);

    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(token);
  });

  it('works by the newest link alone', async () => {
    const email = address();
    const first = await linkFor(email);
    const second = await linkFor(email);

    expect(await outcome(api().verifySignUp({ token: first }))).toEqual({ status: 410, code: 'TOKEN_USED_OR_EXPIRED' });
    expect(await api().verifySignUp({ token: second })).toMatchObject({ email });
  });

  it('works for a day after the mail, and for a quarter of an hour after the link', async () => {
    const [early, late] = [address(), address()];
    const [inTime, tooLate] = [await linkFor(early), await linkFor(late)];

    hub.clock.advance(DAY_MS - MINUTE_MS);
    const { setupToken } = await api().verifySignUp({ token: inTime });
    hub.clock.advance(MINUTE_MS);
    const refused = await outcome(api().verifySignUp({ token: tooLate }));
    hub.clock.advance(15 * MINUTE_MS);
    const { status, code } = await setUp(setupToken);

    expect(refused).toEqual({ status: 410, code: 'TOKEN_USED_OR_EXPIRED' });
    expect({ status, code }).toEqual({ status: 410, code: 'TOKEN_USED_OR_EXPIRED' });
  });

  it('says the same of a link that was used, of one that ran out and of one that never was', async () => {
    const token = await linkFor(address());
    await api().verifySignUp({ token });

    const used = await post(hub, '/auth/signup/verify', { token });
    const unknown = await post(hub, '/auth/signup/verify', { token: 'x'.repeat(43) });

    const bare = (text: string) => ({ ...JSON.parse(text), requestId: '' });
    expect(used.status).toBe(410);
    expect(bare(unknown.text)).toEqual(bare(used.text));
  });

  it('lets one through, where two bring the link at once', async () => {
    const token = await linkFor(address());

    const answers = await Promise.all([1, 2, 3].map(() => post(hub, '/auth/signup/verify', { token })));

    expect(statusesOf(answers)).toEqual([200, 410, 410]);
  });

  it('makes one organisation where the last step is taken twice at once', async () => {
    const email = address();
    const { setupToken } = await verified(email);

    const answers = await Promise.all([setUp(setupToken), setUp(setupToken), setUp(setupToken)]);

    expect(statusesOf(answers)).toEqual([200, 410, 410]);
    expect(await hub.sql('SELECT id FROM users WHERE email = ?', [email])).toHaveLength(1);
  });

  it('keeps the link of the last step where the password is refused', async () => {
    const { setupToken } = await verified(address());

    const weak = await setUp(setupToken, { password: 'Summer2026!!' });
    const strong = await setUp(setupToken);

    expect(weak).toMatchObject({ status: 400, code: 'PASSWORD_WEAK' });
    expect(JSON.parse(weak.text)).toMatchObject({ errors: [{ path: 'password', code: 'common' }] });
    expect(strong.status).toBe(200);
  });

  it('takes nothing of what it does not ask for', async () => {
    const { setupToken } = await verified(address());

    const answers = await Promise.all([
      setUp(setupToken, { role: 'platform_admin' }),
      setUp(setupToken, { email: 'somebody@else.test' }),
      setUp(setupToken, { organisation: { ...organisation, status: 'active' } }),
      setUp(setupToken, { organisation: { ...organisation, id: ulid() } }),
      setUp(setupToken, { join: 'blue-crane-cooling' }),
      setUp(setupToken, { organisation: undefined }),
    ]);

    for (const answer of answers) expect(answer).toMatchObject({ status: 422, code: 'VALIDATION_FAILED' });
  });

  it('refuses a password that is made of the address, the organisation or the product', async () => {
    const email = `thandi-${address()}`;
    const { setupToken } = await verified(email);

    const answers = await Promise.all([
      setUp(setupToken, { password: `my ${email.split('@')[0] ?? ''}` }),
      setUp(setupToken, { password: 'i love blue crane cooling' }),
      setUp(setupToken, { password: 'the Loro Hub is good' }),
    ]);

    for (const { status, text } of answers) {
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ errors: [{ code: 'personal' }] });
    }
  });

  it('lets somebody who lost the mail of an invitation join by the address that was invited', async () => {
    const admin = await hub.person({ role: 'admin' });
    const email = address();
    await hub.api(peopleApi, admin).invite({ email, name: 'Sipho', roles: ['staff'], branchId: admin.branchId });
    const invite = tokenIn(await letter(hub, email, /You are invited/));

    const { setupToken, invitations } = await verified(email);
    const answer = await setUp(setupToken, { organisation: undefined, join: invitations[0]?.slug });

    expect(invitations).toHaveLength(1);
    expect(answer.status).toBe(200);
    const [user] = await hub.sql<object>('SELECT org_id AS orgId, status, name FROM users WHERE email = ?', [email]);
    expect(user).toEqual({ orgId: admin.orgId, status: 'active', name: 'Thandi Nkosi' });
    expect(await outcome(api().acceptInvite({ token: invite, password: PASSWORD }))).toMatchObject({ status: 410 });
  });

  it('joins nobody who was not invited', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { setupToken } = await verified(address());

    const answer = await setUp(setupToken, { organisation: undefined, join: admin.orgId.toLowerCase() });

    expect(answer).toMatchObject({ status: 410, code: 'TOKEN_USED_OR_EXPIRED' });
  });
});

describe('a sign-up that is not finished', () => {
  it('is sent its link again when that is asked for, and the earlier one ends', async () => {
    const email = address();
    const first = await linkFor(email);

    await api().resendVerification({ email });
    const second = tokenIn(await letter(hub, email, CONFIRM));

    expect(second).not.toBe(first);
    expect(await outcome(api().verifySignUp({ token: first }))).toMatchObject({ status: 410 });
    expect(await api().verifySignUp({ token: second })).toMatchObject({ email });
  });

  it('gets no mail where nothing waits for the address', async () => {
    const person = await hub.person();

    await api().resendVerification({ email: person.email });

    expect(await lettersTo(hub, person.email)).toEqual([]);
  });

  it('is forgotten after seven days', async () => {
    const [old, young] = [address(), address()];
    await linkFor(old);
    hub.clock.advance(7 * DAY_MS - MINUTE_MS);
    await linkFor(young);
    hub.clock.advance(2 * MINUTE_MS);

    await hub.work('auth.purge-pending');
    await hub.work('auth.purge-pending');

    const left = await hub.sql<{ email: string }>('SELECT email FROM sign_ups WHERE email IN (?)', [[old, young]]);
    expect(left).toEqual([{ email: young }]);
  });
});

describe('an account that waits for its address to be confirmed', () => {
  it('is activated by the link, which is sent on demand', async () => {
    const person = await hub.person();
    await hub.sql("UPDATE users SET status = 'pending_verification' WHERE id = ?", [person.userId]);
    expect(await outcome(api().signIn({ email: person.email, password: person.password }))).toMatchObject({
      status: 401,
      code: 'INVALID_CREDENTIALS',
    });

    await api().resendVerification({ email: person.email });
    const token = tokenIn(await letter(hub, person.email, CONFIRM));
    expect(await outcome(api().verifySignUp({ token }))).toMatchObject({ status: 410 });
    const answers = await Promise.all([outcome(api().verifyEmail({ token })), outcome(api().verifyEmail({ token }))]);

    expect(statusesOf(answers)).toEqual([200, 410]);
    expect(await api().signIn({ email: person.email, password: person.password })).toMatchObject({
      status: 'signed-in',
    });
  });
});
