import type { WallInterval } from '@loro/contracts/branches-hours';
import { addDays, wallTime, weekdayOf } from '../../platform';
import { type DayException, openingAt, overlapsInDay, overlapsInWeek, type Plan } from './hours.policy';
import { Calendar } from './zones.policy';

const days = (weekdays: readonly number[], opensAt: string, closesAt: string): Plan['weekly'] =>
  weekdays.map((weekday) => ({ weekday, opensAt, closesAt }));

function plan(
  timezone: string,
  weekly: Plan['weekly'],
  { exceptions = {}, holidays = [] }: { exceptions?: Record<string, DayException>; holidays?: readonly string[] } = {},
): Plan {
  return {
    weekly,
    exceptions: new Map(Object.entries(exceptions)),
    holidays: new Set(holidays),
    calendar: new Calendar([{ from: null, timezone }]),
  };
}

const isOpen = (of: Plan, at: string): boolean => openingAt(of, new Date(at)).isOpen;
const weekdays = [1, 2, 3, 4, 5];

describe('acceptance: a night from Friday 18:00 to 02:00 in Johannesburg', () => {
  const friday = plan('Africa/Johannesburg', days([5], '18:00', '02:00'));

  it.each([
    ['2026-11-27T15:59:00Z', false],
    ['2026-11-27T16:00:00Z', true],
    ['2026-11-27T23:59:00Z', true],
    ['2026-11-28T00:00:00Z', false],
  ])('at %s', (at, open) => {
    expect(isOpen(friday, at)).toBe(open);
  });

  it('is told with its end, and with its next beginning', () => {
    expect(openingAt(friday, new Date('2026-11-27T20:00:00Z')).closesAt).toEqual(new Date('2026-11-28T00:00:00Z'));
    expect(openingAt(friday, new Date('2026-11-28T00:00:00Z')).opensAt).toEqual(new Date('2026-12-04T16:00:00Z'));
  });
});

describe('acceptance: an exception on the day before holidays', () => {
  const exceptions = { '2026-12-24': { intervals: [{ opensAt: '08:00', closesAt: '12:00' }], cutTail: false } };
  const at = new Date('2026-12-24T11:00:00Z');
  const regular = days(weekdays, '08:00', '17:00');

  it('closes at noon, and opens on the next regular day that is no holiday', () => {
    const holidays = ['2026-12-25', '2026-12-26', '2026-12-28'];

    const opening = openingAt(plan('Africa/Johannesburg', regular, { exceptions, holidays }), at);

    expect(opening).toMatchObject({ isOpen: false, reason: 'exception', opensAt: new Date('2026-12-29T06:00:00Z') });
  });

  it('opens on the holiday where holidays do not count', () => {
    const opening = openingAt(plan('Africa/Johannesburg', regular, { exceptions }), at);

    expect(opening.opensAt).toEqual(new Date('2026-12-25T06:00:00Z'));
  });
});

describe('what an exception takes away', () => {
  const nightly = days([1, 2, 3, 4, 5, 6, 7], '18:00', '02:00');
  const closed = (cutTail: boolean) =>
    plan('Africa/Johannesburg', nightly, { exceptions: { '2026-12-24': { intervals: [], cutTail } } });

  it('is its own date, and not the night before', () => {
    expect(isOpen(closed(false), '2026-12-23T23:30:00Z')).toBe(true);
    expect(isOpen(closed(false), '2026-12-24T17:00:00Z')).toBe(false);
    expect(isOpen(closed(false), '2026-12-24T23:30:00Z')).toBe(false);
  });

  it('is the rest of the night before too, where it cuts that', () => {
    expect(isOpen(closed(true), '2026-12-23T21:59:00Z')).toBe(true);
    expect(isOpen(closed(true), '2026-12-23T22:00:00Z')).toBe(false);
    expect(openingAt(closed(true), new Date('2026-12-23T20:00:00Z')).closesAt).toEqual(
      new Date('2026-12-23T22:00:00Z'),
    );
  });
});

