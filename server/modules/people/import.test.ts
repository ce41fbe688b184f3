import { peopleApi } from '@loro/contracts/people';
import { type Person, testHub } from '../../testing/test-hub';
import { people } from '.';

const hub = testHub();
const apiOf = (who: Person) => hub.api(peopleApi, who);
const mailOf = (n: number | string, { orgId }: Person) => `p${n}-${orgId.toLowerCase()}@example.test`;
const countOf = async (orgId: string): Promise<number> =>
  (await hub.sql('SELECT id FROM users WHERE org_id = ?', [orgId])).length;

// Thousands of invitations wait here: whoever looks for a mail of his own in a later test would send them all first.
afterEach(() => hub.sql("UPDATE outbox_jobs SET state = 'done' WHERE name = 'mail.send-mail' AND state = 'open'"));

/** A heading and `count` lines; some are spoilt. */
function fileOf(hr: Person, count: number, spoilt: Readonly<Record<number, string>> = {}): string {
  const lines = Array.from(
    { length: count },
    (_, index) => spoilt[index + 2] ?? `${mailOf(index, hr)},Person ${index},E-${index},${hr.branchId}`,
  );
  return ['E-mail,Name,Employee no,Branch'.replace('E-mail', 'Email'), ...lines].join('\n');
}

