import { peopleApi } from '@loro/contracts/people';
import { ulid } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { people } from '.';

const hub = testHub();
const DAY = 86_400_000;
const version = (n: number) => ({ headers: { 'if-match': `"${n}"` } });

async function owner(): Promise<Person> {
  const person = await hub.person({ role: 'owner' });
  await hub.sql('UPDATE organisations SET owner_id = ? WHERE id = ?', [person.userId, person.orgId]);
  return person;
}

const ownerOf = async (orgId: string): Promise<string | null> =>
  (await hub.hub.use(people).organisationOf(orgId)).ownerId;

describe('founding an organisation', () => {
  const home = { timezone: 'Africa/Cairo', locale: 'ar-EG', currency: 'EGP', country: 'EG' };
  const found = (name: string, email: string) =>
    hub.hub.transact((after) =>
      hub.hub.use(people).found({ ...home, name }, { email, name: 'First', status: 'active' }, after),
    );

  it('makes it with its owner, and gives a second one of the same name another short name', async () => {
    const name = `Nile Works ${ulid()}`;

    const [one, two] = [await found(name, 'a@example.test'), await found(name, 'A@Example.test')];

    expect(one.organisation).toMatchObject({ name, status: 'trial', ownerId: one.owner.id, roundingMode: 'half-up' });
    expect(one.organisation.slug).toBe(name.toLowerCase().replaceAll(' ', '-'));
    expect(two.organisation.slug).not.toBe(one.organisation.slug);
    expect(two.owner).toMatchObject({ email: 'a@example.test', status: 'active' });
  });

  it('leaves nothing where a room that is told refuses', async () => {
    const name = `Refused ${ulid()}`;
    hub.hub.use(people).hook({
      onFound: async ({ organisation }) => {
        if (organisation.name === name) throw new Error('no licence');
      },
    });

    await expect(found(name, 'b@example.test')).rejects.toThrow('no licence');

    expect(await hub.sql('SELECT id FROM organisations WHERE name = ?', [name])).toEqual([]);
  });
});

describe('the organisation', () => {
  it('is one’s own', async () => {
    const person = await hub.person();

    expect(await hub.api(peopleApi, person).organisation({})).toMatchObject({ id: person.orgId, currency: 'ZAR' });
  });

  it('changes zone, locale, currency and rounding for an administrator, and tells who follows it', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const stranger = await hub.person();
    const [hears, deaf] = [await hub.listen('/notifications', staff), await hub.listen('/notifications', stranger)];
    const stream = `${admin.orgId}:organisation:${admin.orgId}`;
    await hears.subscribe(stream);
    await expect(deaf.subscribe(stream)).rejects.toThrow('NOT_FOUND');

    const change = { timezone: 'Asia/Tokyo', locale: 'ja-JP', currency: 'JPY', roundingMode: 'half-even' } as const;
    const changed = await hub.api(peopleApi, admin).updateOrganisation(change, version(1));

    expect(changed).toMatchObject({ ...change, version: 2 });
    expect(await hears.next('organisation:updated')).toEqual(changed);
    await expect(hub.api(peopleApi, admin).updateOrganisation(change, version(1))).rejects.toMatchObject({
      status: 412,
      problem: { current: changed },
    });
  });

  it('names every field that cannot be, and is not for staff', async () => {
    const admin = await hub.person({ role: 'admin' });
    const staff = await hub.person({ beside: admin });
    const wrong = { timezone: 'Mars/Olympus', currency: 'XYZ', country: 'zz', locale: '!' };
    // A caller that knows no contract sends what it likes.
    const api = hub.api(peopleApi, admin) as unknown as Record<string, (a: object, b: object) => Promise<unknown>>;

    const refused = api['updateOrganisation']?.({ ...wrong, ownerId: staff.userId }, version(1));

    await expect(refused).rejects.toMatchObject({
      status: 422,
      problem: {
        errors: expect.arrayContaining(
          [...Object.keys(wrong), 'ownerId'].map((path) => expect.objectContaining({ path }) as object),
        ) as object[],
      },
    });
    await expect(hub.api(peopleApi, staff).updateOrganisation({ name: 'Mine' }, version(1))).rejects.toMatchObject({
      status: 403,
    });
  });
});

