import { cohortsOf, type FunnelEvent, funnelOf } from './activity-funnel.policy';
import { sessionsOf } from './activity-sessions.policy';
import { rankBand, usageDays } from './activity-usage.policy';

const MINUTE = 60_000;

describe('sessions', () => {
  it('end with half an hour of silence, and know in any order what was a pause', () => {
    const at = [0, 4, 33.9, 64, 64.5].map((min) => min * MINUTE);
    const expected = [
      { start: 0, end: 33.9 * MINUTE, events: 3, activeSec: 240 },
      { start: 64 * MINUTE, end: 64.5 * MINUTE, events: 2, activeSec: 30 },
    ];
    expect(sessionsOf(at)).toEqual(expected);
    expect(sessionsOf(at.toReversed())).toEqual(expected);
    expect(sessionsOf([0, 30 * MINUTE])).toHaveLength(2);
    expect(sessionsOf([0, 30 * MINUTE - 1])).toHaveLength(1);
    expect(sessionsOf([])).toEqual([]);
  });
});

describe('who uses the hub', () => {
  it('is counted by day, by seven days and by thirty, each person once', () => {
    const days = usageDays(
      [
        { date: '2026-10-25', userId: 'a' },
        { date: '2026-11-18', userId: 'b' },
        { date: '2026-11-19', userId: 'a' },
        { date: '2026-11-24', userId: 'b' },
        { date: '2026-11-24', userId: 'c' },
      ],
      { from: '2026-11-23', to: '2026-11-26' },
    );
    expect(days).toEqual([
      { date: '2026-11-23', daily: 0, weekly: 2, monthly: 2, stickiness: 0 },
      { date: '2026-11-24', daily: 2, weekly: 3, monthly: 3, stickiness: 2 / 3 },
      { date: '2026-11-25', daily: 0, weekly: 3, monthly: 3, stickiness: 0 },
    ]);
    expect(usageDays([], { from: '2026-11-23', to: '2026-11-24' })[0]?.stickiness).toBeNull();
  });

  it('has a band and no place, and none among fewer than five', () => {
    const values = [10, 20, 30, 40, 50, 60, 70, 80];
    const bands = values.map((own) => rankBand(values, own, 'up'));
    expect(bands).toEqual(['bottom', 'bottom', 'lower', 'lower', 'upper', 'upper', 'top', 'top']);
    expect(rankBand(values, 10, 'down')).toBe('top');
    expect(rankBand([1, 2, 3, 4], 4, 'up')).toBeNull();
    expect(rankBand([1, 2, 3, 4, 5], 5, 'up')).toBe('top');
    expect(rankBand(values, null, 'up')).toBeNull();
    expect(rankBand([7, 7, 7, 7, 7], 7, 'up')).toBe('top');
  });
});

describe('a funnel', () => {
  const did = (actorId: string, ...what: [min: number, ...steps: number[]][]): FunnelEvent[] =>
    what.map(([min, ...steps]) => ({ actorId, at: min * MINUTE, steps }));

  it('counts who took its steps in order and in time', () => {
    const events = [
      ...did('all', [0, 0], [5, 1], [9, 2]),
      ...did('two', [0, 0], [7, 1]),
      ...did('wrong order', [0, 1], [1, 0], [2, 2]),
      ...did('too late', [0, 0], [61, 1], [62, 2]),
      ...did('never', [0, 1], [1, 2]),
    ];
    expect(funnelOf(events, 3, 60 * MINUTE)).toEqual([
      { people: 4, ofFirst: 1, ofPrevious: 1, medianSec: 0 },
      { people: 2, ofFirst: 0.5, ofPrevious: 0.5, medianSec: 300 },
      { people: 1, ofFirst: 0.25, ofPrevious: 0.5, medianSec: 540 },
    ]);
  });

  it('takes the best attempt, and one event for one step', () => {
    const again = did('again', [0, 0], [50, 0], [70, 1], [80, 2]);
    expect(funnelOf(again, 3, 60 * MINUTE).map(({ people }) => people)).toEqual([1, 1, 1]);
    expect(funnelOf(did('same', [0, 0, 1]), 2, 60 * MINUTE).map(({ people }) => people)).toEqual([1, 0]);
    expect(funnelOf([], 2, MINUTE)[0]).toEqual({ people: 0, ofFirst: null, ofPrevious: null, medianSec: null });
  });
});

describe('who stays', () => {
  it('is told by the week of the first day, week after week', () => {
    const seen = (userId: string, ...dates: string[]) => dates.map((date) => ({ userId, date }));
    const cohorts = cohortsOf(
      [
        ...seen('a', '2026-11-02', '2026-11-10', '2026-11-18'),
        ...seen('b', '2026-11-08', '2026-11-22'),
        ...seen('c', '2026-11-09'),
      ],
      { from: '2026-11-02', to: '2026-11-23' },
    );
    expect(cohorts).toEqual([
      {
        week: '2026-11-02',
        people: 2,
        weeks: [
          { people: 2, share: 1 },
          { people: 1, share: 0.5 },
          { people: 2, share: 1 },
        ],
      },
      {
        week: '2026-11-09',
        people: 1,
        weeks: [
          { people: 1, share: 1 },
          { people: 0, share: 0 },
        ],
      },
      { week: '2026-11-16', people: 0, weeks: [{ people: 0, share: 0 }] },
    ]);
  });
});
