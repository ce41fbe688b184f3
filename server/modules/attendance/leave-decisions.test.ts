import { configurationApi } from '@loro/contracts/configuration';
import type { LeaveRequest } from '@loro/contracts/leave-values';
import { peopleApi } from '@loro/contracts/people';
import { LeaveOffice, moveTo } from '../../testing/leave-office';
import { outcome } from '../../testing/sign-ins';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
// A Wednesday; the fourth of May to the eighth is a week from Monday to Friday.
const NOW = '2026-04-29T08:00:00Z';
const open = () => LeaveOffice.open(hub, NOW);

interface Told {
  requestId: string;
  request: LeaveRequest;
}

describe('deciding about leave', () => {
  it('is for others than oneself, whoever one is', async () => {
    const office = await open();
    const type = await office.type('annual', { needsBalance: false });
    const person = await office.person();
    const { id: own } = await office.ask(person, type, '2026-05-04');
    const { id: hrs } = await office.ask(office.hr, type, '2026-05-04');

    expect(await outcome((await office.as(person)).approveLeave({ requestId: own }))).toEqual({
      status: 403,
      code: 'SELF_APPROVAL',
    });
    expect(await outcome((await office.as(office.hr)).approveLeave({ requestId: hrs }))).toEqual({
      status: 403,
      code: 'SELF_APPROVAL',
    });
    expect(await outcome((await office.as(office.hr)).rejectLeave({ requestId: hrs, note: 'no' }))).toEqual({
      status: 403,
      code: 'SELF_APPROVAL',
    });
  });

  it('is hidden from colleagues, other branches and other organisations', async () => {
    const office = await open();
    const type = await office.type('annual', { needsBalance: false });
    const { id: requestId } = await office.ask(await office.person(), type, '2026-05-04');
    const [colleague, elsewhere, stranger] = [
      await office.person(),
      await hub.person({ role: 'manager', elsewhereIn: office.hr }),
      await hub.person({ role: 'owner' }),
    ];

    for (const one of [colleague, elsewhere, stranger]) {
      const api = await office.as(one);
      expect(await outcome(api.request({ requestId }))).toMatchObject({ status: 404 });
      expect(await outcome(api.approveLeave({ requestId }))).toMatchObject({ status: 404 });
      expect(await outcome(api.cancelLeave({ requestId }))).toMatchObject({ status: 404 });
      expect((await api.requests({})).data).toEqual([]);
    }
  });

  it('happens once, however many decide at once', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 2_000);
    const { id: requestId } = await office.ask(person, type, '2026-05-04');
    const [manager, hr] = [await office.as(office.manager), await office.as(office.hr)];

    const results = await Promise.all([
      outcome(manager.approveLeave({ requestId })),
      outcome(hr.approveLeave({ requestId })),
      outcome(hr.rejectLeave({ requestId, note: 'no' })),
      outcome((await office.as(person)).withdrawLeave({ requestId })),
    ]);

    expect(results.filter(({ code }) => code === 'let through')).toHaveLength(1);
    expect(results.filter(({ code }) => code === 'STATE_INVALID')).toHaveLength(3);
    expect(await office.isBalanced()).toBe(true);
  });

  it('goes up the chain where several have to agree', async () => {
    const office = await open();
    const head = await hub.person({ role: 'manager', beside: office.hr });
    await hub.sql('UPDATE users SET manager_id = ? WHERE org_id = ? AND id = ?', [
      head.userId,
      head.orgId,
      office.manager.userId,
    ]);
    const person = await office.person();
    const type = await office.type('annual', { needsBalance: false, approvalLevels: 2 });
    const ear = await hub.listen('/check-ins', head);

    const { id: requestId, approvers } = await office.ask(person, type, '2026-05-04');
    const agreed = await (await office.as(office.manager)).approveLeave({ requestId });
    await ear.next<Told>('leave:requested', (told) => told.requestId === requestId);
    const approved = await (await office.as(head)).approveLeave({ requestId });

    expect(approvers.map(({ userId }) => userId)).toEqual([office.manager.userId, head.userId]);
    expect([agreed.state, approved.state]).toEqual(['pending', 'approved']);
  });

  it('gives back what was refused, withdrawn or cancelled', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 3_000);
    const own = await office.as(person);
    const day = async () => (await office.ask(person, type, '2026-05-04')).id;

    const rejected = await (
      await office.as(office.manager)
    ).rejectLeave({ requestId: await day(), note: 'Stocktaking' });
    const withdrawn = await own.withdrawLeave({ requestId: await day() });
    const { id: requestId } = await office.take(person, type, '2026-05-04', '2026-05-06');
    const cancelled = await own.cancelLeave({ requestId });

    expect([rejected, withdrawn, cancelled].map(({ state }) => state)).toEqual(['rejected', 'withdrawn', 'cancelled']);
    expect(await office.balance(person, type)).toMatchObject({ balance: 3_000, reserved: 0, taken: 0 });
    expect(await outcome(own.cancelLeave({ requestId }))).toEqual({ status: 409, code: 'STATE_INVALID' });
    expect(await office.isBalanced()).toBe(true);
  });

  it('cannot cancel what has begun, but end it earlier', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 5_000);
    const { id: requestId } = await office.take(person, type, '2026-05-04', '2026-05-08');
    moveTo(hub, '2026-05-06T08:00:00Z');
    const own = await office.as(person);

    const cancelling = await outcome(own.cancelLeave({ requestId }));
    const tooFar = await outcome(own.shortenLeave({ requestId, to: '2026-05-04' }));
    const shortened = await own.shortenLeave({ requestId, to: '2026-05-06' });
    const free = await outcome(office.ask(person, type, '2026-05-07'));

    expect([cancelling.code, tooFar.code]).toEqual(['STATE_INVALID', 'STATE_INVALID']);
    expect(shortened).toMatchObject({ state: 'shortened', to: '2026-05-06', milliDays: 3_000 });
    expect(shortened.days.filter(({ isReleased }) => isReleased).map(({ date }) => date)).toEqual([
      '2026-05-07',
      '2026-05-08',
    ]);
    expect(free.code).toBe('let through');
    expect((await office.balance(person, type)).balance).toBe(2_000);
  });

  it('gives back a day on which somebody worked after all', async () => {
    const office = await open();
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 5_000);
    const { id: requestId } = await office.take(person, type, '2026-05-04', '2026-05-05');

    const api = await office.as(office.manager);
    const result = await api.giveBackLeave({ requestId, dates: ['2026-05-04'] });

    expect(result).toMatchObject({ state: 'approved', milliDays: 1_000 });
    expect((await office.balance(person, type)).balance).toBe(4_000);
    expect(await outcome(api.giveBackLeave({ requestId, dates: ['2026-05-04'] }))).toMatchObject({ status: 404 });
  });
});

