import { activityApi } from '@loro/contracts/activity';
import { configurationApi } from '@loro/contracts/configuration';
import type { TimeEntry, TimerChanged } from '@loro/contracts/activity-time';
import { type Person, testHub } from '../../testing/test-hub';

const hub = testHub();
const open = (person: Person) => hub.api(activityApi, person);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
/** A date some weeks ago, so that no clock of today plays a part: a Monday. */
const DAY = '2026-11-02';
const at = (time: string, date = DAY) => new Date(`${date}T${time}+02:00`).toISOString();
const entry = (person: Person, from: string, to: string, more: object = {}): Promise<TimeEntry> =>
  open(person).createTimeEntry({ start: at(from), end: at(to), ...more });
const setTo = async (person: Person, key: string, value: unknown) => {
  const admin = await hub.person({ role: 'admin', beside: person });
  await hub
    .api(configurationApi, admin)
    .setForOrganisation({ ownerId: admin.orgId, key, value }, { headers: { 'if-match': '"0"' } });
};

describe('acceptance: timers', () => {
  it('end one another at the very instant at which the next begins', async () => {
    const person = await hub.person();

    const a = await open(person).startTimer({ at: at('09:00:00'), note: 'A' });
    const b = await open(person).startTimer({ at: at('10:30:00'), note: 'B' });

    expect(a).toMatchObject({ end: null, ended: null, entry: { source: 'timer', note: 'A' } });
    expect(b.ended).toMatchObject({ id: a.entryId, end: at('10:30:00.000') });
    expect(b.start).toBe(at('10:30:00.000'));
    const { data } = await open(person).timeEntries();
    expect(data.map(({ note, end }) => [note, end])).toEqual([
      ['B', null],
      ['A', at('10:30:00.000')],
    ]);
  });

  it('and entries over midnight are minutes of two dates', async () => {
    const person = await hub.person();
    await entry(person, '22:45:00', '23:59:59', { end: at('01:30:00', '2026-11-03') });

    const { days } = await open(person).timeSummary({ from: DAY, to: '2026-11-05' });

    expect(days.map(({ date, rawSec }) => [date, rawSec / 60])).toEqual([
      [DAY, 75],
      ['2026-11-03', 90],
    ]);
  });
});

