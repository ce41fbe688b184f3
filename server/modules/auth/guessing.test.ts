import { accountSafetyApi } from '@loro/contracts/account-safety';
import { authApi } from '@loro/contracts/auth';
import { configurationApi } from '@loro/contracts/configuration';
import { letter, lettersTo, post, tokenIn } from '../../testing/links';
import { challengeOf, enrol, forgetLimits, outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

// Behind a proxy that says where callers come from, so that a test can come from many places.
const hub = testHub({ env: { TRUST_PROXY: 'on' } });
const CLOSED = 'Sign-in by password is closed';
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

beforeEach(() => forgetLimits(hub));

const tryIt = (email: string, password: string, from: string, more: object = {}) =>
  post(hub, '/auth/login', { email, password, ...more }, { 'x-forwarded-for': from });

const wrong = ({ email }: Pick<Person, 'email'>, from: string) => tryIt(email, 'a wrong guess', from);

const waitOf = ({ headers }: { headers: Headers }): number => Number(headers.get('retry-after'));

/** The wait that this one is the rest of: a busy machine takes its time between two calls. */
const asPromised = (waitSec: number): number => Math.ceil(waitSec / 30) * 30;

let network = 0;
/** An address that nobody came from before. */
const somewhere = (): string => {
  network += 1;
  return `203.0.${Math.floor(network / 250)}.${(network % 250) + 1}`;
};

async function guessAHundredTimes(person: Pick<Person, 'email'>): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < 25; n += 1) {
    const from = somewhere();
    for (let m = 0; m < 4; m += 1) statuses.push((await wrong(person, from)).status);
  }
  return statuses;
}

describe('acceptance: guessing at one account', () => {
  it('waits nothing, then 30, 60, 120, 240, 480, then 900 seconds', async () => {
    const person = await hub.person();
    const from = somewhere();
    const waits: number[] = [];

    await wrong(person, from);
    for (let failure = 1; failure <= 11; failure += 1) {
      let next = await wrong(person, from);
      const waitSec = next.status === 429 ? waitOf(next) : 0;
      hub.clock.advance(waitSec * SECOND_MS);
      if (waitSec > 0) next = await wrong(person, from);
      expect(next.status).toBe(401);
      waits.push(waitSec);
    }

    expect(waits.map(asPromised)).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
  });

  it('waits with the right password too, which opens when the wait is over and ends the count', async () => {
    const person = await hub.person();
    const from = somewhere();
    for (let n = 0; n < 5; n += 1) await wrong(person, from);

    const early = await tryIt(person.email, person.password, from);
    hub.clock.advance(30 * SECOND_MS);
    const late = await tryIt(person.email, person.password, from);
    const after = [];
    for (let n = 0; n < 5; n += 1) after.push((await wrong(person, from)).status);

    expect(early).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(late.status).toBe(200);
    expect(after).toEqual([401, 401, 401, 401, 401]);
  });

  it('holds up nobody else: not the person elsewhere, not others at the same place', async () => {
    const person = await hub.person();
    const colleague = await hub.person();
    const from = somewhere();
    for (let n = 0; n < 5; n += 1) await wrong(person, from);

    expect((await tryIt(person.email, person.password, somewhere())).status).toBe(200);
    expect((await tryIt(colleague.email, colleague.password, from)).status).toBe(200);
  });

  it('waits as long for an address that nobody has', async () => {
    const from = somewhere();
    for (let n = 0; n < 5; n += 1) await wrong({ email: 'nobody@example.test' }, from);

    const next = await wrong({ email: 'nobody@example.test' }, from);

    expect([next.status, asPromised(waitOf(next))]).toEqual([429, 30]);
  });

  it('counts one network of IPv6 as one place', async () => {
    const person = await hub.person();
    for (let n = 1; n <= 5; n += 1) await wrong(person, `2001:db8:7:7::${n}`);

    expect((await wrong(person, '2001:db8:7:7:9:9:9:9')).status).toBe(429);
    expect((await wrong(person, '2001:db8:7:8::1')).status).toBe(401);
  });

  it('is remembered for a day', async () => {
    const person = await hub.person();
    const from = somewhere();
    for (let n = 0; n < 4; n += 1) await wrong(person, from);

    hub.clock.advance(DAY_MS - 60 * SECOND_MS);
    await wrong(person, from);
    const remembered = await wrong(person, from);
    hub.clock.advance(DAY_MS + SECOND_MS);
    const forgotten = [];
    for (let n = 0; n < 5; n += 1) forgotten.push((await wrong(person, from)).status);

    expect(remembered.status).toBe(429);
    expect(forgotten).toEqual([401, 401, 401, 401, 401]);
  });

  it('is counted when all guesses come at once', async () => {
    const person = await hub.person();
    const from = somewhere();

    const answers = await Promise.all(Array.from({ length: 18 }, () => wrong(person, from)));

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(13);
  });
});

describe('guessing at many accounts from one network', () => {
  it('is stopped after twenty failures a minute', async () => {
    const from = somewhere();
    const statuses = [];
    for (let n = 0; n < 21; n += 1) statuses.push((await wrong({ email: `guess-${n}@example.test` }, from)).status);

    expect(statuses.slice(0, 20).every((status) => status === 401)).toBe(true);
    expect(statuses[20]).toBe(429);
    expect((await wrong({ email: 'guess@example.test' }, somewhere())).status).toBe(401);
  });
});