describe('closing the organisation', () => {
  it('is the owner’s alone, and can be undone for thirty days', async () => {
    const boss = await owner();
    const admin = await hub.person({ role: 'admin', beside: boss });
    const api = hub.api(peopleApi, boss);
    const asked = hub.hub.use(people);

    await expect(hub.api(peopleApi, admin).closeOrganisation()).rejects.toMatchObject({ status: 403 });
    const closed = await api.closeOrganisation();

    expect(closed).toMatchObject({ status: 'closed', closedAt: expect.any(String) as string });
    const [staff, self] = await Promise.all([admin, boss].map(({ orgId, userId }) => asked.byId(orgId, userId)));
    expect([staff, self].map((user) => user && asked.maySignIn(user, closed))).toEqual([false, true]);
    expect(await hub.mails(boss.email)).toHaveLength(1);
    await expect(api.closeOrganisation()).rejects.toMatchObject({ code: 'ORGANISATION_CLOSED' });

    expect(await api.reopenOrganisation()).toMatchObject({ status: 'active', closedAt: null });
    await expect(api.reopenOrganisation()).rejects.toMatchObject({ code: 'ORGANISATION_OPEN' });
  });

  it('is for good after thirty days', async () => {
    const boss = await owner();
    const api = hub.api(peopleApi, boss);
    await api.closeOrganisation();
    await hub.sql('UPDATE organisations SET closed_at = ? WHERE id = ?', [
      new Date(hub.clock.now().getTime() - 30 * DAY),
      boss.orgId,
    ]);

    await expect(api.reopenOrganisation()).rejects.toMatchObject({ status: 409, code: 'TOO_LATE' });
  });
});

describe('giving the organisation to somebody else', () => {
  it('asks a fresh sign-in of both', () => {
    const { transferOwnership, acceptOwnership, closeOrganisation, reopenOrganisation } = peopleApi.endpoints;

    for (const { demands } of [transferOwnership, acceptOwnership, closeOrganisation, reopenOrganisation])
      expect(demands).toMatchObject({ freshSignIn: true });
  });

  it('happens when both said yes, and tells the rooms once', async () => {
    const boss = await owner();
    const heir = await hub.person({ role: 'admin', beside: boss });
    const other = await hub.person({ role: 'admin', beside: boss });
    const told: string[] = [];
    hub.hub.use(people).hook({ onTransfer: async ({ from, to }) => void told.push(`${from.id}>${to.id}`) });
    const hears = await hub.listen('/notifications', heir);

    const offer = await hub.api(peopleApi, boss).transferOwnership({ toUserId: heir.userId });

    expect(await hears.next('ownership:offered')).toEqual(offer);
    expect(await ownerOf(boss.orgId)).toBe(boss.userId);
    expect(await hub.api(peopleApi, heir).ownershipTransfer()).toEqual(offer);
    await expect(hub.api(peopleApi, other).ownershipTransfer()).rejects.toMatchObject({ status: 404 });
    for (const nobody of [other, boss])
      await expect(hub.api(peopleApi, nobody).acceptOwnership({ transferId: offer.id })).rejects.toMatchObject({
        status: 404,
      });

    const accept = () => hub.api(peopleApi, heir).acceptOwnership({ transferId: offer.id });
    const outcomes = await Promise.allSettled([accept(), accept()]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await ownerOf(boss.orgId)).toBe(heir.userId);
    expect(told).toEqual([`${boss.userId}>${heir.userId}`]);
    await expect(hub.api(peopleApi, boss).closeOrganisation()).rejects.toMatchObject({ status: 403 });
  });

  it('never leaves an owner who cannot sign in, whatever happens to the heir at once', async () => {
    for (let round = 0; round < 4; round += 1) {
      const boss = await owner();
      const hr = await hub.person({ role: 'hr', beside: boss });
      const heir = await hub.person({ beside: boss });
      const { id: transferId } = await hub.api(peopleApi, boss).transferOwnership({ toUserId: heir.userId });

      const outcomes = await Promise.allSettled([
        hub.api(peopleApi, heir).acceptOwnership({ transferId }),
        hub.api(peopleApi, hr).suspend({ userId: heir.userId }),
      ]);

      const ownerId = (await ownerOf(boss.orgId)) ?? '';
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await hub.hub.use(people).byId(boss.orgId, ownerId)).toMatchObject({ status: 'active' });
    }
  });

  it('has one open offer, to somebody who works here, for seven days', async () => {
    const boss = await owner();
    const heir = await hub.person({ beside: boss });
    const stranger = await hub.person();
    const api = hub.api(peopleApi, boss);

    await expect(api.transferOwnership({ toUserId: stranger.userId })).rejects.toMatchObject({ status: 404 });
    await expect(api.transferOwnership({ toUserId: boss.userId })).rejects.toMatchObject({
      code: 'USER_STATE_INVALID',
    });
    const ask = () => api.transferOwnership({ toUserId: heir.userId });
    const outcomes = await Promise.allSettled([ask(), ask()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);

    await hub.sql('UPDATE ownership_transfers SET expires_at = ? WHERE org_id = ?', [hub.clock.now(), boss.orgId]);
    const [old] = await hub.sql<{ id: string }>('SELECT id FROM ownership_transfers WHERE org_id = ?', [boss.orgId]);
    await expect(hub.api(peopleApi, heir).acceptOwnership({ transferId: old?.id ?? '' })).rejects.toMatchObject({
      code: 'TRANSFER_ENDED',
    });

    const again = await ask();
    await hub.api(peopleApi, heir).declineOwnership({ transferId: again.id });
    await expect(hub.api(peopleApi, heir).acceptOwnership({ transferId: again.id })).rejects.toMatchObject({
      code: 'TRANSFER_ENDED',
    });
    expect(await ownerOf(boss.orgId)).toBe(boss.userId);
  });
});
