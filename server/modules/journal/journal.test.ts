import { journalApi } from '@loro/contracts/journal';
import type { JournalEntry } from '@loro/contracts/journal-entries';
import { LiveEntry, sealEntries } from '@loro/contracts/journal-live';
import { ulid } from 'ulid';
import type { JournalNote } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { journal } from '.';

const DAY_MS = 86_400_000;
const hub = testHub();
const seal = () => hub.work(sealEntries.name);
const tell = (...notes: JournalNote[]) =>
  hub.hub.transact(async (after) => {
    for (const note of notes) after.record(note);
  });
const streamOf = ({ orgId }: Person) => `${orgId}:journal:${orgId}`;
const api = (person: Person) => hub.api(journalApi, person);
const actionsOf = ({ data }: { data: readonly JournalEntry[] }) => data.map(({ action }) => action);

describe('searching the journal', () => {
  it('finds by thing, kind, severity and time, newest first and page by page', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { orgId } = admin;
    const entity = { type: 'client', id: ulid() };
    await tell(
      { action: 'client.made', orgId, entity },
      { action: 'client.updated', orgId, entity, severity: 'notice' },
      { action: 'plan.changed', orgId, type: 'system_event' },
    );
    const of = { entityType: 'client', entityId: entity.id };

    const first = await api(admin).list({ ...of, limit: 1 });
    const rest = await api(admin).list({ ...of, limit: 1, cursor: first.page.nextCursor ?? '' });

    expect([...actionsOf(first), ...actionsOf(rest)]).toEqual(['client.updated', 'client.made']);
    expect(rest.page.nextCursor).toBeNull();
    expect(actionsOf(await api(admin).list({ ...of, severity: 'notice' }))).toEqual(['client.updated']);
    expect(actionsOf(await api(admin).list({ type: 'system_event' }))).toEqual(['plan.changed']);
    const later = new Date(hub.clock.now().getTime() + 1_000).toISOString();
    expect(actionsOf(await api(admin).list({ ...of, from: later }))).toEqual([]);
  });

  it('spans a month, and more only for one thing', async () => {
    const admin = await hub.person({ role: 'admin' });
    const entity = { type: 'client', id: ulid() };
    await tell({ action: 'client.made', orgId: admin.orgId, entity });
    hub.clock.advance(40 * DAY_MS);
    const from = new Date(hub.clock.now().getTime() - 50 * DAY_MS).toISOString();
    const fresh = await hub.person({ role: 'admin', beside: admin });

    const byDefault = await api(fresh).list({ action: 'client.made' });
    const ofThing = await api(fresh).list({ entityType: 'client', entityId: entity.id });
    const tooLong = api(fresh).list({ from });
    await expect(tooLong).rejects.toMatchObject({ status: 422, code: 'JOURNAL_RANGE_TOO_LARGE' });
    hub.clock.advance(-40 * DAY_MS);

    expect(actionsOf(byDefault)).toEqual([]);
    expect(actionsOf(ofThing)).toEqual(['client.made']);
  });

  it('shows managers what happens at their branch, without security events', async () => {
    const manager = await hub.person({ role: 'manager' });
    const elsewhere = await hub.person({ elsewhereIn: manager });
    const { orgId } = manager;
    await tell(
      { action: 'thing.here', orgId, branchId: manager.branchId },
      { action: 'thing.there', orgId, branchId: elsewhere.branchId },
      { action: 'thing.nowhere', orgId },
      { action: 'factor.removed', orgId, branchId: manager.branchId, type: 'security_event' },
    );

    const { data } = await api(manager).list();

    expect(data.map(({ action }) => action)).toEqual(['thing.here']);
    await expect(api(manager).security()).rejects.toMatchObject({ status: 403 });
    const there = await api(await hub.person({ role: 'admin', beside: manager })).list({ action: 'thing.there' });
    await expect(api(manager).get({ entryId: there.data[0]?.id ?? '' })).rejects.toMatchObject({ status: 404 });
  });

  it('shows staff only what they did themselves', async () => {
    const staff = await hub.person();
    const colleague = await hub.person({ beside: staff });
    await api(staff).writeNote({ title: 'Mine', text: 'By me' });
    await api(colleague).writeNote({ title: 'Theirs', text: 'By somebody else' });

    const { data } = await api(staff).mine({ action: 'note.written' });

    expect(data.map(({ actor }) => actor.id)).toEqual([staff.userId]);
    await expect(api(staff).list()).rejects.toMatchObject({ status: 403 });
  });

  it('shows another organisation nothing', async () => {
    const admin = await hub.person({ role: 'admin' });
    const stranger = await hub.person({ role: 'admin' });
    const entity = { type: 'client', id: ulid() };
    await tell({ action: 'client.made', orgId: admin.orgId, entity });
    const [entry] = (await api(admin).list({ entityType: 'client', entityId: entity.id })).data;

    await expect(api(stranger).get({ entryId: entry?.id ?? '' })).rejects.toMatchObject({ status: 404 });
    expect((await api(stranger).list({ entityType: 'client', entityId: entity.id })).data).toEqual([]);
    await expect(api(stranger).history({ type: 'client', entityId: entity.id })).rejects.toMatchObject({ status: 404 });
  });

  it('is told in the journal itself', async () => {
    const admin = await hub.person({ role: 'admin' });

    await api(admin).list({ type: 'system_event' });
    await api(admin).security();
    await api(admin).errors();

    const { data } = await api(admin).mine({ type: 'user_action' });
    expect(data.map(({ action, data: said }) => [action, said['filter']])).toEqual([
      ['journal.errors-read', { limit: '50' }],
      ['journal.security-searched', { limit: '50' }],
      ['journal.searched', { limit: '50', type: 'system_event' }],
    ]);
  });
});

