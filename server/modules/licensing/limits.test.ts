import { licensingApi } from '@loro/contracts/licensing';
import { peopleApi } from '@loro/contracts/people';
import { anAdmin, anOwner, licensed } from '../../testing/licenses';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { licensing } from '.';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const room = () => hub.hub.use(licensing);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});

/** An owner whose licence allows so many integrations. */
async function withLimit(value: number | null, wish: object = {}): Promise<Person> {
  const owner = await anOwner(hub);
  const { orgId } = owner;
  const made = await licensed(hub, orgId, { type: 'subscription', plan: 'starter', ...wish }, admin);
  const overrides = [{ kind: 'limit', limit: 'integrations', value, reason: 'test' } as const];
  await api(admin).overrides({ orgId, licenseId: made.id, overrides }, ifMatch(made.version));
  return owner;
}

const take = (orgId: string, used: number, adding = 1) =>
  hub.hub.transact((after) => room().take(orgId, 'integrations', { used, adding }, after));
const refusal = async (promise: Promise<unknown>): Promise<{ status: number; code: string; current: unknown }> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'details' in error) {
      const { status, code, details } = error as unknown as {
        status: number;
        code: string;
        details: { current: unknown };
      };
      return { status, code, current: details.current };
    }
    throw error;
  }
  return { status: 200, code: 'let through', current: undefined };
};

describe('acceptance: limits', () => {
  it('are floored with what may go over, alert once each on the way, and refuse what is beyond', async () => {
    const owner = await withLimit(50, { overage: 'x1_25' });
    const { orgId } = owner;
    const listener = await hub.listen('/notifications', owner);

    for (let used = 0; used < 62; used += 1) await take(orgId, used);
    const refused = await refusal(take(orgId, 62));

    expect(refused).toEqual({
      status: 402,
      code: 'LICENSE_LIMIT_REACHED',
      current: { feature: 'integrations', limit: 50, allowed: 62, used: 62 },
    });
    await listener.next('license:limit-reached');
    expect(listener.heard('license:usage')).toMatchObject([
      { used: 40, threshold: 80 },
      { used: 45, threshold: 90 },
      { used: 50, threshold: 100 },
      { used: 62, threshold: 125 },
    ]);
    expect(listener.heard('license:limit-reached')).toEqual([{ feature: 'integrations', used: 62, limit: 50 }]);
  });

  it('let one of two through who want the last place at once', async () => {
    const { orgId } = await withLimit(3);
    await take(orgId, 0);
    await take(orgId, 1);

    const both = await Promise.all([take(orgId, 2), take(orgId, 2)].map((one) => refusal(one)));

    expect(both.map(({ code }) => code).toSorted()).toEqual(['LICENSE_LIMIT_REACHED', 'let through']);
  });

  it('let five of twenty through where five places are free, nobody having counted before', async () => {
    const { orgId } = await withLimit(5);

    const all = await Promise.all(Array.from({ length: 20 }, () => refusal(take(orgId, 0))));

    expect(all.filter(({ code }) => code === 'let through')).toHaveLength(5);
  });

  it('have room again when something is released, and tell anew when it is taken anew', async () => {
    const owner = await withLimit(2);
    const { orgId } = owner;
    const listener = await hub.listen('/notifications', owner);
    await take(orgId, 0, 2);
    expect((await refusal(take(orgId, 2))).code).toBe('LICENSE_LIMIT_REACHED');

    await hub.hub.transact(() => room().release(orgId, 'integrations'));
    await take(orgId, 1);

    await listener.next('license:usage', () => listener.heard('license:usage').length === 6);
  });

  it('give back what a transaction took that came to nothing', async () => {
    const { orgId } = await withLimit(1);
    const failing = hub.hub.transact(async (after) => {
      await room().take(orgId, 'integrations', { used: 0, adding: 1 }, after);
      throw new Error('came to nothing');
    });
    await expect(failing).rejects.toThrow('came to nothing');

    expect((await refusal(take(orgId, 0))).code).toBe('let through');
  });

  it('count what is removed without a word where the caller says what he sees himself', async () => {
    const { orgId } = await withLimit(2);
    const seeing = (seen: number) =>
      refusal(hub.hub.transact((after) => room().take(orgId, 'integrations', { seen, adding: 1 }, after)));
    expect((await seeing(0)).code).toBe('let through');
    expect((await seeing(1)).code).toBe('let through');
    expect((await seeing(2)).code).toBe('LICENSE_LIMIT_REACHED');

    // One was removed.
    expect((await seeing(1)).code).toBe('let through');
    expect((await seeing(2)).code).toBe('LICENSE_LIMIT_REACHED');
  });

  it('allow any number where the licence says so', async () => {
    const { orgId } = await withLimit(null);

    expect((await refusal(take(orgId, 0, 100_000))).code).toBe('let through');
  });

  it('on trial let nobody go over, and in a grace let nothing be added at all', async () => {
    const trial = await withLimit(2, { type: 'trial', overage: 'x2' });
    await take(trial.orgId, 0, 2);
    expect((await refusal(take(trial.orgId, 2))).current).toMatchObject({ allowed: 2 });

    const day = (days: number) => new Date(hub.clock.now().getTime() + days * 86_400_000).toISOString();
    const late = await withLimit(10, { startsAt: day(-40), expiresAt: day(-1) });
    expect((await refusal(take(late.orgId, 3))).current).toEqual({
      feature: 'integrations',
      limit: 10,
      allowed: 3,
      used: 3,
    });
  });

  it('refuse everything, and say what the licence has become, once it does not work', async () => {
    const owner = await withLimit(10);
    await hub.sql('UPDATE licenses SET suspended_at = NOW(3) WHERE current_for = ?', [owner.orgId]);

    expect(await refusal(take(owner.orgId, 0))).toMatchObject({ status: 402, code: 'LICENSE_SUSPENDED' });
  });

  it('after a smaller plan block only what is added', async () => {
    const owner = await withLimit(5);
    await take(owner.orgId, 0, 5);
    const [row] = await hub.sql<{ id: string; version: number }>(
      'SELECT id, version FROM licenses WHERE current_for = ?',
      [owner.orgId],
    );
    await api(admin).overrides(
      {
        orgId: owner.orgId,
        licenseId: row?.id ?? '',
        overrides: [{ kind: 'limit', limit: 'integrations', value: 2, reason: 'less' }],
      },
      ifMatch(row?.version ?? 0),
    );

    expect(await api(owner).current()).toMatchObject({
      state: 'active',
      banner: 'over_limit',
      overLimit: [{ limit: 'integrations', allowed: 2, used: 5 }],
    });
    expect((await refusal(take(owner.orgId, 5))).code).toBe('LICENSE_LIMIT_REACHED');
    expect((await refusal(take(owner.orgId, 5, 0))).code).toBe('let through');
  });
});

