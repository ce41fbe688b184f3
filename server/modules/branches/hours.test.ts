import { branchesApi } from '@loro/contracts/branches';
import { branches } from '.';
import { type Person, testHub } from '../../testing/test-hub';
import { auth } from '../auth';

const hub = testHub();
const MINUTE_MS = 60_000;
const open = (person: Person) => hub.api(branchesApi, person);
const asRead = ({ version }: { version: number }) => ({ headers: { 'if-match': `"${version}"` } });
const everyDay = (opensAt: string, closesAt: string) =>
  [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opensAt, closesAt }));
const tick = () => hub.work('branch.hours-tick', { tick: hub.clock.now().toISOString() });
/** Wall time in Johannesburg, so many minutes from now. */
const clock = (minutes: number): string =>
  new Date(hub.clock.now().getTime() + (120 + minutes) * MINUTE_MS).toISOString().slice(11, 16);

async function signedInAgain(person: Person): Promise<Person> {
  const from = { name: 'later', ip: '127.0.0.1' };
  const { accessToken: token } = await hub.hub.use(auth).sessions.open(person.orgId, person.userId, from);
  return { ...person, token };
}

async function aBranch(role: 'admin' | 'manager' = 'admin') {
  const admin = await hub.person({ role });
  return { admin, branch: await open(admin).get({ branchId: admin.branchId }) };
}

describe('acceptance: hours over midnight', () => {
  it('are open from Friday evening into Saturday, in the zone of the branch', async () => {
    const { admin, branch } = await aBranch();
    const { id: branchId } = branch;
    const weekly = [{ weekday: 5, opensAt: '18:00', closesAt: '02:00' }];
    await open(admin).setHours({ branchId, weekly }, asRead(branch));
    const at = async (instant: string) => (await open(admin).open({ branchId, at: instant })).isOpen;

    expect(await at('2026-11-27T15:59:00Z')).toBe(false);
    expect(await at('2026-11-27T16:00:00Z')).toBe(true);
    expect(await at('2026-11-27T23:59:00Z')).toBe(true);
    expect(await at('2026-11-28T00:00:00Z')).toBe(false);
    expect(await open(admin).open({ branchId, at: '2026-11-27T23:59:00Z' })).toMatchObject({
      localDate: '2026-11-28',
      timezone: 'Africa/Johannesburg',
      closesAt: '2026-11-28T00:00:00.000Z',
    });
  });
});

describe('acceptance: an exception before holidays', () => {
  it('closes early, and opens on the next regular day that the calendar leaves', async () => {
    const { admin, branch } = await aBranch();
    const { id: branchId } = branch;
    const calendar = await open(admin).createCalendar({
      name: 'South Africa',
      country: 'ZA',
      holidays: [{ date: '2026-12-25', name: 'Christmas Day' }],
    });
    const kept = await open(admin).update({ branchId, holidayCalendarId: calendar.id }, asRead(branch));
    const weekly = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opensAt: '08:00', closesAt: '17:00' }));
    const hours = await open(admin).setHours({ branchId, weekly, closedOnHolidays: true }, asRead(kept));
    await open(admin).setException({
      branchId,
      date: '2026-12-24',
      intervals: [{ opensAt: '08:00', closesAt: '12:00' }],
      reason: 'Christmas Eve',
    });
    const at = '2026-12-24T11:00:00Z';
    const state = await open(admin).open({ branchId, at });

    expect(hours).toMatchObject({ closedOnHolidays: true, holidayCalendarId: calendar.id });
    // Friday is Christmas; Monday is the next day that opens.
    expect(state).toMatchObject({ isOpen: false, reason: 'exception', opensAt: '2026-12-28T06:00:00.000Z' });
    const now = await open(admin).hours({ branchId });
    await open(admin).setHours({ branchId, weekly, closedOnHolidays: false }, asRead(now));
    expect(await open(admin).open({ branchId, at })).toMatchObject({ opensAt: '2026-12-25T06:00:00.000Z' });
    await open(admin).removeException({ branchId, date: '2026-12-24' });
    expect(await open(admin).open({ branchId, at })).toMatchObject({ isOpen: true, reason: 'hours' });
  });
});

