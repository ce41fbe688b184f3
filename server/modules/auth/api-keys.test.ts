import { authApi } from '@loro/contracts/auth';
import type { MadeApiKey } from '@loro/contracts/auth-keys';
import { branchesApi } from '@loro/contracts/branches';
import { checkInsApi } from '@loro/contracts/check-ins';
import { ulid } from '../../platform';
import { Listener } from '../../testing/listener';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub, type TestNode } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { access } from '../access';

const hub = testHub();
const DAY_MS = 86_400_000;
/** How long a right may outlive its end, on every node. */
const BOUND_MS = 2_000;

let other: TestNode;
beforeAll(async () => {
  other = await hub.secondNode();
}, 60_000);

const api = (person: Pick<Person, 'token'>) => hub.api(authApi, person);
const reading = ['check-ins.read', 'branches.read', 'account.use'];

const make = (by: Person, more: object = {}): Promise<MadeApiKey> =>
  api(by).makeApiKey({ name: 'Payroll', permissions: reading, ...more });

const checkIns = (secret: string, at?: TestNode) => hub.api(checkInsApi, { token: secret }, at);

/** `let in`, or why not. */
function connect(secret: string): Promise<string | undefined> {
  const listener = new Listener(hub.url, '/check-ins', secret);
  return listener.ready
    .then(
      () => 'let in',
      (error: { data?: { code: string } }) => error.data?.code,
    )
    .finally(() => listener.close());
}

describe('making an API key', () => {
  it('shows the key once, keeps its hash, and opens an account for the program', async () => {
    const admin = await hub.person({ role: 'admin' });

    const { secret, ...made } = await make(admin, { ipAllow: ['203.0.113.0/24'] });

    expect(secret).toMatch(/^loro_k1_[a-z2-7]{8}_[\w-]{43}$/);
    expect(secret.startsWith(`${made.prefix}_`)).toBe(true);
    expect(made).toMatchObject({ name: 'Payroll', permissions: reading, createdBy: admin.userId, lastUsedAt: null });
    expect(await api(admin).apiKey({ apiKeyId: made.id })).toEqual(made);
    expect((await api(admin).apiKeys()).data).toEqual([made]);
    const [kept] = await hub.sql<Record<string, unknown>>('SELECT * FROM api_keys WHERE id = ?', [made.id]);
    expect(JSON.stringify(kept)).not.toContain(secret.split('_').at(-1));
    const [account] = await hub.sql('SELECT kind, name, status FROM users WHERE id = ?', [made.userId]);
    expect(account).toEqual({ kind: 'service', name: 'Payroll', status: 'active' });
  });

  it('can be repeated by its command without a second key, and without the first lying readable anywhere', async () => {
    const admin = await hub.person({ role: 'admin' });
    const headers = { 'idempotency-key': ulid() };
    const call = () => api(admin).makeApiKey({ name: 'Payroll', permissions: reading }, { headers });

    const [first, again] = [await call(), await call()];

    expect(again).toEqual(first);
    expect((await api(admin).apiKeys()).data).toHaveLength(1);
    const kept = await hub.sql('SELECT answer FROM commands WHERE org_id = ?', [admin.orgId]);
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(first.secret.split('_').at(-1));
  });

  it('lets it live for ninety days, or as long as is asked for, a year at most', async () => {
    const admin = await hub.person({ role: 'admin' });
    const now = hub.clock.now().getTime();
    const inDays = (days: number): string => new Date(now + days * DAY_MS).toISOString();

    const usual = await make(admin);
    const long = await make(admin, { expiresAt: inDays(364) });

    expect(Math.round((Date.parse(usual.expiresAt) - now) / DAY_MS)).toBe(90);
    expect(long.expiresAt).toBe(inDays(364));
    for (const days of [366, -1])
      expect(await outcome(make(admin, { expiresAt: inDays(days) }))).toMatchObject({ status: 422 });
  });

  it('gives nothing away that its maker lacks, and nothing that is no permission', async () => {
    const admin = await hub.person({ role: 'admin' });

    const unknown = await make(admin, { permissions: ['branches.read', 'moon.land'] }).catch(
      (error: { problem: { errors: { path: string }[] } }) => error.problem.errors.map(({ path }) => path),
    );

    expect(unknown).toEqual(['permissions.1']);
    expect(await outcome(make(admin, { permissions: ['platform.observe'] }))).toMatchObject({ status: 403 });
  });

  it('is an administrator’s business', async () => {
    const manager = await hub.person({ role: 'manager' });

    expect(await outcome(make(manager))).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await outcome(api(manager).apiKeys())).toEqual({ status: 403, code: 'FORBIDDEN' });
  });

  it('is seen, changed and revoked by nobody of another organisation', async () => {
    const { id: apiKeyId, secret } = await make(await hub.person({ role: 'admin' }));
    const stranger = await hub.person({ role: 'owner' });
    const calls = [
      api(stranger).apiKey({ apiKeyId }),
      api(stranger).changeApiKey({ apiKeyId, name: 'Mine' }, { headers: { 'if-match': '"1"' } }),
      api(stranger).revokeApiKey({ apiKeyId }),
    ];

    for (const call of calls) expect(await outcome(call)).toEqual({ status: 404, code: 'NOT_FOUND' });
    expect((await api(stranger).apiKeys()).data).toEqual([]);
    expect(await outcome(checkIns(secret).list())).toMatchObject({ status: 200 });
  });
});

