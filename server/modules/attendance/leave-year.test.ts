import { LeaveOffice, moveTo } from '../../testing/leave-office';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
/** Noon in Johannesburg. */
const noon = (date: string) => moveTo(hub, `${date}T10:00:00Z`);

const annual = {
  accrual: { every: 'monthly', on: 'last' },
  annualMilliDays: 21_000,
  roundingMilliDays: 250,
  carryMaxMilliDays: 5_000,
  carryExpires: { date: '03-31' },
  startsOn: '2026-01-01',
} as const;

describe('acceptance: the first months of a leave year (I.8)', () => {
  it('carry, accrue, take, expire and give back as the table says', async () => {
    const office = await LeaveOffice.open(hub, '2025-12-15T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual', annual);
    await office.give(person, type, 7_500);
    const balance = async () => (await office.balance(person, type)).balance;

    moveTo(hub, '2025-12-31T21:30:00Z');
    await office.run('year-end', '2025-12-31');
    expect(await balance()).toBe(7_500);
    noon('2026-01-01');
    await office.run('expiry', '2026-01-01');
    await office.run('accrual', '2026-01-01');
    expect(await office.balance(person, type)).toMatchObject({ balance: 5_000, expired: 2_500 });

    noon('2026-01-31');
    await office.run('accrual', '2026-01-31');
    expect(await balance()).toBe(6_750);

    noon('2026-02-10');
    await office.take(person, type, '2026-02-10', '2026-02-12');
    expect(await office.lots(person, type)).toEqual(['carry 01-01 2000', 'accrual 01-31 1750']);
    expect(await balance()).toBe(3_750);

    noon('2026-02-28');
    await office.run('accrual', '2026-02-28');
    expect(await balance()).toBe(5_500);

    noon('2026-03-20');
    const { id } = await office.ask(person, type, '2026-03-30', '2026-04-02');
    expect(await office.balance(person, type)).toMatchObject({ balance: 5_500, reserved: 4_000, available: 1_500 });
    await (await office.as(office.manager)).approveLeave({ requestId: id });
    expect(await balance()).toBe(1_500);
    expect(await office.lots(person, type)).toEqual(['accrual 02-28 1500']);

    noon('2026-03-31');
    await office.run('accrual', '2026-03-31');
    expect(await balance()).toBe(3_250);

    noon('2026-04-01');
    await office.run('expiry', '2026-04-01');
    expect(await office.balance(person, type)).toMatchObject({ balance: 3_250, expired: 2_500 });
    await (await office.as(person)).shortenLeave({ requestId: id, to: '2026-04-01' });
    expect(await office.lots(person, type)).toEqual(['accrual 01-31 750', 'accrual 02-28 1750', 'accrual 03-31 1750']);
    expect(await balance()).toBe(4_250);

    // What stood on any day before is read from the ledger.
    expect((await office.balance(person, type, '2025-12-31')).balance).toBe(7_500);
    expect((await office.balance(person, type, '2026-01-01')).balance).toBe(5_000);
    expect((await office.balance(person, type, '2026-02-10')).balance).toBe(3_750);
    expect((await office.balance(person, type, '2026-03-20')).balance).toBe(1_500);
    expect(await office.isBalanced()).toBe(true);
  });
});

