import { bare, dice, from, madeTrack, north, rules } from './generated-tracks';
import type { TrackFix } from './sieve.policy';
import { type DayState, sumOfDay, TrackDay } from './track-day.policy';

const start = Date.parse('2026-11-25T08:00:00Z');
const at = (seconds: number) => start + seconds * 1_000;
const kmh = ({ metres, startAt, endAt }: { metres: number; startAt: number; endAt: number }) =>
  Math.round((metres / ((endAt - startAt) / 1_000)) * 36) / 10;
const tenth = (value: number) => Math.round(value * 10) / 10;

describe('acceptance: a phone on a desk', () => {
  it('travels nothing, though its fixes scatter over 143.7 m', () => {
    const offsets = [
      [0, 0], [6, -4], [-5, 7], [8, 3], [-7, -6], [2, 9], [-9, 1], [5, 5], [-3, -8], [7, -7], [1, 2], [-6, 6],
    ] as const; // prettier-ignore
    const fixes = offsets.map(([n, e], index) => bare(at(index * 30), from(n, e), 10));

    const { metres, trips, stops } = sumOfDay(fixes, rules());

    expect(metres).toBe(0);
    expect(trips).toEqual([]);
    expect(stops).toMatchObject([{ startAt: at(0), endAt: at(330), n: 12 }]);
  });
});

describe('acceptance: how far somebody went', () => {
  it('is 1 000.0 m for eleven fixes 100 m apart', () => {
    const fixes = Array.from({ length: 11 }, (_, index) => bare(at(index * 30), north(index * 100), 8));

    expect(tenth(sumOfDay(fixes, rules()).metres)).toBe(1_000);
  });

  it.each([5, 10, 30, 60])('is 280.0 m for a slow zigzag of 304.6 m, a fix every %s s', (every) => {
    const fixes = Array.from({ length: 21 }, (_, index) =>
      bare(at(index * every), from(index * 14, index % 2 === 0 ? -3 : 3), 12),
    );

    expect(tenth(sumOfDay(fixes, rules()).metres)).toBe(280);
  });

  it('takes the device’s own counter where it never runs back', () => {
    const fixes = Array.from({ length: 11 }, (_, index) =>
      bare(at(index * 30), north(index * 100), 8, { odometer: 50_000 + index * 112 }),
    );

    expect(tenth(sumOfDay(fixes, rules()).metres)).toBe(1_120);
  });

  it('falls back on positions where the counter runs back, stands still or belongs to another device', () => {
    const counts = [500, 600, 20, 120, 120, 220, 320] as const;
    const fixes = counts.map((odometer, index) => bare(at(index * 30), north(index * 100), 8, { odometer }));
    const others = [0, 1].map((index) =>
      bare(at(index * 30), north(index * 250), 8, { odometer: index * 900, device: `device-${index}` }),
    );

    // 500 → 600 counts 100; 600 → 20 runs back; 120 → 120 stands still while the way goes on.
    expect(tenth(sumOfDay(fixes, rules()).metres)).toBe(600);
    expect(tenth(sumOfDay(others, rules()).metres)).toBe(250);
  });
});

describe('acceptance: stop, drive, stop', () => {
  const jitter = [0, 4, -3, 5, -5, 2, -4, 3, -2, 1, 0];
  const a = jitter.map((metres, index) => bare(at(index * 30), from(metres, -metres), 8));
  const drive = Array.from({ length: 9 }, (_, index) => bare(at(320 + index * 20), from(0, 200 * (index + 1)), 8));
  const b = Array.from({ length: 13 }, (_, index) =>
    bare(at(500 + index * 30), index === 6 ? from(300, 2_000) : from(jitter[index % 11] ?? 0, 2_000), 8),
  );

  it('is two stops and one trip, and the spike is neither', () => {
    const { trips, stops, metres } = sumOfDay([...a, ...drive, ...b], rules());

    expect(stops).toMatchObject([
      { startAt: at(0), endAt: at(300), n: 11, isOpen: false },
      { startAt: at(500), endAt: at(860), n: 12 },
    ]);
    expect(trips).toMatchObject([{ startAt: at(300), endAt: at(500), isOpen: false }]);
    expect(trips.map((trip) => [tenth(trip.metres), kmh(trip)])).toEqual([[2_000, 36]]);
    expect(tenth(metres)).toBe(2_000);
  });

  it('needs 180 s and three fixes for a stop, 300 m and 120 s for a trip', () => {
    const stand = (seconds: number) => [0, 1, 2].map((index) => bare(at((index * seconds) / 2), north(0), 8));
    const leave = (metres: number, seconds: number) =>
      [1, 2, 3, 4].map((index) => bare(at(300 + (index * seconds) / 4), north((index * metres) / 4), 8));

    expect(sumOfDay(stand(180), rules()).stops).toHaveLength(1);
    expect(sumOfDay(stand(179), rules()).stops).toHaveLength(0);
    expect(sumOfDay(stand(180).slice(1), rules()).stops).toHaveLength(0);
    expect(sumOfDay([...stand(300), ...leave(400, 120)], rules()).trips).toHaveLength(1);
    expect(sumOfDay([...stand(300), ...leave(400, 119)], rules()).trips).toHaveLength(0);
    expect(sumOfDay([...stand(300), ...leave(299, 200)], rules()).trips).toHaveLength(0);
  });
});

