import { OvertimeRules, type presetCodes } from '@loro/contracts/attendance-overtime';

type Code = (typeof presetCodes)[number];

const hours = (count: number): number => count * 60;

/** Rules of some countries, as data to begin with. They are no legal advice: the customer checks them. */
export const PRESETS: Readonly<
  Record<Code, { readonly name: string; readonly note: string; readonly rules: OvertimeRules }>
> = {
  US_FLSA: {
    name: 'United States, federal',
    note: 'Overtime beyond 40 hours a week. States may ask for more.',
    rules: OvertimeRules.parse({ weeklyMin: hours(40), weekStartsOn: 7, dailyBasis: 'workday' }),
  },
  US_CA: {
    name: 'United States, California',
    note: 'Beyond 8 hours a day, double beyond 12, beyond 40 a week, and on the seventh day in a row.',
    rules: OvertimeRules.parse({
      dailyMin: hours(8),
      dailyDoubleMin: hours(12),
      weeklyMin: hours(40),
      weekStartsOn: 7,
      dailyBasis: 'workday',
      seventhDay: true,
    }),
  },
  ZA_BCEA: {
    name: 'South Africa, at most five days a week',
    note: 'Beyond 9 hours a day and 45 a week, at most 10 hours of overtime a week; Sundays and holidays twice.',
    rules: OvertimeRules.parse({
      dailyMin: hours(9),
      weeklyMin: hours(45),
      maxPerWeekMin: hours(10),
      sundayFactorPpm: 2_000_000,
      holidayFactorPpm: 2_000_000,
    }),
  },
  ZA_BCEA_6: {
    name: 'South Africa, six days a week',
    note: 'Beyond 8 hours a day and 45 a week, at most 10 hours of overtime a week; Sundays and holidays twice.',
    rules: OvertimeRules.parse({
      dailyMin: hours(8),
      weeklyMin: hours(45),
      maxPerWeekMin: hours(10),
      sundayFactorPpm: 2_000_000,
      holidayFactorPpm: 2_000_000,
    }),
  },
  EU_WTD: {
    name: 'European Union, working time directive',
    note: 'No overtime by itself: warns at a mean of 48 hours over 17 weeks and flags less than 11 hours of rest.',
    rules: OvertimeRules.parse({ minRestMin: hours(11), meanWeeklyMin: hours(48), meanWeeks: 17 }),
  },
};
