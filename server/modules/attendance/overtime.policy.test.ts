import { OvertimeRules } from '@loro/contracts/attendance-overtime';
import { addDays } from '../../platform';
import { overtimeOf, type WeekRow, weekStartOf } from './overtime.policy';
import { PRESETS } from './overtime-presets';

const MONDAY = '2026-07-13';
const SUNDAY = '2026-07-12';

/** One stretch of so many hours from 08:00 on each date. */
const days = (first: string, hours: readonly number[]): WeekRow[] =>
  hours.flatMap((length, index) => {
    const date = addDays(first, index);
    const fromMs = Date.parse(`${date}T08:00:00Z`);
    if (length === 0) return [];
    const pieces = [{ fromMs, toMs: fromMs + length * 3_600_000 }];
    return [{ id: date, date, zone: 'UTC', pieces, scheduled: null, isRestDay: false }];
  });

const sums = (rows: readonly WeekRow[], rules: OvertimeRules, holidays: string[] = []) => {
  const pay = [...overtimeOf(rows, rules, new Set(holidays)).values()];
  const hours = (pick: 'regularSec' | 'ot1Sec' | 'ot2Sec'): number =>
    pay.reduce((sum, one) => sum + one[pick], 0) / 3_600;
  return [hours('regularSec'), hours('ot1Sec'), hours('ot2Sec')];
};
const rules = (some: Partial<OvertimeRules>): OvertimeRules => OvertimeRules.parse(some);

describe('acceptance: overtime by day and by week, no second twice (4)', () => {
  it('gives 45 regular hours and 2.5 of overtime for five days of 9.5 in South Africa', () => {
    expect(sums(days(MONDAY, [9.5, 9.5, 9.5, 9.5, 9.5]), PRESETS.ZA_BCEA.rules)).toEqual([45, 2.5, 0]);
  });

  it('gives overtime beyond 40 hours a week under federal law, and none by day', () => {
    expect(sums(days(MONDAY, [12, 12, 12, 4]), PRESETS.US_FLSA.rules)).toEqual([40, 0, 0]);
    expect(sums(days(MONDAY, [10, 10, 10, 10, 6]), PRESETS.US_FLSA.rules)).toEqual([40, 6, 0]);
  });

  it('does not count daily overtime towards the week in California', () => {
    expect(sums(days(MONDAY, [10, 10, 10, 10, 10]), PRESETS.US_CA.rules)).toEqual([40, 10, 0]);
    expect(sums(days(MONDAY, [14, 8, 8, 8, 8]), PRESETS.US_CA.rules)).toEqual([40, 4, 2]);
    expect(sums(days(MONDAY, [8, 8, 8, 8, 8, 6]), PRESETS.US_CA.rules)).toEqual([40, 6, 0]);
  });

  it('gives the seventh day in a row eight hours at the first factor and the rest at the second', () => {
    expect(sums(days(SUNDAY, [6, 6, 6, 6, 6, 6, 10]), PRESETS.US_CA.rules)).toEqual([36, 8, 2]);
    expect(sums(days(SUNDAY, [6, 6, 6, 0, 6, 6, 10]), PRESETS.US_CA.rules)).toEqual([38, 2, 0]);
  });

  it('is the same in whatever order the days come', () => {
    const week = days(MONDAY, [9.5, 10, 9.5, 12, 9.5]);

    expect(sums(week.toReversed(), PRESETS.ZA_BCEA.rules)).toEqual(sums(week, PRESETS.ZA_BCEA.rules));
  });

  it('splits a night at midnight where the workday says so, and not where the shift does', () => {
    const fromMs = Date.parse('2026-07-13T18:00:00Z');
    const night: WeekRow = {
      id: 'n',
      date: MONDAY,
      zone: 'UTC',
      pieces: [{ fromMs, toMs: fromMs + 43_200_000 }],
      scheduled: null,
      isRestDay: false,
    };

    expect(sums([night], rules({ dailyMin: 480, dailyBasis: 'workday' }))).toEqual([12, 0, 0]);
    expect(sums([night], rules({ dailyMin: 480, dailyBasis: 'shift' }))).toEqual([8, 4, 0]);
  });

  it('counts a week from the weekday on which it begins', () => {
    const late = days('2026-07-17', [10, 10, 10, 10, 10]);

    expect(sums(late, rules({ weeklyMin: 2_400, weekStartsOn: 1 }))).toEqual([50, 0, 0]);
    expect(sums(late, rules({ weeklyMin: 2_400, weekStartsOn: 5 }))).toEqual([40, 10, 0]);
    expect(weekStartOf('2026-07-19', 1)).toBe('2026-07-13');
    expect(weekStartOf('2026-07-19', 7)).toBe('2026-07-19');
  });

  it('leaves out time before the shift, and after it only where the policy says so', () => {
    const [row] = days(MONDAY, [11]);
    const scheduled = { fromMs: Date.parse('2026-07-13T09:00:00Z'), toMs: Date.parse('2026-07-13T17:00:00Z') };
    const worked = row ? [{ ...row, scheduled }] : [];

    expect(sums(worked, rules({ dailyMin: 480 }))).toEqual([8, 2, 0]);
    expect(sums(worked, rules({ dailyMin: 480, countBeforeShift: true }))).toEqual([8, 3, 0]);
    expect(sums(worked, rules({ dailyMin: 480, countAfterShift: false }))).toEqual([8, 0, 0]);
  });

  it('drops what is too little to speak of', () => {
    expect(sums(days(MONDAY, [8.2]), rules({ dailyMin: 480 }))).toEqual([8, 0, 0]);
    expect(sums(days(MONDAY, [8.25]), rules({ dailyMin: 480 }))).toEqual([8, 0.25, 0]);
  });

  it('lets the highest factor win, and multiplies nothing', () => {
    const [sunday] = [...overtimeOf(days('2026-07-19', [10]), PRESETS.ZA_BCEA.rules, new Set(['2026-07-19'])).values()];

    expect(sunday?.pay).toEqual([
      { bucket: 'regular', seconds: 32_400, factorPpm: 2_000_000, reason: 'holiday' },
      { bucket: 'ot1', seconds: 3_600, factorPpm: 2_000_000, reason: 'holiday' },
    ]);
  });

  it('pays a rest day as the policy says', () => {
    const [row] = days('2026-07-18', [5]);
    const [pay] = row
      ? [...overtimeOf([{ ...row, isRestDay: true }], rules({ restDayFactorPpm: 1_750_000 }), new Set()).values()]
      : [];

    expect(pay?.pay).toEqual([{ bucket: 'regular', seconds: 18_000, factorPpm: 1_750_000, reason: 'rest-day' }]);
  });
});
