import { licensingApi } from '@loro/contracts/licensing';
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
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(hub.clock.now().getTime() + days * DAY_MS).toISOString();

let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});

describe('licensing an organisation', () => {
  it('gives what the plan holds, for one term of it', async () => {
    const owner = await anOwner(hub);

    const made = await licensed(hub, owner.orgId, { type: 'subscription', plan: 'professional' }, admin);

    const current = await api(owner).current();
    expect(current).toMatchObject({
      id: made.id,
      state: 'active',
      plan: { code: 'professional', version: 1 },
      graceDays: 15,
    });
    expect(current.features).toContain('tracking');
    expect(current.features).toContain('tasks');
    expect(current.features).not.toContain('leave');
    expect(current.limits).toEqual({
      users: 20,
      branches: 3,
      'storage-bytes': 21_474_836_480,
      'api-calls': 50_000,
      integrations: 5,
      activations: 1,
    });
    expect(await room().licenseOf(owner.orgId)).toMatchObject({ state: 'active', plan: 'professional' });
  });

  it('is refused where a licence works, and for two at once one of them wins', async () => {
    const owner = await anOwner(hub);
    const wish = { orgId: owner.orgId, type: 'enterprise', plan: 'enterprise', expiresAt: inDays(300) } as const;

    expect(await outcome(api(admin).createLicense(wish))).toEqual({ status: 409, code: 'ALREADY_LICENSED' });

    await hub.sql('UPDATE licenses SET current_for = NULL, ended_at = NOW(3) WHERE current_for = ?', [owner.orgId]);
    const both = await Promise.all([1, 2].map(() => outcome(api(admin).createLicense(wish))));
    expect(both.map(({ code }) => code).toSorted()).toEqual(['ALREADY_LICENSED', 'let through']);
  });

  it('asks for an end of all but perpetual ones, and for a plan that there is', async () => {
    const owner = await anOwner(hub);
    const make = (wish: object) =>
      outcome(licensed(hub, owner.orgId, { type: 'subscription', plan: 'starter', ...wish }, admin));

    expect(await make({ expiresAt: null })).toEqual({ status: 422, code: 'VALIDATION_FAILED' });
    expect(await make({ type: 'perpetual', expiresAt: inDays(3) })).toEqual({ status: 422, code: 'VALIDATION_FAILED' });
    expect(await make({ expiresAt: inDays(-3) })).toEqual({ status: 422, code: 'VALIDATION_FAILED' });
    expect(await make({ plan: 'galactic' })).toEqual({ status: 422, code: 'PLAN_UNKNOWN' });
    expect(await make({ type: 'perpetual', maintenanceUntil: inDays(365) })).toMatchObject({ status: 200 });
    expect(await api(owner).current()).toMatchObject({ state: 'active', until: null, isExpiring: false });
  });

  it('is for those who run the hub alone, and stands in both journals', async () => {
    const owner = await anOwner(hub);
    const wish = { orgId: owner.orgId, type: 'perpetual', plan: 'starter' } as const;
    expect(await outcome(api(owner).createLicense(wish))).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await outcome(api(admin).createLicense({ ...wish, orgId: ulid() }))).toEqual({
      status: 404,
      code: 'NOT_FOUND',
    });

    const { id } = await licensed(hub, owner.orgId, { type: 'perpetual', plan: 'starter' }, admin);

    const rows = await hub.sql<{ org_id: string; action: string }>(
      'SELECT org_id, action FROM journal_entries WHERE entity_type = ? AND entity_id = ?',
      ['license', id],
    );
    expect(rows.map(({ org_id: orgId, action }) => [orgId, action])).toEqual(
      expect.arrayContaining([
        [owner.orgId, 'license.created'],
        [admin.orgId, 'license.created'],
      ]),
    );
  });

  it('shows nothing of another organisation', async () => {
    const [one, other] = [await anOwner(hub), await anOwner(hub)];
    const { id } = await licensed(hub, one.orgId, { type: 'perpetual', plan: 'starter' }, admin);

    expect(await outcome(api(admin).license({ orgId: other.orgId, licenseId: id }))).toMatchObject({ status: 404 });
    expect((await api(other).events()).data).toEqual([]);
    expect((await api(one).events()).data.map(({ type }) => type)).toContain('created');
  });
});

