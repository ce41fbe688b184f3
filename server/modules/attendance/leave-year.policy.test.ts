import type { LeavePolicy } from '@loro/contracts/leave-values';
import { project } from './leave-projection.policy';
import { addMonths, grantsDue, grantsOfYear, leaveYear, roundHalfUp, underCap } from './leave-year.policy';

type Accrual = Pick<LeavePolicy, 'yearStartsOn' | 'accrual' | 'annualMilliDays' | 'proration' | 'roundingMilliDays'>;

const policy = (change: Partial<Accrual> = {}): Accrual => ({
  yearStartsOn: '01-01',
  accrual: { every: 'monthly', on: 'last' },
  annualMilliDays: 21_000,
  proration: 'by_day',
  roundingMilliDays: 1,
  ...change,
});
const since = (startedOn: string | null, endedOn: string | null = null) => ({ startedOn, endedOn });
const sum = (grants: readonly { milliDays: number }[]) => grants.reduce((total, { milliDays }) => total + milliDays, 0);

describe('acceptance: leave of somebody who joins during the year (A10)', () => {
  const year = { from: '2023-05-01', to: '2024-04-30' };
  const upfront = (proration: Accrual['proration']) =>
    policy({ yearStartsOn: '05-01', accrual: { every: 'upfront', on: 'first' }, annualMilliDays: 25_000, proration });

  it('gives 25 · 204/366 = 13.934 days by day of service, on the day of joining', () => {
    expect(grantsOfYear(upfront('by_day'), since('2023-10-10'), year)).toEqual([
      { period: '2023-05-01', on: '2023-10-10', milliDays: 13_934 },
    ]);
  });

  it('gives 14.583 days by whole months that remain, seven of twelve', () => {
    expect(sum(grantsOfYear(upfront('full_month'), since('2023-10-10'), year))).toBe(14_583);
  });

  it.each([
    ['2023-10-15', 14_583],
    ['2023-10-16', 12_500],
    ['2023-05-01', 25_000],
    ['2024-04-16', 0],
  ])('gives for a start on %s, with the month counted until the fifteenth, %d milli-days', (startedOn, milliDays) => {
    expect(sum(grantsOfYear(upfront('mid_month_15'), since(startedOn), year))).toBe(milliDays);
  });

  it('gives everything where nothing is prorated, and nothing before somebody joins', () => {
    expect(sum(grantsOfYear(upfront('none'), since('2024-04-30'), year))).toBe(25_000);
    expect(grantsOfYear(upfront('by_day'), since('2024-05-01'), year)).toEqual([]);
  });
});