describe('keeping hours', () => {
  it('refuses what overlaps and names it, and lets staff hours stand beside public ones', async () => {
    const { admin, branch } = await aBranch();
    const { id: branchId } = branch;
    const late = { weekday: 7, opensAt: '22:00', closesAt: '02:00' };
    const early = { weekday: 1, opensAt: '01:00', closesAt: '05:00' };

    const refused = open(admin).setHours({ branchId, weekly: [late, early] }, asRead(branch));
    await expect(refused).rejects.toMatchObject({
      status: 422,
      code: 'HOURS_OVERLAP',
      problem: { errors: [{ path: 'weekly.1' }] },
    });
    const overlap = {
      branchId,
      date: '2026-12-24',
      intervals: [late, early].map(({ opensAt, closesAt }) => ({ opensAt, closesAt })),
    };
    await open(admin).setException({ ...overlap, intervals: overlap.intervals.slice(0, 1) });
    const stale = open(admin).setHours({ branchId, weekly: [late] }, asRead(branch));
    await expect(stale).rejects.toMatchObject({ status: 412 });
    const now = await open(admin).hours({ branchId });
    const hours = await open(admin).setHours({ branchId, weekly: [late, { ...early, kind: 'staff' }] }, asRead(now));
    expect(hours.weekly).toHaveLength(2);
    const monday = '2026-11-29T23:30:00Z';
    expect(await open(admin).open({ branchId, at: monday, kind: 'staff' })).toMatchObject({ isOpen: true });
    expect(await open(admin).open({ branchId, at: '2026-11-30T01:00:00Z' })).toMatchObject({ isOpen: false });
  });

  it('is for the manager of the branch, and reading for nobody of another organisation', async () => {
    const { admin: manager, branch } = await aBranch('manager');
    const { id: branchId } = branch;
    const stranger = await hub.person({ role: 'admin' });
    const other = await hub.person({ role: 'manager', elsewhereIn: manager });

    await open(manager).setHours({ branchId, weekly: everyDay('08:00', '17:00') }, asRead(branch));
    for (const outsider of [stranger, other]) {
      await expect(open(outsider).open({ branchId })).rejects.toMatchObject({ status: 404 });
      const changing = open(outsider).setHours({ branchId, weekly: [] }, { headers: { 'if-match': '"2"' } });
      await expect(changing).rejects.toMatchObject({ status: 404 });
    }
    await expect(open(manager).createCalendar({ name: 'Mine' })).rejects.toMatchObject({ status: 403 });
  });
});

describe('telling that a branch opens and closes', () => {
  it('happens once each, whichever workers look', async () => {
    const { admin, branch } = await aBranch();
    const { id: branchId } = branch;
    const listener = await hub.listen('/notifications', admin);
    await listener.subscribe(`${admin.orgId}:notices:${branchId}`);
    await open(admin).setHours({ branchId, weekly: everyDay(clock(2), clock(4)) }, asRead(branch));
    await Promise.all([tick(), tick()]);
    expect(listener.heard('branch:opened')).toEqual([]);

    hub.clock.advance(2 * MINUTE_MS);
    await Promise.all([tick(), tick(), tick()]);
    await listener.next('branch:opened');
    hub.clock.advance(2 * MINUTE_MS);
    await Promise.all([tick(), tick(), tick()]);
    await listener.next('branch:closed');
    await tick();

    expect(listener.heard('branch:opened')).toMatchObject([{ branchId, isOpen: true, reason: 'hours' }]);
    expect(listener.heard('branch:closed')).toMatchObject([{ branchId, isOpen: false }]);
  });

  it('happens at once where somebody changes what is open now', async () => {
    const { admin, branch } = await aBranch();
    const { id: branchId } = branch;
    const listener = await hub.listen('/notifications', admin);
    await listener.subscribe(`${admin.orgId}:notices:${branchId}`);
    const hours = await open(admin).setHours({ branchId, weekly: everyDay('00:00', '00:00') }, asRead(branch));
    expect(listener.heard('branch:opened')).toEqual([]);

    await open(admin).setException({
      branchId,
      date: (await open(admin).open({ branchId })).localDate,
      isClosed: true,
      cutTail: true,
    });
    await listener.next('branch:closed');
    await open(admin).setStatus({ branchId, status: 'suspended' });

    expect(await open(admin).open({ branchId })).toMatchObject({ isOpen: false, reason: 'not-active', opensAt: null });
    expect(hours.weekly).toHaveLength(7);
  });
});

