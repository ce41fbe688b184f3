import { peakWithin } from './allocations.policy';
import { capacityOn, datesOf } from './capacity.policy';
import { holidaysOfIcs } from './ics.policy';
import { overlaps, stateOn } from './staffing.policy';

describe('the fullest moment of a time', () => {
  const given = [
    { from: 0, to: 10, quantity: 3 },
    { from: 5, to: 15, quantity: 4 },
    { from: 10, to: 20, quantity: 2 },
    { from: 12, to: 12, quantity: 9 },
  ];

  it.each([
    ['where two overlap', 0, 20, 7],
    ['where one ends as another begins', 10, 20, 6],
    ['before anything', -5, 0, 0],
    ['within one of them', 16, 17, 2],
    ['without an end', 15, Infinity, 2],
  ])('is found %s', (_, from, to, peak) => {
    expect(peakWithin(given, from, to)).toBe(peak);
  });
});

describe('a day of a branch', () => {
  const posts = [
    { userId: 'a', fteCenti: 100, from: '2026-01-01', to: null },
    { userId: 'b', fteCenti: 50, from: '2026-01-01', to: '2026-03-01' },
    { userId: 'c', fteCenti: 80, from: '2026-02-01', to: null },
  ];
  const leave = new Map([['c', new Set(['2026-02-10'])]]);
  const size = { capacityHeads: 4, capacityFte: 2.5 };

  it('counts who belongs to it, less who is on leave', () => {
    expect(capacityOn('2026-02-10', posts, leave, size)).toEqual({
      date: '2026-02-10',
      heads: 3,
      fte: 1.5,
      onLeaveHeads: 1,
      onLeaveFte: 0.8,
      vacantHeads: 1,
      vacantFte: 0.2,
      usePpm: 600_000,
    });
  });

  it('does not count the first date on which somebody is gone', () => {
    expect(capacityOn('2026-02-28', posts, leave, size)).toMatchObject({ heads: 3, fte: 2.3, usePpm: 920_000 });
    expect(capacityOn('2026-03-01', posts, leave, size)).toMatchObject({ heads: 2, fte: 1.8 });
  });

  it('says nothing of what nobody said', () => {
    const unknown = { capacityHeads: null, capacityFte: null };
    expect(capacityOn('2026-02-01', posts, leave, unknown)).toMatchObject({
      vacantHeads: null,
      vacantFte: null,
      usePpm: null,
    });
  });

  it('is one of a half-open span, leap days included', () => {
    expect(datesOf({ from: '2028-02-28', to: '2028-03-01' })).toEqual(['2028-02-28', '2028-02-29']);
  });
});

describe('memberships', () => {
  it.each([
    ['that touch share no date', ['2026-01-01', '2026-02-01'], ['2026-02-01', null], false],
    ['of which one is inside the other overlap', ['2026-01-01', null], ['2026-02-01', '2026-02-02'], true],
    ['that end where they begin share nothing', ['2026-01-05', '2026-01-05'], ['2026-01-01', null], false],
  ] as const)('%s', (_, a, b, shares) => {
    const [one, two] = [a, b].map(([from, to]) => ({ from, to }));
    expect(one && two && overlaps(one, two)).toBe(shares);
    expect(one && two && overlaps(two, one)).toBe(shares);
  });

  it('are planned, current and over by the local date', () => {
    const span = { from: '2026-02-01', to: '2026-03-01' };
    expect(['2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01'].map((date) => stateOn(span, date))).toEqual([
      'planned',
      'current',
      'current',
      'over',
    ]);
  });
});

describe('holidays of an iCalendar file', () => {
  const file = (...events: string[][]): string =>
    [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
      'END:VCALENDAR',
    ].join('\r\n');

  it('are its events on dates, each day of them', () => {
    const text = file(
      ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Christmas\\, and', '  the day after'],
      ['DTSTART;VALUE=DATE:20270101', 'SUMMARY;LANGUAGE=en:New Year', 'BEGIN:VALARM', 'SUMMARY:wake', 'END:VALARM'],
    );

    expect(holidaysOfIcs(text)).toEqual({
      holidays: [
        { date: '2026-12-25', name: 'Christmas, and the day after' },
        { date: '2026-12-26', name: 'Christmas, and the day after' },
        { date: '2027-01-01', name: 'New Year' },
      ],
      skipped: [],
    });
  });

  it.each([
    ['begins at a time', ['DTSTART:20261225T090000Z', 'SUMMARY:Party']],
    ['repeats', ['DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=YEARLY', 'SUMMARY:Christmas']],
    ['is on a date that does not exist', ['DTSTART;VALUE=DATE:20260230', 'SUMMARY:Never']],
    ['ends before it begins', ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261220', 'SUMMARY:Backwards']],
    ['is cancelled', ['DTSTART;VALUE=DATE:20261225', 'STATUS:CANCELLED', 'SUMMARY:Off']],
    ['has no name', ['DTSTART;VALUE=DATE:20261225']],
    ['lasts for ever', ['DTSTART;VALUE=DATE:20260101', 'DTEND;VALUE=DATE:20261231', 'SUMMARY:Year']],
  ])('leave out and name an event that %s', (_, lines) => {
    expect(holidaysOfIcs(file(lines))).toMatchObject({ holidays: [], skipped: [{ line: 3 }] });
  });

  it('are not looked for in a file that is none, or was cut short', () => {
    expect(holidaysOfIcs('hello')).toBeUndefined();
    expect(holidaysOfIcs(file(['DTSTART;VALUE=DATE:20261225']).slice(0, -30))).toBeUndefined();
  });
});