describe('the history of a thing', () => {
  const entity = () => ({ type: 'shelf', id: ulid() });

  it('lists what changed step by step, and how it stood in between', async () => {
    const admin = await hub.person({ role: 'admin' });
    const { orgId } = admin;
    const shelf = entity();
    const states = [
      { name: 'A', size: { w: 1 }, version: 1 },
      { name: 'B', size: { w: 1, h: 2 }, version: 2 },
      { name: 'C', size: { h: 2 }, version: 3 },
    ];
    const times: string[] = [];
    for (const [index, after] of states.entries()) {
      const before = states[index - 1];
      await tell({ action: 'shelf.kept', orgId, entity: shelf, ...(before && { before }), after });
      times.push(hub.clock.now().toISOString());
      hub.clock.advance(1_000);
    }
    await tell({ action: 'shelf.removed', orgId, entity: shelf, before: states[2] ?? {} });
    const at = { type: 'shelf', entityId: shelf.id };

    const { data } = await api(admin).history(at);
    const stood = await Promise.all(times.map((time) => api(admin).asOf({ ...at, at: time })));
    const end = await api(admin).asOf({ ...at, at: new Date(hub.clock.now().getTime() + 1_000).toISOString() });
    const start = await api(admin).asOf({ ...at, at: '2020-01-01T00:00:00Z' });
    hub.clock.advance(-3_000);

    expect(data[1]?.changes).toEqual([
      { path: '/name', from: 'A', to: 'B' },
      { path: '/size/h', to: 2 },
      { path: '/version', from: 1, to: 2 },
    ]);
    expect(stood.map(({ state }) => state)).toEqual(states);
    expect(stood.every(({ exists, isWhole }) => exists && isWhole)).toBe(true);
    expect([start, end].map(({ exists, state }) => [exists, state])).toEqual([
      [false, {}],
      [false, {}],
    ]);
  });

  it('is page by page', async () => {
    const admin = await hub.person({ role: 'admin' });
    const shelf = entity();
    for (let n = 0; n < 3; n += 1)
      await tell({ action: `shelf.moved-${n}`, orgId: admin.orgId, entity: shelf, before: { n }, after: { n: n + 1 } });
    const at = { type: 'shelf', entityId: shelf.id };

    const first = await api(admin).history({ ...at, limit: 2 });
    const rest = await api(admin).history({ ...at, limit: 2, cursor: first.page.nextCursor ?? '' });

    expect([...first.data, ...rest.data].map(({ action }) => action)).toEqual([
      'shelf.moved-0',
      'shelf.moved-1',
      'shelf.moved-2',
    ]);
  });

  it('is for managers of the branch where it is, or for whom its room lets read it', async () => {
    const manager = await hub.person({ role: 'manager' });
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: manager });
    const shelf = entity();
    const { orgId, branchId } = manager;
    await tell({ action: 'shelf.made', orgId, branchId, entity: shelf, after: { n: 1 } });
    const box = { type: 'box', id: ulid() };
    await tell({ action: 'box.made', orgId, branchId, entity: box, after: { n: 1 } });
    hub.hub.use(journal).readable('box', async ({ userId }) => userId === elsewhere.userId);

    expect((await api(manager).history({ type: 'shelf', entityId: shelf.id })).data).toHaveLength(1);
    const refused = { status: 404 };
    await expect(api(elsewhere).history({ type: 'shelf', entityId: shelf.id })).rejects.toMatchObject(refused);
    expect((await api(elsewhere).history({ type: 'box', entityId: box.id })).data).toHaveLength(1);
    await expect(api(manager).history({ type: 'box', entityId: box.id })).rejects.toMatchObject(refused);
  });

  it('shows personal values to who may see them, and a word to others', async () => {
    const admin = await hub.person({ role: 'admin' });
    const manager = await hub.person({ role: 'manager', beside: admin });
    const shelf = entity();
    const { orgId, branchId } = admin;
    const personal = ['owner'];
    await tell({ action: 'shelf.made', orgId, branchId, entity: shelf, after: { owner: 'Zoë', n: 1 }, personal });
    const at = { type: 'shelf', entityId: shelf.id };

    const [seen] = (await api(admin).history(at)).data;
    const [masked] = (await api(manager).history(at)).data;

    expect(seen?.changes).toContainEqual({ path: '/owner', to: 'Zoë' });
    expect(masked?.changes).toContainEqual({ path: '/owner', to: '[personal]' });
    expect(masked?.changes).toContainEqual({ path: '/n', to: 1 });
  });
});

