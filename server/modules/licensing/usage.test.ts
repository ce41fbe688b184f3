import { authApi } from '@loro/contracts/auth';
import { journalApi } from '@loro/contracts/journal';
import { licensingApi } from '@loro/contracts/licensing';
import type { Usage } from '@loro/contracts/licensing-usage';
import { ulid } from 'ulid';
import { anAdmin, anOwner, licensed } from '../../testing/licenses';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { licensing } from '.';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const room = () => hub.hub.use(licensing);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const tick = () => ({ tick: hub.clock.now().toISOString() });
const HOUR_MS = 3_600_000;
const ago = (ms: number) => new Date(hub.clock.now().getTime() - ms);

let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});

/** An owner with so many calls a month. */
async function withCalls(value: number | null, wish: object = {}): Promise<Person> {
  const owner = await anOwner(hub);
  const { orgId } = owner;
  const made = await licensed(
    hub,
    orgId,
    { type: 'enterprise', plan: 'enterprise', expiresAt: '2029-01-01T00:00:00.000Z', ...wish },
    admin,
  );
  const overrides = [{ kind: 'limit', limit: 'api-calls', value, reason: 'test' } as const];
  await api(admin).overrides({ orgId, licenseId: made.id, overrides }, ifMatch(made.version));
  return owner;
}

const usageOf = async (owner: Person, feature: Usage['feature']): Promise<Usage | undefined> =>
  (await api(owner).usage({ feature })).data[0];
const event = (feature: Usage['feature'], quantity: number, more: object = {}) => ({
  id: ulid(),
  feature,
  quantity,
  ...more,
});

describe('reporting use', () => {
  it('counts each event once, whoever sends it again and however often', async () => {
    const owner = await withCalls(null);
    const one = event('messages', 3);

    expect(await api(owner).reportUsage({ events: [one, event('exports', 1), one] })).toEqual({
      accepted: 2,
      duplicates: 1,
      rejected: [],
    });
    expect(await api(owner).reportUsage({ events: [one] })).toMatchObject({ accepted: 0, duplicates: 1 });

    expect(await usageOf(owner, 'messages')).toMatchObject({ kind: 'measure', used: 3, limit: null });
    expect(await usageOf(owner, 'exports')).toMatchObject({ used: 1 });
  });

  it('counts an event that two nodes send at once once', async () => {
    const owner = await withCalls(null);
    const second = await hub.secondNode();
    const one = event('messages', 5);

    const both = await Promise.all([
      api(owner).reportUsage({ events: [one] }),
      hub.api(licensingApi, owner, second).reportUsage({ events: [one] }),
    ]);

    expect(both.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1);
    expect(await usageOf(owner, 'messages')).toMatchObject({ used: 5 });
  });

  it('puts what is late into its own period, for three days', async () => {
    const owner = await withCalls(null, { renewal: { anchorDay: ago(24 * HOUR_MS).getUTCDate() } });

    const answer = await api(owner).reportUsage({
      events: [
        event('messages', 1),
        event('messages', 10, { at: ago(71 * HOUR_MS).toISOString() }),
        event('messages', 100, { at: ago(73 * HOUR_MS).toISOString() }),
        event('messages', 1_000, { at: ago(-HOUR_MS).toISOString() }),
        event('users', 1),
      ],
    });

    expect(answer.accepted).toBe(2);
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [2, 'TOO_LATE'],
      [3, 'IN_THE_FUTURE'],
      [4, 'NOT_METERED'],
    ]);
    expect(await usageOf(owner, 'messages')).toMatchObject({ used: 1 });
    const all = await api(owner).usage({ feature: 'messages', from: ago(100 * HOUR_MS).toISOString() });
    expect(all.data.map(({ used }) => used)).toEqual([10, 1]);
  });

  it('refuses what goes beyond a quota and says when the next period begins', async () => {
    const owner = await withCalls(10);
    const listener = await hub.listen('/notifications', owner);
    const report = (quantity: number) => api(owner).reportUsage({ events: [event('api-calls', quantity)] });

    // What the owner calls himself counts too, a second later.
    await report(8);
    const refused = await outcome(report(1_000));

    expect(refused).toEqual({ status: 429, code: 'QUOTA_EXCEEDED' });
    await listener.next(
      'license:usage',
      ({ threshold, limit }: { threshold: number; limit: number }) => threshold === 80 && limit === 10,
    );
    await report(1_000).catch(({ problem }: { problem: { current: { resetAt: string; allowed: number } } }) => {
      expect(problem.current.allowed).toBe(10);
      expect(new Date(problem.current.resetAt) > hub.clock.now()).toBe(true);
    });
  });

  it('never lets two who report at once over the edge together', async () => {
    const owner = await withCalls(100_000);
    const report = () => outcome(api(owner).reportUsage({ events: [event('api-calls', 40_000)] }));

    const all = await Promise.all(Array.from({ length: 6 }, report));

    expect(all.filter(({ status }) => status === 200)).toHaveLength(2);
  });

  it('goes on from what MySQL knows when Redis has lost everything', async () => {
    const owner = await withCalls(100_000);
    await api(owner).reportUsage({ events: [event('api-calls', 90_000)] });
    await hub.hub.redis.del(`${hub.hub.config.REDIS_PREFIX}:usage:${owner.orgId}`);

    expect(await outcome(api(owner).reportUsage({ events: [event('api-calls', 40_000)] }))).toEqual({
      status: 429,
      code: 'QUOTA_EXCEEDED',
    });
    expect((await usageOf(owner, 'api-calls'))?.used).toBeGreaterThanOrEqual(90_000);
  });

  it('is metered by rooms in the same way', async () => {
    const { orgId } = await withCalls(null);

    expect(await room().meter(orgId, 'messages', 2, 'mail-1')).toBe(true);
    expect(await room().meter(orgId, 'messages', 2, 'mail-1')).toBe(false);
  });

  it('of another organisation is not seen', async () => {
    const [one, other] = [await withCalls(null), await withCalls(null)];
    await api(one).reportUsage({ events: [event('messages', 7)] });

    expect(await usageOf(other, 'messages')).toMatchObject({ used: 0 });
  });
});

