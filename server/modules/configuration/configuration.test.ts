import { configurationApi } from '@loro/contracts/configuration';
import { ulid } from '../../platform';
import { setForTheHub } from '../../testing/hub-settings';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { configuration } from '.';

/** How long a setting may hold after it was changed, in every process. */
const BOUND_MS = 2_000;
const PASSWORD = 'security.password-min-length';
const IP = 'security.ip-allow';

const hub = testHub();
const room = (at: TestNode = hub) => at.hub.use(configuration);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const api = (person: Person) => hub.api(configurationApi, person);

const set = (person: Person, key: string, value: unknown, version = 0, more: object = {}) =>
  api(person).setForOrganisation({ ownerId: person.orgId, key, value, ...more }, ifMatch(version));
const holds = async (person: Person, key: string) => {
  const { data } = await api(person).effective({ keys: key, explain: 'true' });
  return data[0];
};

describe('setting a value', () => {
  it('holds for the organisation at once, and for nobody else', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];

    const saved = await set(admin, PASSWORD, 16);

    expect(saved).toMatchObject({ value: 16, version: 1, updatedBy: admin.userId });
    expect(await room().value(PASSWORD, { orgId: admin.orgId })).toBe(16);
    expect(await room().value(PASSWORD, { orgId: stranger.orgId })).toBe(10);
    expect(await holds(admin, PASSWORD)).toMatchObject({ value: 16, source: 'organisation' });
  });

  it('tells the organisation the names and not the values, and strangers nothing', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleague = await hub.listen('/notifications', await hub.person({ beside: admin }));
    const stranger = await hub.listen('/notifications', await hub.person());

    await set(admin, PASSWORD, 17);

    expect(await colleague.next('config:changed')).toEqual({
      keys: [PASSWORD],
      level: 'organisation',
      ownerId: admin.orgId,
    });
    expect(stranger.heard('config:changed')).toEqual([]);
  });

  it('refuses names that no room declared, values that do not fit, and levels that are not meant', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', beside: admin });

    await expect(set(admin, 'security.no-such-thing', 1)).rejects.toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      status: 404,
    });
    await expect(set(admin, '__proto__', 1)).rejects.toMatchObject({ status: 404 });
    await expect(set(admin, PASSWORD, 'long')).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      problem: { errors: [expect.objectContaining({ path: 'value' })] },
    });
    await expect(
      api(manager).setForBranch({ ownerId: manager.branchId, key: PASSWORD, value: 20 }, ifMatch(0)),
    ).rejects.toMatchObject({ code: 'CONFIG_LEVEL_NOT_ALLOWED', status: 403 });
  });

  it('is for those who may, in their own organisation', async () => {
    const [admin, stranger] = [await hub.person({ role: 'admin' }), await hub.person({ role: 'admin' })];
    const staff = await hub.person({ beside: admin });
    const put = (who: Person, ownerId: string) =>
      api(who).setForOrganisation({ ownerId, key: PASSWORD, value: 20 }, ifMatch(0));

    await expect(put(staff, admin.orgId)).rejects.toMatchObject({ status: 403 });
    await expect(put(stranger, admin.orgId)).rejects.toMatchObject({ status: 404 });
    await expect(
      api(admin).setForPlatform({ ownerId: 'hub', key: PASSWORD, value: 20 }, ifMatch(0)),
    ).rejects.toMatchObject({ status: 403 });
    expect(await room().value(PASSWORD, { orgId: admin.orgId })).toBe(10);
  });

  it('needs the version that was read, and keeps counting after it was taken away', async () => {
    const admin = await hub.person({ role: 'admin' });
    await set(admin, PASSWORD, 14);
    await api(admin).clearForOrganisation({ ownerId: admin.orgId, key: PASSWORD }, ifMatch(1));

    await expect(
      api(admin).setForOrganisation({ ownerId: admin.orgId, key: PASSWORD, value: 15 }),
    ).rejects.toMatchObject({ status: 428 });
    await expect(set(admin, PASSWORD, 15, 1)).rejects.toMatchObject({ code: 'VERSION_CONFLICT', status: 412 });
    expect(await set(admin, PASSWORD, 15, 2)).toMatchObject({ version: 3 });
  });

  it('tells the journal in the same transaction, as a security event where it concerns security', async () => {
    const admin = await hub.person({ role: 'admin' });
    const notes: unknown[] = [];
    const { record } = hub.hub.ports;
    hub.hub.ports.record = async (some) => void notes.push(...some);

    await set(admin, PASSWORD, 18).finally(() => (hub.hub.ports.record = record));

    expect(notes).toContainEqual(
      expect.objectContaining({
        type: 'security_event',
        action: 'setting.changed',
        before: { value: null, isLocked: false },
        after: { value: 18, isLocked: false },
      }),
    );
  });
});