describe('importing people from a file', () => {
  it('acceptance: of a thousand rows with three bad ones, the dry run names them, and only skipBad takes the rest, once', async () => {
    const hr = await hub.person({ role: 'hr' });
    const api = apiOf(hr);
    const csv = fileOf(hr, 1_000, {
      17: `not-an-address,Person,E-15,${hr.branchId}`,
      400: `${mailOf(398, hr)},,E-398,${hr.branchId}`,
      999: `${mailOf(997, hr)},Person,E-997,NOWHERE`,
    });

    const dry = await api.import({ csv });
    expect(dry).toMatchObject({ dryRun: true, rows: 1_000, created: 997, bad: 3 });
    expect(dry.errors.map(({ line, field }) => [line, field])).toEqual([
      [17, 'email'],
      [400, 'name'],
      [999, 'branch'],
    ]);
    expect(await countOf(hr.orgId)).toBe(1);

    await expect(api.import({ csv, dryRun: false })).rejects.toMatchObject({
      status: 422,
      problem: {
        errors: dry.errors.map(
          ({ line, field }) => expect.objectContaining({ path: `csv.${line}.${field}` }) as object,
        ),
      },
    });
    expect(await countOf(hr.orgId)).toBe(1);

    const first = await api.import({ csv, dryRun: false, skipBad: true });
    expect(first).toMatchObject({ created: 997, updated: 0, unchanged: 0, bad: 3 });
    expect(await countOf(hr.orgId)).toBe(998);
    const again = await api.import({ csv, dryRun: false, skipBad: true });
    expect(again).toMatchObject({ created: 0, updated: 0, unchanged: 997, bad: 3 });
  }, 180_000);

  it('takes five thousand rows, and not one more', async () => {
    const hr = await hub.person({ role: 'hr' });
    const api = apiOf(hr);

    expect(await api.import({ csv: fileOf(hr, 5_000) })).toMatchObject({ rows: 5_000, created: 5_000, bad: 0 });
    await expect(api.import({ csv: fileOf(hr, 5_001) })).rejects.toMatchObject({
      status: 422,
      problem: { errors: [expect.objectContaining({ path: 'csv', code: 'too_many_rows' })] },
    });
  });

  it('changes who is there already, by address, and leaves what the file does not say', async () => {
    const hr = await hub.person({ role: 'hr' });
    const staff = await hub.person({ beside: hr });
    await hub.sql("UPDATE users SET job_title = 'Driver' WHERE id = ?", [staff.userId]);
    const csv = `email;name;job title;phone\n${staff.email.toUpperCase()};Renamed;;+27821234567\n${hr.email};${hr.name};;`;

    expect(await apiOf(hr).import({ csv, dryRun: false })).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
    expect(await apiOf(hr).get({ userId: staff.userId })).toMatchObject({
      name: 'Renamed',
      jobTitle: 'Driver',
      phone: '+27821234567',
      version: 2,
    });
  });

  it('puts people below managers of the same file, wherever they stand in it, and refuses circles', async () => {
    const hr = await hub.person({ role: 'hr' });
    const line = (n: string, manager: string) => `${mailOf(n, hr)},Person ${n},${manager}`;
    const lines = [
      line('low', mailOf('high', hr)),
      line('high', hr.email),
      line('a', mailOf('b', hr)),
      line('b', mailOf('a', hr)),
      line('c', mailOf('a', hr)),
    ];

    const report = await apiOf(hr).import({
      csv: ['email,name,manager', ...lines].join('\n'),
      dryRun: false,
      skipBad: true,
    });

    expect(report.errors.map(({ line: at, code }) => [at, code])).toEqual([
      [4, 'manager_cycle'],
      [5, 'manager_cycle'],
      [6, 'unknown'],
    ]);
    const tree = await apiOf(hr).reports({ userId: hr.userId });
    expect(tree.data.map(({ name, depth }) => [name, depth])).toEqual([
      ['Person high', 1],
      ['Person low', 2],
    ]);
  });

  it('gives the roles of the line, tells the rooms, and lets their refusal undo everything', async () => {
    const hr = await hub.person({ role: 'hr' });
    const told: string[] = [];
    hub.hub.use(people).hook({
      onInvite: async ({ user, roles, invitedBy }) => {
        if (invitedBy !== hr.userId) return;
        told.push(`${user.name}: ${roles.join('+')}`);
        if (user.name === 'One too many') throw new Error('no seat');
      },
      branchesByCode: async (orgId, codes) =>
        new Map(orgId === hr.orgId && codes.includes('HQ') ? [['HQ', hr.branchId]] : []),
    });
    const heading = 'email,name,roles,branch';
    const hears = await hub.listen('/notifications', hr);
    const [one, two] = [`${mailOf(1, hr)},One,sales; staff,HQ`, `${mailOf(2, hr)},Two,,`];

    await apiOf(hr).import({ csv: [heading, one, two].join('\n'), dryRun: false, roles: ['warehouse'] });
    expect(told).toEqual(['One: sales+staff', 'Two: warehouse']);
    expect(await hears.next('users:imported')).toEqual({ branchId: hr.branchId, created: 1, updated: 0 });

    const more = [heading, `${mailOf(3, hr)},Three,,`, `${mailOf(4, hr)},One too many,,`].join('\n');
    await expect(apiOf(hr).import({ csv: more, dryRun: false })).rejects.toMatchObject({ status: 500 });
    expect(await countOf(hr.orgId)).toBe(3);
    await expect(apiOf(hr).import({ csv: more, roles: ['owner'] })).rejects.toMatchObject({ code: 'OWNER_IMMUTABLE' });
  });

  it('runs in the background where it is asked to, and tells its asker how far it is', async () => {
    const hr = await hub.person({ role: 'hr' });
    const stranger = await hub.person({ role: 'hr' });
    const [hears, theirs] = [await hub.listen('/notifications', hr), await hub.listen('/notifications', stranger)];

    const asked = await apiOf(hr).importLater({ csv: fileOf(hr, 1_200, { 5: `nobody,,,` }), skipBad: true });
    expect(asked).toMatchObject({ state: 'queued', done: 0, total: 1_200, report: null });
    expect(await countOf(hr.orgId)).toBe(1);
    await hub.work('people.run-import', { orgId: hr.orgId, importId: asked.id });
    await hub.work('people.run-import', { orgId: hr.orgId, importId: asked.id });

    expect(await apiOf(hr).imported({ importId: asked.id })).toMatchObject({
      state: 'done',
      done: 1_200,
      report: { dryRun: false, rows: 1_200, created: 1_199, bad: 1 },
    });
    expect(await countOf(hr.orgId)).toBe(1_200);
    await hears.next('import:progress', ({ state }: { state: string }) => state === 'done');
    const told = hears.heard('import:progress');
    expect(told[0]).toEqual({ id: asked.id, state: 'running', done: 0, total: 1_200 });
    expect(told.at(-1)).toEqual({ id: asked.id, state: 'done', done: 1_200, total: 1_200 });
    expect(theirs.all.filter(({ event }) => event === 'import:progress')).toEqual([]);
    await expect(apiOf(stranger).imported({ importId: asked.id })).rejects.toMatchObject({ status: 404 });
    const [row] = await hub.sql('SELECT file FROM people_imports WHERE id = ?', [asked.id]);
    expect(row).toEqual({ file: null });
  }, 120_000);

  it('in the background writes nothing where a line is wrong, says why, and lets the next one run', async () => {
    const hr = await hub.person({ role: 'hr' });
    const csv = fileOf(hr, 20, { 5: `nobody,,,` });

    const asked = await apiOf(hr).importLater({ csv });
    await expect(apiOf(hr).importLater({ csv })).rejects.toMatchObject({ status: 409, code: 'IMPORT_RUNNING' });
    await hub.work('people.run-import', { orgId: hr.orgId, importId: asked.id });

    expect(await apiOf(hr).imported({ importId: asked.id })).toMatchObject({
      state: 'failed',
      failure: { code: 'VALIDATION_FAILED' },
    });
    expect(await countOf(hr.orgId)).toBe(1);
    await apiOf(hr).importLater({ csv, skipBad: true });
    expect((await apiOf(hr).imports({})).data.map(({ state }) => state)).toEqual(['queued', 'failed']);
    await expect(apiOf(hr).importLater({ csv: 'no heading' })).rejects.toMatchObject({ status: 422 });
  });

  it('asks the rooms once for all, not once for each: five thousand come with as many questions as fifty', async () => {
    const statements = async (count: number): Promise<number> => {
      const hr = await hub.person({ role: 'hr' });
      let asked = 0;
      const { sequelize } = hub.hub;
      sequelize.addHook('afterQuery', 'counting', () => {
        asked += 1;
      });
      await apiOf(hr).import({ csv: fileOf(hr, count), dryRun: false });
      sequelize.removeHook('afterQuery', 'counting');
      return asked;
    };

    const [few, many] = [await statements(50), await statements(5_000)];

    // Ten parts of five hundred each.
    expect(many).toBeLessThan(few * 12);
  }, 180_000);

  it('is not for staff', async () => {
    const staff = await hub.person();

    await expect(apiOf(staff).import({ csv: fileOf(staff, 1) })).rejects.toMatchObject({ status: 403 });
  });
});
