import { findStaleFlags, flushFlagUsage, tellOrganisations } from '@loro/contracts/configuration';
import { flagsApi } from '@loro/contracts/flags';
import { ulid } from '../../platform';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { configuration } from '.';

const hub = testHub();
const BOUND_MS = 2_000;
const DAY_MS = 86_400_000;
const room = (at: TestNode = hub) => at.hub.use(configuration);
const api = (person: Person) => hub.api(flagsApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const newKey = () => `flag-${ulid().toLowerCase()}`;
const everybody = { percent: 100, stickiness: 'org' } as const;

let operator: Person;
beforeAll(async () => {
  operator = await hub.person({ role: 'platform_admin' });
});

const make = (given: object = {}) =>
  api(operator).create({
    key: newKey(),
    type: 'release',
    description: 'A flag of a test',
    isEnabled: true,
    rules: [everybody],
    ...given,
  });

describe('making flags', () => {
  it('is the operator’s, and shows others those that concern them', async () => {
    const owner = await hub.person({ role: 'owner' });
    const hidden = await make();
    const open = await make({ isPublic: true });

    await expect(api(owner).create({ key: newKey(), type: 'release', description: 'Mine' })).rejects.toMatchObject({
      status: 403,
    });
    expect(await api(owner).get({ key: open.key })).toMatchObject({ id: open.id });
    await expect(api(owner).get({ key: hidden.key })).rejects.toMatchObject({ status: 404 });
    const { data } = await api(owner).list({ limit: 200 });
    expect(data.map(({ key }) => key)).not.toContain(hidden.key);
  });

  it('refuses a key that is taken, weights that are not a thousand, and names that are none', async () => {
    const { key } = await make();

    await expect(make({ key })).rejects.toMatchObject({ code: 'FLAG_EXISTS', status: 409 });
    await expect(
      make({
        variants: [
          { name: 'a', weight: 500 },
          { name: 'b', weight: 499 },
        ],
      }),
    ).rejects.toMatchObject({
      code: 'WEIGHTS_NOT_1000',
      status: 422,
    });
    await expect(
      make({ prerequisites: [{ flag: 'no-such-flag' }], rules: [{ ...everybody, variant: 'none' }] }),
    ).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      problem: {
        errors: [
          expect.objectContaining({ path: 'prerequisites.0.flag' }),
          expect.objectContaining({ path: 'rules.0.variant' }),
        ],
      },
    });
  });

  it('refuses flags that wait for each other, also when two are changed at once', async () => {
    const [a, b] = [await make(), await make()];
    const needs = (flag: { key: string; version: number }, other: string) =>
      api(operator).change({ key: flag.key, prerequisites: [{ flag: other }] }, ifMatch(flag.version));

    const answers = await Promise.allSettled([needs(a, b.key), needs(b, a.key)]);
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));

    expect(refused).toEqual([expect.objectContaining({ code: 'FLAG_CYCLE', status: 409 })]);
    await expect(needs({ ...a, version: 99 }, a.key)).rejects.toMatchObject({ status: 412 });
  });

  it('keeps a flag that another one needs', async () => {
    const base = await make();
    await make({ prerequisites: [{ flag: base.key }] });

    await expect(api(operator).remove({ key: base.key }, ifMatch(1))).rejects.toMatchObject({ code: 'FLAG_IN_USE' });
  });

  it('adds rules where they are wanted, and archives for good', async () => {
    const flag = await make({ rules: [] });
    const nobody = { percent: 0, stickiness: 'org' } as const;
    await api(operator).addRule({ key: flag.key, rule: everybody });
    const changed = await api(operator).addRule({ key: flag.key, rule: nobody, before: 0 });

    expect(changed.rules).toEqual([nobody, everybody]);
    expect(await room().isOn(flag.key, { orgId: operator.orgId })).toBe(true);
    await api(operator).archive({ key: flag.key });
    expect(await room().explain(flag.key, { orgId: operator.orgId })).toMatchObject({
      isOn: false,
      reason: 'archived',
    });
  });
});

describe('acceptance: a flag whose feature the plan lacks', () => {
  it('is off at a hundred percent, and says that it is not licensed', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { key } = await make({ requiredFeature: 'rewards' });
    const { entitled } = hub.hub.ports;
    hub.hub.ports.entitled = async (orgId, feature) => !(orgId === admin.orgId && feature === 'rewards');

    const explained = await api(admin)
      .explain({ key })
      .finally(() => (hub.hub.ports.entitled = entitled));

    expect(explained).toMatchObject({ isOn: false, reason: 'not_licensed' });
    expect(await api(admin).explain({ key })).toMatchObject({ reason: expect.stringMatching(/rule|not_licensed/) });
  });
});

