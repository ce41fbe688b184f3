import { branchesApi } from '@loro/contracts/branches';
import { peopleApi } from '@loro/contracts/people';
import { type Person, testHub } from '../../testing/test-hub';
import { within } from '../../testing/within';
import { auth } from '../auth';

const hub = testHub();
const DAY_MS = 86_400_000;
const open = (person: Person) => hub.api(branchesApi, person);
const day = (shift: number): string =>
  new Date(hub.clock.now().getTime() + 2 * 3_600_000 + shift * DAY_MS).toISOString().slice(0, 10);
const homeOf = async (admin: Person, { userId }: { userId: string }): Promise<string | null> =>
  (await hub.api(peopleApi, admin).get({ userId })).homeBranchId;

/** Ends a membership on a date, which stands in the query. */
async function endOn({ token }: Person, membership: string, on: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`${hub.url}/api/v1/branches/${membership}?on=${on}`, { method: 'DELETE', headers });
  expect(status).toBe(204);
}

/** After a leap of the clock, which ends tokens. */
async function signedInAgain(person: Person): Promise<Person> {
  const from = { name: 'later', ip: '127.0.0.1' };
  const { accessToken: token } = await hub.hub.use(auth).sessions.open(person.orgId, person.userId, from);
  return { ...person, token };
}

async function twoBranches() {
  const admin = await hub.person({ role: 'admin' });
  const make = (code: string) => open(admin).create({ code, name: code, timezone: 'Africa/Johannesburg' });
  return { admin, north: await make('NORTH'), south: await make('SOUTH') };
}

describe('belonging to several branches', () => {
  it('is for a part of the time each, and one of them is the first', async () => {
    const { admin, north, south } = await twoBranches();
    const person = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    const { userId } = person;

    const second = await open(admin).addMember({ branchId: south.id, userId, fte: 0.4, role: 'Trainer' });

    expect(second).toMatchObject({ branchId: south.id, userId, fte: 0.4, role: 'Trainer', isPrimary: false, to: null });
    expect((await open(admin).members({ branchId: south.id })).data).toEqual([{ ...second, name: person.name }]);
    const other = open(admin).addMember({ branchId: admin.branchId, userId, isPrimary: true });
    await expect(other).rejects.toMatchObject({ status: 409, code: 'PRIMARY_EXISTS' });
    const twice = open(admin).addMember({ branchId: south.id, userId });
    await expect(twice).rejects.toMatchObject({ status: 409, code: 'MEMBERSHIP_OVERLAP' });
    expect(await homeOf(admin, person)).toBe(north.id);
  });

  it('gives one first branch where two are given at once', async () => {
    const { admin, north, south } = await twoBranches();
    const person = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    await open(admin).endMember({ branchId: north.id, membershipId: person.userId });
    const give = (branchId: string) => open(admin).addMember({ branchId, userId: person.userId, isPrimary: true });

    const outcomes = await Promise.allSettled([give(north.id), give(south.id)]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'PRIMARY_EXISTS' });
  });

  it('compares dates of the past and of what is planned too', async () => {
    const { admin, north, south } = await twoBranches();
    const person = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    const { userId } = person;
    await endOn(admin, `${north.id}/members/${userId}`, day(10));

    const early = open(admin).addMember({ branchId: south.id, userId, isPrimary: true, from: day(9) });
    await expect(early).rejects.toMatchObject({ code: 'PRIMARY_EXISTS' });
    const next = await open(admin).addMember({ branchId: south.id, userId, isPrimary: true, from: day(10) });

    expect(next).toMatchObject({ from: day(10) });
    expect((await open(admin).members({ branchId: south.id })).data).toEqual([]);
    expect((await open(admin).members({ branchId: south.id, on: day(10) })).data).toMatchObject([{ userId }]);
    expect((await open(admin).members({ branchId: north.id, on: day(10) })).data).toEqual([]);
    expect((await open(admin).members({ branchId: north.id, on: day(9) })).data).toMatchObject([{ userId }]);
  });
});

