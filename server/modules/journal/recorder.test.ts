import { journalApi } from '@loro/contracts/journal';
import type { JournalNote } from '../../platform';
import { type Person, testHub } from '../../testing/test-hub';
import { journal } from '.';

const hub = testHub();

interface Row {
  readonly id: string;
  readonly action: string;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly data: string;
  readonly pii_refs: string;
}

const tell = (...notes: JournalNote[]) =>
  hub.hub.transact(async (after) => {
    for (const note of notes) after.record(note);
  });
const rowsOf = ({ orgId }: Pick<Person, 'orgId'>) =>
  hub.sql<Row>("SELECT * FROM journal_entries WHERE org_id = ? AND action <> 'session.opened' ORDER BY id", [orgId]);
const dataOf = async (person: Person, index = 0): Promise<Record<string, unknown>> => {
  const row = (await rowsOf(person))[index];
  return row ? JSON.parse(row.data) : {};
};
const entityOf = (person: Person) => ({ type: 'user', id: person.userId });

describe('acceptance: an action and its entry are one', () => {
  it('leaves no entry when the action is rolled back', async () => {
    const person = await hub.person();

    const acted = hub.hub.transact(async (after) => {
      after.record({ action: 'user.updated', orgId: person.orgId, entity: entityOf(person) });
      await hub.hub.sequelize.query('UPDATE users SET name = ? WHERE org_id = ? AND id = ?', {
        replacements: ['Somebody else', person.orgId, person.userId],
      });
      throw new Error('changed its mind');
    });

    await expect(acted).rejects.toThrow('changed its mind');
    expect(await rowsOf(person)).toEqual([]);
  });

  it('undoes the action when the entry cannot be written, and answers 503', async () => {
    const person = await hub.person();
    await hub.sql('RENAME TABLE journal_entries TO journal_entries_away');

    const acted = hub.hub.transact(async (after) => {
      after.record({ action: 'user.updated', orgId: person.orgId, entity: entityOf(person) });
      await hub.hub.sequelize.query('UPDATE users SET name = ? WHERE org_id = ? AND id = ?', {
        replacements: ['Somebody else', person.orgId, person.userId],
      });
    });
    await expect(acted).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN', status: 503 });
    await hub.sql('RENAME TABLE journal_entries_away TO journal_entries');

    const [user] = await hub.sql<{ name: string }>('SELECT name FROM users WHERE id = ?', [person.userId]);
    expect(user?.name).toBe(person.name);
    expect(await rowsOf(person)).toEqual([]);
  });

  it('undoes an action that says a number which no other program could read the same', async () => {
    const person = await hub.person();

    const acted = tell({ action: 'thing.made', orgId: person.orgId, data: { sizes: [1, 0.1] } });

    await expect(acted).rejects.toMatchObject({
      code: 'JOURNAL_BAD_VALUE',
      status: 422,
      details: { errors: [{ path: '/sizes/1' }] },
    });
    expect(await rowsOf(person)).toEqual([]);
  });
});

describe('telling the journal', () => {
  it('costs one statement for all that a transaction says, in the order it was said', async () => {
    const person = await hub.person();
    const notes = Array.from({ length: 20 }, (_, index) => ({
      action: `thing.changed-${index}`,
      orgId: person.orgId,
    }));
    const statements = jest.spyOn(hub.hub.sequelize, 'query');

    await tell(...notes);

    const inserts = statements.mock.calls.filter(([sql]) => typeof sql === 'string' && sql.includes('journal_entries'));
    statements.mockRestore();
    expect(inserts).toHaveLength(1);
    expect((await rowsOf(person)).map(({ action }) => action)).toEqual(notes.map(({ action }) => action));
  });

  it('takes more than a server takes in one statement', async () => {
    const person = await hub.person();
    const note = { action: 'thing.made', orgId: person.orgId, data: { text: 'x'.repeat(60_000) } };

    await tell(...Array.from({ length: 400 }, () => note));

    expect(await rowsOf(person)).toHaveLength(400);
  });

  it('knows the person, the request, a part of the address and the kind of program', async () => {
    const person = await hub.person();

    await hub
      .api(journalApi, person)
      .writeNote(
        { title: 'Gate', text: 'The gate was open.' },
        { headers: { 'x-request-id': 'my-request', 'user-agent': 'LoroField/3.2 (Android)' } },
      );

    const [row] = await rowsOf(person);
    expect(row).toMatchObject({ actor_kind: 'user', actor_id: person.userId, action: 'note.written' });
    const { source } = await dataOf(person);
    expect(source).toEqual({
      branchId: person.branchId,
      requestId: 'my-request',
      sessionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      ip: '127.0.0.0',
      agent: 'LoroField',
    });
    expect(row?.data).not.toContain(person.sessionId);
  });

  it('says of what the hub does by itself that the hub did it', async () => {
    const person = await hub.person();

    await tell({ action: 'thing.swept', orgId: person.orgId });

    expect(await rowsOf(person)).toMatchObject([{ actor_kind: 'system', actor_id: 'hub' }]);
  });

  it('takes things with floats, dates and fields without a value, and says what was made, changed and removed', async () => {
    const person = await hub.person();
    const entity = entityOf(person);
    const thing = { lat: -26.2041, at: new Date('2026-01-02T03:04:05.678Z'), note: undefined, count: 3 };

    await tell(
      { action: 'thing.made', orgId: person.orgId, entity, after: thing },
      { action: 'thing.changed', orgId: person.orgId, entity, before: thing, after: { ...thing, lat: 1.5 } },
      { action: 'thing.removed', orgId: person.orgId, entity, before: { count: 3 } },
    );

    expect(await dataOf(person, 0)).toEqual({
      created: true,
      changes: [
        { path: '/at', to: '2026-01-02T03:04:05.678Z' },
        { path: '/count', to: 3 },
        { path: '/lat', to: '-26.2041' },
      ],
    });
    expect(await dataOf(person, 1)).toEqual({ changes: [{ path: '/lat', from: '-26.2041', to: '1.5' }] });
    expect(await dataOf(person, 2)).toEqual({ removed: true, changes: [{ path: '/count', from: 3 }] });
  });

  it('keeps what belongs to no organisation in a journal of the hub', async () => {
    await tell({ type: 'security_event', action: 'sign-in.failed', outcome: 'failure' });

    const rows = await hub.sql<Row>("SELECT * FROM journal_entries WHERE org_id = REPEAT('0', 26)");
    expect(rows.map(({ action }) => action)).toContain('sign-in.failed');
  });

  it('lets nobody change or remove a row, sealed or not', async () => {
    const person = await hub.person();
    await tell({ action: 'thing.made', orgId: person.orgId });
    const where = `WHERE org_id = '${person.orgId}'`;

    await expect(hub.sql(`UPDATE journal_entries SET action = 'x' ${where}`)).rejects.toThrow('do not change');
    await expect(hub.sql(`UPDATE journal_entries SET unsealed = NULL ${where}`)).rejects.toThrow('do not change');
    await expect(hub.sql(`DELETE FROM journal_entries ${where}`)).rejects.toThrow('stay');
    await hub.hub.use(journal).sealer.sealAll();
    await expect(hub.sql(`UPDATE journal_entries SET hash = REPEAT('0', 64) ${where}`)).rejects.toThrow(
      'do not change',
    );
    await expect(hub.sql(`DELETE FROM journal_entries ${where}`)).rejects.toThrow('stay');
  });
});

