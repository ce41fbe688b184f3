import { overlaps, rounded, splitByDay, sumsOf, weekOf, weeksOf } from './time-entry.policy';

const at = (text: string) => new Date(text);
const span = (start: string, end: string | null) => ({ start: at(start), end: end === null ? null : at(end) });
const minutes = (start: string, end: string, zone: string) =>
  splitByDay({ start: at(start), end: at(end) }, zone).map(({ date, sec }) => [date, sec / 60]);

describe('acceptance: an entry over midnight', () => {
  it('is 75 minutes of one date and 90 of the next', () => {
    // 22:45 to 01:30 in Johannesburg.
    expect(minutes('2026-11-20T20:45:00Z', '2026-11-20T23:30:00Z', 'Africa/Johannesburg')).toEqual([
      ['2026-11-20', 75],
      ['2026-11-21', 90],
    ]);
  });
});

describe('the days of an entry', () => {
  it('have 23 and 25 hours where clocks change', () => {
    expect(minutes('2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z', 'Europe/Berlin')).toEqual([
      ['2026-03-28', 1440],
      ['2026-03-29', 1380],
      ['2026-03-30', 1440],
    ]);
    expect(minutes('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 'Europe/Berlin')).toEqual([['2026-10-25', 1500]]);
    // Midnight does not exist in Cairo on that date.
    expect(minutes('2026-04-23T21:30:00Z', '2026-04-23T22:30:00Z', 'Africa/Cairo')).toEqual([
      ['2026-04-23', 30],
      ['2026-04-24', 30],
    ]);
  });

  it('do not count a midnight at which it ends', () => {
    expect(minutes('2026-11-20T21:00:00Z', '2026-11-20T22:00:00Z', 'Africa/Johannesburg')).toEqual([
      ['2026-11-20', 60],
    ]);
    expect(
      weeksOf(span('2026-11-22T21:00:00Z', '2026-11-22T22:00:00Z'), 'Africa/Johannesburg', at('2026-12-01T00:00:00Z')),
    ).toEqual(['2026-11-16']);
    expect(
      weeksOf(span('2026-11-22T21:00:00Z', '2026-11-22T22:00:01Z'), 'Africa/Johannesburg', at('2026-12-01T00:00:00Z')),
    ).toEqual(['2026-11-16', '2026-11-23']);
  });

  it('begin on Mondays as weeks', () => {
    expect([weekOf('2026-11-25'), weekOf('2026-11-23'), weekOf('2026-11-29'), weekOf('2027-01-01')]).toEqual([
      '2026-11-23',
      '2026-11-23',
      '2026-11-23',
      '2026-12-28',
    ]);
  });
});

describe('two entries', () => {
  it('that touch do not overlap, to the millisecond', () => {
    const first = span('2026-11-20T08:00:00Z', '2026-11-20T09:00:00.500Z');
    expect(overlaps(first, span('2026-11-20T09:00:00.500Z', '2026-11-20T10:00:00Z'))).toBe(false);
    expect(overlaps(first, span('2026-11-20T09:00:00.499Z', '2026-11-20T10:00:00Z'))).toBe(true);
    expect(overlaps(first, span('2026-11-20T08:30:00Z', null))).toBe(true);
    expect(overlaps(first, span('2026-11-20T08:30:00Z', '2026-11-20T08:30:00Z'))).toBe(false);
    expect(overlaps(span('2026-11-20T08:00:00Z', null), span('2026-11-21T08:00:00Z', null))).toBe(true);
  });
});

describe('rounding', () => {
  it('is for the reader, to quarters of an hour or any step', () => {
    const quarter = (mode: 'up' | 'down' | 'nearest') => (min: number) => rounded(min * 60, { minutes: 15, mode }) / 60;
    expect([1, 15, 16, 22.5].map(quarter('up'))).toEqual([15, 15, 30, 30]);
    expect([1, 15, 16, 29.9].map(quarter('down'))).toEqual([0, 15, 15, 15]);
    expect([7.4, 7.5, 22.4, 22.5].map(quarter('nearest'))).toEqual([0, 15, 15, 30]);
    expect(rounded(4_321, { minutes: 0, mode: 'up' })).toBe(4_321);
  });

  it('leaves what is kept as it was', () => {
    const sums = sumsOf(
      [
        { kind: 'work', start: at('2026-11-20T20:45:00Z'), end: at('2026-11-20T23:30:00Z') },
        { kind: 'work', start: at('2026-11-21T06:00:00Z'), end: at('2026-11-21T06:07:00Z') },
        { kind: 'break', start: at('2026-11-21T06:07:00Z'), end: at('2026-11-21T06:10:00Z') },
      ],
      'Africa/Johannesburg',
      { minutes: 30, mode: 'up' },
    );
    expect(sums).toEqual([
      { date: '2026-11-20', kind: 'work', rawSec: 4_500, sec: 5_400 },
      { date: '2026-11-21', kind: 'break', rawSec: 180, sec: 1_800 },
      { date: '2026-11-21', kind: 'work', rawSec: 5_820, sec: 7_200 },
    ]);
  });
});