describe('acceptance: a walk in a circle', () => {
  it.each([
    [400, 61],
    [250, 41],
  ])('of radius %s m, %s fixes, is no stop', (radius, count) => {
    const fixes = Array.from({ length: count }, (_, index) => {
      const angle = (index / (count - 1)) * 2 * Math.PI;
      return bare(at(index * 30), from(radius * Math.sin(angle), radius * Math.cos(angle)), 8);
    });

    expect(sumOfDay(fixes, rules()).stops).toEqual([]);
    expect(sumOfDay(fixes, rules()).trips).toHaveLength(1);
  });
});

describe('silences', () => {
  it('of more than an hour end the trip and are told with their straight line', () => {
    const fixes = [
      ...[0, 1, 2, 3, 4].map((index) => bare(at(index * 60), north(index * 200), 8)),
      ...[0, 1, 2, 3, 4].map((index) => bare(at(4_000 + index * 60), north(5_000 + index * 200), 8)),
    ];
    // The fix after the silence is far: the one behind it, within 200 m, confirms it.
    const { gaps, trips, metres, estimatedMetres } = sumOfDay(fixes, rules());

    expect(gaps).toMatchObject([{ startAt: at(240), endAt: at(4_000), isEstimated: true }]);
    expect(tenth(estimatedMetres)).toBe(4_200);
    expect(trips.map((trip) => [trip.startAt, trip.endAt, tenth(trip.metres)])).toEqual([
      [at(0), at(240), 800],
      [at(4_000), at(4_240), 800],
    ]);
    expect(tenth(metres)).toBe(1_600);
  });

  it('of an hour to the second are none', () => {
    const fixes = [bare(at(0), north(0), 8), bare(at(3_600), north(10), 8)];

    expect(sumOfDay(fixes, rules()).gaps).toEqual([]);
  });
});

describe('a day that goes on from the one before', () => {
  it('loses no metre at midnight', () => {
    const way = Array.from({ length: 21 }, (_, index) => bare(at(index * 60), north(index * 300), 8));
    const evening = sumOfDay(way.slice(0, 11), rules());
    const morning = sumOfDay(way.slice(11), rules(), { tail: evening.tail });

    expect(tenth(evening.metres + morning.metres)).toBe(6_000);
    expect(morning.trips).toMatchObject([{ startAt: at(600), endAt: at(1_200) }]);
  });
});

describe('a day that is followed while it goes on', () => {
  const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

  it.each(seeds)('adds up to what all its fixes add up to at once (track %s)', (seed) => {
    const track = madeTrack(seed, { fixes: 900 });
    const random = dice(seed + 1_000);
    const limited = rules({ limitAt: () => ({ kmh: 50, source: 'organisation' }) });
    const told: Pick<TrackDay, 'trips' | 'stops' | 'gaps' | 'speedings'> = {
      trips: [],
      stops: [],
      gaps: [],
      speedings: [],
    };

    let state: DayState | undefined;
    let rest: readonly TrackFix[] = track;
    let last: TrackDay | undefined;
    while (rest.length > 0) {
      const day = new TrackDay(limited, state);
      const some = 1 + Math.floor(random() * 40);
      for (const fix of rest.slice(0, some)) day.add(fix);
      rest = rest.slice(some);
      const { trips, stops, gaps, speedings } = rest.length > 0 ? day : day.sum();
      told.trips.push(...trips);
      told.stops.push(...stops);
      told.gaps.push(...gaps);
      told.speedings.push(...speedings);
      // As it lies in a row between two rounds.
      state = JSON.parse(JSON.stringify(day.state)) as DayState;
      last = day;
    }
    const whole = sumOfDay(track, limited);

    expect(last?.sum()).toMatchObject({ metres: whole.metres, movingMs: whole.movingMs, tail: whole.tail });
    expect(told).toEqual({
      trips: whole.trips,
      stops: whole.stops,
      gaps: whole.gaps,
      speedings: whole.speedings,
    });
    expect(whole.trips.length).toBeGreaterThan(0);
    expect(whole.stops.length).toBeGreaterThan(0);
  });
});
