import { licensingApi } from '@loro/contracts/licensing';
import { anAdmin, anOwner, freshly, licensed } from '../../testing/licenses';
import { PaymentProvider } from '../../testing/payment-provider';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const provider = new PaymentProvider();
beforeAll(() => provider.listen());
afterAll(() => provider.close());
const hub = testHub({ env: provider.env });
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(hub.clock.now().getTime() + days * DAY_MS).toISOString();
let admin: Person;
beforeEach(async () => {
  admin = admin ? await freshly(hub, admin) : await anAdmin(hub);
  provider.forget();
});

async function subscriber(wish: object = {}): Promise<Person> {
  const owner = await anOwner(hub);
  const usual = { type: 'subscription', plan: 'starter', startsAt: inDays(-10), expiresAt: inDays(20) } as const;
  await licensed(hub, owner.orgId, { ...usual, ...wish }, admin);
  return owner;
}

describe('renewing', () => {
  const run = ({ orgId }: Person) => hub.work('licensing.renew-license', { orgId });
  const attemptsOf = async (owner: Person) =>
    (
      await hub.sql<{ attempt: number; state: string }>(
        'SELECT attempt, state FROM license_charges WHERE org_id = ? AND attempt IS NOT NULL ORDER BY attempt',
        [owner.orgId],
      )
    ).map(({ attempt, state }) => [attempt, state]);

  it('by itself is tried a day before, then at the end and 1, 3, 7 and 14 days later, each once', async () => {
    const owner = await subscriber({ expiresAt: inDays(2), renewal: { auto: true } });
    provider.says = { status: 'declined', reason: 'card expired' };

    for (let hour = 0; hour < 18 * 24; hour += 6) {
      await run(owner);
      await run(owner);
      hub.clock.advance(6 * 3_600_000);
    }

    expect(await attemptsOf(owner)).toEqual([0, 1, 2, 3, 4, 5].map((n) => [n, 'failed']));
    expect(provider.asked).toHaveLength(6);
    const mails = (await hub.mails(owner.email)).filter(({ subject }) => subject.includes('not paid'));
    expect(mails).toHaveLength(6);
    const again = await freshly(hub, owner);
    expect(await api(again).current()).toMatchObject({ state: 'expired' });
  });

  it('that succeeds within the grace goes on from the old end, and begins its tries anew', async () => {
    const owner = await subscriber({ expiresAt: inDays(0.5), renewal: { auto: true } });
    const { expiresAt } = await api(owner).current();
    provider.says = { status: 'declined' };
    await run(owner);
    hub.clock.advance(2 * DAY_MS);
    provider.says = { status: 'paid', reference: 'r-2', subscription: `s-${owner.orgId}` };

    await run(owner);

    const now = await api(await freshly(hub, owner)).current();
    expect(now).toMatchObject({ state: 'active', subscription: { state: 'active', externalId: `s-${owner.orgId}` } });
    expect(Date.parse(now.expiresAt ?? '') - Date.parse(expiresAt ?? '')).toBeGreaterThanOrEqual(28 * DAY_MS);
    expect(await attemptsOf(owner)).toEqual([
      [0, 'failed'],
      [2, 'paid'],
    ]);
    await run(owner);
    expect(provider.asked).toHaveLength(2);
  });

  it('is provider.asked for by two workers at once and charged once', async () => {
    const owner = await subscriber({ expiresAt: inDays(0.5), renewal: { auto: true } });

    await Promise.allSettled([run(owner), run(owner), run(owner)]);

    expect(provider.asked).toHaveLength(1);
    expect(await attemptsOf(owner)).toEqual([[0, 'paid']]);
  });

  it('that nobody answered is provider.asked for again under the same id', async () => {
    const owner = await subscriber({ expiresAt: inDays(0.5), renewal: { auto: true } });
    provider.says = null;
    await run(owner);
    expect(await attemptsOf(owner)).toEqual([[0, 'pending']]);

    hub.clock.advance(11 * 60_000);
    provider.says = { status: 'paid' };
    await run(owner);

    expect(new Set(provider.asked.map(({ charge }) => charge.id)).size).toBe(1);
    expect(await attemptsOf(owner)).toEqual([[0, 'paid']]);
  });

  it('is provider.asked for by the hour for those whose end is near, and for nobody else', async () => {
    const [near, far, off] = [
      await subscriber({ expiresAt: inDays(0.9), renewal: { auto: true } }),
      await subscriber({ expiresAt: inDays(5), renewal: { auto: true } }),
      await subscriber({ expiresAt: inDays(0.9) }),
    ];

    await hub.work('licensing.renew-licenses', { tick: hub.clock.now().toISOString() });

    const jobs = await hub.sql<{ payload: string }>(
      "SELECT payload FROM outbox_jobs WHERE name = 'licensing.renew-license' AND state = 'open'",
    );
    const asking = (person: Person) => jobs.some(({ payload }) => payload.includes(person.orgId));
    expect([near, far, off].map(asking)).toEqual([true, false, false]);
  });

  it('is switched off and on by the owner, under the version that he read', async () => {
    const owner = await subscriber({ renewal: { auto: true } });
    const { version } = await api(owner).current();

    const off = await api(owner).setRenewal({ auto: false, basis: 'from_now' }, ifMatch(version));

    expect(off.renewal).toMatchObject({ auto: false, basis: 'from_now' });
    expect(await outcome(api(owner).setRenewal({ auto: true }, ifMatch(version)))).toMatchObject({ status: 412 });
    expect(await api(owner).cancelSubscription()).toMatchObject({ renewal: { auto: false }, state: 'active' });
    expect(await api(owner).resumeSubscription()).toMatchObject({ renewal: { auto: true } });
  });

  it('is paid ahead by the owner', async () => {
    const owner = await subscriber();
    const { expiresAt } = await api(owner).current();

    const { license } = await api(owner).renew();

    expect(Date.parse(license.expiresAt ?? '')).toBeGreaterThan(Date.parse(expiresAt ?? '') + 27 * DAY_MS);
    expect(provider.asked.map(({ charge }) => charge.amount)).toEqual([4_900]);
  });
});