describe('personal values', () => {
  const personal = (person: Person, email: string): JournalNote => ({
    action: 'user.updated',
    orgId: person.orgId,
    entity: entityOf(person),
    before: { email: 'old@example.test', contact: { phone: '+27 1', kind: 'home' } },
    after: { email, contact: { phone: '+27 2', kind: 'work' } },
    personal: ['email', 'contact.phone'],
  });

  it('stand in the entry as references and commitments only', async () => {
    const person = await hub.person();

    await tell(personal(person, 'new@example.test'));

    const [row] = await rowsOf(person);
    expect(row?.data).not.toMatch(/example|\+27/);
    const { changes } = await dataOf(person);
    const pii = { $pii: expect.any(String), c: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(changes).toEqual([
      { path: '/contact/kind', from: 'home', to: 'work' },
      { path: '/contact/phone', from: pii, to: pii },
      { path: '/email', from: pii, to: pii },
    ]);
    expect(JSON.parse(row?.pii_refs ?? '[]')).toHaveLength(4);
  });

  it('are told twice under one key by two at once', async () => {
    const person = await hub.person();

    await Promise.all(Array.from({ length: 8 }, (_, index) => tell(personal(person, `new${index}@example.test`))));

    const keys = await hub.sql('SELECT 1 FROM journal_pii_keys WHERE org_id = ?', [person.orgId]);
    expect(keys).toHaveLength(1);
    const refs = (await rowsOf(person)).flatMap(({ pii_refs: text }): string[] => JSON.parse(text));
    expect((await hub.hub.use(journal).personal.open(person.orgId, refs)).size).toBe(32);
  });

  it('lose no value when the transaction that made the key is rolled back', async () => {
    const person = await hub.person();
    const failed = hub.hub.transact(async (after) => {
      after.record(personal(person, 'first@example.test'));
      // Told last, so that the key was made before it fails.
      after.record({ action: 'x'.repeat(10), orgId: 'no organisation has an id as long as this one' });
    });
    await expect(failed).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' });

    await tell(personal(person, 'second@example.test'));
    await tell(personal(person, 'third@example.test'));

    const refs = (await rowsOf(person)).flatMap(({ pii_refs: text }): string[] => JSON.parse(text));
    const values = [...(await hub.hub.use(journal).personal.open(person.orgId, refs)).values()];
    expect(values).toEqual(expect.arrayContaining(['second@example.test', 'third@example.test']));
    expect(values).toHaveLength(8);
  });

  it('are the whole address where something is wrong', async () => {
    const person = await hub.person();

    await hub.hub
      .use(journal)
      .recorder.record([{ action: 'token.refused', orgId: person.orgId, severity: 'warning' }], {
        requestId: 'r',
        ip: '203.0.113.9',
        userAgent: '',
      });

    const [row] = await rowsOf(person);
    expect(row).toMatchObject({ actor_kind: 'anonymous', actor_id: null });
    expect(row?.data).not.toContain('203.0');
    const values = await hub.hub.use(journal).personal.open(person.orgId, JSON.parse(row?.pii_refs ?? '[]'));
    expect([...values.values()]).toEqual(['203.0.113.9']);
  });
});
