import type { Rounding, ShiftBreak } from '@loro/contracts/attendance-rosters';
import { wallTime } from '../../platform';
import { occurrenceOf } from './occurrences.policy';
import { PLAIN } from './schedule.policy';
import { type Counted, nightSecOf, roundedMs, secondsByDate, secondsOf, splitByDay, workedOf } from './worked.policy';
import { wallMs } from './wall.policy';

const NONE: Rounding = { mode: 'none', stepMin: 15, applyTo: 'punch' };
const zoned = (zone: string) => ({ zoneOf: () => zone });
const shift = (startLocal: string, endLocal: string) => ({ ...PLAIN, shiftId: 'S', startLocal, endLocal });
const span = (date: string, zone: string, start: string, end: string) => {
  const { startMs, endMs } = occurrenceOf(date, shift(start, end), zoned(zone));
  return { fromMs: startMs, toMs: endMs };
};
const onDay = (from: string, to: string, breaks: [string, string][] = []): Counted => ({
  fromMs: Date.parse(`2026-07-13T${from}:00Z`),
  toMs: Date.parse(`2026-07-13T${to}:00Z`),
  breaks: breaks.map(([begin, end]) => ({
    fromMs: Date.parse(`2026-07-13T${begin}:00Z`),
    toMs: Date.parse(`2026-07-13T${end}:00Z`),
  })),
  isPending: false,
});
const unpaid = (afterMin: number, lengthMin: number): ShiftBreak => ({ afterMin, lengthMin, paid: false, auto: true });
const minutes = (pairs: readonly Counted[], breaks: readonly ShiftBreak[] = [], rounding = NONE): number =>
  secondsOf(workedOf(pairs, breaks, rounding).pieces) / 60;

describe('acceptance: a shift from 22:00 to 06:00 (1, I.7)', () => {
  it.each([
    ['Europe/Berlin', '2026-03-28', 420, 120, 300],
    ['Europe/Berlin', '2026-10-24', 540, 120, 420],
    ['America/New_York', '2026-03-07', 420, 120, 300],
    ['America/New_York', '2026-10-31', 540, 120, 420],
    ['Australia/Lord_Howe', '2026-04-04', 510, 120, 390],
    ['Australia/Lord_Howe', '2026-10-03', 450, 120, 330],
    ['Africa/Cairo', '2026-04-23', 420, 120, 300],
    ['Africa/Cairo', '2026-10-29', 540, 180, 360],
    ['Asia/Kathmandu', '2026-07-13', 480, 120, 360],
    ['Africa/Johannesburg', '2026-03-28', 480, 120, 360],
    ['Africa/Johannesburg', '2026-10-24', 480, 120, 360],
  ])('has in %s on %s %d minutes, %d and %d of them by date', (zone, date, total, first, second) => {
    const worked = span(date, zone, '22:00', '06:00');

    expect((worked.toMs - worked.fromMs) / 60_000).toBe(total);
    expect(secondsByDate([worked], zone).map(({ seconds }) => seconds / 60)).toEqual([first, second]);
  });

  it('has 540 minutes in New York from 20:00 to 04:00 when the clocks go back', () => {
    const worked = span('2026-10-31', 'America/New_York', '20:00', '04:00');

    expect(secondsByDate([worked], 'America/New_York').map(({ seconds }) => seconds / 60)).toEqual([240, 300]);
  });

  it('lets a day have 24 and a half hours on Lord Howe', () => {
    const zone = 'Australia/Lord_Howe';

    expect((wallMs('2026-04-06', '00:00', zone) - wallMs('2026-04-05', '00:00', zone)) / 3_600_000).toBe(24.5);
  });
});