describe('seats', () => {
  const invite = (owner: Person, n: number) =>
    outcome(
      hub.api(peopleApi, owner).invite({
        email: `guest-${n}-${owner.userId.toLowerCase()}@example.test`,
        name: `Guest ${n}`,
        roles: ['staff'],
        branchId: owner.branchId,
      }),
    );
  const seated = async (seats: number): Promise<Person> => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const made = await licensed(hub, orgId, { type: 'subscription', plan: 'starter' }, admin);
    const overrides = [{ kind: 'limit', limit: 'users', value: seats, reason: 'test' } as const];
    await api(admin).overrides({ orgId, licenseId: made.id, overrides }, ifMatch(made.version));
    return owner;
  };

  it('are taken by invitations, the last one by one of two at once', async () => {
    const owner = await seated(3);
    expect(await invite(owner, 1)).toMatchObject({ status: 200 });

    const both = await Promise.all([invite(owner, 2), invite(owner, 3)]);

    expect(both.map(({ code }) => code).toSorted()).toEqual(['LICENSE_LIMIT_REACHED', 'let through']);
    expect((await api(owner).current()).seats).toEqual({ used: 3, allowed: 3 });
  });

  it('are free again when somebody leaves, and needed by who comes back', async () => {
    const owner = await seated(2);
    const staff = await hub.person({ role: 'staff', beside: owner });
    const people = hub.api(peopleApi, owner);
    expect(await invite(owner, 1)).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });

    await people.deactivate({ userId: staff.userId });
    expect(await invite(owner, 2)).toMatchObject({ status: 200 });

    expect(await outcome(people.reactivate({ userId: staff.userId }))).toEqual({
      status: 402,
      code: 'LICENSE_LIMIT_REACHED',
    });
  });

  it('of who is suspended are kept, until somebody frees them by hand', async () => {
    const owner = await seated(2);
    const staff = await hub.person({ role: 'staff', beside: owner });
    const { userId } = staff;
    const people = hub.api(peopleApi, owner);
    expect(await outcome(api(owner).freeSeat({ userId }))).toEqual({ status: 409, code: 'SEAT_IN_USE' });
    await people.suspend({ userId });
    expect(await invite(owner, 1)).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });

    await api(owner).freeSeat({ userId });

    expect((await api(owner).seats()).data).toMatchObject([{ userId, isTaken: false }]);
    expect(await invite(owner, 2)).toMatchObject({ status: 200 });
    expect(await outcome(people.reactivate({ userId }))).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });
    expect(await outcome(api(owner).assignSeat({ userId }))).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });
  });

  it('are given back by hand to who is suspended, while there is room', async () => {
    const owner = await seated(2);
    const staff = await hub.person({ role: 'staff', beside: owner });
    const { userId } = staff;
    await hub.api(peopleApi, owner).suspend({ userId });
    await api(owner).freeSeat({ userId });

    expect(await api(owner).assignSeat({ userId })).toMatchObject({ userId, isTaken: true });

    expect((await api(owner).seats()).data).toEqual([]);
    expect((await api(owner).current()).seats.used).toBe(2);
  });

  it('of another organisation do not exist', async () => {
    const owner = await seated(2);
    const stranger = await hub.person();

    expect(await outcome(api(owner).assignSeat({ userId: stranger.userId }))).toMatchObject({ status: 404 });
    expect(await outcome(api(owner).freeSeat({ userId: stranger.userId }))).toMatchObject({ status: 404 });
  });

  it('are counted anew every night', async () => {
    const owner = await seated(5);
    await invite(owner, 1);
    await hub.person({ role: 'staff', beside: owner });
    await hub.person({ role: 'staff', beside: owner });

    await hub.work('licensing.reconcile-usage', { tick: hub.clock.now().toISOString() });

    const [row] = await hub.sql<{ used: number }>(
      "SELECT used FROM usage_counters WHERE org_id = ? AND feature = 'users'",
      [owner.orgId],
    );
    expect(row?.used).toBe(4);
  });
});
