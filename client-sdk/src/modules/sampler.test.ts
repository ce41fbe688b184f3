import { metresBetween, type Sample, Sampler } from './sampler';

const START = Date.parse('2026-11-24T08:00:00Z');
const METRE = 1 / 111_194.926_644_559;
const at = (seconds: number, northM: number, more: Partial<Sample> = {}): Sample => ({
  at: START + seconds * 1_000,
  lat: 46 + northM * METRE,
  lng: 14,
  accuracy: 5,
  ...more,
});
const until = (seconds: number): string => new Date(START + seconds * 1_000).toISOString();
const followed = { intervalMs: 1_000, distanceM: 5, until: until(3_600) };
const fleet = { intervalMs: 10_000, distanceM: 10, until: until(3_600) };
/** The seconds of the readings that became fixes. */
const kept = (sampler: Sampler, samples: readonly Sample[]): number[] =>
  samples.filter((sample) => sampler.keeps(sample)).map((sample) => (sample.at - START) / 1_000);
const drive = (seconds: number, speed: number): Sample[] =>
  Array.from({ length: seconds }, (_, second) => at(second, second * speed, { speed }));

describe('the pace of the hub', () => {
  it('is followed where somebody watches, and ends by itself', () => {
    const sampler = new Sampler();
    sampler.takePace({ ...fleet, until: until(60) });

    expect(kept(sampler, drive(60, 15))).toEqual([0, 9, 18, 27, 36, 45, 54]);
    expect(sampler.plan(START + 59_000)).toMatchObject({ intervalMs: 10_000, distanceM: 10, accuracy: 'high' });
    expect(sampler.plan(START + 60_000)).toMatchObject({ intervalMs: 60_000, distanceM: 100, accuracy: 'balanced' });
  });

  it('is a minute and a hundred metres where nobody does', () => {
    expect(kept(new Sampler(), drive(180, 15))).toEqual([0, 54, 108, 162]);
    expect(kept(new Sampler(), drive(180, 1.4))).toEqual([0, 72, 144]);
  });

  it('is a fix a second for whoever is followed alone, and none for what has not moved', () => {
    const sampler = new Sampler();
    sampler.takePace(followed);

    expect(kept(sampler, drive(5, 20))).toEqual([0, 1, 2, 3, 4]);
    expect(kept(sampler, [at(6, 82), at(7, 83), at(8, 84)])).toEqual([]);
  });
});

describe('movement', () => {
  it('is not what a phone on a desk makes up', () => {
    const sampler = new Sampler();
    sampler.takePace(followed);
    const drift = Array.from({ length: 230 }, (_, second) => at(second, (second % 7) - 3, { accuracy: 12 }));

    expect(kept(sampler, drift)).toEqual([0]);
  });

  it('is told once in four minutes of whoever stands still, so that nobody thinks the phone lost', () => {
    const sampler = new Sampler();
    const still = Array.from({ length: 60 }, (_, index) => at(index * 15, 0));

    expect(kept(sampler, still)).toEqual([0, 240, 480, 720]);
  });

  it('is asked for seldom while standing still, and at once when it begins', () => {
    const sampler = new Sampler();
    sampler.takePace(fleet);
    for (let second = 0; second <= 200; second += 5) sampler.keeps(at(second, 0));
    expect(sampler.plan(START + 200_000)).toMatchObject({ intervalMs: 60_000, accuracy: 'balanced' });

    expect(sampler.keeps(at(205, 60))).toBe(true);
    expect(sampler.plan(START + 205_000)).toMatchObject({ intervalMs: 10_000, accuracy: 'high' });
  });

  it('keeps the corner of a turn that the pace would have cut', () => {
    const sampler = new Sampler();
    sampler.takePace(fleet);

    expect(sampler.keeps(at(0, 0, { heading: 350, speed: 10 }))).toBe(true);
    expect(sampler.keeps(at(4, 40, { heading: 355, speed: 10 }))).toBe(false);
    expect(sampler.keeps(at(5, 50, { heading: 30, speed: 10 }))).toBe(true);
  });

  it('waits for something better where a reading is coarse', () => {
    const sampler = new Sampler();
    sampler.takePace(fleet);
    sampler.keeps(at(0, 0));

    expect(sampler.keeps(at(20, 800, { accuracy: 400 }))).toBe(false);
    expect(sampler.keeps(at(25, 300))).toBe(true);
    expect(sampler.keeps(at(400, 900, { accuracy: 400 }))).toBe(true);
  });

  it('never goes back in time', () => {
    const sampler = new Sampler();
    sampler.takePace(followed);
    sampler.keeps(at(100, 0));

    expect(sampler.keeps(at(90, 500))).toBe(false);
    expect(sampler.keeps(at(100, 500))).toBe(false);
  });
});

describe('the battery', () => {
  it('stretches the pace below a fifth, and more below a tenth; not while it charges', () => {
    const sampler = new Sampler();
    sampler.takePace(fleet);
    const planAt = (level: number, isCharging = false) => {
      sampler.takeBattery(level, isCharging);
      return sampler.plan(START);
    };

    expect(planAt(0.2)).toMatchObject({ intervalMs: 10_000, distanceM: 10, accuracy: 'high' });
    expect(planAt(0.19)).toMatchObject({ intervalMs: 30_000, distanceM: 50, accuracy: 'balanced' });
    expect(planAt(0.05)).toMatchObject({ intervalMs: 120_000, distanceM: 250, accuracy: 'low' });
    expect(planAt(0.05, true)).toMatchObject({ intervalMs: 10_000 });
  });
});

describe('a mode', () => {
  it('takes nothing by itself where it is quiet or manual, and only what the app marks', () => {
    for (const mode of ['quiet', 'manual'] as const) {
      const sampler = new Sampler(mode);
      sampler.takePace(followed);

      expect(kept(sampler, drive(100, 20))).toEqual([]);
      expect(sampler.plan(START).accuracy).toBe('none');
    }
  });

  it('takes large moves alone where it is significant', () => {
    const sampler = new Sampler('significant');
    sampler.takePace(followed);

    expect(kept(sampler, drive(1_000, 10))).toEqual([0, 270, 540, 810]);
    expect(kept(new Sampler('significant'), drive(1_000, 0.2))).toEqual([0, 900]);
  });

  it('begins anew after a break', () => {
    const sampler = new Sampler();
    sampler.keeps(at(0, 0));
    sampler.restart();

    expect(sampler.keeps(at(1, 0))).toBe(true);
  });
});

it('measures as the hub does', () => {
  expect(metresBetween({ lat: -26.2041, lng: 28.0473 }, { lat: -25.7479, lng: 28.2293 })).toBeCloseTo(53_890.9, 0);
  expect(metresBetween({ lat: -18.1, lng: 179.9995 }, { lat: -18.1, lng: -179.9995 })).toBeCloseTo(105.7, 1);
});
