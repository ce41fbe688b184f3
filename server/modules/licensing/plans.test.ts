import { licensingApi } from '@loro/contracts/licensing';
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

describe('plans', () => {
  const draft = (code: string, more: object = {}) => ({
    code,
    name: 'Field',
    price: { amount: 2_500, currency: 'USD' },
    interval: 'month' as const,
    isPublic: true,
    rank: 15,
    features: ['tasks' as const],
    limits: { users: 3, branches: 1, 'storage-bytes': 0, 'api-calls': 10, integrations: 0, activations: 0 },
    ...more,
  });
  const code = () => `p-${Math.random().toString(36).slice(2, 8)}`;

  it('change as drafts and never once they are published', async () => {
    const name = code();
    const made = await api(admin).createPlan(draft(name));
    expect(await outcome(api(admin).createPlan(draft(name)))).toEqual({ status: 409, code: 'PLAN_DRAFT_OPEN' });
    const changed = await api(admin).changePlan(
      { planVersionId: made.id, features: ['tasks', 'tracking'] },
      ifMatch(made.version),
    );
    expect(changed).toMatchObject({ features: ['tasks', 'tracking'], name: 'Field' });
    const published = await api(admin).publishPlan({ planVersionId: made.id });

    expect(
      await outcome(api(admin).changePlan({ planVersionId: made.id, name: 'Other' }, ifMatch(published.version))),
    ).toEqual({
      status: 409,
      code: 'PLAN_PUBLISHED',
    });
    expect(await outcome(api(admin).removePlan({ planVersionId: made.id }, ifMatch(published.version)))).toMatchObject({
      status: 409,
    });
    await expect(
      hub.sql("UPDATE plan_features SET value = 99 WHERE plan_version_id = ? AND feature = 'users'", [made.id]),
    ).rejects.toThrow('does not change');
    await expect(hub.sql('DELETE FROM plan_versions WHERE id = ?', [made.id])).rejects.toThrow('does not change');
  });

  it('are dropped as drafts, and read as they stand', async () => {
    const made = await api(admin).createPlan(draft(code()));
    expect(await api(admin).plan({ planVersionId: made.id })).toEqual(made);
    expect(await outcome(api(admin).removePlan({ planVersionId: made.id }, ifMatch(made.version + 1)))).toMatchObject({
      status: 412,
    });

    await api(admin).removePlan({ planVersionId: made.id }, ifMatch(made.version));

    expect(await outcome(api(admin).plan({ planVersionId: made.id }))).toMatchObject({ status: 404 });
    expect((await api(admin).plans({ code: made.code })).data).toEqual([]);
  });

  it('get a next version, while a licence stays with its own', async () => {
    const name = code();
    const first = await api(admin).createPlan(draft(name));
    await api(admin).publishPlan({ planVersionId: first.id });
    const owner = await anOwner(hub);
    await licensed(hub, owner.orgId, { type: 'subscription', plan: name }, admin);
    const second = await api(admin).createPlan(draft(name, { features: ['tasks', 'leave'] }));
    await api(admin).publishPlan({ planVersionId: second.id });

    expect(second.planVersion).toBe(2);
    expect((await api(owner).current()).plan).toMatchObject({ code: name, version: 1 });
    expect((await room().licenseOf(owner.orgId)).features.has('leave')).toBe(false);
    const { plans } = await api(owner).matrix();
    expect(plans.filter(({ isCurrent }) => isCurrent)).toMatchObject([{ code: name, planVersion: 1 }]);
    expect(plans.map((plan) => plan.code)).toEqual(
      expect.arrayContaining(['starter', 'professional', 'business', 'enterprise']),
    );
  });

  it('are shipped at 49, 99, 499 and 999 dollars, each holding what the lower one holds', async () => {
    const owner = await anOwner(hub);

    const plans = (await api(owner).matrix()).plans.filter((plan) =>
      ['starter', 'professional', 'business', 'enterprise'].includes(plan.code),
    );

    expect(plans.map(({ price }) => price)).toEqual(
      [4_900, 9_900, 49_900, 99_900].map((amount) => ({ amount, currency: 'USD' })),
    );
    expect(plans.map(({ limits }) => limits.users)).toEqual([5, 20, 50, null]);
    for (const [at, plan] of plans.entries())
      expect(plan.features).toEqual(expect.arrayContaining(plans[at - 1]?.features ?? []));
  });

  it('are nobody’s to change but theirs who run the hub', async () => {
    const owner = await anOwner(hub);

    expect(await outcome(api(owner).plans())).toMatchObject({ status: 403 });
    expect(await outcome(api(owner).createPlan(draft(code())))).toMatchObject({ status: 403 });
  });
});