describe('a note by hand', () => {
  it('is in the journal, its text under the key of the thing it is about', async () => {
    const staff = await hub.person();
    const entity = { type: 'shelf', id: ulid() };

    const note = await api(staff).writeNote({ title: 'Loose', text: 'Zoë fixed it.', entity });

    expect(note).toMatchObject({ type: 'user_action', action: 'note.written', entity, branchId: staff.branchId });
    expect(note.data).toMatchObject({ title: { value: 'Loose' }, text: { value: 'Zoë fixed it.' } });
    const [key] = await hub.sql('SELECT subject_type, subject_id FROM journal_pii_keys WHERE org_id = ?', [
      staff.orgId,
    ]);
    expect(key).toEqual({ subject_type: 'shelf', subject_id: entity.id });
  });

  it('is written once, however often it is sent', async () => {
    const staff = await hub.person();
    const headers = { 'idempotency-key': ulid() };
    const body = { title: 'Once', text: 'Only once' };

    const [one, two] = [await api(staff).writeNote(body, { headers }), await api(staff).writeNote(body, { headers })];

    expect(two.id).toBe(one.id);
    expect((await api(staff).mine({ action: 'note.written' })).data).toHaveLength(1);
  });
});

describe('changing an entry', () => {
  it.each(['PUT', 'PATCH', 'DELETE'])('is refused by %s, for owners too, whatever the id', async (method) => {
    const owner = await hub.person({ role: 'owner' });
    const note = await api(owner).writeNote({ title: 'Stays', text: 'As it is' });

    for (const id of [note.id, '1']) {
      const answer = await fetch(`${hub.url}/api/v1/journal/${id}`, {
        method,
        headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
        ...(method !== 'DELETE' && { body: '{}' }),
      });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'JOURNAL_READ_ONLY' });
    }
  });
});

describe('hearing the journal live', () => {
  it('tells admins each entry in its order when it is sealed, masked', async () => {
    const admin = await hub.person({ role: 'admin' });
    await seal();
    const listener = await hub.listen('/notifications', admin);
    await listener.subscribe(streamOf(admin));
    const entity = { type: 'client', id: ulid() };
    await tell(
      { action: 'client.made', orgId: admin.orgId, entity, after: { email: 'a@b.test' }, personal: ['email'] },
      { action: 'client.updated', orgId: admin.orgId, entity, data: { reason: 'none' } },
    );
    expect(listener.heard('journal:entry')).toEqual([]);

    await seal();

    await listener.next('journal:entry', ({ action }: { action: string }) => action === 'client.updated');
    const heard = listener.heard('journal:entry').map((entry) => LiveEntry.parse(entry));
    expect(heard.map(({ action }) => action)).toEqual(['client.made', 'client.updated']);
    expect(heard[1]?.seq).toBe((heard[0]?.seq ?? 0) + 1);
    expect(Object.keys(Object(listener.heard('journal:entry')[0])).toSorted()).toEqual([
      'action',
      'actor',
      'entity',
      'seq',
      'severity',
      'type',
    ]);
  });

  it('is for admins of the organisation alone', async () => {
    const admin = await hub.person({ role: 'admin' });
    const outsiders = [
      await hub.person({ beside: admin }),
      await hub.person({ role: 'manager', beside: admin }),
      await hub.person({ role: 'admin' }),
    ];

    for (const person of outsiders) {
      const listener = await hub.listen('/notifications', person);
      await expect(listener.subscribe(streamOf(admin))).rejects.toThrow('not subscribed');
    }
  });
});
