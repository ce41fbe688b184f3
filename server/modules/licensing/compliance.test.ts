import { createHash } from 'node:crypto';
import { licensingApi } from '@loro/contracts/licensing';
import { ulid } from 'ulid';
import { anAdmin, anOwner, licensed } from '../../testing/licenses';
import { forgetLimits, outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const ifMatch = (version: number) => ({ headers: { 'if-match': `"${version}"` } });
const check = () => hub.work('licensing.check-compliance', { tick: hub.clock.now().toISOString() });
const kinds = async (person: Person) =>
  (await api(person).findings()).data.map(({ kind, subject, state }) => [kind, subject, state]);

let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});
beforeEach(() => forgetLimits(hub));

async function crowded(): Promise<Person> {
  const owner = await anOwner(hub);
  const made = await licensed(hub, owner.orgId, { type: 'perpetual', plan: 'starter' }, admin);
  await hub.person({ role: 'staff', beside: owner });
  await api(admin).overrides(
    {
      orgId: owner.orgId,
      licenseId: made.id,
      overrides: [{ kind: 'limit', limit: 'users', value: 1, reason: 'test' }],
    },
    ifMatch(made.version),
  );
  return owner;
}

describe('compliance', () => {
  it('finds what is over a limit once, and sees when it is not so any more', async () => {
    const owner = await crowded();
    await check();
    await check();
    expect(await kinds(owner)).toEqual([['over-limit', 'users', 'open']]);

    await hub.sql("UPDATE users SET status = 'deactivated' WHERE org_id = ? AND id <> ?", [owner.orgId, owner.userId]);
    await check();

    expect(await kinds(owner)).toEqual([['over-limit', 'users', 'fixed']]);
  });

  it('leaves alone what was accepted, with the reason and by whom', async () => {
    const owner = await crowded();
    const auditor = await hub.person({ role: 'auditor', beside: owner });
    await check();
    const [found] = (await api(auditor).findings({ state: 'open' })).data;
    const at = { findingId: found?.id ?? '', reason: 'agreed until June' };

    expect(await outcome(api(auditor).waive(at, ifMatch(1)))).toMatchObject({ status: 403 });
    const waived = await api(owner).waive(at, ifMatch(found?.version ?? 0));
    await check();

    expect(waived).toMatchObject({ state: 'waived', waiver: 'agreed until June' });
    expect(await kinds(owner)).toEqual([['over-limit', 'users', 'waived']]);
    expect(await outcome(api(owner).waive(at, ifMatch(waived.version)))).toEqual({
      status: 409,
      code: 'FINDING_CLOSED',
    });
  });

  it('finds a key that is used on too many machines, and machines that are dead', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const { id: licenseId } = await licensed(hub, orgId, { type: 'perpetual', plan: 'starter' }, admin);
    const { key, id: keyId } = await api(admin).issueKey({ orgId, licenseId });
    const { id } = await api(owner).activate({ fingerprint: 'machine-one', label: 'One' });
    for (const n of [1, 2]) await api({ token: '' }).validate({ key, fingerprint: `machine-${n}-more` });
    await check();
    expect(await kinds(owner)).toEqual([]);

    await api({ token: '' }).validate({ key, fingerprint: 'machine-3-more' });
    await hub.sql('UPDATE license_activations SET last_beat_at = last_beat_at - INTERVAL 1 HOUR WHERE id = ?', [id]);
    await check();

    expect(await kinds(owner)).toHaveLength(2);
    expect(await kinds(owner)).toEqual(
      expect.arrayContaining([
        ['dead-activation', id, 'open'],
        ['shared-key', keyId, 'open'],
      ]),
    );
  });

  it('finds use after the licence had run out', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    await licensed(hub, orgId, { type: 'perpetual', plan: 'starter' }, admin);
    await hub.sql('UPDATE licenses SET suspended_at = NOW(3) - INTERVAL 5 DAY WHERE current_for = ?', [orgId]);
    await hub.sql("INSERT INTO usage_daily (org_id, feature, day, quantity) VALUES (?, 'messages', CURRENT_DATE, 4)", [
      orgId,
    ]);

    await check();

    expect(await kinds(owner)).toEqual([['expired-but-used', 'messages', 'open']]);
  });

  it('is nobody’s but the organisation’s own', async () => {
    const [one, other] = [await crowded(), await anOwner(hub)];
    await check();
    const [found] = (await api(one).findings()).data;

    expect(await kinds(other)).toEqual([]);
    expect(await outcome(api(other).waive({ findingId: found?.id ?? '', reason: 'x' }, ifMatch(1)))).toMatchObject({
      status: 404,
    });
  });
});

describe('reports', () => {
  it('hold licence, limits, use and findings, and say their own hash', async () => {
    const owner = await crowded();
    await api(owner).reportUsage({ events: [{ id: ulid(), feature: 'exports', quantity: 3 }] });
    await check();
    const today = hub.clock.now().toISOString().slice(0, 10);
    const tomorrow = new Date(hub.clock.now().getTime() + 86_400_000).toISOString().slice(0, 10);

    const made = await api(owner).makeReport({ from: today, to: tomorrow });

    expect(made.sha256).toBe(createHash('sha256').update(made.content).digest('hex'));
    for (const line of [
      '"license","state","active","starter"',
      '"limit","branches","1",""',
      '"over","users","2","allowed 1"',
      `"use","exports","3","${today}"`,
      '"finding","over-limit: users","open",',
    ])
      expect(made.content).toContain(line);
    const { content, ...listed } = made;
    expect((await api(owner).reports()).data).toEqual([listed]);
    expect(await api(owner).report({ reportId: made.id })).toEqual({ ...listed, content });
    expect(await outcome(api(owner).makeReport({ from: tomorrow, to: today }))).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('of the month before come by themselves, once', async () => {
    const owner = await crowded();
    const run = () => hub.work('licensing.report-compliance', { tick: hub.clock.now().toISOString() });

    await Promise.all([run(), run()]);
    await run();

    expect((await api(owner).reports()).data).toHaveLength(1);
  });

  it('of another organisation do not exist', async () => {
    const [one, other] = [await crowded(), await anOwner(hub)];
    const { id } = await api(one).makeReport({ from: '2026-01-01', to: '2026-02-01' });

    expect(await outcome(api(other).report({ reportId: id }))).toMatchObject({ status: 404 });
  });
});
