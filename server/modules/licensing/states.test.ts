import { licensingApi } from '@loro/contracts/licensing';
import type { License } from '@loro/contracts/licensing-values';
import { anAdmin, anOwner, freshly, licensed } from '../../testing/licenses';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { people } from '../people';
import { licensing } from '.';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const room = () => hub.hub.use(licensing);
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(hub.clock.now().getTime() + days * DAY_MS).toISOString();
const tick = () => hub.work('licensing.tick-states', { tick: hub.clock.now().toISOString() });
const eventsOf = async ({ orgId }: Person, type: string) => {
  const rows = await hub.sql<{ data: string; once: string | null }>(
    'SELECT data, once FROM license_events WHERE org_id = ? AND type = ? ORDER BY id',
    [orgId, type],
  );
  return rows.map(({ data, once }) => ({ ...JSON.parse(data), once }));
};

let admin: Person;
beforeEach(async () => {
  admin = admin ? await freshly(hub, admin) : await anAdmin(hub);
});

describe('the tick', () => {
  it('tells each change of state once, and what the licence is does not depend on it', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    await licensed(hub, orgId, { type: 'subscription', plan: 'starter', expiresAt: inDays(1), graceDays: 3 }, admin);
    expect(await room().licenseOf(orgId)).toMatchObject({ state: 'active' });

    hub.clock.advance(DAY_MS);
    expect(await room().licenseOf(orgId)).toMatchObject({ state: 'grace' });
    expect((await eventsOf(owner, 'state-changed')).map(({ to }) => to)).toEqual(['active']);
    const listener = await hub.listen('/notifications', await freshly(hub, owner));
    await Promise.all([tick(), tick()]);
    await tick();
    await listener.next('license:state-changed');

    hub.clock.advance(4 * DAY_MS);
    expect(await room().licenseOf(orgId)).toMatchObject({ state: 'expired' });
    await tick();
    await tick();

    expect((await eventsOf(owner, 'state-changed')).map(({ from, to }) => [from, to])).toEqual([
      [null, 'active'],
      ['active', 'grace'],
      ['grace', 'expired'],
    ]);
    await within(2_000, () =>
      expect(listener.heard('license:state-changed')).toMatchObject([
        { from: 'active', to: 'grace' },
        { from: 'grace', to: 'expired', until: null },
      ]),
    );
  });

  it('reminds before the end and through the grace, each once, and writes to the owner', async () => {
    const owner = await anOwner(hub);
    await licensed(
      hub,
      owner.orgId,
      { type: 'enterprise', plan: 'starter', startsAt: inDays(-300), expiresAt: inDays(61), graceDays: 10 },
      admin,
    );

    for (let day = 0; day < 75; day += 1) {
      hub.clock.advance(DAY_MS);
      await tick();
    }

    expect((await eventsOf(owner, 'notice')).map(({ once }) => Number(once?.split(':')[1]))).toEqual([
      60, 30, 14, 7, 3, 1, 0,
    ]);
    expect((await eventsOf(owner, 'grace')).map(({ once }) => once?.split(':')[1])).toEqual([
      'start',
      'half',
      'three-days',
      'one-day',
      'end',
    ]);
    const subjects = (await hub.mails(owner.email)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.includes('ends in'))).toHaveLength(6);
    expect(subjects.some((subject) => subject.includes('only billing and export'))).toBe(true);
  });

  it('that was away for long says the newest of what it missed, not all of it', async () => {
    const owner = await anOwner(hub);
    await licensed(
      hub,
      owner.orgId,
      { type: 'enterprise', plan: 'starter', startsAt: inDays(-300), expiresAt: inDays(90) },
      admin,
    );

    hub.clock.advance(88 * DAY_MS);
    await tick();

    expect(await eventsOf(owner, 'notice')).toHaveLength(5);
    const mails = (await hub.mails(owner.email)).filter(({ subject }) => subject.includes('ends in'));
    expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining('ends in 3 days')]);
  });
});

