import { licensingApi } from '@loro/contracts/licensing';
import { anAdmin, anOwner, freshly, licensed } from '../../testing/licenses';
import { forgetLimits, outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const anybody = { token: '' };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const inMs = (ms: number) => new Date(hub.clock.now().getTime() + ms).toISOString();

let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});
beforeEach(() => forgetLimits(hub));

const UNKNOWN_KEY = 'LORO-008J4C-T4ANK7-F24SNA-XWSQFE-E';

async function withKey(wish: Parameters<typeof licensed>[2] = { type: 'perpetual', plan: 'business' }) {
  const owner = await anOwner(hub);
  const license = await licensed(hub, owner.orgId, wish, admin);
  const { key } = await api(admin).issueKey({ orgId: owner.orgId, licenseId: license.id });
  return { owner, license, key };
}

describe('acceptance: validating a key', () => {
  it('answers a mistyped one with what is wrong, wherever the character stands', async () => {
    const { key } = await withKey();
    for (const at of [5, 12, 20, 30, key.length - 1]) {
      const wrong = key[at] === '7' ? '8' : '7';
      const typed = key.slice(0, at) + wrong + key.slice(at + 1);
      expect(await outcome(api(anybody).validate({ key: typed }))).toEqual({ status: 422, code: 'KEY_CHECKSUM' });
    }
  });

  it('has one shape, whether the key is known or not', async () => {
    const { key } = await withKey();

    const [known, unknown] = [await api(anybody).validate({ key }), await api(anybody).validate({ key: UNKNOWN_KEY })];

    expect(known).toMatchObject({ valid: true, code: 'VALID', license: { plan: 'business', state: 'active' } });
    expect(unknown).toMatchObject({ valid: false, code: 'NOT_FOUND', license: null });
    expect(Object.keys(unknown).toSorted()).toEqual(Object.keys(known).toSorted());
  });

  it('tells of everything at once, the gravest first', async () => {
    const { owner, license, key } = await withKey({ type: 'subscription', plan: 'starter', expiresAt: inMs(DAY_MS) });
    const staff = await hub.person({ role: 'staff', beside: owner });
    await api(admin).overrides(
      {
        orgId: owner.orgId,
        licenseId: license.id,
        overrides: [{ kind: 'limit', limit: 'users', value: 1, reason: 'test' }],
      },
      ifMatch(license.version),
    );
    expect(staff.orgId).toBe(owner.orgId);

    const answer = await api(anybody).validate({ key, feature: 'leave', fingerprint: 'machine-1' });

    expect(answer).toMatchObject({ valid: false, code: 'FEATURE_MISSING' });
    expect(answer.warnings.map(({ code }) => code)).toEqual([
      'FEATURE_MISSING',
      'NO_ACTIVATION',
      'TOO_MANY_USERS',
      'EXPIRING',
    ]);
    await api(admin).suspend({ orgId: owner.orgId, licenseId: license.id, reason: 'x' });
    expect(await api(anybody).validate({ key })).toMatchObject({ code: 'SUSPENDED' });
  });

  it('knows nothing of a key that was revoked', async () => {
    const { owner, license, key } = await withKey();
    const at = { orgId: owner.orgId, licenseId: license.id };
    const [issued] = (await api(admin).keys(at)).data;

    await api(admin).revokeKey({ ...at, keyId: issued?.id ?? '' });

    expect(await api(anybody).validate({ key })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('may be asked thirty times a minute from one address', async () => {
    const all = [];
    for (let n = 0; n < 31; n += 1) all.push(await outcome(api(anybody).validate({ key: UNKNOWN_KEY })));

    expect(all.slice(0, 30).every(({ status }) => status === 200)).toBe(true);
    expect(all[30]).toEqual({ status: 429, code: 'RATE_LIMITED' });
  });
});

describe('machines', () => {
  const machine = (n: number) => ({ fingerprint: `machine-${n}-of-us`, label: `Machine ${n}` });

  it('take a place each, the last one goes to one of two at once', async () => {
    const { owner } = await withKey();
    await api(owner).activate(machine(1));
    expect(await api(owner).activate(machine(1))).toMatchObject({ state: 'alive', heartbeatSeconds: 600 });

    const both = await Promise.all([2, 3].map((n) => outcome(api(owner).activate(machine(n)))));

    expect(both.map(({ code }) => code).toSorted()).toEqual(['LICENSE_LIMIT_REACHED', 'let through']);
    expect((await api(owner).activations()).data).toHaveLength(2);
  });

  it('are dead when two beats did not come, and find their place again for a day', async () => {
    const { owner, key } = await withKey({ type: 'perpetual', plan: 'starter' });
    const { id } = await api(owner).activate(machine(1));
    hub.clock.advance(19 * MINUTE_MS);
    expect((await api(await freshly(hub, owner)).heartbeat({ activationId: id })).license).toEqual({
      state: 'active',
      until: null,
    });

    hub.clock.advance(20 * MINUTE_MS);
    const again = await freshly(hub, owner);
    expect((await api(again).activations()).data).toMatchObject([{ state: 'dead' }]);
    expect(await api(anybody).validate({ key, fingerprint: machine(1).fingerprint })).toMatchObject({
      code: 'ACTIVATION_DEAD',
    });
    expect(await outcome(api(again).activate(machine(2)))).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });
    expect(await api(again).activate(machine(1))).toMatchObject({ id, state: 'alive' });

    hub.clock.advance(DAY_MS + 20 * MINUTE_MS);
    const later = await freshly(hub, owner);
    expect(await api(later).activate(machine(2))).toMatchObject({ state: 'alive' });
    expect(await outcome(api(later).heartbeat({ activationId: id }))).toMatchObject({ code: 'LICENSE_LIMIT_REACHED' });
    await api(later).deactivate({ activationId: (await api(later).activations()).data[0]?.id ?? '' });
    expect(await api(later).heartbeat({ activationId: id })).toMatchObject({ state: 'alive' });
  });

  it('of another organisation do not exist', async () => {
    admin = await freshly(hub, admin);
    const [one, other] = [await withKey(), await withKey()];
    const { id } = await api(one.owner).activate(machine(1));

    expect(await outcome(api(other.owner).heartbeat({ activationId: id }))).toMatchObject({ status: 404 });
    expect(await outcome(api(other.owner).deactivate({ activationId: id }))).toMatchObject({ status: 404 });
  });
});
