import { peopleApi } from '@loro/contracts/people';
import { testHub } from '../../testing/test-hub';

const hub = testHub();

describe('looking people up', () => {
  it('lists the organisation by name, in pages, and nobody else', async () => {
    const admin = await hub.person({ role: 'admin' });
    const colleagues = [admin];
    for (let n = 0; n < 4; n += 1) colleagues.push(await hub.person({ beside: admin }));
    await hub.person();
    const api = hub.api(peopleApi, admin);

    const first = await api.list({ limit: 3 });
    const second = await api.list({ limit: 3, cursor: first.page.nextCursor ?? '' });

    const names = [...first.data, ...second.data].map(({ name }) => name);
    expect(names).toEqual(colleagues.map(({ name }) => name).toSorted());
    expect(second.page.nextCursor).toBeNull();
  });

  it('finds by branch and by a part of the name, whatever signs it holds', async () => {
    const admin = await hub.person({ role: 'admin' });
    const elsewhere = await hub.person({ elsewhereIn: admin });
    await hub.sql('UPDATE users SET name = ? WHERE id = ?', ['100 %_sure\\', elsewhere.userId]);
    const api = hub.api(peopleApi, admin);
    const idsOf = async (query: object) => (await api.list(query)).data.map(({ id }) => id);

    expect(await idsOf({ branchId: admin.branchId })).toEqual([admin.userId]);
    expect(await idsOf({ q: '%_sure\\' })).toEqual([elsewhere.userId]);
    expect(await idsOf({ q: 'x%x' })).toEqual([]);
  });

  it('answers 404 for another organisation’s person, and for an id that cannot be', async () => {
    const person = await hub.person();
    const stranger = await hub.person({ role: 'admin' });

    expect(await hub.api(peopleApi, person).get({ userId: person.userId })).toMatchObject({ name: person.name });
    for (const userId of [person.userId, 'nobody'])
      await expect(hub.api(peopleApi, stranger).get({ userId })).rejects.toMatchObject({ status: 404 });
  });

  it('refuses a cursor that it did not give out', async () => {
    const api = hub.api(peopleApi, await hub.person());

    await expect(api.list({ cursor: 'WyJhIl0.made-up-by-me' })).rejects.toMatchObject({
      status: 400,
      code: 'BAD_QUERY',
    });
  });
});

describe('the organisation', () => {
  it('is one’s own', async () => {
    const person = await hub.person();

    expect(await hub.api(peopleApi, person).organisation({})).toMatchObject({ id: person.orgId, currency: 'ZAR' });
  });
});