describe('a smaller plan at the end of the term', () => {
  const starter = async (): Promise<{ owner: Person; made: License }> => {
    const owner = await anOwner(hub);
    const made = await licensed(
      hub,
      owner.orgId,
      { type: 'subscription', plan: 'business', startsAt: inDays(-1), expiresAt: inDays(29) },
      admin,
    );
    return { owner, made };
  };

  it('takes over at that instant, with or without a tick, warns of what is too much, and deletes nothing', async () => {
    const { owner } = await starter();
    const { orgId } = owner;
    for (let n = 0; n < 5; n += 1) await hub.person({ role: 'staff', beside: owner });

    const preview = await api(owner).previewPlan({ plan: 'starter' });
    expect(preview).toMatchObject({
      kind: 'downgrade',
      priceNow: { amount: 0 },
      over: [{ limit: 'users', allowed: 5, used: 6 }],
    });
    expect(preview.lost.features).toContain('leave');
    const { license } = await api(owner).takePlan({ plan: 'starter' });
    expect(license).toMatchObject({ plan: { code: 'business' }, next: { plan: 'starter', at: license.expiresAt } });

    for (let day = 0; day < 29; day += 1) {
      await tick();
      hub.clock.advance(DAY_MS);
    }
    expect((await eventsOf(owner, 'downgrade-warning')).map(({ once }) => Number(once?.split(':')[1]))).toEqual([
      30, 7, 1,
    ]);
    expect(await room().licenseOf(orgId)).toMatchObject({ plan: 'starter', state: 'grace' });
    await tick();

    const now = await api(await freshly(hub, owner)).current();
    expect(now).toMatchObject({
      plan: { code: 'starter' },
      next: null,
      overLimit: [{ limit: 'users', used: 6, allowed: 5 }],
    });
    expect(await hub.hub.use(people).seatsOf(orgId)).toBe(6);
  });

  it('is called off by choosing the present one', async () => {
    const { owner } = await starter();
    await api(owner).takePlan({ plan: 'professional' });

    const { license } = await api(owner).takePlan({ plan: 'business' });

    expect(license.next).toBeNull();
  });
});

describe('trials', () => {
  const found = (email: string) =>
    hub.hub.transact((after) =>
      hub.hub
        .use(people)
        .found(
          { name: 'Crane', timezone: 'Africa/Johannesburg', locale: 'en-ZA', currency: 'ZAR', country: 'ZA' },
          { email, name: 'Thandi', status: 'active' },
          after,
        ),
    );
  const unique = () => Math.random().toString(36).slice(2);

  it('begin with the organisation: a fortnight with all that Business holds', async () => {
    const { organisation } = await found(`thandi@${unique()}.example`);

    const license = await room().licenseOf(organisation.id);
    expect(license).toMatchObject({ state: 'trial', plan: 'business' });
    expect(license.features.has('leave')).toBe(true);
    expect(license.features.has('journal.export')).toBe(false);
    expect(license.until?.getTime()).toBeCloseTo(hub.clock.now().getTime() + 14 * DAY_MS, -4);

    hub.clock.advance(14 * DAY_MS);
    expect(await room().licenseOf(organisation.id)).toMatchObject({ state: 'expired' });
  });

  it('are one for a company’s domain, and one for a mailbox where the domain is everybody’s', async () => {
    const domain = `${unique()}.example`;
    const person = unique();
    const state = async (email: string) => (await room().licenseOf((await found(email)).organisation.id)).state;

    expect(await state(`first@${domain}`)).toBe('trial');
    expect(await state(`second@${domain}`)).toBe('expired');
    expect(await state(`${person}@gmail.com`)).toBe('trial');
    expect(await state(`${person}.x@gmail.com`)).toBe('trial');
    expect(await state(`${person}+again@gmail.com`)).toBe('expired');
    const mails = await hub.mails(`second@${domain}`);
    expect(mails.map(({ subject }) => subject)).toEqual(['Crane: choose a plan']);
  });

  it('of two foundings at once from one domain one is given', async () => {
    const domain = `${unique()}.example`;

    const both = await Promise.all([found(`a@${domain}`), found(`b@${domain}`)]);

    const states = await Promise.all(
      both.map(async ({ organisation }) => (await room().licenseOf(organisation.id)).state),
    );
    expect(states.toSorted()).toEqual(['expired', 'trial']);
  });
});