describe('a branch that moves to another zone', () => {
  it('keeps the days before, counts the days after in the new zone, and misses none', async () => {
    const { admin, branch } = await aBranch();
    const { id: branchId } = branch;
    const today = (await open(admin).open({ branchId })).localDate;
    const from = new Date(Date.parse(today) + 3 * 86_400_000).toISOString().slice(0, 10);
    const planned = await open(admin).update(
      { branchId, timezone: 'Asia/Kathmandu', timezoneFrom: from },
      asRead(branch),
    );

    expect(planned).toMatchObject({
      timezone: 'Africa/Johannesburg',
      nextTimezone: { timezone: 'Asia/Kathmandu', from },
    });
    const past = open(admin).update(
      { branchId, timezone: 'Asia/Kathmandu', timezoneFrom: '2026-01-01' },
      asRead(planned),
    );
    await expect(past).rejects.toMatchObject({ status: 422, code: 'ZONE_IN_THE_PAST' });
    const calendar = await hub.hub.use(branches).calendarOf(admin.orgId, branchId);
    const dayBefore = new Date(Date.parse(from) - 86_400_000).toISOString().slice(0, 10);
    expect(calendar.startOf(dayBefore).toISOString()).toBe(
      `${new Date(Date.parse(dayBefore) - 86_400_000).toISOString().slice(0, 10)}T22:00:00.000Z`,
    );
    expect(calendar.zoneOf(dayBefore)).toBe('Africa/Johannesburg');

    hub.clock.advance(4 * 86_400_000);
    await tick();
    const later = await signedInAgain(admin);
    expect(await open(later).get({ branchId })).toMatchObject({
      timezone: 'Asia/Kathmandu',
      nextTimezone: null,
      version: 3,
    });
    const { zones } = await open(later).zones({ branchId });
    expect(zones).toEqual([
      { from: null, timezone: 'Africa/Johannesburg' },
      { from, timezone: 'Asia/Kathmandu' },
    ]);
    const before = await open(later).open({ branchId, at: `${dayBefore}T10:00:00Z` });
    expect(before).toMatchObject({ timezone: 'Africa/Johannesburg', localDate: dayBefore });
  });
});

describe('holiday calendars', () => {
  it('are imported from rows and from iCalendar, and say what they left out', async () => {
    const { admin } = await aBranch();
    const calendar = await open(admin).createCalendar({ name: 'ZA' });
    const of = { calendarId: calendar.id };
    const ics = [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20270101',
      'SUMMARY:New Year',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART:20270101T080000Z',
      'SUMMARY:Braai',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\n');

    await open(admin).importHolidays({ ...of, holidays: [{ date: '2026-12-16', name: 'Reconciliation' }] });
    const result = await open(admin).importIcs({ ...of, ics });
    await open(admin).setHoliday({ ...of, date: '2026-12-16', name: 'Day of Reconciliation' });

    expect(result).toMatchObject({ imported: 1, skipped: [{ line: 6 }] });
    const plain = { portion: 'full', kind: 'public', observedForDate: null, isPaid: false };
    expect((await open(admin).holidays(of)).data).toEqual([
      { ...plain, date: '2026-12-16', name: 'Day of Reconciliation', source: 'manual' },
      { ...plain, date: '2027-01-01', name: 'New Year', source: 'ics' },
    ]);
    await expect(open(admin).importIcs({ ...of, ics: 'nothing' })).rejects.toMatchObject({ code: 'ICS_MALFORMED' });
    await open(admin).importHolidays({
      ...of,
      holidays: [{ date: '2027-03-22', name: 'Human Rights' }],
      isWhole: true,
    });
    expect((await open(admin).holidays(of)).data).toHaveLength(1);
    await open(admin).removeHoliday({ ...of, date: '2027-03-22' });
    await expect(open(admin).removeHoliday({ ...of, date: '2027-03-22' })).rejects.toMatchObject({ status: 404 });
  });

  it('stay while a branch keeps them, are named once, and belong to one organisation', async () => {
    const { admin, branch } = await aBranch();
    const stranger = await hub.person({ role: 'admin' });
    const calendar = await open(admin).createCalendar({ name: 'ZA' });
    const kept = await open(admin).update({ branchId: branch.id, holidayCalendarId: calendar.id }, asRead(branch));

    await expect(open(admin).createCalendar({ name: 'ZA' })).rejects.toMatchObject({ code: 'CALENDAR_NAME_TAKEN' });
    await expect(open(stranger).calendar({ calendarId: calendar.id })).rejects.toMatchObject({ status: 404 });
    const theirs = { branchId: stranger.branchId, holidayCalendarId: calendar.id };
    await expect(open(stranger).update(theirs, asRead({ version: 1 }))).rejects.toMatchObject({ status: 404 });
    const renamed = await open(admin).updateCalendar(
      { calendarId: calendar.id, name: 'South Africa' },
      asRead(calendar),
    );
    expect(renamed).toMatchObject({ name: 'South Africa', version: calendar.version + 1 });
    const removing = () => open(admin).removeCalendar({ calendarId: calendar.id }, asRead(renamed));
    await expect(removing()).rejects.toMatchObject({ status: 409, code: 'CALENDAR_IN_USE' });
    await open(admin).update({ branchId: branch.id, holidayCalendarId: null }, asRead(kept));
    await removing();
    expect((await open(admin).calendars({})).data).toEqual([]);
  });
});
