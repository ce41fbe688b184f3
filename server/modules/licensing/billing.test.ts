import { licensingApi } from '@loro/contracts/licensing';
import { ulid } from 'ulid';
import { anAdmin, anOwner, freshly, licensed } from '../../testing/licenses';
import { PaymentProvider } from '../../testing/payment-provider';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { isSigned, signature } from './payments.policy';

const provider = new PaymentProvider();
beforeAll(() => provider.listen());
afterAll(() => provider.close());
const hub = testHub({ env: provider.env });
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
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

describe('acceptance: a larger plan', () => {
  it('costs 33.33 now with 20 of 30 days left, is charged once, and is there at once', async () => {
    const owner = await subscriber();
    const before = await api(owner).current();
    const listener = await hub.listen('/notifications', owner);

    const preview = await api(owner).previewPlan({ plan: 'professional' });
    expect(preview).toMatchObject({
      kind: 'upgrade',
      priceNow: { amount: 3_333, currency: 'USD' },
      nextPrice: { amount: 9_900, currency: 'USD' },
      over: [],
    });
    expect(preview.gained).toMatchObject({ limits: { users: 20, branches: 3 } });
    const { charge, license } = await api(owner).takePlan({ plan: 'professional' });

    expect(charge).toMatchObject({ state: 'paid', price: { amount: 3_333 }, reference: 'r-1' });
    expect(license).toMatchObject({ plan: { code: 'professional' }, expiresAt: before.expiresAt });
    expect(
      provider.asked.map(({ charge: { amount, currency, organisation } }) => [amount, currency, organisation]),
    ).toEqual([[3_333, 'USD', owner.orgId]]);
    await listener.next('license:plan-changed', ({ plan }: { plan: string }) => plan === 'professional');
    const [first] = provider.asked;
    const header = (name: string) => String(first?.headers[name]);
    const said = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), body: first?.body ?? '' };
    expect(isSigned({ ...said, signatures: header('webhook-signature') }, provider.secret, hub.clock.now())).toBe(true);
  });

  it('is charged once where the owner sends the command twice, and where he clicks twice', async () => {
    const owner = await subscriber();
    const key = { headers: { 'idempotency-key': ulid() } };
    await api(owner).takePlan({ plan: 'professional' }, key);
    await api(owner).takePlan({ plan: 'professional' }, key);
    expect(provider.asked).toHaveLength(1);

    const other = await subscriber();
    const both = await Promise.all([1, 2].map(() => outcome(api(other).takePlan({ plan: 'business' }))));
    expect(both.some(({ status }) => status === 200)).toBe(true);
    expect(provider.asked).toHaveLength(2);
  });

  it('is not given where it was not paid', async () => {
    const owner = await subscriber();
    provider.says = { status: 'declined', reason: 'no funds' };

    expect(await outcome(api(owner).takePlan({ plan: 'professional' }))).toEqual({
      status: 402,
      code: 'PAYMENT_FAILED',
    });

    expect(await api(owner).current()).toMatchObject({ plan: { code: 'starter' } });
    expect((await api(owner).charges()).data).toMatchObject([{ state: 'failed', failure: 'no funds' }]);
  });

  it('begins a whole term after a trial, and then renews itself', async () => {
    const owner = await subscriber({ type: 'trial', plan: 'business', expiresAt: inDays(3) });

    expect(await api(owner).previewPlan({ plan: 'starter' })).toMatchObject({
      kind: 'begin',
      priceNow: { amount: 4_900 },
    });
    const { license } = await api(owner).takePlan({ plan: 'starter' });

    expect(license).toMatchObject({ type: 'subscription', state: 'active', renewal: { auto: true }, graceDays: 15 });
    expect(Date.parse(license.expiresAt ?? '')).toBeGreaterThan(hub.clock.now().getTime() + 27 * DAY_MS);
  });

  it('is bought by the owner alone, with a fresh sign-in', async () => {
    const owner = await subscriber();
    const deputy = await hub.person({ role: 'admin', beside: owner });

    expect(await outcome(api(deputy).previewPlan({ plan: 'business' }))).toMatchObject({ status: 200 });
    expect(await outcome(api(deputy).takePlan({ plan: 'business' }))).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await outcome(api(owner).takePlan({ plan: 'galactic' }))).toEqual({ status: 422, code: 'PLAN_UNKNOWN' });
    hub.clock.advance(6 * 60_000);
    expect(await outcome(api(owner).takePlan({ plan: 'business' }))).toEqual({ status: 401, code: 'REAUTH_REQUIRED' });
    expect(provider.asked).toEqual([]);
  });

  it('is not for licences that were sold by hand', async () => {
    const owner = await subscriber({ type: 'enterprise', plan: 'enterprise' });

    expect(await outcome(api(owner).takePlan({ plan: 'business' }))).toEqual({ status: 409, code: 'LICENSE_STATE' });
  });
});

