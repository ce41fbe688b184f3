import { activationState, holdsSeat } from './activations.policy';
import { csvOf, monthBefore } from './compliance.policy';
import { allowedOf, crossed, thresholdsOf, uncrossed } from './limits.policy';
import { prorated } from './money.policy';
import { isSigned, signature } from './payments.policy';
import { claimOf } from './trials.policy';
import { adoption, forecast } from './usage.policy';

const at = (text: string) => new Date(text);
const DAY_MS = 86_400_000;

describe('acceptance: what may be gone over', () => {
  it('is a quarter, half, double or any part of a limit, floored, and nothing on trial', () => {
    const of = (limit: number | null) =>
      (['none', 'x1_25', 'x1_5', 'x2', 'always'] as const).map((overage) => allowedOf(limit, overage, 'active'));

    expect(of(50)).toEqual([50, 62, 75, 100, null]);
    expect(of(3)).toEqual([3, 3, 4, 6, null]);
    expect(of(null)).toEqual([null, null, null, null, null]);
    expect(of(1_099_511_627_776)).toEqual([
      1_099_511_627_776,
      1_374_389_534_720,
      1_649_267_441_664,
      2_199_023_255_552,
      null,
    ]);
    expect(allowedOf(50, 'x2', 'trial')).toBe(50);
  });

  it('is told at 40, 45, 50 and 62 of 50', () => {
    const told = [];
    for (let used = 1; used <= 62; used += 1)
      for (const threshold of crossed(50, used - 1, used, thresholdsOf('x1_25', 'active')))
        told.push([used, threshold]);

    expect(told).toEqual([
      [40, 80],
      [45, 90],
      [50, 100],
      [62, 125],
    ]);
  });

  it('is told all at once by a leap, and not where there is no limit', () => {
    expect(crossed(50, 10, 49, thresholdsOf('none', 'active'))).toEqual([80, 90]);
    expect(crossed(null, 0, 1_000, thresholdsOf('x2', 'active'))).toEqual([]);
    expect(crossed(3, 1, 2, [80, 90, 100])).toEqual([]);
    expect(crossed(3, 2, 3, [80, 90, 100])).toEqual([80, 90, 100]);
    expect(uncrossed(50, 44)).toEqual([90, 100, 125, 150, 200]);
  });
});

describe('acceptance: forecasting', () => {
  it('expects 18 000 of 7 200 on day 12 of 30, and nothing left on day 16.67', () => {
    const period = { start: at('2026-04-01T00:00:00Z'), end: at('2026-05-01T00:00:00Z') };

    const seen = forecast(7_200, 10_000, period, at('2026-04-13T00:00:00Z'));

    expect(seen).toMatchObject({ elapsedDays: 12, periodDays: 30, expected: 18_000, exhaustedOnDay: 16.67 });
    expect(seen.exhaustedAt?.toISOString()).toBe('2026-04-17T16:00:00.000Z');
  });

  it('says nothing of a limit that lasts, that is not there, or that nobody has touched', () => {
    const period = { start: at('2026-04-01T00:00:00Z'), end: at('2026-05-01T00:00:00Z') };

    expect(forecast(100, 10_000, period, at('2026-04-16T00:00:00Z'))).toMatchObject({
      expected: 200,
      exhaustedAt: null,
    });
    expect(forecast(0, 10, period, at('2026-04-16T00:00:00Z'))).toMatchObject({ expected: 0, exhaustedOnDay: null });
    expect(forecast(5, null, period, at('2026-04-01T00:00:00Z'))).toMatchObject({ expected: 5, exhaustedOnDay: null });
  });

  it('counts who uses something against the seats', () => {
    expect([adoption(3, 4), adoption(1, 3), adoption(0, 5), adoption(2, 0)]).toEqual([75, 33, 0, 0]);
  });
});