describe('transferring', () => {
  it('gives the licence with its keys to an organisation that has none, its end kept or begun anew', async () => {
    const [from, to] = [await anOwner(hub), await anOwner(hub)];
    const { id: licenseId, expiresAt } = await licensed(
      hub,
      from.orgId,
      { type: 'enterprise', plan: 'business', expiresAt: inDays(10), overage: 'x1_5' },
      admin,
    );
    const { key } = await api(admin).issueKey({ orgId: from.orgId, licenseId });
    const wish = { orgId: from.orgId, licenseId, toOrgId: to.orgId, expiry: 'keep' } as const;
    expect(await outcome(api(admin).transfer(wish))).toEqual({ status: 409, code: 'ALREADY_LICENSED' });

    await hub.sql('UPDATE licenses SET current_for = NULL, ended_at = NOW(3) WHERE current_for = ?', [to.orgId]);
    const moved = await api(admin).transfer(wish);

    expect(moved).toMatchObject({ orgId: to.orgId, expiresAt, overage: 'x1_5', plan: { code: 'business' } });
    expect(await outcome(api(from).current())).toMatchObject({ status: 404 });
    expect(await room().licenseOf(from.orgId)).toMatchObject({ state: 'expired', plan: null });
    expect((await api(admin).keys({ orgId: to.orgId, licenseId: moved.id })).data).toHaveLength(1);
    expect(await api({ token: '' }).validate({ key })).toMatchObject({ valid: true });

    await hub.sql('UPDATE licenses SET current_for = NULL, ended_at = NOW(3) WHERE current_for = ?', [from.orgId]);
    const back = await api(admin).transfer({
      orgId: to.orgId,
      licenseId: moved.id,
      toOrgId: from.orgId,
      expiry: 'reset',
    });
    expect(new Date(back.expiresAt ?? 0).getTime()).toBeGreaterThan(hub.clock.now().getTime() + 27 * DAY_MS);
  });
});

describe('changing a licence', () => {
  it('needs the version that was read', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const { id: licenseId, version } = await licensed(hub, orgId, { type: 'subscription', plan: 'starter' }, admin);
    const change = { orgId, licenseId, graceDays: 3 };

    expect(await outcome(api(admin).changeLicense(change))).toMatchObject({ status: 428 });
    expect(await outcome(api(admin).changeLicense(change, ifMatch(version + 7)))).toMatchObject({ status: 412 });
    expect(await api(admin).changeLicense(change, ifMatch(version))).toMatchObject({
      graceDays: 3,
      version: version + 1,
    });
  });

  it('extends a trial once', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const trial = await licensed(hub, orgId, { type: 'trial', plan: 'business' }, admin);
    expect(trial).toMatchObject({ state: 'trial', graceDays: 0 });
    expect(Date.parse(trial.expiresAt ?? '') - Date.parse(trial.startsAt)).toBe(14 * DAY_MS);
    const extend = (version: number, days: number) =>
      api(admin).changeLicense({ orgId, licenseId: trial.id, expiresAt: inDays(days) }, ifMatch(version));

    const { version } = await extend(trial.version, 21);

    expect(await outcome(extend(version, 28))).toEqual({ status: 409, code: 'TRIAL_EXTENDED' });
    // Shorter, and as another type, it may still become.
    const converted = await api(admin).changeLicense(
      { orgId, licenseId: trial.id, type: 'subscription', expiresAt: inDays(60), graceDays: 15 },
      ifMatch(version),
    );
    expect(converted).toMatchObject({ type: 'subscription', state: 'active' });
  });

  it('gives one trial to an organisation', async () => {
    const owner = await anOwner(hub);
    await licensed(hub, owner.orgId, { type: 'trial', plan: 'business' }, admin);

    expect(await outcome(licensed(hub, owner.orgId, { type: 'trial', plan: 'business' }, admin))).toEqual({
      status: 409,
      code: 'TRIAL_USED',
    });
  });

  it('gives and takes features and limits by overrides, and each ends when it says', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const made = await licensed(hub, orgId, { type: 'perpetual', plan: 'starter' }, admin);
    const listener = await hub.listen('/notifications', owner);
    const expiresAt = new Date(hub.clock.now().getTime() + 1_000).toISOString();

    const after = await api(admin).overrides(
      {
        orgId,
        licenseId: made.id,
        overrides: [
          { kind: 'feature', feature: 'leave', isHeld: true, reason: 'pilot', expiresAt },
          { kind: 'feature', feature: 'news', isHeld: false, reason: 'asked for' },
          { kind: 'limit', limit: 'users', value: null, reason: 'contract' },
        ],
      },
      ifMatch(made.version),
    );

    expect(after.features).toContain('leave');
    expect(after.features).not.toContain('news');
    expect(after.limits.users).toBeNull();
    expect(after.fv).toBe(made.fv + 1);
    await listener.next('license:plan-changed', (told: { fv: number }) => told.fv === after.fv);
    await within(3_000, async () => expect(await room().holds(orgId, 'leave')).toBe(false));
    expect((await api(owner).current()).limits.users).toBeNull();
  });

  it('renews by its basis, several terms at once', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const startsAt = '2026-01-31T00:00:00.000Z';
    const { id: licenseId } = await licensed(
      hub,
      orgId,
      {
        type: 'subscription',
        plan: 'starter',
        startsAt,
        expiresAt: '2026-02-28T00:00:00.000Z',
        renewal: { anchorDay: 31 },
      },
      admin,
    );

    const renewed = await api(admin).renewLicense({ orgId, licenseId, terms: 12 });

    expect(renewed.expiresAt).toBe('2027-02-28T00:00:00.000Z');
    expect(renewed).toMatchObject({ state: 'active' });
  });
});