describe('accrual over a year', () => {
  it.each([
    [21_000, 250],
    [20_000, 1],
    [25_000, 500],
    [17_333, 1],
    [22_000, 1_000],
  ] as const)('adds up to the %d of the year in steps of %d', (annualMilliDays, roundingMilliDays) => {
    const grants = grantsOfYear(
      policy({ annualMilliDays, roundingMilliDays }),
      since(null),
      leaveYear(policy(), since(null), '2026-06-01'),
    );

    expect(sum(grants)).toBe(roundHalfUp(annualMilliDays, 1, roundingMilliDays));
    expect(grants.every(({ milliDays }) => milliDays % roundingMilliDays === 0)).toBe(true);
  });

  it('gives 20 days a year month by month as 1.667, 1.666, 1.667', () => {
    const months = grantsOfYear(policy({ annualMilliDays: 20_000 }), since(null), {
      from: '2026-01-01',
      to: '2026-12-31',
    });

    expect(months.slice(0, 4).map(({ milliDays }) => milliDays)).toEqual([1_667, 1_666, 1_667, 1_667]);
    expect(months.map(({ on }) => on).slice(0, 3)).toEqual(['2026-01-31', '2026-02-28', '2026-03-31']);
  });

  it('gives on the first day of each quarter, and a part of the first one', () => {
    const quarterly = policy({ accrual: { every: 'quarterly', on: 'first' }, annualMilliDays: 20_000 });

    // 41 of the 90 days of the first quarter: 19 February to 31 March.
    expect(grantsOfYear(quarterly, since('2026-02-19'), { from: '2026-01-01', to: '2026-12-31' })).toEqual([
      { period: '2026-01-01', on: '2026-02-19', milliDays: 2_278 },
      { period: '2026-04-01', on: '2026-04-01', milliDays: 5_000 },
      { period: '2026-07-01', on: '2026-07-01', milliDays: 5_000 },
      { period: '2026-10-01', on: '2026-10-01', milliDays: 5_000 },
    ]);
  });

  it('counts years of somebody from the day on which he began, 29 February too', () => {
    const yearly = policy({ accrual: { every: 'yearly', on: 'anniversary' } });

    expect(leaveYear(yearly, since('2024-02-29'), '2027-02-27')).toEqual({ from: '2026-02-28', to: '2027-02-27' });
    expect(
      grantsDue(yearly, since('2024-02-29'), { since: '2024-01-01', by: '2027-02-28' }).map(({ on }) => on),
    ).toEqual(['2027-02-28']);
  });

  it('gives nothing before the type began, after somebody left, or ahead of its day', () => {
    const due = (service: ReturnType<typeof since>, by: string) =>
      grantsDue(policy(), service, { since: '2026-02-10', by }).map(({ on }) => on);

    expect(due(since(null), '2026-03-31')).toEqual(['2026-02-28', '2026-03-31']);
    expect(due(since(null), '2026-03-30')).toEqual(['2026-02-28']);
    expect(due(since(null, '2026-03-10'), '2026-05-30')).toEqual(['2026-02-28']);
  });

  it('rounds half a step up', () => {
    expect(roundHalfUp(2_250, 1, 500)).toBe(2_500);
    expect(roundHalfUp(2_249, 1, 500)).toBe(2_000);
    expect(roundHalfUp(2_500, 1, 1_000)).toBe(3_000);
    expect(roundHalfUp(1, 2, 1)).toBe(1);
  });

  it('stops at the cap of the balance, and never takes back', () => {
    expect([underCap(1_750, 29_000, 30_000), underCap(1_750, 31_000, 30_000), underCap(1_750, 5, null)]).toEqual([
      1_000, 0, 1_750,
    ]);
  });
});

describe('a balance to come', () => {
  const ahead = {
    policy: {
      ...policy({ roundingMilliDays: 250 }),
      carryMaxMilliDays: 5_000,
      carryExpires: { date: '03-31' },
      maxBalanceMilliDays: null,
    },
    service: since(null),
    startsOn: '2026-01-01',
    given: new Set(Array.from({ length: 10 }, (_, month) => addMonths('2026-01-01', month))),
  };
  const held = [{ id: 'x', kind: 'accrual', free: 7_500, validFrom: '2026-10-31', expiresOn: null }] as const;

  it('gains what is to accrue by then, and not what was given already', () => {
    expect(project(held, { ...ahead, today: '2026-11-25', asOf: '2026-11-30' })).toEqual({
      toAccrue: 1_750,
      toExpire: 0,
    });
    expect(project(held, { ...ahead, today: '2026-11-25', asOf: '2026-11-29' })).toEqual({ toAccrue: 0, toExpire: 0 });
  });

  it('loses at the end of the year what is not carried, and later what was carried', () => {
    // 7.5 and twice 1.75 are 11, of which 5 are carried.
    expect(project(held, { ...ahead, today: '2026-11-25', asOf: '2027-01-01' })).toEqual({
      toAccrue: 3_500,
      toExpire: 6_000,
    });
    expect(project(held, { ...ahead, today: '2026-11-25', asOf: '2027-04-01' })).toEqual({
      toAccrue: 3_500 + 5_250,
      toExpire: 6_000 + 5_000,
    });
  });
});