describe('calls of the hub', () => {
  it('are counted once they are answered, and moved to MySQL once', async () => {
    const owner = await withCalls(null);
    const { orgId } = owner;
    for (let n = 0; n < 5; n += 1) await api(owner).current();

    await within(3_000, async () => expect((await usageOf(owner, 'api-calls'))?.used).toBeGreaterThanOrEqual(5));
    await hub.work('licensing.flush-usage', tick());
    await hub.work('licensing.flush-usage', tick());

    const [row] = await hub.sql<{ used: number; day: number }>(
      `SELECT c.used, d.quantity AS day FROM usage_counters c JOIN usage_daily d ON d.org_id = c.org_id AND d.feature = c.feature
       WHERE c.org_id = ? AND c.feature = 'api-calls'`,
      [orgId],
    );
    expect(row?.used).toBeGreaterThanOrEqual(5);
    expect(row?.day).toBe(row?.used);
  });

  it('of programs are refused once the quota is used up, while people go on', async () => {
    const owner = await withCalls(6);
    const { secret } = await hub.api(authApi, owner).makeApiKey({ name: 'Robot', permissions: ['license.activate'] });
    const robot = { token: secret };
    await within(5_000, async () => {
      expect(await outcome(api(robot).activations())).toEqual({ status: 429, code: 'QUOTA_EXCEEDED' });
    });

    expect(await api(owner).current()).toMatchObject({ state: 'active' });
  });

  it('show who uses a feature, and how that goes on', async () => {
    const owner = await withCalls(null);
    await hub.person({ role: 'staff', beside: owner });
    await hub.api(journalApi, owner).list();

    await within(4_000, async () => {
      await hub.work('licensing.flush-usage', tick());
      const { data } = await api(owner).analytics({ feature: 'journal.read' });
      expect(data).toMatchObject([{ used: 1, users: 1, adoptionPercent: 50 }]);
    });
    const { data } = await api(owner).analytics({ feature: 'api-calls' });
    expect(data[0]?.trend.length).toBe(1);
    expect(data[0]?.forecast?.expected).toBeGreaterThan(0);
  });
});
