import { nextTry, waitSec } from './sign-in.policy';

const DAY_MS = 86_400_000;

describe('acceptance: growing waits', () => {
  it('begin with the fifth failure, double, and end at a quarter of an hour', () => {
    const waits = Array.from({ length: 11 }, (_, index) => waitSec(index + 1));

    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
  });

  it('stay at a quarter of an hour however often somebody fails', () => {
    expect([20, 100, 5_000].map(waitSec)).toEqual([900, 900, 900]);
  });

  it('let the next try through when they are over, and not a millisecond sooner', () => {
    const failures = { count: 6, lastAt: 1_000 };

    expect(nextTry(failures, 60_999)).toEqual({ waitMs: 1 });
    expect(nextTry(failures, 61_000)).toEqual({ count: 7, lastAt: 61_000 });
  });

  it('are forgotten after a day without a failure', () => {
    const failures = { count: 10, lastAt: 0 };

    expect(nextTry(failures, DAY_MS - 1)).toEqual({ count: 11, lastAt: DAY_MS - 1 });
    expect(nextTry(failures, DAY_MS)).toEqual({ count: 1, lastAt: DAY_MS });
  });

  it('do not begin for who never failed', () => {
    expect(nextTry(undefined, 5)).toEqual({ count: 1, lastAt: 5 });
  });
});