describe('calling with an API key', () => {
  it('reads what it was given, and does nothing else', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person();
    const { secret, id } = await make(admin);
    const branches = hub.api(branchesApi, { token: secret });

    expect((await branches.get({ branchId: admin.branchId })).id).toBe(admin.branchId);
    expect(await outcome(branches.get({ branchId: stranger.branchId }))).toEqual({ status: 404, code: 'NOT_FOUND' });
    expect(await outcome(checkIns(secret).start({ position: { lat: 1, lng: 1, accuracy: 5 } }))).toMatchObject({
      status: 403,
    });
    expect(await outcome(api({ token: secret }).apiKeys())).toMatchObject({ status: 403 });
    await within(BOUND_MS, async () => {
      const { lastUsedAt } = await api(admin).apiKey({ apiKeyId: id });
      expect(lastUsedAt).not.toBeNull();
    });
  });

  it('opens what is marked for programs alone, whatever the key was given', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { secret } = await make(admin, { permissions: [...reading, 'account.secure', 'api-keys.manage'] });
    const byKey = api({ token: secret });

    for (const call of [byKey.me(), byKey.sessions(), byKey.apiKeys(), byKey.signOut()])
      expect(await outcome(call)).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await outcome(checkIns(secret).list())).toMatchObject({ status: 200 });
  });

  it('opens a socket, and hears what it may hear', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { secret } = await make(admin);
    const listener = await hub.listen('/check-ins', { token: secret }, other);

    await listener.subscribe(`${admin.orgId}:branch:${admin.branchId}`);
    await hub.api(checkInsApi, admin).start({ position: { lat: -26.2, lng: 28.04, accuracy: 8 } });

    expect(await listener.next('check-in:started')).toMatchObject({ userId: admin.userId });
  });

  it.each([
    ['another secret', (key: string) => `${key.slice(0, -4)}AAAA`],
    ['another prefix', (key: string) => key.replace(/^loro_k1_./, 'loro_k1_2')],
    ['no secret', (key: string) => key.split('_').slice(0, 3).join('_')],
    ['capitals', (key: string) => key.toUpperCase()],
    ['more', (key: string) => `${key}x`],
  ])('that has %s is refused', async (_what, change) => {
    const { secret } = await make(await hub.person({ role: 'admin' }));
    const changed = change(secret);

    expect(await outcome(checkIns(changed).list())).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await connect(changed)).toBe('UNAUTHENTICATED');
  });

  it('counts from the addresses that it was made for alone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const elsewhere = await make(admin, { ipAllow: ['203.0.113.0/24', '2001:db8::/32'] });
    const here = await make(admin, { ipAllow: ['127.0.0.0/8', '::1'] });

    expect(await outcome(checkIns(elsewhere.secret).list())).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await connect(elsewhere.secret)).toBe('FORBIDDEN');
    expect(await outcome(checkIns(here.secret).list())).toMatchObject({ status: 200 });
    expect(await connect(here.secret)).toBe('let in');
  });

  it('ends when the key does', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { secret } = await make(admin, { expiresAt: new Date(hub.clock.now().getTime() + DAY_MS).toISOString() });
    await checkIns(secret).list();

    hub.clock.advance(DAY_MS);

    expect(await outcome(checkIns(secret).list())).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await connect(secret)).toBe('UNAUTHENTICATED');
  });
});