describe('hours that touch', () => {
  it('are one stretch', () => {
    const split = plan('Africa/Johannesburg', [
      ...days([1], '08:00', '12:00'),
      ...days([1], '12:00', '17:00'),
      ...days([1], '18:00', '20:00'),
    ]);

    expect(openingAt(split, new Date('2026-11-23T07:00:00Z')).closesAt).toEqual(new Date('2026-11-23T15:00:00Z'));
  });

  it('never end where every day is open around the clock, and stop at one that is not', () => {
    const always = days([1, 2, 3, 4, 5, 6, 7], '00:00', '00:00');
    const at = new Date('2026-11-23T07:00:00Z');

    expect(openingAt(plan('Africa/Johannesburg', always), at)).toMatchObject({ isOpen: true, closesAt: null });
    const oneHoliday = plan('Africa/Johannesburg', always, { holidays: ['2026-12-25'] });
    expect(openingAt(oneHoliday, at).closesAt).toEqual(new Date('2026-12-24T22:00:00Z'));
  });

  it('are nothing to wait for where nobody said any', () => {
    const never = openingAt(plan('Africa/Johannesburg', []), new Date('2026-11-23T07:00:00Z'));

    expect(never).toMatchObject({ isOpen: false, opensAt: null, reason: 'no-hours' });
  });
});

describe('hours that cover one another', () => {
  it('are found across midnight and across the end of the week', () => {
    const late = { weekday: 7, opensAt: '20:00', closesAt: '03:00' };

    expect(overlapsInWeek([late, { weekday: 1, opensAt: '02:00', closesAt: '09:00' }])).toEqual([1]);
    expect(overlapsInWeek([late, { weekday: 1, opensAt: '03:00', closesAt: '09:00' }])).toEqual([]);
    expect(
      overlapsInDay([
        { opensAt: '08:00', closesAt: '12:00' },
        { opensAt: '11:59', closesAt: '13:00' },
      ]),
    ).toEqual([1]);
  });
});

/** The rule said once more, the slow way: some date's interval of wall times holds the instant. */
function isHeld(
  intervals: readonly (WallInterval & { weekday: number })[],
  zone: string,
  at: number,
  around: string,
): boolean {
  return [-2, -1, 0, 1].some((shift) => {
    const date = addDays(around, shift);
    return intervals
      .filter(({ weekday }) => weekday === weekdayOf(date))
      .some(({ opensAt, closesAt }) => {
        const end = wallTime(closesAt > opensAt ? date : addDays(date, 1), closesAt, zone).getTime();
        return wallTime(date, opensAt, zone).getTime() <= at && at < end;
      });
  });
}

describe('any hours around a change of the clocks', () => {
  const nights = [
    ['Europe/Berlin', '2026-03-29'],
    ['Europe/Berlin', '2026-10-25'],
    ['America/New_York', '2026-03-08'],
    ['America/New_York', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-04-05'],
    ['Australia/Lord_Howe', '2026-10-04'],
    ['Africa/Cairo', '2026-04-24'],
    ['Africa/Cairo', '2026-10-30'],
  ] as const;
  // A small generator of its own, so that a failure is the same one again.
  let seed = 7;
  const below = (most: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  const time = (): string => `${String(below(24)).padStart(2, '0')}:${String(below(4) * 15).padStart(2, '0')}`;

  it.each(nights)('open and close in %s on %s exactly at the wall times of each date', (zone, date) => {
    for (let round = 0; round < 3; round += 1) {
      const weekly = Array.from({ length: 5 }, () => ({
        weekday: weekdayOf(addDays(date, below(3) - 1)),
        opensAt: time(),
        closesAt: time(),
      }));
      const of = plan(zone, weekly);
      const from = wallTime(addDays(date, -1), '12:00', zone).getTime();
      for (let at = from; at < from + 30 * 3_600_000; at += 15 * 60_000) {
        const { isOpen: open, closesAt, opensAt, localDate } = openingAt(of, new Date(at));
        expect({ zone, weekly, at: new Date(at), open }).toMatchObject({ open: isHeld(weekly, zone, at, localDate) });
        const next = open ? closesAt : opensAt;
        expect(next && next.getTime() > at).toBe(true);
        if (!next) continue;
        expect(openingAt(of, next).isOpen).toBe(!open);
        expect(openingAt(of, new Date(next.getTime() - 1)).isOpen).toBe(open);
      }
    }
  });
});
