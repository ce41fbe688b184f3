import { applyScheduled, configurationApi } from '@loro/contracts/configuration';
import type { BuiltInRole } from '@loro/contracts/kit/permissions';
import { declareExtraSettings } from '../../testing/extra-settings';
import { setForTheHub } from '../../testing/hub-settings';
import { type Person, testHub } from '../../testing/test-hub';
import { configuration } from '.';

declareExtraSettings();
const hub = testHub();
const MINUTE_MS = 60_000;
const RADIUS = 'test.radius-m';
const PASSWORD = 'security.password-min-length';

const api = (person: Person) => hub.api(configurationApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const soon = (ms = 10 * MINUTE_MS) => new Date(hub.clock.now().getTime() + ms).toISOString();
const tick = () => hub.work(applyScheduled.name, { tick: hub.clock.now().toISOString() });

/** Runs what is due ten minutes from now, at that time. */
async function tenMinutesOn(work: () => Promise<void>): Promise<void> {
  hub.clock.advance(10 * MINUTE_MS);
  try {
    await work();
  } finally {
    hub.clock.advance(-10 * MINUTE_MS);
  }
}

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

describe('changing several settings together', () => {
  it('applies all of them at once, and tells names by owner', async () => {
    const person = await admin();
    const listener = await hub.listen('/notifications', person);

    const set = await api(person).createChangeSet({
      items: [
        forOrganisation(person, RADIUS, 300),
        forOrganisation(person, PASSWORD, 14),
        forBranch(person, RADIUS, 150),
      ],
      reason: 'New policy',
    });

    expect(set).toMatchObject({ state: 'applied', failure: null });
    expect(await valueOf(person, RADIUS)).toBe(150);
    expect(
      await listener.next('config:changed', ({ level }: { level: string }) => level === 'organisation'),
    ).toMatchObject({
      keys: [RADIUS, PASSWORD],
    });
    const { data } = await api(person).history({});
    expect(data.map(({ changeSetId, reason }) => [changeSetId, reason])).toEqual(
      data.map(() => [set.id, 'New policy']),
    );
  });

  it('applies none when one does not hold, and says which', async () => {
    const person = await admin();

    await expect(
      api(person).createChangeSet({
        items: [forOrganisation(person, RADIUS, 300), forOrganisation(person, PASSWORD, 3)],
      }),
    ).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      problem: { errors: [expect.objectContaining({ path: 'items.1.value' })] },
    });
    expect(await valueOf(person, RADIUS)).toBe(500);
    expect((await api(person).changeSets({})).data).toEqual([]);
  });

  it('lets a later change see what an earlier one of the set locked or opened', async () => {
    const person = await admin();
    const locked = { ...forOrganisation(person, RADIUS, 300), isLocked: true };

    await expect(
      api(person).createChangeSet({ items: [locked, forBranch(person, RADIUS, 150)] }),
    ).rejects.toMatchObject({ code: 'CONFIG_LOCKED' });
    await api(person).createChangeSet({ items: [locked] });
    await api(person).createChangeSet({
      items: [forOrganisation(person, RADIUS, 300), forBranch(person, RADIUS, 150)],
    });

    expect(await valueOf(person, RADIUS)).toBe(150);
  });

  it('refuses a setting of one owner twice, and what the person may not set', async () => {
    const person = await admin();
    const stranger = await admin();
    const twice = [forOrganisation(person, RADIUS, 1), forOrganisation(person, RADIUS, 2)];

    await expect(api(person).createChangeSet({ items: twice })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(api(stranger).createChangeSet({ items: [forOrganisation(person, RADIUS, 1)] })).rejects.toMatchObject({
      status: 404,
    });
    await expect(api(stranger).createChangeSet({ items: [forBranch(person, RADIUS, 1)] })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('changing settings at a time', () => {
  it('applies when it is due, and not before', async () => {
    const person = await admin();
    const set = await api(person).createChangeSet({ items: [forOrganisation(person, RADIUS, 250)], applyAt: soon() });

    await tick();
    expect([set.state, await valueOf(person, RADIUS)]).toEqual(['scheduled', 500]);
    await tenMinutesOn(tick);
    await tenMinutesOn(tick);

    expect(await valueOf(person, RADIUS)).toBe(250);
    expect(await api(person).changeSet({ changeSetId: set.id })).toMatchObject({ state: 'applied', version: 2 });
  });

  it('acceptance: of three items of which the third is invalid by then, none is applied, it is a draft, and its owner is told', async () => {
    const person = await admin();
    const listener = await hub.listen('/notifications', person);
    const colleague = await hub.listen('/notifications', await hub.person({ role: 'admin', beside: person }));
    const set = await api(person).createChangeSet({
      items: [
        forOrganisation(person, PASSWORD, 14),
        forBranch(person, RADIUS, 150),
        forOrganisation(person, RADIUS, 300),
      ],
      applyAt: soon(),
    });
    const undo = await setForTheHub(hub, PASSWORD, 16);

    try {
      await tenMinutesOn(tick);

      expect(await api(person).changeSet({ changeSetId: set.id })).toMatchObject({
        state: 'draft',
        failure: expect.stringContaining(PASSWORD),
      });
      expect(await valueOf(person, RADIUS)).toBe(500);
      expect(await listener.next('config:apply-failed')).toMatchObject({ changeSetId: set.id });
      expect(colleague.heard('config:apply-failed')).toEqual([]);
    } finally {
      await undo();
    }
  });

  it('holds up nobody else’s set', async () => {
    const [bad, good] = [await admin(), await admin()];
    const locked = { ...forOrganisation(bad, RADIUS, 300), isLocked: true };
    await api(bad).createChangeSet({ items: [forBranch(bad, RADIUS, 1)], applyAt: soon(MINUTE_MS) });
    await api(bad).createChangeSet({ items: [locked] });
    await api(good).createChangeSet({ items: [forOrganisation(good, RADIUS, 7)], applyAt: soon(2 * MINUTE_MS) });

    await tenMinutesOn(tick);

    expect(await valueOf(good, RADIUS)).toBe(7);
    expect((await api(bad).changeSets({ state: 'draft' })).data).toHaveLength(1);
  });

  it('can be moved, applied now, or dropped, until it is done', async () => {
    const person = await admin();
    const draft = await api(person).createChangeSet({ items: [forOrganisation(person, RADIUS, 9)], isDraft: true });
    const changeSetId = draft.id;
    const later = await api(person).changeChangeSet({ changeSetId, applyAt: soon() }, ifMatch(1));
    await expect(api(person).changeChangeSet({ changeSetId, applyAt: null }, ifMatch(1))).rejects.toMatchObject({
      status: 412,
    });

    const applied = await api(person).applyChangeSet({ changeSetId });

    expect([draft.state, later.state, applied.state]).toEqual(['draft', 'scheduled', 'applied']);
    await expect(api(person).applyChangeSet({ changeSetId })).rejects.toMatchObject({ code: 'CHANGE_SET_DONE' });
    await expect(api(person).removeChangeSet({ changeSetId }, ifMatch(3))).rejects.toMatchObject({
      code: 'CHANGE_SET_DONE',
    });
    const other = await api(person).createChangeSet({ items: [forOrganisation(person, RADIUS, 8)], isDraft: true });
    await api(person).removeChangeSet({ changeSetId: other.id }, ifMatch(1));
    await expect(api(person).changeSet({ changeSetId: other.id })).rejects.toMatchObject({ status: 404 });
  });

  it('is nobody’s in another organisation', async () => {
    const [person, stranger] = [await admin(), await admin()];
    const { id } = await api(person).createChangeSet({ items: [forOrganisation(person, RADIUS, 9)], isDraft: true });

    await expect(api(stranger).changeSet({ changeSetId: id })).rejects.toMatchObject({ status: 404 });
    await expect(api(stranger).applyChangeSet({ changeSetId: id })).rejects.toMatchObject({ status: 404 });
    await expect(api(stranger).rollback({ changeSetId: id })).rejects.toMatchObject({ status: 404 });
    expect((await api(stranger).changeSets({})).data).toEqual([]);
  });
});

describe('taking back', () => {
  const set = (person: Person, value: unknown, version: number) =>
    api(person).setForOrganisation({ ownerId: person.orgId, key: RADIUS, value }, ifMatch(version));

  it('sets what was set before a change, and can itself be taken back', async () => {
    const person = await admin();
    await set(person, 100, 0);
    await set(person, 200, 1);
    const [latest] = (await api(person).history({ key: RADIUS })).data;

    const { changes } = await api(person).rollback({ changeId: latest?.id ?? '', reason: 'Too far' });
    expect(changes).toEqual([expect.objectContaining({ before: 200, after: 100, reason: 'Too far' })]);
    expect(await valueOf(person, RADIUS)).toBe(100);
    await api(person).rollback({ changeId: changes[0]?.id ?? '' });

    expect(await valueOf(person, RADIUS)).toBe(200);
  });

  it('takes away what a change set first', async () => {
    const person = await admin();
    await set(person, 100, 0);
    const [first] = (await api(person).history({ key: RADIUS })).data;

    await api(person).rollback({ changeId: first?.id ?? '' });

    expect(await valueOf(person, RADIUS)).toBe(500);
  });

  it('takes back a whole set, once', async () => {
    const person = await admin();
    await set(person, 100, 0);
    const { id: changeSetId } = await api(person).createChangeSet({
      items: [forOrganisation(person, RADIUS, 300), forOrganisation(person, PASSWORD, 20)],
    });

    await api(person).rollback({ changeSetId });

    expect(await valueOf(person, RADIUS)).toBe(100);
    expect(await valueOf(person, PASSWORD)).toBe(10);
    expect(await api(person).changeSet({ changeSetId })).toMatchObject({ state: 'rolled_back' });
    await expect(api(person).rollback({ changeSetId })).rejects.toMatchObject({ code: 'CHANGE_SET_DONE' });
  });

  it('cannot bring back a secret, of which nothing readable was kept', async () => {
    const person = await admin();
    const put = (value: string, version: number) =>
      api(person).setForOrganisation({ ownerId: person.orgId, key: 'test.token', value }, ifMatch(version));
    expect(await put('the first long secret', 0)).toMatchObject({ value: null, last4: 'cret' });
    await put('the second long one', 1);
    const { data } = await api(person).history({ key: 'test.token' });

    await expect(api(person).rollback({ changeId: data[0]?.id ?? '' })).rejects.toMatchObject({
      code: 'CONFIG_NOT_REVERSIBLE',
    });
    expect(data[0]?.afterHash).not.toBe(data[1]?.afterHash);
    expect(JSON.stringify(data)).not.toContain('secret');
    const stored = await hub.sql<{ sealed: Buffer }>('SELECT sealed FROM config_values WHERE org_id = ? AND name = ?', [
      person.orgId,
      'test.token',
    ]);
    expect(stored[0]?.sealed.toString('latin1')).not.toContain('second');
  });
});
