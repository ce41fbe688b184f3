import { progressOf } from './goal.policy';

const plan = { start: 0, target: 100, from: '2026-11-01', to: '2026-11-30' };
const day = (n: number) => `2026-11-${String(n).padStart(2, '0')}`;
const line = (days: number, step: number) =>
  Array.from({ length: days }, (_, n) => ({ date: day(n + 1), value: step * (n + 1) }));

describe('a goal', () => {
  it('is as far ahead of its straight plan as it is done beyond the time that is over', () => {
    const at = progressOf(plan, [{ date: day(10), value: 45 }], day(13), 0.1);

    expect(at.done).toBeCloseTo(0.45, 12);
    expect(at.elapsed).toBeCloseTo(0.4, 12);
    expect(at.gap).toBeCloseTo(0.05, 12);
    expect(at.planned).toBeCloseTo(40, 12);
    expect(at.state).toBe('on-track');
  });

  it('is at risk once it is further behind than the tolerance', () => {
    expect(progressOf(plan, [{ date: day(15), value: 40 }], day(16), 0.11).state).toBe('on-track');
    expect(progressOf(plan, [{ date: day(15), value: 40 }], day(16), 0.09).state).toBe('at-risk');
    expect(progressOf(plan, [{ date: day(2), value: 80 }], day(3), 0.1).state).toBe('ahead');
    expect(progressOf(plan, line(20, 5), day(20), 0.1).state).toBe('reached');
    expect(progressOf(plan, line(20, 2), '2026-12-01', 0.1).state).toBe('missed');
  });

  it('will be reached when its last fourteen readings say so', () => {
    const at = progressOf(plan, line(16, 2.5), day(16), 0.1);
    expect(at.forecast).toBeCloseTo(75, 9);
    expect(at.forecastOn).toBe('2026-12-10');
    // Older readings do not count.
    const late = [...line(6, 0), ...Array.from({ length: 14 }, (_, n) => ({ date: day(n + 7), value: 5 * (n + 1) }))];
    expect(progressOf(plan, late, day(20), 0.1).forecastOn).toBe(day(26));
  });

  it('may go down', () => {
    const fewer = { start: 80, target: 20, from: '2026-11-01', to: '2026-11-30' };
    const at = progressOf(
      fewer,
      [
        { date: day(1), value: 80 },
        { date: day(11), value: 50 },
      ],
      day(16),
      0.1,
    );
    expect(at.done).toBeCloseTo(0.5, 12);
    expect(at.gap).toBeCloseTo(0, 12);
    expect(at.forecastOn).toBe(day(21));
    expect(
      progressOf(
        fewer,
        [
          { date: day(1), value: 30 },
          { date: day(9), value: 19 },
        ],
        day(9),
        0.1,
      ).state,
    ).toBe('reached');
  });

  it('has no forecast from one reading, and no date where it goes the other way', () => {
    expect(progressOf(plan, [{ date: day(3), value: 9 }], day(4), 0.1)).toMatchObject({
      forecast: null,
      forecastOn: null,
    });
    expect(progressOf(plan, line(9, -1), day(9), 0.1)).toMatchObject({ forecastOn: null, state: 'at-risk' });
  });
});
