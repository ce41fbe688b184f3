import { branchesApi } from '@loro/contracts/branches';
import { HOLIDAY_ATTRIBUTION } from '@loro/contracts/branches-holidays';
import { branches } from '.';
import { outcome } from '../../testing/sign-ins';
import { type Person, testHub } from '../../testing/test-hub';
import { countedHolidays, holidaysOfLibrary } from './holidays.policy';
import { icsOf } from './ics-file.policy';
import { holidaysOfIcs } from './ics.policy';

const hub = testHub();
const as = (person: Pick<Person, 'token'>) => hub.api(branchesApi, person);
const plain = { portion: 'full', kind: 'public', observedForDate: null, isPaid: false, source: 'manual' } as const;

/** Somebody of hr, and the branch beside which he sits, which keeps a calendar. */
async function keeps(person: Person, calendarId: string): Promise<void> {
  await hub.sql('UPDATE branches SET holiday_calendar_id = ? WHERE org_id = ? AND id = ?', [
    calendarId,
    person.orgId,
    person.branchId,
  ]);
}

const counted = async ({ orgId, branchId }: Person, from: string, to: string) => {
  const found = await hub.hub.use(branches).holidaysOf(orgId, [branchId], from, to);
  return [...(found.get(branchId)?.keys() ?? [])];
};

describe('acceptance: the fourth of July 2026, a Saturday', () => {
  it('is a holiday together with the third, of which the third alone counts', async () => {
    const hr = await hub.person({ role: 'hr' });

    const result = await as(hr).importCountry({ country: 'US', years: [2026] });
    await keeps(hr, result.calendar.id);
    const { data } = await as(hr).holidays({ calendarId: result.calendar.id, from: '2026-07-01', to: '2026-08-01' });

    expect(result).toMatchObject({
      attribution: HOLIDAY_ATTRIBUTION,
      kept: [],
      calendar: { country: 'US', region: null },
    });
    expect(data.map(({ date, observedForDate, source }) => ({ date, observedForDate, source }))).toEqual([
      { date: '2026-07-03', observedForDate: '2026-07-04', source: 'library' },
      { date: '2026-07-04', observedForDate: null, source: 'library' },
    ]);
    expect(await counted(hr, '2026-07-01', '2026-07-31')).toEqual(['2026-07-03']);
    // A span that holds the original alone knows of its substitute all the same.
    expect(await counted(hr, '2026-07-04', '2026-07-04')).toEqual([]);
  });
});

describe('a day that is observed for a Saturday or Sunday', () => {
  const day = (date: string, change: object = {}) => ({ ...plain, date, name: date, ...change });
  const dates = (...holidays: ReturnType<typeof day>[]) => countedHolidays(holidays).map(({ date }) => date);
  const substitute = (change: object = {}) => day('2026-12-28', { observedForDate: '2026-12-26', ...change });

  it('counts instead of it, unless both are set paid', () => {
    expect(dates(day('2026-12-26'), substitute())).toEqual(['2026-12-28']);
    expect(dates(day('2026-12-26', { isPaid: true }), substitute())).toEqual(['2026-12-28']);
    expect(dates(day('2026-12-26', { isPaid: true }), substitute({ isPaid: true }))).toEqual([
      '2026-12-26',
      '2026-12-28',
    ]);
  });

  it('takes nothing from a holiday of another weekday, and optional ones free nobody', () => {
    expect(dates(day('2026-12-25'), day('2026-12-28', { observedForDate: '2026-12-25' }))).toEqual([
      '2026-12-25',
      '2026-12-28',
    ]);
    expect(dates(day('2026-12-25', { kind: 'optional' }))).toEqual([]);
  });

  it('is found where the library only says which rule made it, and which of two days it is for', () => {
    const told = (date: string, rule: string, change: object = {}) => ({
      date: `${date} 00:00:00`,
      start: new Date(`${date}T00:00:00Z`),
      end: new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000),
      name: date,
      type: 'public',
      rule,
      ...change,
    });
    const year = [
      told('2027-12-25', '12-25'),
      told('2027-12-26', '12-26'),
      told('2027-12-27', 'substitutes 12-25 if saturday then next monday if sunday then next tuesday', {
        substitute: true,
      }),
      told('2027-12-28', 'substitutes 12-26 if saturday then next monday if sunday then next tuesday'),
    ];

    expect(holidaysOfLibrary(year, [2027]).map(({ date, observedForDate }) => [date, observedForDate])).toEqual([
      ['2027-12-25', null],
      ['2027-12-26', null],
      ['2027-12-27', '2027-12-25'],
      ['2027-12-28', '2027-12-26'],
    ]);
  });
});