describe('acceptance: two administrators save at once', () => {
  it('lets one of two win, and tells the other', async () => {
    const first = await hub.person({ role: 'admin' });
    const second = await hub.person({ role: 'owner', beside: first });
    for (let version = 0; version < 7; version += 1) await set(first, PASSWORD, 12 + version, version);

    const answers = await Promise.allSettled([set(first, PASSWORD, 30, 7), set(second, PASSWORD, 40, 7)]);

    const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(won).toEqual([expect.objectContaining({ version: 8 })]);
    expect(lost).toEqual([expect.objectContaining({ status: 412, code: 'VERSION_CONFLICT' })]);
    expect(await room().value(PASSWORD, { orgId: first.orgId })).toBe(won[0]?.value);
  });
});

describe('acceptance: every process sees a change in time', () => {
  it('sees what another node set, changed and took away, within two seconds', async () => {
    const admin = await hub.person({ role: 'admin' });
    const other = await hub.secondNode('config-b');
    const there = () => room(other).value(PASSWORD, { orgId: admin.orgId });
    expect(await there()).toBe(10);

    await set(admin, PASSWORD, 21);
    await within(BOUND_MS, async () => expect(await there()).toBe(21));
    await set(admin, PASSWORD, 22, 1);
    await within(BOUND_MS, async () => expect(await there()).toBe(22));
    await api(admin).clearForOrganisation({ ownerId: admin.orgId, key: PASSWORD }, ifMatch(2));
    await within(BOUND_MS, async () => expect(await there()).toBe(10));
  });

  it('asks the database for nothing while nothing changes', async () => {
    const { orgId } = await hub.person();
    await room().value(PASSWORD, { orgId });
    const all = jest.spyOn(hub.hub.reads, 'all');

    for (let n = 0; n < 50; n += 1) await room().value(PASSWORD, { orgId });

    const asked = all.mock.calls.filter(([sql]) => sql.includes('config_values'));
    all.mockRestore();
    expect(asked).toEqual([]);
  });
});

describe('what the hub sets for everybody', () => {
  it('is a floor for organisations: acceptance, weaker is refused', async () => {
    const admin = await hub.person({ role: 'admin' });
    await set(admin, PASSWORD, 13);
    const undo = await setForTheHub(hub, PASSWORD, 15);
    try {
      await expect(set(admin, PASSWORD, 14, 1)).rejects.toMatchObject({ code: 'BELOW_FLOOR', status: 422 });
      // What was set before the floor rose does not count any more.
      expect(await holds(admin, PASSWORD)).toMatchObject({ value: 15, source: 'platform' });
      expect((await holds(admin, PASSWORD))?.chain?.at(-1)).toMatchObject({ value: 13, outcome: 'below-floor' });
      expect(await set(admin, PASSWORD, 15, 1)).toMatchObject({ value: 15 });
    } finally {
      await undo();
    }
  });

  it('stops every level below where it is locked', async () => {
    const admin = await hub.person({ role: 'admin' });
    await set(admin, PASSWORD, 20);
    const undo = await setForTheHub(hub, PASSWORD, 15, true);
    try {
      await expect(set(admin, PASSWORD, 25, 1)).rejects.toMatchObject({ code: 'CONFIG_LOCKED', status: 409 });
      expect(await holds(admin, PASSWORD)).toMatchObject({ value: 15, source: 'platform', isLocked: true });
      expect((await holds(admin, PASSWORD))?.chain?.at(-1)).toMatchObject({ outcome: 'locked-above' });
    } finally {
      await undo();
    }
    expect(await room().value(PASSWORD, { orgId: admin.orgId })).toBe(20);
  });

  it('is told to every organisation by a job', async () => {
    const listener = await hub.listen('/notifications', await hub.person());
    const payload = { settings: [PASSWORD], flags: [], after: null };

    for (let next: unknown = payload; next !== undefined;) {
      const before = await hub.sql<{ id: string }>(
        "SELECT id FROM outbox_jobs WHERE name = 'configuration.tell-organisations'",
      );
      await hub.work('configuration.tell-organisations', next);
      const jobs = await hub.sql<{ id: string; payload: string }>(
        "SELECT id, payload FROM outbox_jobs WHERE name = 'configuration.tell-organisations'",
      );
      const added = jobs.find(({ id }) => !before.some((one) => one.id === id));
      next = added && JSON.parse(added.payload);
    }

    expect(await listener.next('config:changed')).toEqual({ keys: [PASSWORD], level: 'platform', ownerId: 'hub' });
  });
});