describe('acceptance: ten days carried until 31 March, twenty new ones', () => {
  it.each([
    [0, null, 10_000, 20_000],
    [8, '2026-02-11', 2_000, 20_000],
    [10, '2026-02-13', 0, 20_000],
    [12, '2026-02-17', 0, 18_000],
  ])('after %d days taken before, until %s, %d expire and %d stay', async (_, to, expired, left) => {
    const office = await LeaveOffice.open(hub, '2025-12-15T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual', {
      accrual: { every: 'upfront', on: 'first' },
      annualMilliDays: 20_000,
      carryMaxMilliDays: null,
      carryExpires: { months: 3 },
      startsOn: '2026-01-01',
    });
    await office.give(person, type, 10_000);
    await office.run('year-end', '2025-12-31');
    noon('2026-01-01');
    await office.run('accrual', '2026-01-01');
    expect((await office.balance(person, type)).balance).toBe(30_000);

    if (to !== null) await office.take(person, type, '2026-02-02', to);
    noon('2026-03-31');
    await office.run('expiry', '2026-03-31');
    const before = await office.balance(person, type);
    noon('2026-04-01');
    const expected = await office.balance(person, type);
    await office.run('expiry', '2026-04-01');

    expect(before.expired).toBe(0);
    // What is over counts no more, also before the night’s job has booked it.
    expect(expected.balance).toBe(left);
    expect(await office.balance(person, type)).toMatchObject({ balance: left, expired });
  });
});

