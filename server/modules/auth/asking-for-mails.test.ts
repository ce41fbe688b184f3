import { authApi } from '@loro/contracts/auth';
import { ulid } from '../../platform';
import { letter, lettersTo, post } from '../../testing/links';
import { forgetLimits } from '../../testing/sign-ins';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const CONFIRM = 'Confirm your address';

const address = () => `${ulid().toLowerCase()}@example.test`;
const api = () => hub.api(authApi);

beforeEach(() => forgetLimits(hub));

describe('acceptance: asking for a mail', () => {
  it('gets one answer, of one length, whether anybody has the address', async () => {
    const known = await hub.person();
    const suspended = await hub.person();
    await hub.sql("UPDATE users SET status = 'suspended' WHERE id = ?", [suspended.userId]);
    const addresses = [known.email, suspended.email, address()];

    for (const path of ['/auth/signup', '/auth/password/forgot', '/auth/verify-email/resend']) {
      const answers = await Promise.all(addresses.map((email) => post(hub, path, { email })));
      await forgetLimits(hub);
      for (const answer of answers) {
        expect(answer.status).toBe(202);
        expect(answer.text).toBe(answers[0]?.text);
        expect(answer.headers.get('content-length')).toBe(answers[0]?.headers.get('content-length'));
        expect(answer.headers.get('location')).toBeNull();
      }
    }
  });

  it('says to the owner of a known address that it has an account, in the mail alone', async () => {
    const known = await hub.person();

    await api().signUp({ email: known.email });

    expect((await letter(hub, known.email, CONFIRM)).text).toContain('has an account already');
  });

  it('sends one mail where the job runs twice', async () => {
    const email = address();
    await api().signUp({ email });
    const [job] = await hub.sql<{ payload: string }>(
      "SELECT payload FROM outbox_jobs WHERE name = 'auth.send-links' AND state = 'open' ORDER BY id DESC LIMIT 1",
    );
    await hub.work('auth.send-links', JSON.parse(job?.payload ?? ''));

    expect(await lettersTo(hub, email)).toHaveLength(1);
  });

  it('leaves no address readable in the queue', async () => {
    const email = address();
    await api().forgotPassword({ email });

    const jobs = await hub.sql<{ payload: string }>("SELECT payload FROM outbox_jobs WHERE name = 'auth.send-links'");

    expect(jobs.length).toBeGreaterThan(0);
    expect(JSON.stringify(jobs)).not.toContain(email);
  });
});

describe('limits', () => {
  it('let three addresses an hour be signed up from one network', async () => {
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await post(hub, '/auth/signup', { email: address() }));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('let three links an hour be asked for to reset one password, and others go on', async () => {
    const [email, other] = [address(), address()];
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await post(hub, '/auth/password/forgot', { email }));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429]);
    expect((await post(hub, '/auth/password/forgot', { email: other })).status).toBe(202);
  });

  it('let a link be sent again once a minute', async () => {
    const email = address();

    const answers = [
      await post(hub, '/auth/verify-email/resend', { email }),
      await post(hub, '/auth/verify-email/resend', { email }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 429]);
    expect(Number(answers[1]?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });

  it('let a link be sent again five times a day', async () => {
    const email = address();
    const answers = [];
    for (let n = 0; n < 6; n += 1) {
      answers.push(await post(hub, '/auth/verify-email/resend', { email }));
      const keys = await hub.hub.redis.keys(`${hub.hub.config.REDIS_PREFIX}:limit:resend:*`);
      if (keys.length > 0) await hub.hub.redis.del(keys);
    }

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 429]);
    expect(Number(answers[5]?.headers.get('retry-after'))).toBeGreaterThan(3_600);
  });
});