describe('acceptance: paying for the rest of a term', () => {
  const term = { start: at('2026-04-01T00:00:00Z'), end: at('2026-05-01T00:00:00Z') };
  const price = (from: bigint, to: bigint, now: string) => prorated(from, to, term, at(now));

  it('is 33.33 from 49 to 99 with 20 of 30 days left', () => {
    expect(price(4_900n, 9_900n, '2026-04-11T00:00:00Z')).toBe(3_333n);
  });

  it('rounds half a cent up, once', () => {
    // 1 · 15 / 30 = 0.5
    expect(price(100n, 101n, '2026-04-16T00:00:00Z')).toBe(1n);
    // 50 · 1 / 30 = 1.67, 40 · 1 / 30 = 1.33
    expect(price(0n, 50n, '2026-04-30T00:00:00Z')).toBe(2n);
    expect(price(0n, 40n, '2026-04-30T00:00:00Z')).toBe(1n);
    expect(price(101n, 100n, '2026-04-16T00:00:00Z')).toBe(-1n);
  });

  it('counts a day that has begun, the whole term at its start and nothing at its end', () => {
    expect(price(0n, 3_000n, '2026-04-30T12:00:00Z')).toBe(100n);
    expect(price(0n, 3_000n, '2026-04-01T00:00:00Z')).toBe(3_000n);
    expect(price(0n, 3_000n, '2026-05-01T00:00:00Z')).toBe(0n);
    expect(price(0n, 3_000n, '2026-03-01T00:00:00Z')).toBe(3_000n);
  });
});

describe('the heart of a machine', () => {
  const beat = at('2026-04-01T00:00:00Z');
  const after = (ms: number) => new Date(beat.getTime() + ms);
  const machine = { lastBeatAt: beat, deactivatedAt: null };

  it('has stopped when two beats did not come', () => {
    expect(activationState(machine, after(1_199_999))).toBe('alive');
    expect(activationState(machine, after(1_200_000))).toBe('dead');
    expect(activationState({ ...machine, deactivatedAt: beat }, after(0))).toBe('deactivated');
  });

  it('holds its place for a day after that', () => {
    expect(holdsSeat(machine, after(1_200_000 + DAY_MS - 1))).toBe(true);
    expect(holdsSeat(machine, after(1_200_000 + DAY_MS))).toBe(false);
    expect(holdsSeat({ ...machine, deactivatedAt: beat }, after(0))).toBe(false);
  });
});

describe('whose trial it was', () => {
  it.each([
    ['Thandi@Crane.example', 'domain:crane.example'],
    ['a.b+trial2@gmail.com', 'address:ab@gmail.com'],
    ['a.b+x@outlook.com', 'address:a.b@outlook.com'],
  ])('%s counts as %s', (email, claim) => {
    expect(claimOf(email)).toBe(claim);
  });
});

describe('believing a payment provider', () => {
  const now = at('2026-04-01T12:00:00Z');
  const said = { id: 'evt_1', timestamp: String(now.getTime() / 1_000), body: '{"a":1}' };
  const secret = 'a secret that both know';
  const heard = (more: object, when = now) =>
    isSigned({ ...said, signatures: signature(said, secret), ...more }, secret, when);

  it('needs its signature over id, time and body, at most five minutes old', () => {
    expect(heard({})).toBe(true);
    expect(heard({ signatures: `v1,AAAA ${signature(said, secret)}` })).toBe(true);
    expect(heard({}, new Date(now.getTime() + 300_000))).toBe(true);
    expect(heard({}, new Date(now.getTime() + 300_001))).toBe(false);
    expect(heard({}, new Date(now.getTime() - 300_001))).toBe(false);
    expect(heard({ body: '{"a":2}' })).toBe(false);
    expect(heard({ id: 'evt_2' })).toBe(false);
    expect(heard({ signatures: '' })).toBe(false);
    expect(heard({ timestamp: 'soon' })).toBe(false);
  });
});

describe('reports', () => {
  it('quote what they hold, and start no formula', () => {
    expect(csvOf([['a"b', -1, null, '=1+1']])).toBe(`"a""b","-1","","'=1+1"\r\n`);
  });

  it('are of the month before', () => {
    expect(monthBefore(at('2026-01-01T00:00:00Z'))).toEqual({ from: '2025-12-01', to: '2026-01-01' });
  });
});
