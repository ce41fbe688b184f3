import { configurationApi } from '@loro/contracts/configuration';
import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import { declareExtraSettings } from '../../testing/extra-settings';
import { type Person, testHub } from '../../testing/test-hub';
import { configuration } from '.';

declareExtraSettings();
const hub = testHub();
const RADIUS = 'test.radius-m';

const api = (person: Person) => hub.api(configurationApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });

const forOrganisation = ({ orgId }: Person, key: string, value: unknown) =>
  ({ level: 'organisation', ownerId: orgId, key, value }) as const;
const forBranch = ({ branchId }: Person, key: string, value: unknown) =>
  ({ level: 'branch', ownerId: branchId, key, value }) as const;

async function valueOf({ orgId, branchId }: Person, key: string) {
  const operatorView = await hub.hub
    .use(configuration)
    .effective.effective(
      (
        await hub.hub.authenticator.authenticate(
          (await hub.person({ role: 'admin', beside: { orgId, branchId } })).token,
        )
      ).actor,
      { limit: 50, keys: key, branchId },
    );
  return operatorView.items[0]?.value;
}

const admin = (role: BuiltInRole = 'admin') => hub.person({ role });

describe('settings of branches and people', () => {
  it('are the manager’s for the branch and one’s own for oneself', async () => {
    const manager = await hub.person({ role: 'manager' });
    const staff = await hub.person({ beside: manager });
    const theme = (who: Person, ownerId: string) =>
      api(who).setForUser({ ownerId, key: 'test.theme', value: 'dark' }, ifMatch(0));

    await api(manager).setForBranch({ ownerId: manager.branchId, key: RADIUS, value: 80 }, ifMatch(0));
    await theme(staff, staff.userId);

    expect(await valueOf(manager, RADIUS)).toBe(80);
    expect((await api(staff).effective({ userId: staff.userId, keys: 'test.theme' })).data).toMatchObject([
      { value: 'dark', source: 'user' },
    ]);
    await expect(theme(staff, manager.userId)).rejects.toMatchObject({ status: 404 });
    await expect(
      api(staff).setForBranch({ ownerId: staff.branchId, key: RADIUS, value: 1 }, ifMatch(0)),
    ).rejects.toMatchObject({ status: 403 });
    expect((await api(staff).history({})).data.map(({ key }) => key)).toEqual(['test.theme']);
  });

  it('asks the tree for the branches above, and obeys their locks', async () => {
    const person = await admin();
    const child = await hub.branch(person.orgId);
    hub.hub.use(configuration).hook({
      chainOf: async (_orgId, branchId) => (branchId === child ? [child, person.branchId] : [branchId]),
    });
    await api(person).createChangeSet({
      items: [forOrganisation(person, RADIUS, 300), forBranch(person, RADIUS, 150)],
    });

    expect(await valueOf({ ...person, branchId: child }, RADIUS)).toBe(150);
    const scope = { orgId: person.orgId, branchIds: [child, person.branchId] };
    const { counts } = await hub.hub.use(configuration).explainSetting(RADIUS, scope);
    expect(counts).toMatchObject({ level: 'branch', ownerId: person.branchId, value: 150 });

    await api(person).createChangeSet({ items: [{ ...forBranch(person, RADIUS, 150), isLocked: true }] });
    await expect(
      api(person).setForBranch({ ownerId: child, key: RADIUS, value: 20 }, ifMatch(0)),
    ).rejects.toMatchObject({ code: 'CONFIG_LOCKED' });
  });
});

describe('copying settings', () => {
  it('brings what was set to another organisation, all or none, and no secret', async () => {
    const person = await admin();
    await api(person).createChangeSet({
      items: [forOrganisation(person, RADIUS, 123), forOrganisation(person, 'test.token', 'a secret that stays here')],
    });

    const { items } = await api(person).export({});
    const other = await admin();
    const imported = await api(other).import({ items: items.map((item) => ({ ...item, ownerId: other.orgId })) });

    expect(items.map(({ key, value }) => [key, value])).toEqual([[RADIUS, 123]]);
    expect(imported).toMatchObject({ state: 'applied' });
    expect(await valueOf(other, RADIUS)).toBe(123);
    await expect(api(other).import({ items })).rejects.toMatchObject({ status: 404 });
  });
});