describe('who is left while others are away', () => {
  const cover = async (office: LeaveOffice, mode: 'warn' | 'refuse', least: number) => {
    const admin = await hub.person({ role: 'admin', elsewhereIn: office.hr });
    const settings = hub.api(configurationApi, await office.signedIn(admin));
    const of = { ownerId: office.hr.orgId };
    const asNew = { headers: { 'if-match': '"0"' } };
    await settings.setForOrganisation({ ...of, key: 'leave.cover-mode', value: mode }, asNew);
    await settings.setForOrganisation({ ...of, key: 'leave.cover-min-staff', value: least }, asNew);
  };

  it('is at least what the branch needs, where it refuses less', async () => {
    const office = await open();
    const type = await office.type('annual', { needsBalance: false });
    const [one, two] = [await office.person(), await office.person()];
    await cover(office, 'refuse', 3);
    const [first, second] = [await office.ask(one, type, '2026-05-04'), await office.ask(two, type, '2026-05-04')];
    const manager = await office.as(office.manager);

    const results = await Promise.all(
      [first, second].map(({ id: requestId }) => outcome(manager.approveLeave({ requestId }))),
    );

    // Four belong to the branch: of two who want the same day off, one stays.
    expect(results.map(({ code }) => code).toSorted()).toEqual(['COVER_TOO_LOW', 'let through']);
  });

  it('is only warned of where the branch says so', async () => {
    const office = await open();
    const type = await office.type('annual', { needsBalance: false });
    const person = await office.person();
    await cover(office, 'warn', 3);

    const request = await office.ask(person, type, '2026-05-04', '2026-05-05');

    expect(request.warnings).toEqual([
      expect.objectContaining({ code: 'COVER_TOO_LOW', dates: ['2026-05-04', '2026-05-05'] }),
    ]);
  });
});

describe('leave of somebody who leaves', () => {
  it('is given back as far as it is to come', async () => {
    const office = await open();
    const admin = await hub.person({ role: 'admin', beside: office.hr });
    const person = await office.person();
    const type = await office.type('annual');
    await office.give(person, type, 10_000);
    await office.take(person, type, '2026-05-04', '2026-05-08');
    await office.take(person, type, '2026-05-18', '2026-05-19');
    await office.ask(person, type, '2026-05-25');
    moveTo(hub, '2026-05-05T08:00:00Z');
    const { data } = await (await office.as(person)).requests({});

    await hub.api(peopleApi, await office.signedIn(admin)).deactivate({ userId: person.userId });

    const after = (await (await office.as(office.hr)).requests({ userId: person.userId })).data;
    expect(data).toHaveLength(3);
    expect(after.map(({ from, to, state }) => `${from} ${to} ${state}`)).toEqual([
      '2026-05-25 2026-05-25 withdrawn',
      '2026-05-18 2026-05-19 cancelled',
      '2026-05-04 2026-05-05 shortened',
    ]);
    expect(await office.isBalanced()).toBe(true);
  });
});
