import { dateIn, nextDate, startOfDay, wallTime } from '../../platform';

const minutesBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 60_000;

/** A shift from 22:00 to 06:00: minutes in all, on its first date, on its second. */
function shift(timeZone: string, date: string): number[] {
  const [start, end] = [wallTime(date, '22:00', timeZone), wallTime(nextDate(date), '06:00', timeZone)];
  const midnight = startOfDay(nextDate(date), timeZone);
  return [minutesBetween(start, end), minutesBetween(start, midnight), minutesBetween(midnight, end)];
}

describe('wall times of a place', () => {
  it.each([
    ['Europe/Berlin', '2026-03-28', [420, 120, 300]],
    ['Europe/Berlin', '2026-10-24', [540, 120, 420]],
    ['America/New_York', '2026-03-07', [420, 120, 300]],
    ['America/New_York', '2026-10-31', [540, 120, 420]],
    ['Australia/Lord_Howe', '2026-04-04', [510, 120, 390]],
    ['Australia/Lord_Howe', '2026-10-03', [450, 120, 330]],
    ['Africa/Cairo', '2026-04-23', [420, 120, 300]],
    ['Africa/Cairo', '2026-10-29', [540, 180, 360]],
    ['Asia/Kathmandu', '2026-06-01', [480, 120, 360]],
    ['Africa/Johannesburg', '2026-06-01', [480, 120, 360]],
  ])('measure a night in %s from %s by what really passes', (zone, date, minutes) => {
    expect(shift(zone, date)).toEqual(minutes);
  });

  it.each([
    ['is skipped, moves forward by the gap', 'Africa/Cairo', '2026-04-24', '00:30', '2026-04-24T01:30:00+03:00'],
    ['is skipped by half an hour', 'Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-04T02:45:00+11:00'],
    ['comes twice, is the earlier one', 'Australia/Lord_Howe', '2026-04-05', '01:45', '2026-04-05T01:45:00+11:00'],
    ['comes twice in New York', 'America/New_York', '2026-11-01', '01:30', '2026-11-01T01:30:00-04:00'],
    ['is skipped in New York', 'America/New_York', '2026-03-08', '02:30', '2026-03-08T03:30:00-04:00'],
  ])('where a time %s', (_, zone, date, time, instant) => {
    expect(wallTime(date, time, zone)).toEqual(new Date(instant));
  });

  it('do not take midnight for granted', () => {
    expect(startOfDay('2026-04-24', 'Africa/Cairo')).toEqual(new Date('2026-04-24T01:00:00+03:00'));
    expect(dateIn(new Date('2026-04-23T21:59:59Z'), 'Africa/Cairo')).toBe('2026-04-23');
    expect(dateIn(new Date('2026-04-23T22:00:00Z'), 'Africa/Cairo')).toBe('2026-04-24');
  });
});
