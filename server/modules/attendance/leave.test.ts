import type { LeaveRequest } from '@loro/contracts/leave-values';
import { leave } from '.';
import { LeaveOffice } from '../../testing/leave-office';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
// A Wednesday; the fourth of May to the eighth is a week from Monday to Friday.
const NOW = '2026-04-29T08:00:00Z';
const open = () => LeaveOffice.open(hub, NOW);

interface Told {
  requestId: string;
  state: string;
  request: LeaveRequest;
}

/** Dates that attendance was asked to compute anew. */
async function computing(person: Person): Promise<string[]> {
  const rows = await hub.sql<{ payload: string }>(
    "SELECT payload FROM outbox_jobs WHERE name = 'attendance.compute-day' AND payload LIKE ?",
    [`%${person.userId}%`],
  );
  return rows.map(({ payload }): string => JSON.parse(payload).date).toSorted();
}

describe('asking for leave', () => {
  it('holds the days, tells whoever decides, and takes them once he agrees', async () => {
    const office = await open();
    const person = await office.person();
    const colleague = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 5_000);
    const [own, asked, other] = await Promise.all(
      [person, office.manager, colleague].map((one) => hub.listen('/check-ins', one)),
    );

    const request = await office.ask(person, type, '2026-05-01', '2026-05-05');
    const waiting = await office.balance(person, type);
    const { data } = await (await office.as(office.manager)).requests({ state: 'pending' });
    const approved = await (await office.as(office.manager)).approveLeave({ requestId: request.id, note: 'Enjoy' });

    // Friday, Monday and Tuesday.
    expect(request).toMatchObject({
      state: 'pending',
      milliDays: 3_000,
      approvers: [{ userId: office.manager.userId }],
    });
    expect(request.days.map(({ milliDays, mark }) => mark ?? milliDays)).toEqual([
      1_000,
      'weekend',
      'weekend',
      1_000,
      1_000,
    ]);
    expect(waiting).toMatchObject({ balance: 5_000, reserved: 3_000, available: 2_000 });
    expect(data.map(({ id }) => id)).toEqual([request.id]);
    expect(approved).toMatchObject({ state: 'approved', decidedBy: office.manager.userId, note: 'Enjoy' });
    expect(await office.balance(person, type)).toMatchObject({ balance: 2_000, reserved: 0, taken: 3_000 });
    expect(await asked?.next<Told>('leave:requested')).toMatchObject({ requestId: request.id, state: 'pending' });
    expect(await own?.next<Told>('leave:decided')).toMatchObject({ requestId: request.id, state: 'approved' });
    expect(await asked?.next<Told>('leave:decided')).toMatchObject({ request: { version: approved.version } });
    expect(other?.all.filter(({ event }) => event.startsWith('leave:'))).toEqual([]);
    expect(await computing(person)).toEqual(['2026-05-01', '2026-05-02', '2026-05-03', '2026-05-04', '2026-05-05']);
    expect(await hub.hub.use(leave).days.daysOf(person.orgId, person.userId, '2026-05-04', '2026-05-04')).toEqual([
      { date: '2026-05-04', milliDays: 1_000, half: null, requestId: request.id, typeCode: 'annual', paid: true },
    ]);
    expect(await office.isBalanced()).toBe(true);
  });

  it('is refused for more than there is on these dates, and says how much that is', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 1_000, '2026-05-04');
    await office.give(person, type, 500);

    await expect(office.ask(person, type, '2026-05-05', '2026-05-06')).rejects.toMatchObject({
      status: 422,
      code: 'LEAVE_INSUFFICIENT',
      problem: { current: { available: 500, requested: 2_000 } },
    });
    expect((await office.balance(person, type)).reserved).toBe(0);
  });

  it('never gives one day to two requests, asked for at once or after each other', async () => {
    const office = await open();
    const person = await office.person();
    const [annual, unpaid] = [
      await office.type('annual', { needsBalance: false }),
      await office.type('unpaid', { needsBalance: false }),
    ];

    const results = await Promise.all(
      [annual, unpaid, annual].map((type) => outcome(office.ask(person, type, '2026-05-04', '2026-05-06'))),
    );
    const later = await outcome(office.ask(person, unpaid, '2026-05-06', '2026-05-08'));

    expect(results.map(({ code }) => code).toSorted()).toEqual(['LEAVE_OVERLAP', 'LEAVE_OVERLAP', 'let through']);
    expect(later).toEqual({ status: 409, code: 'LEAVE_OVERLAP' });
  });

  it('never spends one balance twice, asked for at once', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 1_000);

    const days = ['2026-05-04', '2026-05-05', '2026-05-06', '2026-05-07'];
    const results = await Promise.all(days.map((day) => outcome(office.ask(person, type, day))));

    expect(results.map(({ code }) => code).toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 'LEAVE_INSUFFICIENT'),
      'let through',
    ]);
    expect(await office.isBalanced()).toBe(true);
  });

  it('takes halves, two of one date too, and hours as their part of the day', async () => {
    const office = await open();
    const person = await office.person();
    const half = await office.type('half', { needsBalance: false });
    const hours = await office.type('hours', { needsBalance: false, unit: 'hour' });
    const whole = await office.type('whole', { needsBalance: false, unit: 'day' });
    const api = await office.as(person);
    const on = (date: string) => ({ from: date, to: date });

    const morning = await api.requestLeave({ typeId: half.id, ...on('2026-05-04'), firstHalf: 'first' });
    const afternoon = await api.requestLeave({ typeId: half.id, ...on('2026-05-04'), firstHalf: 'second' });
    const again = await outcome(api.requestLeave({ typeId: half.id, ...on('2026-05-04'), firstHalf: 'second' }));
    const short = await api.requestLeave({ typeId: hours.id, ...on('2026-05-05'), minutes: 90 });
    const long = await api.requestLeave({
      typeId: half.id,
      from: '2026-05-06',
      to: '2026-05-08',
      firstHalf: 'second',
      lastHalf: 'first',
    });

    expect([morning, afternoon, short, long].map(({ milliDays }) => milliDays)).toEqual([500, 500, 188, 2_000]);
    expect(again.code).toBe('LEAVE_OVERLAP');
    for (const wrong of [
      { typeId: whole.id, ...on('2026-05-11'), firstHalf: 'first' },
      { typeId: half.id, ...on('2026-05-09'), firstHalf: 'first' },
      { typeId: half.id, from: '2026-05-11', to: '2026-05-12', firstHalf: 'first' },
      { typeId: half.id, ...on('2026-05-11'), minutes: 60 },
    ] as const)
      expect(await outcome(api.requestLeave(wrong))).toEqual({ status: 422, code: 'HALF_DAY_INVALID' });
    expect(await outcome(api.requestLeave({ typeId: hours.id, ...on('2026-05-11'), minutes: 481 }))).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await outcome(api.requestLeave({ typeId: half.id, ...on('2026-05-09') }))).toMatchObject({
      code: 'LEAVE_NO_WORKDAY',
    });
  });

  it('follows the rules of its type', async () => {
    const office = await open();
    const person = await office.person('2026-03-01');
    const free = { needsBalance: false } as const;
    const refused = async (code: string, input: object, from: string, to = from) =>
      outcome(office.ask(person, await office.type(code, { ...free, ...input }), from, to));

    expect(await refused('notice', { minNoticeDays: 14 }, '2026-05-12')).toEqual({ status: 422, code: 'LEAVE_NOTICE' });
    expect(await refused('notice-met', { minNoticeDays: 14 }, '2026-05-13')).toMatchObject({ code: 'let through' });
    expect(await refused('probation', { probationDays: 90 }, '2026-05-29')).toEqual({
      status: 422,
      code: 'LEAVE_PROBATION',
    });
    // 1 March and ninety days are 30 May, a Saturday.
    expect(await refused('probation-over', { probationDays: 90 }, '2026-06-01')).toMatchObject({ code: 'let through' });
    expect(await refused('long', { maxConsecutiveDays: 5 }, '2026-06-08', '2026-06-15')).toMatchObject({
      code: 'LEAVE_TOO_LONG',
    });
    expect(await refused('long-enough', { maxConsecutiveDays: 5 }, '2026-06-08', '2026-06-14')).toMatchObject({
      code: 'let through',
    });
    expect(await refused('document', { documentsAfterDays: 2 }, '2026-06-22', '2026-06-24')).toMatchObject({
      code: 'LEAVE_DOCUMENT_MISSING',
    });
    expect(await refused('no-document', { documentsAfterDays: 2 }, '2026-06-22', '2026-06-23')).toMatchObject({
      code: 'let through',
    });
    expect(await refused('veterans', { eligibility: { minServiceMonths: 12 } }, '2026-07-01')).toMatchObject({
      code: 'LEAVE_NOT_ELIGIBLE',
    });
    expect(
      await refused('ours', { eligibility: { branchIds: [person.branchId], userIds: [person.userId] } }, '2026-07-01'),
    ).toMatchObject({
      code: 'let through',
    });
  });

  it('joins what it touches when days in a row are counted', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual', { needsBalance: false, maxConsecutiveDays: 5 });
    await office.ask(person, type, '2026-05-04', '2026-05-07');

    expect(await outcome(office.ask(person, type, '2026-05-08', '2026-05-11'))).toMatchObject({
      code: 'LEAVE_TOO_LONG',
    });
    expect(await outcome(office.ask(person, type, '2026-05-11', '2026-05-12'))).toMatchObject({ code: 'let through' });
  });

  it('may take days ahead as far as the type allows, and what comes later pays them back', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual', { negativeLimitMilliDays: 2_000 });
    await office.give(person, type, 1_000);

    await office.take(person, type, '2026-05-04', '2026-05-06');
    const behind = await office.balance(person, type);
    const more = await outcome(office.ask(person, type, '2026-05-07'));
    await office.give(person, type, 5_000);

    expect(behind.balance).toBe(-2_000);
    expect(more.code).toBe('LEAVE_INSUFFICIENT');
    expect(await office.lots(person, type)).toEqual(['grant 04-29 3000']);
    expect(await office.isBalanced()).toBe(true);
  });

  it('can wait as a draft, which holds nothing and nobody else sees', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 1_000);
    const api = await office.as(person);

    const draft = await api.requestLeave({ typeId: type.id, from: '2026-05-04', to: '2026-05-05', isDraft: true });
    const held = (await office.balance(person, type)).reserved;
    const hidden = await outcome((await office.as(office.manager)).request({ requestId: draft.id }));
    const changed = await api.changeLeave(
      { requestId: draft.id, to: '2026-05-04' },
      { headers: { 'if-match': `"${draft.version}"` } },
    );
    const sent = await api.submitLeave({ requestId: draft.id });

    expect({ held, hidden: hidden.status, milliDays: changed.milliDays }).toEqual({
      held: 0,
      hidden: 404,
      milliDays: 1_000,
    });
    expect(sent).toMatchObject({ state: 'pending', approvers: [{ userId: office.manager.userId, state: 'waiting' }] });
    expect(await outcome(api.submitLeave({ requestId: draft.id }))).toEqual({ status: 409, code: 'STATE_INVALID' });
  });
});
