import { bare, north } from './generated-tracks';
import { Sieve, topSpeedOf, type TrackFix } from './sieve.policy';

const at = (seconds: number) => Date.parse('2026-11-25T08:00:00Z') + seconds * 1_000;
const through = (fixes: readonly TrackFix[], topSpeed = topSpeedOf('user')) => {
  const sieve = new Sieve(topSpeed);
  return fixes.flatMap((fix) => sieve.add(fix)).map(({ at: ms, lat }) => [ms, lat]);
};
const shown = (fixes: readonly TrackFix[]) => fixes.map(({ at: ms, lat }) => [ms, lat]);

describe('a fix counts', () => {
  it('only when it is known to a hundred metres', () => {
    const [good, limit, coarse] = [
      bare(at(0), north(0), 5),
      bare(at(30), north(1), 100),
      bare(at(60), north(2), 100.1),
    ];

    expect(through([good, limit, coarse])).toEqual(shown([good, limit]));
  });

  it('once, though it comes twice under two numbers', () => {
    const first = bare(at(0), north(0), 5);

    expect(through([first, bare(at(0), north(0.9), 5), bare(at(0), north(1.5), 5)])).toHaveLength(2);
  });

  it.each([
    ['user', 619.9, true],
    ['user', 620.1, false],
    ['vehicle', 719.9, true],
    ['vehicle', 720.1, false],
    ['asset', 3_519.9, true],
    ['asset', 3_520.1, false],
  ])('of a %s %s m on within ten seconds: %s', (kind, metres, counts) => {
    // Both accuracies, 10 m each, are taken off first.
    const fixes = [bare(at(0), north(0), 10), bare(at(10), north(metres), 10)];

    expect(through(fixes, topSpeedOf(kind))).toHaveLength(counts ? 2 : 1);
  });

  it('where two of the same millisecond lie ten metres apart: that is no speed', () => {
    expect(through([bare(at(0), north(0), 3), bare(at(0.001), north(10), 3)])).toHaveLength(2);
    expect(through([bare(at(0), north(0), 3), bare(at(0.001), north(9_000), 3)])).toHaveLength(1);
  });
});

describe('after more than ten minutes', () => {
  const before = bare(at(0), north(0), 8);

  it('a near fix counts at once, a far one waits for a second within 200 m', () => {
    const near = bare(at(700), north(500), 8);
    const [far, second] = [bare(at(700), north(9_000), 8), bare(at(730), north(9_199), 8)];

    expect(through([before, near])).toHaveLength(2);
    expect(through([before, far])).toHaveLength(1);
    expect(through([before, far, second])).toEqual(shown([before, far, second]));
  });

  it('a far fix that nobody confirms is left out', () => {
    const [far, back] = [bare(at(700), north(9_000), 8), bare(at(730), north(20), 8)];

    expect(through([before, far, back])).toEqual(shown([before, back]));
  });

  it('one 201 m further on is no witness, and a third on the same way is', () => {
    const way = [0, 1, 2].map((index) => bare(at(700 + index * 10), north(9_000 + index * 201), 8));

    expect(through([before, ...way.slice(0, 2)])).toHaveLength(1);
    expect(through([before, ...way])).toEqual(shown([before, ...way]));
  });

  it('two that nobody could have driven between confirm nothing', () => {
    const [one, other] = [bare(at(700), north(9_000), 8), bare(at(705), north(-9_000), 8)];

    expect(through([before, one, other])).toEqual(shown([before]));
  });

  it('no speed is told against so old an anchor', () => {
    const atLimit = [before, bare(at(600), north(36_015), 8)];

    // 36 015 m in 600 s are 60 m/s, less the accuracies; a second later the anchor is too old to say.
    expect(through(atLimit)).toHaveLength(2);
    expect(through([before, bare(at(601), north(36_015), 8)])).toHaveLength(1);
  });
});
