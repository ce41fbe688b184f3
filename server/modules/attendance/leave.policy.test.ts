import { type Asked, leaveDays, longestRun, partFault, timeOffMilliDays, type WorkDay } from './leave-days.policy';
import { closeYear, consume, type Lot } from './leave-lots.policy';
import { agreed, nextApprover } from './leave-rules.policy';
import { addMonths, carryExpiresOn } from './leave-year.policy';

const lot = (id: string, free: number, validFrom: string, expiresOn: string | null = null): Lot => ({
  id,
  kind: 'accrual',
  free,
  validFrom,
  expiresOn,
});
const dates = (...all: string[]) => all.map((date) => ({ date, milliDays: 1_000 }));

describe('which days pay for leave (A12)', () => {
  it('acceptance I.8: the carried days pay until their last day, then the oldest', () => {
    const lots = [
      lot('feb', 1_750, '2026-02-28'),
      lot('jan', 1_750, '2026-01-31'),
      lot('carry', 2_000, '2026-01-01', '2026-03-31'),
    ];

    expect(consume(lots, dates('2026-03-30', '2026-03-31', '2026-04-01', '2026-04-02'))).toEqual({
      missing: 0,
      takes: [
        { date: '2026-03-30', lotId: 'carry', milliDays: 1_000 },
        { date: '2026-03-31', lotId: 'carry', milliDays: 1_000 },
        { date: '2026-04-01', lotId: 'jan', milliDays: 1_000 },
        { date: '2026-04-02', lotId: 'jan', milliDays: 750 },
        { date: '2026-04-02', lotId: 'feb', milliDays: 250 },
      ],
    });
  });

  it('lets a lot that expires in the middle pay only for the dates until then, whatever it holds', () => {
    const { takes, missing } = consume(
      [lot('carry', 9_000, '2026-01-01', '2026-03-31')],
      dates('2026-03-31', '2026-04-01'),
    );

    expect(takes).toEqual([{ date: '2026-03-31', lotId: 'carry', milliDays: 1_000 }]);
    expect(missing).toBe(1_000);
  });

  it('asks which lots are valid on the date of the leave, not on the day of asking', () => {
    const lots = [lot('later', 5_000, '2026-07-01'), lot('now', 1_000, '2026-01-01')];

    expect(consume(lots, dates('2026-06-30', '2026-07-01')).takes.map(({ lotId }) => lotId)).toEqual(['now', 'later']);
    expect(consume(lots, dates('2026-06-29', '2026-06-30')).missing).toBe(1_000);
  });

  it('takes ahead only as far as the type allows', () => {
    const lots = [lot('one', 500, '2026-01-01')];

    expect(consume(lots, dates('2026-06-29', '2026-06-30'), 1_500)).toEqual({
      missing: 0,
      takes: [
        { date: '2026-06-29', lotId: 'one', milliDays: 500 },
        { date: '2026-06-29', lotId: null, milliDays: 500 },
        { date: '2026-06-30', lotId: null, milliDays: 1_000 },
      ],
    });
    expect(consume(lots, dates('2026-06-29', '2026-06-30'), 1_000).missing).toBe(500);
  });
});

describe('the end of a leave year (A11)', () => {
  it.each([
    [7_500, 5_000, 5_000],
    [3_000, 5_000, 3_000],
    [7_500, 0, 0],
    [7_500, null, 7_500],
  ])('of %d days that are left carries, at most %d, %d', (left, most, carried) => {
    const closing = closeYear([lot('old', left - 1_000, '2026-01-31'), lot('new', 1_000, '2026-12-31')], most);

    expect(closing.carried).toBe(carried);
    expect(closing.lots.reduce((total, { expire }) => total + expire, 0)).toBe(left - carried);
    expect(closing.lots.reduce((total, { carry }) => total + carry, 0)).toBe(carried);
  });

  it('gives carried days a last day: so many months on, or a day of the year', () => {
    expect(carryExpiresOn('2026-01-01', { months: 3 })).toBe('2026-03-31');
    expect(carryExpiresOn('2026-05-01', { date: '03-31' })).toBe('2027-03-31');
    expect(carryExpiresOn('2026-01-01', { date: '02-29' })).toBe('2026-02-28');
    expect(carryExpiresOn('2026-01-01', null)).toBeNull();
    expect(addMonths('2026-11-30', 3)).toBe('2027-02-28');
  });
});

