import { branchesApi } from '@loro/contracts/branches';
import { leave } from '.';
import { LeaveOffice } from '../../testing/leave-office';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
// A Wednesday; the fourth of May to the eighth is a week from Monday to Friday.
const NOW = '2026-04-29T08:00:00Z';
const open = () => LeaveOffice.open(hub, NOW);

describe('balances', () => {
  it('are given and taken by hand with a reason, and paid out', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    const hr = await office.as(office.hr);
    const by = { userId: person.userId, typeId: type.id };

    await hr.adjust({ ...by, milliDays: 3_000, reason: 'Brought along' });
    await hr.adjust({ ...by, milliDays: -1_000, reason: 'Counted twice' });
    const paid = await hr.adjust({ ...by, milliDays: -500, reason: 'Paid in May', kind: 'encash' });
    const tooMuch = await outcome(hr.adjust({ ...by, milliDays: -1_501, reason: 'More' }));
    const { data } = await (await office.as(person)).ledger({});

    expect(paid.balance.balance).toBe(1_500);
    expect(tooMuch).toEqual({ status: 422, code: 'LEAVE_INSUFFICIENT' });
    expect(data.map(({ delta, reason, note }) => [delta, reason, note])).toEqual([
      [-500, 'encash', 'Paid in May'],
      [-1_000, 'adjust', 'Counted twice'],
      [3_000, 'adjust', 'Brought along'],
    ]);
    expect(await outcome((await office.as(office.manager)).adjust({ ...by, milliDays: 1, reason: 'x' }))).toMatchObject(
      { status: 403 },
    );
  });

  it('are seen by oneself, one’s manager and hr, and by nobody else', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 1_000);
    const seenBy = async (one: Person) => {
      const api = await office.as(one);
      return (await api.balances({ userId: person.userId }).catch(() => ({ data: [] }))).data.length;
    };

    expect(await seenBy(person)).toBe(1);
    expect(await seenBy(office.manager)).toBe(1);
    expect(await seenBy(office.hr)).toBe(1);
    expect(await seenBy(await office.person())).toBe(0);
    expect(await seenBy(await hub.person({ role: 'owner' }))).toBe(0);
  });

  it('of a day to come say what is to accrue by then', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual', {
      accrual: { every: 'monthly', on: 'last' },
      annualMilliDays: 12_000,
      startsOn: '2026-04-01',
    });
    await office.run('accrual', '2026-04-30');

    expect(await office.balance(person, type, '2026-07-31')).toMatchObject({ balance: 4_000, toAccrue: 3_000 });
  });

  it('get time off for overtime once, until its last day', async () => {
    const office = await open();
    const person = await office.person();
    const room = hub.hub.use(leave);
    const grant = {
      orgId: person.orgId,
      userId: person.userId,
      milliDays: 375,
      earnedOn: '2026-04-28',
      sourceKey: 'claim-1',
    };

    const without = await room.timeOff.grant(grant);
    const type = await office.type('time-off', { isTimeOff: true, timeOffDays: 90 });
    const results = await Promise.all([room.timeOff.grant(grant), room.timeOff.grant(grant)]);

    expect([without, ...results]).toEqual([false, true, true]);
    const { lots } = await office.balance(person, type);
    expect(lots).toEqual([expect.objectContaining({ kind: 'comp_off', remaining: 375, expiresOn: '2026-07-27' })]);
    expect(await outcome(office.type('other', { isTimeOff: true }))).toEqual({ status: 409, code: 'TIME_OFF_TAKEN' });
  });

  it('that are owed leave the house as a file', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 2_250);
    const { token } = await office.signedIn(office.hr);
    const file = async (format: string) =>
      fetch(`${hub.url}/api/v1/attendance/reports/leave-liability?format=${format}&branchId=${office.hr.branchId}`, {
        headers: { authorization: `Bearer ${token}` },
      });

    const csv = await (await file('csv')).text();
    const [xlsx, pdf] = [await file('xlsx'), await file('pdf')];

    expect(csv).toContain(`${person.name},,Branch `);
    expect(csv).toContain(',annual,2.25,0,0,0,2.25\r\n');
    expect(xlsx.headers.get('content-disposition')).toBe('attachment; filename="leave-liability-2026-04-29.xlsx"');
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    expect(
      Buffer.from(await xlsx.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
    const denied = await fetch(`${hub.url}/api/v1/attendance/reports/leave-liability`, {
      headers: { authorization: `Bearer ${(await office.signedIn(person)).token}` },
    });
    expect(denied.status).toBe(403);
  });
});

describe('the calendar', () => {
  it('shows who is away, and the branch plans with it', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual', { needsBalance: false });
    await office.take(person, type, '2026-05-04', '2026-05-05');
    const waiting = await office.ask(await office.person(), type, '2026-05-05');

    const { data } = await (await office.as(office.manager)).calendar({ from: '2026-05-01', to: '2026-05-31' });
    const own = await (await office.as(person)).calendar({ from: '2026-05-01', to: '2026-05-31' });
    const capacity = await hub
      .api(branchesApi, await office.signedIn(office.hr))
      .capacity({ branchId: office.hr.branchId, from: '2026-05-04', to: '2026-05-06' });

    expect(data.map(({ date, userId, state }) => `${date} ${userId} ${state}`).toSorted()).toEqual(
      [
        `2026-05-04 ${person.userId} approved`,
        `2026-05-05 ${person.userId} approved`,
        `2026-05-05 ${waiting.userId} pending`,
      ].toSorted(),
    );
    expect(own.data).toHaveLength(2);
    expect(JSON.stringify(capacity)).toContain('"onLeaveHeads":1');
  });
});