describe('hearing from the provider', () => {
  const post = async (event: object, { id = ulid(), ageMs = 0, secret = provider.secret, path = 'acme-pay' } = {}) => {
    const body = JSON.stringify(event);
    const timestamp = String(Math.floor((hub.clock.now().getTime() - ageMs) / 1_000));
    const response = await fetch(`${hub.url}/api/v1/licensing/webhooks/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signature({ id, timestamp, body }, secret),
      },
      body,
    });
    const answer = (await response.json()) as { data?: { outcome: string }; code?: string };
    return answer.data?.outcome ?? answer.code;
  };
  const pending = async (): Promise<{ owner: Person; chargeId: string }> => {
    const owner = await subscriber();
    provider.says = { status: 'pending' };
    const { charge, license } = await api(owner).takePlan({ plan: 'professional' });
    expect(license).toMatchObject({ plan: { code: 'starter' } });
    return { owner, chargeId: charge?.id ?? '' };
  };
  const paid = (owner: Person, chargeId: string) => ({
    type: 'billing.invoice.paid',
    at: hub.clock.now().toISOString(),
    data: { chargeId, organisation: owner.orgId, reference: 'late' },
  });

  it('gives what was waited for, once', async () => {
    const { owner, chargeId } = await pending();
    expect(await outcome(api(owner).takePlan({ plan: 'business' }))).toEqual({ status: 409, code: 'CHARGE_UNDER_WAY' });
    const id = ulid();

    expect(await post(paid(owner, chargeId), { id })).toBe('applied');
    expect(await post(paid(owner, chargeId), { id })).toBe('repeated');

    await within(3_000, async () =>
      expect(await api(owner).current()).toMatchObject({ plan: { code: 'professional' } }),
    );
    const failed = { ...paid(owner, chargeId), type: 'billing.invoice.failed' };
    expect(await post(failed)).toBe('applied');
    expect((await api(owner).charges()).data).toMatchObject([{ state: 'paid', reference: 'late' }]);
  });

  it('believes neither another secret, nor what is old, nor another name, nor another organisation’s charge', async () => {
    const { owner, chargeId } = await pending();
    const other = await subscriber();
    const event = paid(owner, chargeId);

    expect(await post(event, { secret: 'a secret of somebody else' })).toBe('WEBHOOK_SIGNATURE');
    expect(await post(event, { ageMs: 301_000 })).toBe('WEBHOOK_SIGNATURE');
    expect(await post(event, { path: 'other-pay' })).toBe('WEBHOOK_SIGNATURE');
    expect(await post(paid(other, chargeId))).toBe('unknown');
    expect(await post({ type: 'something.else' })).toBe('unknown');
    expect(await api(owner).current()).toMatchObject({ plan: { code: 'starter' } });
  });

  it('keeps the newest that it said of a subscription, in whichever order it comes', async () => {
    const owner = await subscriber({ renewal: { auto: true } });
    const changed = (state: string, ageMs: number, more: object = {}) => ({
      type: 'billing.subscription.changed',
      at: new Date(hub.clock.now().getTime() - ageMs).toISOString(),
      data: { organisation: owner.orgId, subscription: `sub-${owner.orgId}`, state, ...more },
    });

    expect(await post(changed('cancelled', 1_000, { cancelAtPeriodEnd: true }))).toBe('applied');
    expect(await post(changed('active', 60_000))).toBe('outdated');

    await within(3_000, async () =>
      expect(await api(owner).current()).toMatchObject({
        subscription: { state: 'cancelled', cancelAtPeriodEnd: true },
        renewal: { auto: false },
      }),
    );
    const until = inDays(80);
    expect(await post(changed('active', 0, { currentPeriodEnd: until }))).toBe('applied');
    await within(3_000, async () => expect((await api(owner).current()).expiresAt).toBe(until));
  });
});
