import { authApi } from '@loro/contracts/auth';
import { peopleApi } from '@loro/contracts/people';
import { ulid } from '../../platform';
import { letter, lettersTo, post, statusesOf, tokenIn } from '../../testing/links';
import { enrol, forgetLimits, outcome, signIn } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from './index';

const hub = testHub();
const CONFIRM = 'Confirm your new address';
const WARNING = 'Your address is about to change';
const DAY_MS = 86_400_000;

const address = () => `${ulid().toLowerCase()}@example.test`;
const api = (person?: Pick<Person, 'token'>) => hub.api(authApi, person);

beforeEach(() => forgetLimits(hub));

async function linkTo(person: Person, email = address()): Promise<{ token: string; email: string }> {
  await api(person).changeEmail({ email });
  return { token: tokenIn(await letter(hub, email, CONFIRM)), email };
}

/** The same person's account in an organisation of its own. */
async function accountElsewhere(person: Person): Promise<Person> {
  const other = await hub.person();
  await hub.sql('UPDATE users SET email = ? WHERE id = ?', [person.email, other.userId]);
  return { ...other, email: person.email };
}

const slugOf = ({ orgId }: Person): string => orgId.toLowerCase();

describe('changing one’s address', () => {
  it('takes effect once the new one is shown to be one’s own, and the old one hears of it twice', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    await listener.subscribe(`${person.orgId}:user:${person.userId}`);
    const { token, email } = await linkTo(person);
    expect(await signIn(hub, person)).toMatchObject({ status: 'signed-in' });

    expect(await api().verifyEmail({ token })).toEqual({ email });

    expect(await signIn(hub, { ...person, email })).toMatchObject({ status: 'signed-in' });
    expect(await outcome(signIn(hub, person))).toMatchObject({ status: 401 });
    const subjects = (await lettersTo(hub, person.email)).map(({ subject }) => subject);
    expect(subjects).toEqual(['Your e-mail address was changed', WARNING]);
    expect(await listener.next('security:alert')).toMatchObject({ kind: 'email-changed' });
  });

  it('happens once, where the link is used twice at once', async () => {
    const { token } = await linkTo(await hub.person());

    const answers = await Promise.all([outcome(api().verifyEmail({ token })), outcome(api().verifyEmail({ token }))]);

    expect(statusesOf(answers)).toEqual([200, 410]);
  });

  it('works by the newest link alone, for a day', async () => {
    const person = await hub.person();
    const first = await linkTo(person);
    const second = await linkTo(person);
    const refused = { status: 410, code: 'TOKEN_USED_OR_EXPIRED' };

    expect(await outcome(api().verifyEmail({ token: first.token }))).toEqual(refused);
    hub.clock.advance(DAY_MS);
    expect(await outcome(api().verifyEmail({ token: second.token }))).toEqual(refused);
    expect(await outcome(api().verifyEmail({ token: 'x'.repeat(43) }))).toEqual(refused);
  });

  it('is refused for an address that a colleague has, then and at the end', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const { token, email } = await linkTo(person);
    await hub.sql('UPDATE users SET email = ? WHERE id = ?', [email, colleague.userId]);

    expect(await outcome(api().verifyEmail({ token }))).toEqual({ status: 409, code: 'EMAIL_TAKEN' });
    expect(await outcome(api(person).changeEmail({ email }))).toEqual({ status: 409, code: 'EMAIL_TAKEN' });
    expect(await signIn(hub, person)).toMatchObject({ status: 'signed-in' });
  });

  it('is possible to an address that somebody of another organisation has', async () => {
    const stranger = await hub.person();
    const person = await hub.person();

    const { token } = await linkTo(person, stranger.email);

    expect(await api().verifyEmail({ token })).toEqual({ email: stranger.email });
  });

  it('needs a fresh sign-in', async () => {
    const { orgId, userId, sessionId } = await hub.person();
    const { token } = await hub.hub
      .use(auth)
      .keys.sign({ orgId, userId, sessionId, authenticatedAt: new Date(hub.clock.now().getTime() - 300_001) }, 60_000);

    const refused = await outcome(api({ token }).changeEmail({ email: address() }));

    expect(refused).toEqual({ status: 401, code: 'REAUTH_REQUIRED' });
  });

  it('can be asked for five times a day', async () => {
    const person = await hub.person();
    const statuses = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await outcome(api(person).changeEmail({ email: address() }))).status);

    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('is sent its link again on demand, and the earlier one ends', async () => {
    const { token, email } = await linkTo(await hub.person());

    await api().resendVerification({ email });
    const newer = tokenIn(await letter(hub, email, CONFIRM));

    expect(await outcome(api().verifyEmail({ token }))).toMatchObject({ status: 410 });
    expect(await api().verifyEmail({ token: newer })).toEqual({ email });
  });

  it('ends with the account', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const { token } = await linkTo(person);

    await hub.api(peopleApi, admin).suspend({ userId: person.userId });

    expect(await outcome(api().verifyEmail({ token }))).toMatchObject({ status: 410 });
  });
});