describe('a timer', () => {
  it('runs once, whichever devices start it at once, and all of them hear so', async () => {
    const person = await hub.person();
    const phone = await hub.listen('/tracking', person);
    const starts = await Promise.all([
      open(person).startTimer({ note: 'phone' }),
      open(person).startTimer({ note: 'desk' }),
      phone.call<TimerChanged>('timer:start', { note: 'watch' }),
    ]);

    const { data } = await open(person).timeEntries();
    const running = data.filter(({ end }) => end === null);

    expect(starts).toHaveLength(3);
    expect(data).toHaveLength(3);
    expect(running).toHaveLength(1);
    expect((await open(person).timer()).entry?.id).toBe(running[0]?.id);
    await phone.next<TimerChanged>('timer:changed', ({ entryId }) => entryId === running[0]?.id);
    // Each begins where another ends, or where none was.
    const ends = new Set(data.map(({ end }) => end));
    const first = data.toSorted((a, b) => (a.start < b.start ? -1 : 1))[0]?.start;
    for (const { start } of data) expect(ends.has(start) || start === first).toBe(true);
  });

  it('is stopped once', async () => {
    const person = await hub.person();
    const { entryId } = await open(person).startTimer({});
    const stops = await Promise.allSettled([open(person).stopTimer({}), open(person).stopTimer({})]);

    expect(stops.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(open(person).stopTimer({})).rejects.toMatchObject({ status: 409, code: 'TIMER_NOT_RUNNING' });
    expect((await open(person).timeEntry({ timeEntryId: entryId })).end).not.toBeNull();
  });

  it('begins neither before the one that runs nor ahead of time', async () => {
    const person = await hub.person();
    await open(person).startTimer({ at: at('10:00:00') });

    await expect(open(person).startTimer({ at: at('09:59:59') })).rejects.toMatchObject({ code: 'TIMER_RUNNING' });
    const ahead = new Date(hub.clock.now().getTime() + 3_600_000).toISOString();
    await expect(open(person).startTimer({ at: ahead })).rejects.toMatchObject({ status: 422 });
    await expect(open(person).stopTimer({ at: at('09:00:00') })).rejects.toMatchObject({ status: 422 });
  });

  it('is nobody else’s business', async () => {
    const person = await hub.person();
    const colleague = await hub.person({ beside: person });
    const stranger = await hub.person({ role: 'admin' });
    const ears = await Promise.all([colleague, stranger].map((one) => hub.listen('/tracking', one)));
    const own = await hub.listen('/tracking', person);
    const { entryId } = await open(person).startTimer({});
    await own.next('timer:changed');

    for (const ear of ears) expect(ear.heard('timer:changed')).toEqual([]);
    for (const one of [colleague, stranger])
      await expect(open(one).timeEntry({ timeEntryId: entryId })).rejects.toMatchObject({ status: 404 });
    await expect(
      open(stranger).createTimeEntry({ userId: person.userId, start: at('08:00'), end: at('09:00') }),
    ).rejects.toMatchObject({ status: 404 });
    expect((await open(stranger).timeEntries()).data).toEqual([]);
  });
});

describe('entries', () => {
  it('may touch and may not overlap', async () => {
    const person = await hub.person();
    const first = await entry(person, '08:00:00', '09:00:00');
    await entry(person, '09:00:00', '10:00:00');

    const over = entry(person, '08:59:59.999', '09:00:00');
    await expect(over).rejects.toMatchObject({
      status: 409,
      code: 'ENTRY_OVERLAP',
      problem: { current: { id: first.id } },
    });
    const grown = open(person).updateTimeEntry({ timeEntryId: first.id, end: at('09:30:00') }, asRead(first));
    await expect(grown).rejects.toMatchObject({ code: 'ENTRY_OVERLAP' });
    const stays = await open(person).updateTimeEntry({ timeEntryId: first.id, note: 'visit' }, asRead(first));
    expect(stays).toMatchObject({ note: 'visit', end: first.end, version: 2 });
    await expect(
      open(person).updateTimeEntry({ timeEntryId: first.id, note: 'late' }, asRead(first)),
    ).rejects.toMatchObject({ status: 412, problem: { current: { note: 'visit' } } });
  });

  it('of the same time are one of two that come at once', async () => {
    const person = await hub.person();
    const both = await Promise.allSettled([
      entry(person, '08:00:00', '10:00:00'),
      entry(person, '09:00:00', '11:00:00'),
    ]);

    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await open(person).timeEntries()).data).toHaveLength(1);
  });

  it('overlap where the organisation lets them', async () => {
    const person = await hub.person();
    await setTo(person, 'time.allow-parallel', true);

    await entry(person, '08:00:00', '10:00:00');
    await entry(person, '09:00:00', '11:00:00', { kind: 'travel' });

    expect((await open(person).timeEntries()).data).toHaveLength(2);
  });

  it('are written for others by who answers for them, and by nobody else', async () => {
    const person = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: person });
    const elsewhere = await hub.person({ role: 'manager', elsewhereIn: person });
    const write = (by: Person) =>
      open(by).createTimeEntry({ userId: person.userId, start: at('08:00'), end: at('09:00') });

    expect((await write(manager)).userId).toBe(person.userId);
    await expect(write(elsewhere)).rejects.toMatchObject({ status: 404 });
    const backwards = entry(person, '10:00:00', '09:00:00');
    await expect(backwards).rejects.toMatchObject({ status: 422, problem: { errors: [{ path: 'end' }] } });
  });

  it('leave as a file with a line for each date, and no line is a formula', async () => {
    const person = await hub.person();
    await entry(person, '22:00:00', '23:00:00', { end: at('01:00:00', '2026-11-03'), note: '=1+1' });
    const response = await fetch(`${hub.url}/api/v1/tracking/time-entries/export?from=${DAY}&to=2026-11-04`, {
      headers: { authorization: `Bearer ${person.token}` },
    });

    const lines = (await response.text()).trim().split('\r\n');

    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^2026-11-02,.*,120,120,false,manual,'=1\+1$/);
    expect(lines[2]).toMatch(/^2026-11-03,.*,60,60,/);
  });
});