describe('acceptance: a wall time that a change of the clocks skips or repeats', () => {
  it.each([
    ['Africa/Cairo', '2026-04-24', '00:30', '2026-04-23T22:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:45:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05', '01:45', '2026-04-04T14:45:00.000Z'],
    ['America/New_York', '2026-11-01', '01:30', '2026-11-01T05:30:00.000Z'],
    ['America/New_York', '2026-03-08', '02:30', '2026-03-08T07:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
  ])('is in %s on %s at %s the instant %s', (zone, date, time, instant) => {
    expect(wallTime(date, time, zone).toISOString()).toBe(instant);
  });
});

describe('acceptance: worked time (7)', () => {
  it('is 360 minutes for 08:00–14:30 with an automatic break of 30 after six hours and a real one of 20', () => {
    expect(minutes([onDay('08:00', '14:30', [['12:00', '12:20']])], [unpaid(360, 30)])).toBe(360);
  });

  it('takes an automatic break whole where nobody punched one, and not before its time', () => {
    expect(minutes([onDay('08:00', '14:30')], [unpaid(360, 30)])).toBe(360);
    expect(minutes([onDay('08:00', '14:00')], [unpaid(360, 30)])).toBe(360);
    expect(minutes([onDay('08:00', '14:01')], [unpaid(360, 30)])).toBe(331);
  });

  it('takes none from somebody who went and came back', () => {
    expect(minutes([onDay('08:00', '12:00'), onDay('13:00', '17:00')], [unpaid(360, 30)])).toBe(480);
  });

  it('pays a paid break as far as it goes', () => {
    const tea: ShiftBreak = { afterMin: 0, lengthMin: 15, paid: true, auto: false };

    expect(minutes([onDay('08:00', '17:00', [['10:00', '10:25']])], [tea])).toBe(530);
  });

  it('never falls below nothing', () => {
    expect(minutes([onDay('08:00', '08:10')], [unpaid(5, 60)])).toBe(0);
  });

  it('is rounded as a whole where the shift says so', () => {
    const rounding = (mode: Rounding['mode']): Rounding => ({ mode, stepMin: 15, applyTo: 'total' });

    expect(minutes([onDay('08:00', '16:07')], [], rounding('nearest'))).toBe(480);
    expect(minutes([onDay('08:00', '16:08')], [], rounding('nearest'))).toBe(495);
    expect(minutes([onDay('08:00', '16:01')], [], rounding('employee_favour'))).toBe(495);
    expect(minutes([onDay('08:00', '16:14')], [], rounding('employer_favour'))).toBe(480);
  });
});

describe('acceptance: rounding punches to a quarter of an hour (5)', () => {
  const rounded = (time: string, mode: Rounding['mode'], edge: 'begin' | 'end', zone = 'UTC'): string =>
    new Date(roundedMs(Date.parse(`2026-07-13T${time}:00Z`), edge, { ...NONE, mode }, zone))
      .toISOString()
      .slice(11, 16);

  it.each([
    ['08:07', '08:00'],
    ['08:08', '08:15'],
    ['07:52', '07:45'],
    ['07:53', '08:00'],
    ['17:07', '17:00'],
  ])('makes %s to %s', (time, expected) => {
    expect(rounded(time, 'nearest', 'begin')).toBe(expected);
  });

  it('favours whom the shift says', () => {
    expect(rounded('08:08', 'employee_favour', 'begin')).toBe('08:00');
    expect(rounded('17:01', 'employee_favour', 'end')).toBe('17:15');
    expect(rounded('08:08', 'employer_favour', 'begin')).toBe('08:15');
    expect(rounded('17:14', 'employer_favour', 'end')).toBe('17:00');
  });

  it('goes by the minutes of the clock on the wall', () => {
    const half = { ...NONE, mode: 'nearest' as const, stepMin: 60 };
    // 02:35 UTC is 08:20 in Kathmandu.
    const at = roundedMs(Date.parse('2026-07-13T02:35:00Z'), 'begin', half, 'Asia/Kathmandu');

    expect(new Date(at).toISOString()).toBe('2026-07-13T02:15:00.000Z');
  });
});

describe('acceptance: night time (8)', () => {
  it('is 270 minutes of a shift from 18:00 to 02:30', () => {
    const worked = span('2026-07-13', 'Africa/Johannesburg', '18:00', '02:30');

    expect(nightSecOf([worked], 'Africa/Johannesburg', '22:00', '06:00') / 60).toBe(270);
  });

  it('is an hour longer when the clocks go back at night', () => {
    const worked = span('2026-10-24', 'Europe/Berlin', '20:00', '08:00');

    expect(nightSecOf([worked], 'Europe/Berlin', '22:00', '06:00') / 60).toBe(540);
  });

  it('counts both ends of a long morning', () => {
    const worked = span('2026-07-13', 'UTC', '04:00', '23:00');

    expect(nightSecOf([worked], 'UTC', '22:00', '06:00') / 60).toBe(180);
  });
});

it('cuts a night where the workday begins', () => {
  const worked = span('2026-07-13', 'UTC', '18:00', '06:00');
  const parts = (startsAt: string) =>
    splitByDay([worked], 'UTC', startsAt).map(({ date, fromMs, toMs }) => [date, (toMs - fromMs) / 3_600_000]);

  expect(parts('00:00')).toEqual([
    ['2026-07-13', 6],
    ['2026-07-14', 6],
  ]);
  expect(parts('03:00')).toEqual([
    ['2026-07-13', 9],
    ['2026-07-14', 3],
  ]);
  expect(parts('07:00')).toEqual([['2026-07-13', 12]]);
});