describe('what a role reaches', () => {
  it('is every branch that its holder belongs to, until he does not', async () => {
    const { admin, north, south } = await twoBranches();
    const below = await open(admin).create({ code: 'BELOW', name: 'B', timezone: 'UTC', parentId: south.id });
    const manager = await hub.person({ role: 'manager', beside: { orgId: admin.orgId, branchId: north.id } });
    const reached = async () => (await open(manager).list({})).data.map(({ code }) => code);
    expect(await reached()).toEqual(['NORTH']);
    const listener = await hub.listen('/notifications', manager);

    const { id: membershipId } = await open(admin).addMember({ branchId: south.id, userId: manager.userId, fte: 0.2 });

    await within(5_000, async () => expect(await reached()).toEqual(['BELOW', 'NORTH', 'SOUTH']));
    await within(5_000, () => listener.subscribe(`${admin.orgId}:notices:${below.id}`));
    await open(admin).endMember({ branchId: south.id, membershipId });
    await within(5_000, () => expect(open(manager).get({ branchId: below.id })).rejects.toMatchObject({ status: 404 }));
    await listener.next('stream:ended', ({ stream }: { stream: string }) => stream.endsWith(below.id));
    expect(await homeOf(admin, manager)).toBe(north.id);
  });
});

describe('a transfer', () => {
  it('keeps what was, moves the home, and tells both branches and the person', async () => {
    const { admin, north, south } = await twoBranches();
    const person = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    const stranger = await hub.person({ role: 'admin' });
    const [seer, self, outsider] = await Promise.all(
      [admin, person, stranger].map((one) => hub.listen('/notifications', one)),
    );
    for (const { id } of [north, south]) await seer?.subscribe(`${admin.orgId}:notices:${id}`);

    const membershipId = person.userId;
    const moved = await open(admin).transferMember({ branchId: north.id, membershipId, toBranchId: south.id });

    expect(moved).toMatchObject({ branchId: south.id, isPrimary: true, fte: 1, from: day(0), to: null });
    const past = await open(admin).members({ branchId: north.id, history: 'true' });
    expect(past.data).toMatchObject([{ id: membershipId, to: day(0), isPrimary: true }]);
    expect(await homeOf(admin, person)).toBe(south.id);
    expect(
      await seer?.next('branch:member-changed', ({ branchId }: { branchId: string }) => branchId === south.id),
    ).toEqual(moved);
    await seer?.next('branch:member-changed', ({ branchId }: { branchId: string }) => branchId === north.id);
    expect(
      await self?.next('membership:changed', ({ branchId }: { branchId: string }) => branchId === south.id),
    ).toEqual(moved);
    expect(outsider?.heard('branch:member-changed')).toEqual([]);
  });

  it('of a date to come takes place on that date, in the branch’s own time', async () => {
    const { admin, north, south } = await twoBranches();
    const person = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    const on = day(2);
    const transfer = { branchId: north.id, membershipId: person.userId, toBranchId: south.id, on };
    await open(admin).transferMember(transfer);
    const midnight = Date.parse(`${on}T00:00:00+02:00`);

    hub.clock.advance(midnight - hub.clock.now().getTime() - 60_000);
    await hub.work('branch.hours-tick', { tick: hub.clock.now().toISOString() });
    expect(await homeOf(await signedInAgain(admin), person)).toBe(north.id);
    hub.clock.advance(120_000);
    await hub.work('branch.hours-tick', { tick: hub.clock.now().toISOString() });
    await hub.work('branch.hours-tick', { tick: hub.clock.now().toISOString() });

    const later = await signedInAgain(admin);
    expect(await homeOf(later, person)).toBe(south.id);
    expect((await open(later).members({ branchId: south.id })).data).toMatchObject([{ userId: person.userId }]);
  });
});

