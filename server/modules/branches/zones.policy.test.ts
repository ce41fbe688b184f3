import { addDays } from '../../platform';
import { Calendar } from './zones.policy';

const changed = (old: string, from: string, zone: string): Calendar =>
  new Calendar([
    { from: null, timezone: old },
    { from, timezone: zone },
  ]);
const hours = (calendar: Calendar, date: string): number =>
  (calendar.startOf(addDays(date, 1)).getTime() - calendar.startOf(date).getTime()) / 3_600_000;

describe('a branch that changes its zone at a date', () => {
  it('keeps the zone of the days before, and counts in the new one after', () => {
    const calendar = changed('Africa/Johannesburg', '2026-06-15', 'Africa/Cairo');

    expect(calendar.zoneOf('2026-06-14')).toBe('Africa/Johannesburg');
    expect(calendar.zoneOf('2026-06-15')).toBe('Africa/Cairo');
    expect(calendar.startOf('2026-06-14')).toEqual(new Date('2026-06-13T22:00:00Z'));
    expect(calendar.startOf('2026-06-15')).toEqual(new Date('2026-06-14T22:00:00Z'));
    expect(calendar.startOf('2026-06-16')).toEqual(new Date('2026-06-15T21:00:00Z'));
    // In the new zone the date changed an hour ago; the branch still lives its last old day.
    expect(calendar.dateOf(new Date('2026-06-14T21:30:00Z'))).toBe('2026-06-14');
    expect(calendar.dateOf(new Date('2026-06-15T21:30:00Z'))).toBe('2026-06-16');
  });

  it('has no date twice when it moves west, and a long first day', () => {
    const calendar = changed('Africa/Johannesburg', '2026-01-10', 'America/New_York');

    expect(hours(calendar, '2026-01-09')).toBe(24);
    expect(hours(calendar, '2026-01-10')).toBe(31);
    expect(calendar.dateOf(new Date('2026-01-09T23:00:00Z'))).toBe('2026-01-10');
  });

  it.each([
    ['Africa/Johannesburg', 'Africa/Cairo', '2026-04-24'],
    ['Europe/Berlin', 'America/New_York', '2026-10-25'],
    ['America/New_York', 'Asia/Kathmandu', '2026-03-08'],
    ['Australia/Lord_Howe', 'Africa/Johannesburg', '2026-04-05'],
    ['Africa/Johannesburg', 'Australia/Lord_Howe', '2026-10-04'],
  ])('puts every instant on one date: from %s to %s on %s', (old, zone, from) => {
    const calendar = changed(old, from, zone);
    const first = addDays(from, -3);

    let date = first;
    for (let at = calendar.startOf(first).getTime(); date < addDays(from, 3); at += 15 * 60_000) {
      const seen = calendar.dateOf(new Date(at));
      expect([date, addDays(date, 1)]).toContain(seen);
      if (seen !== date) expect(calendar.startOf(seen).getTime()).toBe(at);
      expect(calendar.startOf(seen).getTime()).toBeLessThanOrEqual(at);
      expect(calendar.startOf(addDays(seen, 1)).getTime()).toBeGreaterThan(at);
      date = seen;
    }
  });
});