describe('a weekly sheet', () => {
  it('is handed in, approved by somebody else, and locks its week', async () => {
    const person = await hub.person();
    const manager = await hub.person({ role: 'manager', beside: person });
    const first = await entry(person, '08:00:00', '09:00:00');
    const sheet = await open(person).openTimesheet({ week: '2026-11-05' });
    expect(sheet).toMatchObject({ week: DAY, state: 'open' });

    await expect(open(manager).approveTimesheet({ timesheetId: sheet.id })).rejects.toMatchObject({
      code: 'TIMESHEET_STATE_INVALID',
    });
    await open(person).submitTimesheet({ timesheetId: sheet.id });
    await expect(open(person).approveTimesheet({ timesheetId: sheet.id })).rejects.toMatchObject({ status: 403 });
    const approved = await open(manager).approveTimesheet({ timesheetId: sheet.id });

    expect(approved).toMatchObject({ state: 'approved', decidedBy: manager.userId });
    const locked = await open(person).timeEntry({ timeEntryId: first.id });
    expect(locked.lockedAt).not.toBeNull();
    for (const refused of [
      entry(person, '10:00:00', '11:00:00'),
      entry(person, '10:00:00', '11:00:00', { start: at('23:00', '2026-11-08'), end: at('01:00', '2026-11-09') }),
      open(person).updateTimeEntry({ timeEntryId: first.id, note: 'x' }, asRead(first)),
      open(person).removeTimeEntry({ timeEntryId: first.id }, asRead(first)),
      open(manager).createTimeEntry({ userId: person.userId, start: at('10:00'), end: at('11:00') }),
    ])
      await expect(refused).rejects.toMatchObject({ status: 423, code: 'PERIOD_LOCKED' });
    // The next week is another sheet.
    await entry(person, '10:00:00', '11:00:00', { start: at('08:00', '2026-11-09'), end: at('09:00', '2026-11-09') });
    const back = await open(manager).reopenTimesheet({ timesheetId: sheet.id, reason: 'A visit is missing' });
    expect(back).toMatchObject({ state: 'open', reason: 'A visit is missing' });
    expect((await open(person).timeEntry({ timeEntryId: first.id })).lockedAt).toBeNull();
    await entry(person, '10:00:00', '11:00:00');
  });

  it('is never approved by its own manager, who has a manager himself', async () => {
    const manager = await hub.person({ role: 'manager' });
    const hr = await hub.person({ role: 'hr', beside: manager });
    await entry(manager, '08:00:00', '09:00:00');
    const { id: timesheetId } = await open(manager).openTimesheet({ week: DAY });
    await open(manager).submitTimesheet({ timesheetId });

    await expect(open(manager).approveTimesheet({ timesheetId })).rejects.toMatchObject({
      status: 403,
      code: 'OWN_TIMESHEET',
    });
    expect((await open(hr).approveTimesheet({ timesheetId })).state).toBe('approved');
  });

  it('takes in no entry that comes while it is handed in', async () => {
    const person = await hub.person();
    await entry(person, '08:00:00', '09:00:00');
    const { id: timesheetId } = await open(person).openTimesheet({ week: DAY });
    const [submitted, added] = await Promise.allSettled([
      open(person).submitTimesheet({ timesheetId }),
      entry(person, '09:00:00', '10:00:00'),
    ]);

    expect(submitted.status).toBe('fulfilled');
    const { rawSec } = await open(person).timesheet({ timesheetId });
    expect(rawSec).toBe(added.status === 'fulfilled' ? 7_200 : 3_600);
    await expect(entry(person, '11:00:00', '12:00:00')).rejects.toMatchObject({ code: 'PERIOD_LOCKED' });
  });

  it('is not handed in while a timer of its week runs', async () => {
    const person = await hub.person();
    await open(person).startTimer({ at: at('08:00:00') });
    const { id: timesheetId } = await open(person).openTimesheet({ week: DAY });

    await expect(open(person).submitTimesheet({ timesheetId })).rejects.toMatchObject({
      status: 409,
      code: 'TIMER_RUNNING',
    });
    await open(person).stopTimer({ at: at('09:00:00') });
    expect((await open(person).submitTimesheet({ timesheetId })).state).toBe('submitted');
  });

  it('rounds for its reader and keeps what was', async () => {
    const person = await hub.person();
    await setTo(person, 'time.rounding', { minutes: 15, mode: 'up' });
    await entry(person, '08:00:00', '08:16:00');
    await entry(person, '09:00:00', '09:01:00', { kind: 'break' });
    const { id: timesheetId } = await open(person).openTimesheet({ week: DAY });

    const sheet = await open(person).timesheet({ timesheetId });

    expect(sheet.days).toEqual([
      { date: DAY, kind: 'break', rawSec: 60, sec: 900 },
      { date: DAY, kind: 'work', rawSec: 960, sec: 1_800 },
    ]);
    const { days } = await open(person).differences({ timesheetId });
    expect(days).toHaveLength(7);
    expect(days[0]).toMatchObject({ date: DAY, entriesSec: 960, attendanceSec: null, bySource: { manual: 960 } });
  });
});