describe('what runs at night', () => {
  it('is asked for once a local date and zone, in a night that has an hour twice too', async () => {
    const office = await LeaveOffice.open(hub, '2026-10-24T10:00:00Z');
    await office.type('annual', annual);
    await hub.sql('UPDATE branches SET timezone = ? WHERE org_id = ?', ['Europe/Berlin', office.hr.orgId]);
    const asked = () =>
      hub.sql<{ job: string; date: string }>(
        `SELECT job, DATE_FORMAT(local_date, '%Y-%m-%d') AS date FROM leave_runs
          WHERE org_id = ? AND timezone = 'Europe/Berlin' AND local_date >= '2026-10-25' ORDER BY asked_at, job`,
        [office.hr.orgId],
      );

    // Every half hour from midnight of the night in which three o’clock comes twice.
    for (let at = Date.parse('2026-10-24T22:00:00Z'); at < Date.parse('2026-10-25T23:00:00Z'); at += 1_800_000) {
      moveTo(hub, new Date(at).toISOString());
      await hub.work('leave.tick', { tick: new Date(at).toISOString() });
    }

    expect((await asked()).map(({ job, date }) => `${job} ${date}`).toSorted()).toEqual([
      'accrual 2026-10-25',
      'expiry 2026-10-25',
      'taken 2026-10-25',
      'year-end 2026-10-25',
    ]);
    const jobs = await hub.sql(
      `SELECT id FROM outbox_jobs WHERE name = 'leave.accrual' AND payload LIKE ? AND payload LIKE '%2026-10-25%' AND payload LIKE '%Berlin%'`,
      [`%${office.hr.orgId}%`],
    );
    expect(jobs).toHaveLength(1);
  });

  it('comes twice at once and gives once', async () => {
    const office = await LeaveOffice.open(hub, '2026-03-31T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual', annual);

    await Promise.all([office.run('accrual', '2026-03-31'), office.run('accrual', '2026-03-31')]);
    await office.run('accrual', '2026-03-31');

    expect((await office.balance(person, type)).balance).toBe(5_250);
    expect((await (await office.as(office.hr)).ledger({ userId: person.userId })).data).toHaveLength(3);
  });

  it('makes up for nights without a worker, the end of a year among them', async () => {
    const office = await LeaveOffice.open(hub, '2025-12-01T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual', { ...annual, startsOn: '2025-07-01' });

    noon('2026-02-05');
    await office.run('accrual', '2026-02-05');

    // Six months of 1.75 are 10.5, of which five are carried; then January.
    expect(await office.lots(person, type)).toEqual(['carry 01-01 5000', 'accrual 01-31 1750']);
    expect((await office.balance(person, type)).expired).toBe(5_500);
  });

  it('stops giving at the highest balance', async () => {
    const office = await LeaveOffice.open(hub, '2026-03-31T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual', { ...annual, maxBalanceMilliDays: 4_000 });

    await office.run('accrual', '2026-03-31');
    await office.run('accrual', '2026-03-31');

    expect((await office.balance(person, type)).balance).toBe(4_000);
  });

  it('marks leave as taken once its last day is over where the person is', async () => {
    const office = await LeaveOffice.open(hub, '2026-06-10T10:00:00Z');
    const person = await office.person();
    const type = await office.type('unpaid', { needsBalance: false });
    const { id } = await office.take(person, type, '2026-06-11', '2026-06-12');
    const state = async () => (await (await office.as(person)).request({ requestId: id })).state;

    noon('2026-06-12');
    await office.run('taken-marker', '2026-06-12');
    const during = await state();
    noon('2026-06-13');
    await office.run('taken-marker', '2026-06-13');

    expect([during, await state()]).toEqual(['approved', 'taken']);
  });

  it('tells people thirty and seven days before what they would lose', async () => {
    const office = await LeaveOffice.open(hub, '2026-03-01T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual', { accrual: { every: 'none', on: 'last' } });
    await office.give(person, type, 2_000, '2026-03-31');
    const listener = await hub.listen('/check-ins', person);

    await office.run('expiry', '2026-03-01');
    await office.run('expiry', '2026-03-01');
    await office.run('expiry', '2026-03-02');

    expect(await listener.next('leave:expiring')).toEqual({
      userId: person.userId,
      typeId: type.id,
      typeCode: 'annual',
      milliDays: 2_000,
      expiresOn: '2026-03-31',
    });
    expect(listener.heard('leave:expiring')).toHaveLength(1);
  });

  it('finds a lot that somebody bent, and leaves a word in the journal', async () => {
    const office = await LeaveOffice.open(hub, '2026-03-01T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 2_000);
    const found = () =>
      hub.sql("SELECT id FROM journal_entries WHERE org_id = ? AND action = 'leave.ledger-differs'", [office.hr.orgId]);

    await hub.work('leave.reconcile', { tick: '2026-03-01T10:00:00Z' });
    const before = await found();
    const connection = await hub.hub.pool.getConnection();
    await connection.query('SET @leave_moves = 1');
    await connection.query('UPDATE leave_lots SET remaining = 1500 WHERE org_id = ?', [office.hr.orgId]);
    await connection.query('SET @leave_moves = NULL');
    connection.release();
    await hub.work('leave.reconcile', { tick: '2026-03-08T10:00:00Z' });

    expect([before.length, (await found()).length]).toEqual([0, 1]);
  });
});

describe('the ledger', () => {
  it('cannot be changed, shortened, or bypassed', async () => {
    const office = await LeaveOffice.open(hub, '2026-03-01T10:00:00Z');
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 2_000);
    const { orgId } = office.hr;

    await expect(hub.sql('UPDATE leave_entries SET delta = 9 WHERE org_id = ?', [orgId])).rejects.toThrow(
      'do not change',
    );
    await expect(hub.sql('DELETE FROM leave_entries WHERE org_id = ?', [orgId])).rejects.toThrow('stay');
    await expect(hub.sql('UPDATE leave_lots SET remaining = 9 WHERE org_id = ?', [orgId])).rejects.toThrow('follows');
    const [lot] = await hub.sql<{ id: string }>('SELECT id FROM leave_lots WHERE org_id = ?', [orgId]);
    await expect(
      hub.sql(
        `INSERT INTO leave_entries (org_id, id, lot_id, user_id, type_id, delta, reason, on_date, at)
          VALUES (?, '01ARZ3NDEKTSV4RRFFQ69G5FAV', ?, ?, ?, -2001, 'adjust', '2026-03-01', NOW(3))`,
        [orgId, lot?.id, person.userId, type.id],
      ),
    ).rejects.toThrow('lot_is_not_overdrawn');
    // What was refused did not open the lots for the connection it came by.
    await expect(hub.sql('UPDATE leave_lots SET remaining = 9 WHERE org_id = ?', [orgId])).rejects.toThrow('follows');
    expect(await office.isBalanced()).toBe(true);
  });
});