describe('the people room', () => {
  it('gives a membership with an invitation, moves it with the home, and ends it when somebody leaves', async () => {
    const { admin, north, south } = await twoBranches();
    const people = hub.api(peopleApi, admin);

    const invited = await people.invite({
      email: `a${admin.userId}@example.test`.toLowerCase(),
      name: 'New',
      branchId: north.id,
      roles: ['staff'],
    });
    const { id: userId } = invited;
    expect((await open(admin).members({ branchId: north.id })).data).toMatchObject([
      { userId, isPrimary: true, to: null },
    ]);
    const moved = await people.update(
      { userId, homeBranchId: south.id },
      { headers: { 'if-match': `"${invited.version}"` } },
    );
    expect((await open(admin).members({ branchId: north.id })).data).toEqual([]);
    expect((await open(admin).members({ branchId: south.id })).data).toMatchObject([{ userId, isPrimary: true }]);
    await people.deactivate({ userId });
    expect((await open(admin).members({ branchId: south.id })).data).toEqual([]);
    const again = open(admin).addMember({ branchId: south.id, userId });
    await expect(again).rejects.toMatchObject({ status: 409, code: 'USER_NOT_WORKING' });

    await people.reactivate({ userId });
    expect((await open(admin).members({ branchId: south.id })).data).toMatchObject([{ userId, isPrimary: true }]);
    expect((await open(admin).members({ branchId: south.id, history: 'true' })).data).toHaveLength(2);
    expect(moved.homeBranchId).toBe(south.id);
  });

  it('gives memberships to everybody whom a file brings, by the code of the branch', async () => {
    const { admin, north, south } = await twoBranches();
    const mail = (at: number) => `p${at}.${admin.orgId}@example.test`.toLowerCase();
    const lines = Array.from({ length: 12 }, (_, at) => `${mail(at)},Person ${at},${at < 8 ? 'NORTH' : 'SOUTH'}`);

    await hub.api(peopleApi, admin).import({ csv: ['email,name,branch', ...lines].join('\n'), dryRun: false });

    expect((await open(admin).members({ branchId: north.id })).data).toHaveLength(8);
    const there = await open(admin).members({ branchId: south.id });
    expect(there.data).toMatchObject(Array.from({ length: 4 }, () => ({ isPrimary: true, fte: 1, from: day(0) })));
  });

  it('keeps memberships of who is suspended, and frees what a leaver held and managed', async () => {
    const { admin, north } = await twoBranches();
    const people = hub.api(peopleApi, admin);
    const { userId } = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    const asRead = { headers: { 'if-match': `"${north.version}"` } };
    await open(admin).update({ branchId: north.id, managerId: userId }, asRead);
    const { id: resourceId } = await open(admin).createResource({
      branchId: north.id,
      kind: 'desk',
      label: 'Desk',
      capacity: 1,
    });
    await open(admin).allocate({ resourceId, holderId: userId });

    await people.suspend({ userId });
    expect((await open(admin).members({ branchId: north.id })).data).toHaveLength(1);
    expect((await open(admin).resources({ branchId: north.id })).data).toMatchObject([{ allocated: 1 }]);
    await people.deactivate({ userId });

    expect((await open(admin).members({ branchId: north.id })).data).toEqual([]);
    expect((await open(admin).resources({ branchId: north.id })).data).toMatchObject([{ allocated: 0 }]);
    expect(await open(admin).get({ branchId: north.id })).toMatchObject({ managerId: null });
  });
});

describe('staffing', () => {
  it('is for those who staff the branch, and knows nobody of another organisation', async () => {
    const { admin, north } = await twoBranches();
    const stranger = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', elsewhereIn: admin });
    const staff = await hub.person({ beside: { orgId: admin.orgId, branchId: north.id } });
    const absent = { status: 404, code: 'NOT_FOUND' };

    await expect(open(admin).addMember({ branchId: north.id, userId: stranger.userId })).rejects.toMatchObject(absent);
    await expect(open(stranger).members({ branchId: north.id })).rejects.toMatchObject(absent);
    const foreign = open(stranger).endMember({ branchId: north.id, membershipId: staff.userId });
    await expect(foreign).rejects.toMatchObject(absent);
    await expect(open(manager).addMember({ branchId: north.id, userId: staff.userId })).rejects.toMatchObject(absent);
    const own = open(staff).addMember({ branchId: north.id, userId: staff.userId });
    await expect(own).rejects.toMatchObject({ status: 403 });
    await open(admin).endMember({ branchId: north.id, membershipId: staff.userId });
    const twice = open(admin).endMember({ branchId: north.id, membershipId: staff.userId });
    await expect(twice).rejects.toMatchObject({ status: 409, code: 'MEMBERSHIP_OVER' });
  });
});
