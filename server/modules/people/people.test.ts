import { peopleApi } from '@loro/contracts/people';
import { ulid } from '../../platform';
import { testHub } from '../../testing/test-hub';
import { people } from '.';

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

  it('finds by role, asking the rooms that know', async () => {
    const admin = await hub.person({ role: 'admin' });
    const chosen = await hub.person({ beside: admin });
    hub.hub.use(people).hook({
      withRole: async (orgId, role) => (orgId === admin.orgId && role === 'sales' ? [chosen.userId] : []),
    });
    const api = hub.api(peopleApi, admin);

    expect((await api.list({ role: 'sales' })).data.map(({ id }) => id)).toEqual([chosen.userId]);
    expect((await api.list({ role: 'finance' })).data).toEqual([]);
  });

  it('answers 404 for another organisation’s person, and for an id that cannot be', async () => {
    const person = await hub.person();
    const stranger = await hub.person({ role: 'admin' });

    expect(await hub.api(peopleApi, person).get({ userId: person.userId })).toMatchObject({ name: person.name });
    for (const userId of [person.userId, 'nobody'])
      await expect(hub.api(peopleApi, stranger).get({ userId })).rejects.toMatchObject({ status: 404 });
    await expect(hub.api(peopleApi, stranger).reports({ userId: person.userId })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('refuses a cursor that it did not give out', async () => {
    const api = hub.api(peopleApi, await hub.person());

    await expect(api.list({ cursor: 'WyJhIl0.made-up-by-me' })).rejects.toMatchObject({
      status: 400,
      code: 'BAD_QUERY',
    });
  });
});

describe('who sees what of a person', () => {
  it('shows staff the name, photo, job and branch of a colleague, and hr everything', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const colleague = await hub.person({ beside: hr });

    const seen = await hub.api(peopleApi, staff).get({ userId: colleague.userId });
    const seenByHr = await hub.api(peopleApi, hr).get({ userId: colleague.userId });
    const own = await hub.api(peopleApi, staff).get({ userId: staff.userId });

    expect(Object.keys(seen).toSorted()).toEqual(
      ['id', 'name', 'kind', 'homeBranchId', 'jobTitle', 'avatarDocumentId', 'version', 'profile'].toSorted(),
    );
    expect(seen.profile).toEqual({ customFields: {} });
    expect(seenByHr).toMatchObject({ email: colleague.email, status: 'active', profile: { skills: [] } });
    expect(own).toMatchObject({ email: staff.email, status: 'active' });
  });

  it('shows staff nobody who was suspended or left, and hr both', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const gone = await hub.person({ beside: hr });
    await hub.sql("UPDATE users SET status = 'suspended' WHERE id = ?", [gone.userId]);
    const idsFor = async (who: typeof hr, query: object) =>
      (await hub.api(peopleApi, who).list(query)).data.map(({ id }) => id);

    expect(await idsFor(staff, {})).not.toContain(gone.userId);
    expect(await idsFor(staff, { status: 'suspended' })).toEqual([]);
    expect(await idsFor(hr, { status: 'suspended' })).toEqual([gone.userId]);
  });

  it('finds by address only for who may see addresses', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const q = staff.email.slice(0, 20);

    expect((await hub.api(peopleApi, hr).list({ q })).data.map(({ id }) => id)).toEqual([staff.userId]);
    expect((await hub.api(peopleApi, staff).list({ q })).data).toEqual([]);
  });

  it('follows the field rules of the organisation, made-up fields included', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    const other = await hub.person({ beside: hr });
    await hub.api(peopleApi, hr).setFieldRules({
      fields: { phone: { seenBy: 'everybody', changedBy: 'self' } },
      customFields: [
        { name: 'shirt', label: 'Shirt', type: 'choice', choices: ['S', 'M'], seenBy: 'everybody', changedBy: 'self' },
        { name: 'grade', label: 'Pay grade', type: 'number', choices: [], seenBy: 'details', changedBy: 'write' },
      ],
    });
    const change = { phone: '+27821234567', customFields: { shirt: 'M', grade: 7 } };
    const asRead = { headers: { 'if-match': '"1"' } };

    await hub.api(peopleApi, hr).update({ userId: staff.userId, ...change }, asRead);

    const [colleague, self, details] = await Promise.all(
      [other, staff, hr].map((who) => hub.api(peopleApi, who).get({ userId: staff.userId })),
    );
    expect(colleague).toMatchObject({ phone: '+27821234567', profile: { customFields: { shirt: 'M' } } });
    expect(self?.profile?.customFields).toEqual({ shirt: 'M' });
    expect(details?.profile?.customFields).toEqual({ shirt: 'M', grade: 7 });
    expect((await hub.api(peopleApi, staff).me()).profile.customFields).toEqual({ shirt: 'M' });
  });
});

describe('changing oneself', () => {
  it('takes what is one’s own, and needs the version that was read', async () => {
    const staff = await hub.person();
    const api = hub.api(peopleApi, staff);
    const asRead = { headers: { 'if-match': '"1"' } };
    const birthday = '1990-02-28';

    const changed = await api.updateMe({ name: 'Zoë', birthday, skills: ['forklift'] }, asRead);

    expect(changed).toMatchObject({ name: 'Zoë', version: 2, profile: { birthday, skills: ['forklift'] } });
    await expect(api.updateMe({ name: 'Too late' }, asRead)).rejects.toMatchObject({ status: 412 });
    await expect(api.updateMe({ name: 'No version' })).rejects.toMatchObject({ status: 428 });
  });

  it('refuses roles, status, rank and organisation by name, every one of them', async () => {
    const staff = await hub.person();
    const more = {
      status: 'active',
      roles: ['admin'],
      orgId: ulid(),
      kind: 'person',
      jobTitle: 'Boss',
      managerId: null,
    };
    // A caller that knows no contract sends what it likes.
    const api = hub.api(peopleApi, staff) as unknown as {
      updateMe: (input: object, extra: object) => Promise<unknown>;
    };

    const refused = api.updateMe({ name: 'Me', ...more }, { headers: { 'if-match': '"1"' } });

    await expect(refused).rejects.toMatchObject({
      status: 422,
      problem: { errors: Object.keys(more).map((path) => expect.objectContaining({ path }) as object) },
    });
  });

  it('is bound by the field rules', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    await hub.api(peopleApi, hr).setFieldRules({
      fields: { phone: { seenBy: 'self', changedBy: 'write' } },
      customFields: [
        { name: 'grade', label: 'Grade', type: 'number', choices: [], seenBy: 'self', changedBy: 'write' },
      ],
    });
    const api = hub.api(peopleApi, staff);
    const asRead = { headers: { 'if-match': '"1"' } };

    await expect(api.updateMe({ phone: null, customFields: { grade: 9 } }, asRead)).rejects.toMatchObject({
      code: 'FIELD_FORBIDDEN',
      problem: {
        errors: [expect.objectContaining({ path: 'phone' }), expect.objectContaining({ path: 'customFields.grade' })],
      },
    });
    await expect(api.updateMe({ customFields: { nobodyKnows: 1 } }, asRead)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});
