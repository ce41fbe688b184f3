import { setTimeout as sleep } from 'node:timers/promises';
import { licensingApi } from '@loro/contracts/licensing';
import { anAdmin, anOwner, licensed } from '../../testing/licenses';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { licensing } from '.';

const hub = testHub();
const api = (person: Pick<Person, 'token'>) => hub.api(licensingApi, person);
const room = () => hub.hub.use(licensing);

let admin: Person;
beforeAll(async () => {
  admin = await anAdmin(hub);
});

describe('acceptance: suspending', () => {
  it('closes everything but billing on every node within two seconds, and reinstating opens it again', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const { id: licenseId } = await licensed(hub, orgId, { type: 'subscription', plan: 'business' }, admin);
    const second = await hub.secondNode();
    const there = () => hub.api(licensingApi, owner, second).seats();
    await within(2_000, there);
    const listener = await hub.listen('/notifications', owner);

    await api(admin).suspend({ orgId, licenseId, reason: 'The invoice of March' });

    await within(2_000, async () => {
      expect(await outcome(api(owner).seats())).toEqual({ status: 402, code: 'LICENSE_SUSPENDED' });
      expect(await outcome(there())).toEqual({ status: 402, code: 'LICENSE_SUSPENDED' });
    });
    expect(await api(owner).current()).toMatchObject({
      state: 'suspended',
      suspendReason: 'The invoice of March',
      banner: 'suspended',
    });
    await listener.next('license:state-changed', (told: { to: string }) => told.to === 'suspended');
    expect(await outcome(api(admin).suspend({ orgId, licenseId, reason: 'again' }))).toMatchObject({
      code: 'LICENSE_STATE',
    });

    await api(admin).reinstate({ orgId, licenseId });
    await within(2_000, async () => {
      expect(await outcome(api(owner).seats())).toMatchObject({ status: 200 });
      expect(await outcome(there())).toMatchObject({ status: 200 });
    });
  });

  it('is heard of within two seconds by a node whose poke was lost', async () => {
    const owner = await anOwner(hub);
    const { id } = await licensed(hub, owner.orgId, { type: 'perpetual', plan: 'starter' }, admin);
    expect(await room().licenseOf(owner.orgId)).toMatchObject({ state: 'active' });

    // Nobody tells anybody: only the row says so.
    await hub.sql('UPDATE licenses SET suspended_at = NOW(3) WHERE id = ?', [id]);

    await within(2_000, async () => expect(await room().licenseOf(owner.orgId)).toMatchObject({ state: 'suspended' }));
  });

  it('is not forgotten while the database is away: what was read counts for five seconds and no longer', async () => {
    const owner = await anOwner(hub);
    await licensed(hub, owner.orgId, { type: 'perpetual', plan: 'starter' }, admin);
    // Until every node has heard of what was just changed.
    await sleep(2_500);
    expect(await room().licenseOf(owner.orgId)).toMatchObject({ state: 'active' });

    await hub.sql('RENAME TABLE licenses TO licenses_away');
    try {
      expect(await room().licenseOf(owner.orgId)).toMatchObject({ state: 'active' });
      await within(8_000, () => expect(room().licenseOf(owner.orgId)).rejects.toThrow('licenses'));
      await expect(room().licenseOf(owner.orgId)).rejects.toThrow('licenses');
    } finally {
      await hub.sql('RENAME TABLE licenses_away TO licenses');
    }
    expect(await room().licenseOf(owner.orgId)).toMatchObject({ state: 'active' });
  });

  it('is told to nobody else', async () => {
    const [owner, other] = [await anOwner(hub), await anOwner(hub)];
    const staff = await hub.person({ role: 'staff', elsewhereIn: owner });
    const { id: licenseId } = await licensed(hub, owner.orgId, { type: 'perpetual', plan: 'starter' }, admin);
    const listener = await hub.listen('/notifications', owner);
    const strangers = [await hub.listen('/notifications', other), await hub.listen('/notifications', staff)];

    await api(admin).suspend({ orgId: owner.orgId, licenseId, reason: 'x' });

    await listener.next('license:state-changed');
    for (const stranger of strangers) expect(stranger.heard('license:state-changed')).toEqual([]);
  });
});

describe('revoking', () => {
  it('is for good', async () => {
    const owner = await anOwner(hub);
    const { orgId } = owner;
    const { id: licenseId } = await licensed(hub, orgId, { type: 'subscription', plan: 'starter' }, admin);

    await api(admin).revoke({ orgId, licenseId, reason: 'fraud' });

    expect(await api(owner).current()).toMatchObject({ state: 'revoked' });
    for (const act of [
      () => api(admin).reinstate({ orgId, licenseId }),
      () => api(admin).renewLicense({ orgId, licenseId, terms: 1 }),
      () => api(admin).transfer({ orgId, licenseId, toOrgId: admin.orgId, expiry: 'keep' }),
    ])
      expect(await outcome(act())).toEqual({ status: 409, code: 'LICENSE_STATE' });
    await within(2_000, async () =>
      expect(await outcome(api(owner).seats())).toEqual({ status: 402, code: 'LICENSE_REVOKED' }),
    );
  });
});
