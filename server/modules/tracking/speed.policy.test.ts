import { bare, north, rules } from './generated-tracks';
import type { SpeedLimit } from './speed.policy';
import { sumOfDay } from './track-day.policy';

const at = (seconds: number) => Date.parse('2026-11-25T08:00:00Z') + seconds * 1_000;
const limit = (kmh: number, source: SpeedLimit['source'] = 'organisation') =>
  rules({ limitAt: () => ({ kmh, source }) });

/** Speeds in km/h, one every so many seconds, as the device itself measures them. */
const driven = (speeds: readonly number[], every: number, speedAccuracy: number | null = 1) => {
  let metres = 0;
  return speeds.map((kmh, index) => {
    if (index > 0) metres += (kmh / 3.6) * every;
    return bare(at(index * every), north(metres), 5, { speed: kmh / 3.6, speedAccuracy });
  });
};

describe('speeding', () => {
  it.each([
    ['30 s at 86 with a limit of 80', [70, 86, 86, 86, 86, 70], 10, [[10, 50, 86]]],
    ['20 s at 86', [70, 86, 86, 86, 70], 10, []],
    ['one fix, however fast', [70, 140, 70], 60, []],
    ['two fixes 30 s apart', [70, 90, 92, 70], 30, [[30, 90, 92]]],
    ['85, which the tolerance forgives', [85, 85, 85, 85, 85, 85], 10, []],
    ['a break before it was certain', [86, 86, 84, 86, 86, 86, 60], 10, []],
    ['a dip above the limit once it is certain', [86, 86, 86, 86, 81, 88, 79.9], 10, [[0, 60, 88]]],
    ['two of them', [90, 90, 90, 90, 50, 90, 90, 90, 90, 50], 10, [[0, 40, 90], [50, 90, 90]]], // prettier-ignore
  ] as const)('%s', (_what, speeds, every, expected) => {
    const { speedings } = sumOfDay(driven(speeds, every), limit(80));

    expect(speedings.map(({ startAt, endAt, maxKmh }) => [startAt, endAt, maxKmh])).toEqual(
      expected.map(([start, end, max]) => [at(start), at(end), max]),
    );
  });

  it('that goes on is open', () => {
    expect(sumOfDay(driven([90, 90, 90, 90], 10), limit(80)).speedings).toMatchObject([
      { startAt: at(0), endAt: at(30), isOpen: true },
    ]);
  });

  it('is measured over ten seconds and more where the device is not sure of its speed', () => {
    // Says 20 km/h with an accuracy of 4 m/s, and drives at 108.
    const fixes = Array.from({ length: 13 }, (_, index) =>
      bare(at(index * 5), north(index * 150), 5, { speed: 20 / 3.6, speedAccuracy: 4 }),
    );

    expect(sumOfDay(fixes, limit(90)).speedings).toMatchObject([{ startAt: at(10), maxKmh: 108, isOpen: true }]);
    expect(sumOfDay(driven([86, 86, 86, 86, 86], 10, 3), limit(80)).speedings).toHaveLength(1);
  });

  it('says against which limit', () => {
    expect(sumOfDay(driven([60, 60, 60, 60], 10), limit(30, 'fence')).speedings).toMatchObject([
      { limitKmh: 30, source: 'fence', maxKmh: 60 },
    ]);
  });
});