describe('switching a flag for an organisation', () => {
  it('works where the operator allows it, for everybody or one person, until a time', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.person({ beside: admin });
    const { key } = await make({ rules: [], isTenantControllable: true });
    const isOn = (userId: string) => room().isOn(key, { orgId: admin.orgId, userId });

    await api(admin).override({ key, isOn: true });
    await api(admin).override({
      key,
      isOn: false,
      userId: colleague.userId,
      expiresAt: new Date(hub.clock.now().getTime() + 60_000).toISOString(),
    });

    expect([await isOn(admin.userId), await isOn(colleague.userId)]).toEqual([true, false]);
    hub.clock.advance(60_000);
    expect(await isOn(colleague.userId)).toBe(true);
    hub.clock.advance(-60_000);
    await api(admin).clearOverrideOf({ key, userId: colleague.userId });
    await api(admin).clearOverride({ key });
    expect(await isOn(admin.userId)).toBe(false);
  });

  it('touches no other organisation, and nobody of another', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const { key } = await make({ rules: [], isTenantControllable: true });

    await api(admin).override({ key, isOn: true });

    expect(await room().isOn(key, { orgId: stranger.orgId })).toBe(false);
    await expect(api(admin).override({ key, isOn: true, userId: stranger.userId })).rejects.toMatchObject({
      status: 404,
    });
    await expect(api(admin).explain({ key, orgId: stranger.orgId })).rejects.toMatchObject({ status: 404 });
    await expect(api(admin).explain({ key, branchId: stranger.branchId })).rejects.toMatchObject({ status: 404 });
  });

  it('is refused for flags that are the operator’s, and for people without the permission', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const { key } = await make();

    await expect(api(admin).override({ key, isOn: false })).rejects.toMatchObject({ code: 'FLAG_NOT_CONTROLLABLE' });
    await expect(api(staff).override({ key, isOn: false })).rejects.toMatchObject({ status: 403 });
  });

  it('is told to the organisation, and to nobody else', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { key } = await make({ isTenantControllable: true });
    const colleague = await hub.listen('/notifications', await hub.person({ beside: admin }));
    const stranger = await hub.listen('/notifications', await hub.person());

    await api(admin).override({ key, isOn: false });

    expect(await colleague.next('flag:changed')).toEqual({ keys: [key] });
    expect(stranger.heard('flag:changed')).toEqual([]);
  });
});

describe('asking what is on', () => {
  it('answers clients the public flags alone, with variants and what they carry', async () => {
    const staff = await hub.person();
    const open = await make({ isPublic: true, variants: [{ name: 'red', weight: 1_000, payload: { hue: 0.5 } }] });
    const hidden = await make();

    const { flags } = await api(staff).evaluate();

    expect(flags).toContainEqual({ key: open.key, isOn: true, variant: 'red', payload: { hue: 0.5 } });
    expect(flags.map(({ key }) => key)).not.toContain(hidden.key);
  });

  it('answers the same on every node two seconds after a change', async () => {
    const other = await hub.secondNode('flags-b');
    const flag = await make();
    const there = () => room(other).isOn(flag.key, { orgId: operator.orgId });
    await within(BOUND_MS, async () => expect(await there()).toBe(true));

    await api(operator).change({ key: flag.key, isEnabled: false }, ifMatch(1));

    await within(BOUND_MS, async () => expect(await there()).toBe(false));
  });

  it('says that nobody made a flag', async () => {
    expect(await room().explain('nobody-made-it', { orgId: operator.orgId })).toMatchObject({
      isOn: false,
      reason: 'unknown',
    });
  });

  it('looks up the plan and the branches above only where a rule asks for them', async () => {
    const { orgId } = await hub.person();
    const [child, parent] = [ulid(), ulid()];
    const asked: string[] = [];
    room().hook({
      chainOf: async () => {
        asked.push('chain');
        return [child, parent];
      },
      planOf: async () => {
        asked.push('plan');
        return 'business';
      },
    });
    const plain = await make();
    const byBranch = await make({ rules: [{ when: { kind: 'branch', branchIds: [parent] }, stickiness: 'org' }] });
    const byPlan = await make({ rules: [{ when: { kind: 'plan', plans: ['business'] }, stickiness: 'org' }] });
    const scope = { orgId, branchId: child };

    expect(await room().isOn(plain.key, scope)).toBe(true);
    expect(asked).toEqual([]);
    expect(await room().isOn(byBranch.key, scope)).toBe(true);
    expect(await room().isOn(byPlan.key, scope)).toBe(true);
    expect(asked).toEqual(['chain', 'plan']);
  });
});

describe('what becomes of flags', () => {
  it('is counted by the hour, once, however often the job runs', async () => {
    const flag = await make();
    const { orgId } = operator;
    for (let n = 0; n < 3; n += 1) await room().isOn(flag.key, { orgId });
    await api(operator).change({ key: flag.key, isEnabled: false }, ifMatch(1));
    await room().isOn(flag.key, { orgId });

    await hub.work(flushFlagUsage.name, { tick: hub.clock.now().toISOString() });
    await hub.work(flushFlagUsage.name, { tick: hub.clock.now().toISOString() });

    const { data } = await api(operator).usage({ key: flag.key });
    expect(data.reduce((sum, { on }) => sum + on, 0)).toBe(3);
    expect(data.reduce((sum, { off }) => sum + off, 0)).toBe(1);
  });

  it('is told to their owner once, when they outlived their type', async () => {
    const { key } = await make();
    // From the log: forty days later no socket is still open.
    const told = () =>
      hub.sql<{ data: string }>("SELECT data FROM stream_events WHERE event = 'flag:stale' AND data LIKE ?", [
        `%${key}%`,
      ]);
    const tick = () => hub.work(findStaleFlags.name, { tick: hub.clock.now().toISOString() });
    await tick();
    expect(await told()).toEqual([]);

    hub.clock.advance(40 * DAY_MS);
    await tick().finally(() => hub.clock.advance(-40 * DAY_MS));
    await tick();

    const events = await told();
    expect(events.map(({ data }): unknown => JSON.parse(data))).toEqual([
      expect.objectContaining({ key, type: 'release' }),
    ]);
  });

  it('asks a job to tell everybody', async () => {
    const { key } = await make();

    const jobs = await hub.sql<{ payload: string }>('SELECT payload FROM outbox_jobs WHERE name = ?', [
      tellOrganisations.name,
    ]);

    expect(jobs.map(({ payload }) => JSON.parse(payload) as unknown)).toContainEqual({
      settings: [],
      flags: [key],
      after: null,
    });
  });
});