describe('acceptance: a key whose maker loses a right', () => {
  it('loses it too, on every node within two seconds, on its sockets as on REST', async () => {
    const owner = await hub.person({ role: 'owner' });
    const admin = await hub.person({ role: 'admin', beside: owner });
    const { secret } = await make(admin);
    const nodes = [hub, other];
    const listeners = await Promise.all(nodes.map((node) => hub.listen('/check-ins', { token: secret }, node)));
    const stream = `${owner.orgId}:branch:${owner.branchId}`;
    for (const listener of listeners) await listener.subscribe(stream);
    for (const node of nodes) await checkIns(secret, node).list();

    await hub.hub.use(access).revoke(admin.orgId, admin.userId, 'admin');

    for (const node of nodes)
      await within(BOUND_MS, async () =>
        expect(await outcome(checkIns(secret, node).list())).toEqual({ status: 403, code: 'FORBIDDEN' }),
      );
    const ended = { stream, code: 'FORBIDDEN' };
    for (const one of listeners) await within(BOUND_MS, () => expect(one.heard('stream:ended')).toContainEqual(ended));
  });

  it('reaches no further than its maker does', async () => {
    const owner = await hub.person({ role: 'owner' });
    const admin = await hub.person({ role: 'admin', beside: owner });
    const { secret } = await make(admin);
    const elsewhere = await hub.person({ role: 'staff', elsewhereIn: owner });
    const { id: checkInId } = await hub
      .api(checkInsApi, elsewhere)
      .start({ position: { lat: 1, lng: 1, accuracy: 5 } });
    await checkIns(secret).get({ checkInId });

    await hub.hub.use(access).revoke(admin.orgId, admin.userId, 'admin');
    await hub.hub.use(access).grant(admin.orgId, admin.userId, 'manager');

    await within(BOUND_MS, async () =>
      expect(await outcome(checkIns(secret).get({ checkInId }))).toEqual({ status: 404, code: 'NOT_FOUND' }),
    );
    expect(await outcome(checkIns(secret).list())).toMatchObject({ status: 200 });
  });

  it('may do nothing while its maker may not sign in', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { secret } = await make(admin);
    await checkIns(secret).list();

    await hub.sql("UPDATE users SET status = 'suspended' WHERE id = ?", [admin.userId]);
    await hub.hub.changes.record({ orgId: admin.orgId, userId: admin.userId, sessionId: null });

    await within(BOUND_MS, async () => expect(await outcome(checkIns(secret).list())).toMatchObject({ status: 403 }));
  });
});

describe('changing an API key', () => {
  it('is in force on every node within two seconds', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: apiKeyId, secret, userId } = await make(admin);
    await checkIns(secret, other).list();

    const changed = await api(admin).changeApiKey(
      { apiKeyId, name: 'Payroll of 2027', permissions: ['branches.read'], ipAllow: ['203.0.113.9'] },
      { headers: { 'if-match': '"1"' } },
    );

    expect(changed).toMatchObject({ name: 'Payroll of 2027', permissions: ['branches.read'], version: 2 });
    await within(BOUND_MS, async () =>
      expect(await outcome(hub.api(branchesApi, { token: secret }, other).list())).toEqual({
        status: 403,
        code: 'FORBIDDEN',
      }),
    );
    expect(await hub.sql('SELECT name FROM users WHERE id = ?', [userId])).toEqual([{ name: 'Payroll of 2027' }]);
  });

  it('needs the version that was read', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: apiKeyId } = await make(admin);
    const change = (version: string) =>
      api(admin).changeApiKey({ apiKeyId, name: 'New' }, { headers: { 'if-match': version } });
    await change('"1"');

    expect(await outcome(change('"1"'))).toEqual({ status: 412, code: 'VERSION_CONFLICT' });
    expect(await outcome(api(admin).changeApiKey({ apiKeyId, name: 'New' }))).toMatchObject({ status: 428 });
  });
});

describe('revoking an API key', () => {
  it('ends its calls and its sockets on every node within two seconds', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { id: apiKeyId, secret, userId } = await make(admin);
    const { secret: spared } = await make(admin);
    const listener = await hub.listen('/check-ins', { token: secret }, other);
    for (const node of [hub, other]) await checkIns(secret, node).list();

    await api(admin).revokeApiKey({ apiKeyId });

    for (const node of [hub, other])
      await within(BOUND_MS, async () =>
        expect(await outcome(checkIns(secret, node).list())).toMatchObject({ status: 401 }),
      );
    expect(await listener.next('session:ended')).toEqual({ code: 'SESSION_REVOKED', reconnect: false });
    expect(await outcome(checkIns(spared).list())).toMatchObject({ status: 200 });
    expect(await outcome(api(admin).apiKey({ apiKeyId }))).toMatchObject({ status: 404 });
    expect(await hub.sql('SELECT status FROM users WHERE id = ?', [userId])).toEqual([{ status: 'deactivated' }]);
  });
});
