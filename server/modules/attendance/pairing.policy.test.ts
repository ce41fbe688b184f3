import type { Direction } from '@loro/contracts/attendance-values';
import { type DayPunch, pairPunches } from './pairing.policy';

const DATE = '2026-07-13';
const at = (time: string, date = DATE): number => Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}Z`);

/** `in 08:00, out 17:00` as punches. */
const punchesOf = (text: string): DayPunch[] =>
  text.split(', ').map((one, index) => {
    const [direction = 'in', time = '', date = DATE] = one.split(' ');
    return {
      id: String(index),
      atMs: at(time, date),
      direction: direction as Direction,
      verification: 'verified',
      isConfirmed: false,
      localDate: date,
    };
  });

const minutesOf = (text: string) => {
  const { pairs, flags } = pairPunches(punchesOf(text));
  const worked = pairs.reduce((sum, { in: begun, outMs, breaks }) => {
    if (outMs === null) return sum;
    const off = breaks.reduce((all, { fromMs, toMs }) => all + toMs - fromMs, 0);
    return sum + outMs - begun.atMs - off;
  }, 0);
  const shown = pairs.map(({ in: begun, outMs }) => {
    const time = (ms: number | null) => (ms === null ? '?' : new Date(ms).toISOString().slice(11, 16));
    return `${time(begun.atMs)}–${time(outMs)}`;
  });
  return { pairs: shown, minutes: worked / 60_000, flags: [...flags].toSorted() };
};

describe('acceptance: pairing punches (I.1) of a shift from 08:00 to 17:00', () => {
  it.each([
    ['in 08:00, out 17:00', ['08:00–17:00'], 540, []],
    ['in 08:00, in 08:03, out 17:00', ['08:00–17:00'], 540, ['double_in']],
    ['in 08:00, out 12:00, out 12:05, in 13:00, out 17:00', ['08:00–12:00', '13:00–17:00'], 480, ['double_out']],
    ['out 17:00', [], 0, ['missing_in']],
    ['in 08:00', ['08:00–?'], 0, ['missing_out']],
    ['in 08:00, in 13:00, out 17:00', ['08:00–?', '13:00–17:00'], 240, ['missing_out']],
    ['auto 08:00, auto 12:00, auto 13:00', ['08:00–12:00', '13:00–?'], 240, ['missing_out']],
    ['in 08:00, break_start 12:00, out 17:00', ['08:00–12:00'], 240, ['break_not_ended']],
    ['in 08:00, break_start 12:00, break_end 12:30, out 17:00', ['08:00–17:00'], 510, []],
    ['in 08:00:00, out 08:00:20', [], 0, ['too_short']],
    ['in 08:00, out 09:00 2026-07-14', ['08:00–?'], 0, ['too_long']],
    // Beside the table.
    ['in 08:00, in 09:00, out 17:00', ['08:00–17:00'], 540, ['double_in']],
    ['in 08:00, in 09:01, out 17:00', ['08:00–?', '09:01–17:00'], 479, ['missing_out']],
    ['in 08:00, out 08:01', ['08:00–08:01'], 1, []],
    ['in 08:00, out 12:00, out 17:00', ['08:00–12:00'], 240, ['missing_in']],
    ['in 08:00, break_start 12:00, in 12:40, out 17:00', ['08:00–17:00'], 500, []],
    ['in 08:00, break_end 12:00, out 17:00', ['08:00–17:00'], 540, ['break_not_started']],
    ['break_start 07:00, in 08:00, out 17:00', ['08:00–17:00'], 540, ['break_outside']],
    ['in 08:00, out 00:00 2026-07-14', ['08:00–00:00'], 960, []],
    ['in 08:00, out 00:01 2026-07-14', ['08:00–?'], 0, ['too_long']],
  ])('%s gives %j, %d min and %j', (text, pairs, minutes, flags) => {
    expect(minutesOf(text)).toEqual({ pairs, minutes, flags });
  });

  it('is the same in any order, and however often a punch comes', () => {
    const punches = punchesOf('in 08:00, break_start 12:00, break_end 12:30, out 17:00, out 17:05');

    expect(pairPunches([...punches.toReversed(), ...punches])).toEqual(pairPunches(punches));
  });
});