const week: WorkDay[] = [
  { date: '2026-06-12', minutes: 480, holiday: null },
  { date: '2026-06-13', minutes: 0, holiday: null },
  { date: '2026-06-14', minutes: 0, holiday: null },
  { date: '2026-06-15', minutes: 300, holiday: 'am' },
  { date: '2026-06-16', minutes: 480, holiday: 'full' },
  { date: '2026-06-17', minutes: 480, holiday: null },
];
const asked = (change: Partial<Asked> = {}): Asked => ({
  from: '2026-06-12',
  to: '2026-06-17',
  firstHalf: null,
  lastHalf: null,
  minutes: null,
  ...change,
});
const costs = (change: Partial<Asked> = {}, countsHolidays = false) =>
  leaveDays(asked(change), week, countsHolidays).map(({ milliDays }) => milliDays);

describe('what leave costs (A9)', () => {
  it('is nothing on days off and holidays, half on half holidays, and says which was which', () => {
    expect(costs()).toEqual([1_000, 0, 0, 500, 0, 1_000]);
    expect(leaveDays(asked(), week, false).map(({ mark }) => mark)).toEqual([
      null,
      'weekend',
      'weekend',
      null,
      'holiday',
      null,
    ]);
  });

  it('counts holidays where the type says so, and days off never', () => {
    expect(costs({}, true)).toEqual([1_000, 0, 0, 1_000, 1_000, 1_000]);
  });

  it('is half for half of the first and of the last day', () => {
    expect(costs({ firstHalf: 'second', lastHalf: 'first' })).toEqual([500, 0, 0, 500, 0, 500]);
  });

  it('is the part of the planned hours of that date', () => {
    expect(costs({ from: '2026-06-17', to: '2026-06-17', minutes: 120 })).toEqual([250]);
    // 100 of 300 minutes.
    expect(costs({ from: '2026-06-15', to: '2026-06-15', minutes: 100 }, true)).toEqual([333]);
  });

  it.each([
    ['day', { firstHalf: 'first' }],
    ['half_day', { firstHalf: 'first' }],
    ['half_day', { lastHalf: 'second' }],
    ['half_day', { to: '2026-06-12', firstHalf: 'first', lastHalf: 'second' }],
    ['half_day', { to: '2026-06-12', minutes: 60 }],
    ['hour', { minutes: 60 }],
  ] as const)('cannot be asked in %s as %j', (unit, change) => {
    expect(partFault(asked(change), unit)).not.toBeNull();
  });

  it('can be a morning, an afternoon, or hours of one date', () => {
    expect(partFault(asked({ to: '2026-06-12', firstHalf: 'first' }), 'half_day')).toBeNull();
    expect(partFault(asked({ firstHalf: 'second', lastHalf: 'first' }), 'half_day')).toBeNull();
    expect(partFault(asked({ to: '2026-06-12', minutes: 60 }), 'hour')).toBeNull();
  });

  it('joins leave over days off and holidays into one stretch', () => {
    expect(longestRun(week, new Set(['2026-06-12', '2026-06-15', '2026-06-17']))).toBe(3);
    expect(longestRun(week, new Set(['2026-06-12', '2026-06-17']))).toBe(1);
  });
});

describe('time off for overtime', () => {
  it.each([
    [28_800, 28_800, 1_000_000, 1_000],
    [7_200, 28_800, 1_500_000, 375],
    [3_600, 27_000, 2_000_000, 267],
    [3_600, 0, 1_000_000, 0],
  ])('of %d seconds of a day of %d, times %d ppm, is %d milli-days', (seconds, scheduled, factor, milliDays) => {
    expect(timeOffMilliDays(seconds, scheduled, factor)).toBe(milliDays);
  });
});

describe('a chain of managers', () => {
  const chain = ['first', 'second'].map((userId) => ({ userId, state: 'waiting' as const, at: null }));
  const at = '2026-11-25T08:00:00.000Z';

  it('asks one after the other, and a higher one answers for those below', () => {
    expect(nextApprover(agreed(chain, 'first', false, at))).toBe('second');
    expect(nextApprover(agreed(chain, 'second', false, at))).toBeNull();
    expect(nextApprover(agreed(chain, 'somebody', false, at))).toBe('second');
    expect(nextApprover(agreed(chain, 'hr', true, at))).toBeNull();
  });
});