describe('holidays of a country', () => {
  it('are those of the region and of the types that were asked for', async () => {
    const hr = await hub.person({ role: 'hr' });

    const bavaria = await as(hr).importCountry({
      country: 'DE',
      region: 'BY',
      years: [2026],
      types: ['public', 'bank'],
    });
    const berlin = await as(hr).importCountry({ country: 'DE', region: 'BE', years: [2026] });
    const datesOf = async (calendarId: string) => (await as(hr).holidays({ calendarId, limit: 200 })).data;

    const [ofBavaria, ofBerlin] = [await datesOf(bavaria.calendar.id), await datesOf(berlin.calendar.id)];
    expect(ofBavaria.find(({ date }) => date === '2026-06-04')?.name).toBe('Fronleichnam');
    expect(ofBavaria.find(({ date }) => date === '2026-12-24')).toMatchObject({ portion: 'pm' });
    expect(ofBerlin.map(({ date }) => date)).not.toContain('2026-06-04');
    expect(ofBerlin.map(({ date }) => date)).toContain('2026-03-08');
  });

  it('come again over those of before, and leave alone what somebody set or took away', async () => {
    const hr = await hub.person({ role: 'hr' });
    const { calendar } = await as(hr).importCountry({ country: 'ZA', years: [2026, 2027] });
    const of = { calendarId: calendar.id };
    await as(hr).setHoliday({ ...of, date: '2026-04-27', name: 'Our own Freedom Day', portion: 'pm' });
    await as(hr).setHoliday({ ...of, date: '2026-10-02', name: 'Founders’ Day', kind: 'company' });
    await as(hr).removeHoliday({ ...of, date: '2026-06-16' });

    const again = await as(hr).importCountry({ country: 'ZA', years: [2026] });

    const { data } = await as(hr).holidays({ ...of, limit: 200 });
    const on = (date: string) => data.find((holiday) => holiday.date === date);
    expect(again.calendar.id).toBe(calendar.id);
    expect(again.kept).toEqual(['2026-04-27', '2026-06-16']);
    expect(on('2026-04-27')).toMatchObject({ name: 'Our own Freedom Day', portion: 'pm', source: 'manual' });
    expect(on('2026-10-02')).toMatchObject({ kind: 'company' });
    expect(on('2026-06-16')).toBeUndefined();
    // A year that was not asked for again stays; its Human Rights Day is a Sunday.
    expect(on('2027-03-22')).toMatchObject({ observedForDate: '2027-03-21' });
    // Set by hand, what was taken away is there again.
    await as(hr).setHoliday({ ...of, date: '2026-06-16', name: 'Youth Day' });
    expect((await as(hr).importCountry({ country: 'ZA', years: [2026] })).kept).toContain('2026-06-16');
  });

  it('are refused for a country or a region that nobody knows, and to whoever may not keep calendars', async () => {
    const hr = await hub.person({ role: 'hr' });
    const stranger = await hub.person({ role: 'hr' });
    const { calendar } = await as(hr).importCountry({ country: 'NA', years: [2026] });

    expect(await outcome(as(hr).importCountry({ country: 'ZZ', years: [2026] }))).toEqual({
      status: 422,
      code: 'VALIDATION_FAILED',
    });
    expect(await outcome(as(hr).importCountry({ country: 'DE', region: 'XX', years: [2026] }))).toMatchObject({
      status: 422,
    });
    const staff = await hub.person({ beside: hr });
    expect(await outcome(as(staff).importCountry({ country: 'NA', years: [2026] }))).toMatchObject({ status: 403 });
    const theirs = as(stranger).importCountry({ country: 'NA', years: [2027], calendarId: calendar.id });
    expect(await outcome(theirs)).toMatchObject({ status: 404 });
  });
});

describe('a calendar as a file', () => {
  it('is read by whoever reads iCalendar, this hub too', async () => {
    const hr = await hub.person({ role: 'hr' });
    const { calendar } = await as(hr).importCountry({ country: 'ZA', years: [2026] });
    const name = 'A name; with, signs, and so long that its line has to be folded because of its length é';
    await as(hr).setHoliday({ calendarId: calendar.id, date: '2026-10-02', name });
    const read = (who: Person) =>
      fetch(`${hub.url}/api/v1/holiday-calendars/${calendar.id}.ics`, {
        headers: { authorization: `Bearer ${who.token}` },
      });

    const answer = await read(hr);
    const text = await answer.text();
    const other = await as(hr).createCalendar({ name: 'Copy' });
    const copied = await as(hr).importIcs({ calendarId: other.id, ics: text });

    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(text).toContain('X-WR-CALDESC:Holidays: date-holidays');
    expect(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)).toBe(true);
    expect(copied).toMatchObject({ skipped: [] });
    const { data } = await as(hr).holidays({ calendarId: other.id, from: '2026-10-01', to: '2026-10-31' });
    expect(data).toMatchObject([{ date: '2026-10-02', name, source: 'ics' }]);
    expect((await read(await hub.person({ role: 'hr' }))).status).toBe(404);
  });

  it('shows half a holiday as the half that is free', () => {
    const text = [
      ...icsOf(
        { id: 'X', name: 'Half' },
        [{ ...plain, date: '2026-12-31', name: 'Eve', portion: 'pm' }],
        new Date(0),
        null,
      ),
    ].join('');

    expect(text).toContain('DTSTART:20261231T120000\r\nDTEND:20270101T000000\r\n');
    expect(holidaysOfIcs(text)).toMatchObject({
      holidays: [],
      skipped: [{ reason: 'begins at a time, not on a date' }],
    });
  });
});

describe('a change of holidays', () => {
  it('is told to the rooms that count days, with the branches that keep the calendar', async () => {
    const hr = await hub.person({ role: 'hr' });
    const calendar = await as(hr).createCalendar({ name: 'Ours' });
    await keeps(hr, calendar.id);
    const told: unknown[] = [];
    hub.hub.use(branches).holidayHook(async ({ orgId, ...change }) => {
      if (orgId === hr.orgId) told.push(change);
    });

    await as(hr).setHoliday({ calendarId: calendar.id, date: '2026-11-24', name: 'Today' });
    await as(hr).removeHoliday({ calendarId: calendar.id, date: '2026-11-24' });

    expect(told).toEqual([
      { branchIds: [hr.branchId], dates: ['2026-11-24'] },
      { branchIds: [hr.branchId], dates: ['2026-11-24'] },
    ]);
    const jobs = await hub.sql(
      "SELECT id FROM outbox_jobs WHERE name = 'attendance.recompute' AND payload LIKE ? AND payload LIKE '%2026-11-24%'",
      [`%${hr.userId}%`],
    );
    expect(jobs.length).toBeGreaterThan(0);
  });
});