describe('the list of addresses that may sign in', () => {
  it('acceptance: never leaves out who sets it', async () => {
    const admin = await hub.person({ role: 'admin' });

    await expect(set(admin, IP, ['203.0.113.0/24'])).rejects.toMatchObject({ code: 'SELF_LOCKOUT', status: 422 });
    await expect(
      api(admin).createChangeSet({
        items: [{ level: 'organisation', ownerId: admin.orgId, key: IP, value: ['203.0.113.7'] }],
      }),
    ).rejects.toMatchObject({ code: 'SELF_LOCKOUT' });
    expect(await set(admin, IP, ['203.0.113.0/24', '127.0.0.0/8', '::1/128'])).toMatchObject({ version: 1 });
    expect(await set(admin, IP, [], 1)).toMatchObject({ version: 2 });
  });

  it('holds addresses and networks, and nothing else', async () => {
    const admin = await hub.person({ role: 'admin' });

    await expect(set(admin, IP, ['127.0.0.1', 'everywhere', '10.0.0.0/64'])).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});

describe('the environment', () => {
  it('is shown to the operator alone, secrets masked', async () => {
    const operator = await hub.person({ role: 'platform_admin' });
    const owner = await hub.person({ role: 'owner' });

    const { data } = await api(operator).environment({ limit: 200 });

    const of = (name: string) => data.find((one) => one.name === name);
    expect(of('LORO_SECRET')).toMatchObject({ isSecret: true, source: 'environment', value: '••••' });
    expect(of('LIVE_FAST_PATH')).toMatchObject({ source: 'default', value: 'true' });
    expect(of('METRICS_TOKEN')).toMatchObject({ source: 'not-set', value: null });
    expect(JSON.stringify(data)).not.toContain('only used by the tests');
    await expect(api(owner).environment()).rejects.toMatchObject({ status: 403 });
  });
});

describe('reading settings', () => {
  it('lists every declared setting with its schema and levels, page by page', async () => {
    const admin = await hub.person({ role: 'admin' });

    const { data, page } = await api(admin).schema({ limit: 200 });
    const [first] = (await api(admin).schema({ limit: 1 })).data;

    expect(page.nextCursor).toBeNull();
    expect(first).toEqual(data[0]);
    expect(data.find(({ key }) => key === PASSWORD)).toMatchObject({
      preset: 10,
      levels: ['platform', 'organisation'],
      schema: { type: 'integer', minimum: 8 },
      isSensitive: true,
      hasFloor: true,
    });
  });

  it('shows people nothing that concerns the security of the organisation', async () => {
    const staff = await hub.person();

    expect((await api(staff).effective({ keys: PASSWORD })).data).toEqual([]);
    await expect(api(staff).effective({ userId: ulid() })).rejects.toMatchObject({ status: 404 });
    await expect(api(staff).effective({ branchId: ulid() })).rejects.toMatchObject({ status: 404 });
  });
});