describe('going on in another organisation', () => {
  it('shows the organisations of one’s address, and which one this is', async () => {
    const here = await hub.person();
    const there = await accountElsewhere(here);
    await hub.person();

    const { organisations } = await api(here).organisations();

    expect(new Map(organisations.map(({ slug, current }) => [slug, current]))).toEqual(
      new Map([
        [slugOf(here), true],
        [slugOf(there), false],
      ]),
    );
  });

  it('opens a session there, which opens nothing here', async () => {
    const here = await hub.person();
    const there = await accountElsewhere(here);

    const answer = await api(here).switchOrganisation({ organisation: slugOf(there) });

    if (answer.status !== 'signed-in') throw new Error(answer.status);
    const token = { token: answer.accessToken };
    expect(await api(token).me()).toMatchObject({ user: { id: there.userId }, organisation: { id: there.orgId } });
    expect(await outcome(hub.api(peopleApi, token).get({ userId: here.userId }))).toMatchObject({ status: 404 });
    expect(await outcome(api(here).me())).toMatchObject({ status: 200 });
  });

  it('asks for the second factor of the other one', async () => {
    const here = await hub.person();
    const there = await accountElsewhere(here);
    const { app } = await enrol(hub, there);

    const answer = await api(here).switchOrganisation({ organisation: slugOf(there) });

    if (answer.status !== 'second-factor') throw new Error(answer.status);
    const verified = await api().verifyFactor({ challengeId: answer.challengeId, code: app.next() });
    expect(await api({ token: verified.accessToken }).me()).toMatchObject({ user: { id: there.userId } });
  });

  it('goes nowhere that the address does not belong to, or may not be used', async () => {
    const here = await hub.person();
    const stranger = await hub.person();
    const suspended = await accountElsewhere(here);
    await hub.sql("UPDATE users SET status = 'suspended' WHERE id = ?", [suspended.userId]);
    const closed = await accountElsewhere(here);
    await hub.sql('UPDATE credentials SET locked_at = NOW(3) WHERE user_id = ?', [closed.userId]);
    const waiting = await accountElsewhere(here);
    await hub.sql('UPDATE credentials SET must_change = TRUE WHERE user_id = ?', [waiting.userId]);

    for (const target of [stranger, suspended, closed, waiting])
      expect(await outcome(api(here).switchOrganisation({ organisation: slugOf(target) }))).toEqual({
        status: 404,
        code: 'NOT_FOUND',
      });
  });

  it('needs a fresh sign-in', async () => {
    const here = await hub.person();
    const there = await accountElsewhere(here);
    const { orgId, userId, sessionId } = here;
    const { token } = await hub.hub
      .use(auth)
      .keys.sign({ orgId, userId, sessionId, authenticatedAt: new Date(hub.clock.now().getTime() - 300_001) }, 60_000);

    const refused = await post(
      hub,
      '/auth/switch',
      { organisation: slugOf(there) },
      { authorization: `Bearer ${token}` },
    );

    expect(refused).toMatchObject({ status: 401, code: 'REAUTH_REQUIRED' });
  });
});
