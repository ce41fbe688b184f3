import { FenceIndex } from '../branches';
import { at, circle, METRE } from './fence-samples';
import { DayWalk, visitsOfDay } from './fence-walk.policy';
import type { Point } from './fence.policy';

describe('the visits of a day', () => {
  const fences = new FenceIndex([
    circle('a', 150, { dwellMs: 120_000 }),
    circle('b', 120, {}, 900),
    circle('c', 80, {}, 450),
  ]);

  /** A walk to and fro with glitches, coarse fixes and fixes of one instant. */
  function walk(seed: number): Point[] {
    const random = randomOf(seed);
    let north = 0;
    let ms = at('06:00:00');
    return Array.from({ length: 300 }, () => {
      ms += Math.floor(random() * 4) * 10_000;
      north += (random() - 0.48) * 300;
      const isGlitch = random() < 0.03;
      return {
        at: ms,
        lat: (isGlitch ? north + 2_000 : north) * METRE,
        lng: 30 + (random() - 0.5) * 40 * METRE,
        accuracy: random() < 0.05 ? 300 : 3 + random() * 20,
      };
    });
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are the same in one go and taken up again at any fix (walk %i)', (seed) => {
    const fixes = walk(seed);
    const whole = visitsOfDay(fixes, fences);
    expect(whole.length).toBeGreaterThan(3);

    for (const cut of [1, 57, 150, 299]) {
      const first = new DayWalk(fences);
      for (const point of fixes.slice(0, cut)) first.add(point);
      const second = new DayWalk(fences, JSON.parse(JSON.stringify(first.state)));
      for (const point of fixes.slice(cut)) second.add(point);
      const visits = [...first.done, ...second.done, ...second.underWay()];

      expect(visits.toSorted((a, b) => a.enteredAt - b.enteredAt || (a.fenceId < b.fenceId ? -1 : 1))).toEqual(whole);
    }
  });

  it('never overlap in one fence, and lie in order', () => {
    for (let seed = 20; seed < 60; seed += 1) {
      const visits = visitsOfDay(walk(seed), fences);
      for (const id of ['a', 'b', 'c']) {
        const own = visits.filter(({ fenceId }) => fenceId === id);
        for (const [index, visit] of own.entries()) {
          const next = own[index + 1];
          if (next) expect(visit.leftAt ?? Infinity).toBeLessThanOrEqual(next.enteredAt);
          expect(visit.seenUntil).toBeGreaterThanOrEqual(visit.enteredAt);
        }
      }
    }
  });
});

/** Park and Miller: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed * 7_919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