describe('a hundred wrong passwords within a day', () => {
  it('close the account to passwords, and mail its owner a link that opens it', async () => {
    const person = await hub.person();
    const listener = await hub.listen('/notifications', person);
    await listener.subscribe(`${person.orgId}:user:${person.userId}`);

    const statuses = await guessAHundredTimes(person);
    const closed = await tryIt(person.email, person.password, somewhere());
    const unknown = await wrong({ email: 'nobody@example.test' }, somewhere());
    const token = tokenIn(await letter(hub, person.email, CLOSED));
    await hub.api(authApi).unlock({ token });

    expect(new Set(statuses)).toEqual(new Set([401]));
    const bare = (text: string) => ({ ...JSON.parse(text), requestId: '' });
    expect(bare(closed.text)).toEqual(bare(unknown.text));
    expect(await listener.next('security:alert')).toMatchObject({ kind: 'sign-in-closed' });
    expect((await tryIt(person.email, person.password, somewhere())).status).toBe(200);
    expect(await outcome(hub.api(authApi).unlock({ token }))).toEqual({ status: 410, code: 'TOKEN_USED_OR_EXPIRED' });
    expect((await lettersTo(hub, person.email)).filter(({ subject }) => subject === CLOSED)).toHaveLength(1);
  });

  it('are counted anew once it was opened', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    await guessAHundredTimes(person);
    await hub.api(accountSafetyApi, admin).unlock({ userId: person.userId });

    await wrong(person, somewhere());

    expect((await tryIt(person.email, person.password, somewhere())).status).toBe(200);
  });

  it('leave trusted devices and open sessions alone', async () => {
    const person = await hub.person();
    const { app } = await enrol(hub, person);
    const challengeId = await challengeOf(hub, person);
    const verified = await hub.api(authApi).verifyFactor({ challengeId, code: app.next(), trustDevice: true });
    await guessAHundredTimes(person);

    const { trustedDevice } = verified;
    const trusted = await tryIt(person.email, person.password, somewhere(), { trustedDevice });
    const strange = await tryIt(person.email, person.password, somewhere(), { trustedDevice: 'x'.repeat(43) });

    expect(trusted.status).toBe(200);
    expect(strange).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(await outcome(hub.api(authApi, person).me())).toMatchObject({ status: 200 });
  });

  it('spread over more than a day close nothing', async () => {
    const person = await hub.person();
    for (let n = 0; n < 15; n += 1) {
      const from = somewhere();
      for (let m = 0; m < 4; m += 1) await wrong(person, from);
    }
    hub.clock.advance(DAY_MS + SECOND_MS);
    for (let n = 0; n < 12; n += 1) {
      const from = somewhere();
      for (let m = 0; m < 4; m += 1) await wrong(person, from);
    }

    expect((await tryIt(person.email, person.password, somewhere())).status).toBe(200);
  });
});

describe('an organisation that lets people in from some places alone', () => {
  it('answers from everywhere else as to a wrong password', async () => {
    const admin = await hub.person({ role: 'admin' });
    const person = await hub.person({ beside: admin });
    const ranges = {
      ownerId: admin.orgId,
      key: 'security.ip-allow',
      value: ['127.0.0.0/8', '::1/128', '198.51.100.0/24'],
    };
    await hub.api(configurationApi, admin).setForOrganisation(ranges, { headers: { 'if-match': '"0"' } });

    const elsewhere = await tryIt(person.email, person.password, somewhere());
    const here = await tryIt(person.email, person.password, '198.51.100.7');

    expect(elsewhere).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    expect(here.status).toBe(200);
    expect((await letter(hub, person.email, 'You could not sign in')).text).toContain('from some places alone');
  });
});

describe('tries to sign in', () => {
  it('are shown to who looks after the organisation, newest first, and nobody else’s', async () => {
    const auditor = await hub.person({ role: 'auditor' });
    const person = await hub.person({ beside: auditor });
    const stranger = await hub.person();
    const from = somewhere();
    await wrong(person, from);
    await tryIt(person.email, person.password, from);
    await wrong(stranger, from);

    const { data } = await hub.api(authApi, auditor).attempts();
    const failures = await hub.api(authApi, auditor).attempts({ outcome: 'failure', userId: person.userId });

    expect(data).toMatchObject([
      { userId: person.userId, outcome: 'success', reason: 'signed-in', ip: from },
      { userId: person.userId, outcome: 'failure', reason: 'password', ip: from },
    ]);
    expect(failures.data).toHaveLength(1);
    expect(await outcome(hub.api(authApi, person).attempts())).toMatchObject({ status: 403 });
  });

  it('are read page by page', async () => {
    const admin = await hub.person({ role: 'admin' });
    for (let n = 0; n < 3; n += 1) await wrong(admin, somewhere());

    const first = await hub.api(authApi, admin).attempts({ limit: 2 });
    const second = await hub.api(authApi, admin).attempts({ limit: 2, cursor: first.page.nextCursor ?? '' });

    expect([first.data.length, second.data.length, second.page.nextCursor]).toEqual([2, 1, null]);
    expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(3);
  });

  it('are kept for ninety days', async () => {
    const admin = await hub.person({ role: 'admin' });
    await wrong(admin, somewhere());
    const ids = async () => hub.sql('SELECT id FROM login_attempts WHERE org_id = ?', [admin.orgId]);

    hub.clock.advance(90 * DAY_MS - 60 * SECOND_MS);
    await hub.work('auth.purge-pending');
    const before = await ids();
    hub.clock.advance(61 * SECOND_MS);
    await hub.work('auth.purge-pending');

    expect(before).toHaveLength(1);
    expect(await ids()).toEqual([]);
  });
});
