import { ActiveHours, FenceIndex, type WatchedFence } from '../branches';
import { at, circle, fence, fix, METRE } from './fence-samples';
import { FenceWalk, visitsOfDay } from './fence-walk.policy';
import type { Point } from './fence.policy';

const clockOf = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
function told(fences: readonly WatchedFence[], fixes: readonly Point[]): string[] {
  const walk = new FenceWalk(new FenceIndex(fences));
  return fixes.flatMap((point) =>
    walk.next(point).map(({ fence: { id }, crossing: { kind, at: when } }) => `${id} ${kind} ${clockOf(when)}`),
  );
}

describe('acceptance: crossing a fence', () => {
  const fixes = [
    fix('09:54:06', 8.2, 5),
    fix('09:54:18', 200.2, 1.9),
    fix('09:54:30', 9.6, 5),
    fix('09:55:25', 198.1, 1.7),
    fix('09:55:46', 10.1, 5),
    fix('09:56:33', 198.1, 9.1),
    fix('09:56:38', 45.3, 5),
    fix('10:00:00', 82, 5),
    fix('10:00:12', 160, 6),
    fix('10:00:24', 240, 6),
  ];

  it('tells one entering and one leaving where a plain radius would tell eight, and confirms the leaving twelve seconds later', () => {
    const walk = new FenceWalk(new FenceIndex([circle('yard', 50)]));
    const crossings = fixes.flatMap((point) => walk.next(point).map(({ crossing }) => crossing));

    expect(crossings.map(({ kind, at: when, confirmedAt }) => [kind, clockOf(when), clockOf(confirmedAt)])).toEqual([
      ['entered', '09:54:06', '09:54:06'],
      ['exited', '10:00:00', '10:00:12'],
    ]);
  });

  it('is the same for the polygon of that size', () => {
    const corners = Array.from({ length: 64 }, (_, index) => {
      const angle = (index / 64) * 2 * Math.PI;
      return { lat: 50 * METRE * Math.sin(angle), lng: 30 + 50 * METRE * Math.cos(angle) };
    });

    expect(told([fence('yard', { corners })], fixes)).toEqual(['yard entered 09:54:06', 'yard exited 10:00:00']);
  });

  it('is one visit, from the first fix inside to the first that was surely outside', () => {
    expect(visitsOfDay(fixes, new FenceIndex([circle('yard', 50)]))).toEqual([
      {
        fenceId: 'yard',
        fenceName: 'yard',
        branchId: null,
        kind: 'stayed',
        enteredAt: at('09:54:06'),
        leftAt: at('10:00:00'),
        seenUntil: at('09:56:38'),
        dwelledAt: null,
      },
    ]);
  });
});

describe('many fences at once', () => {
  it('are each judged for themselves, overlapping ones too', () => {
    const fences = [circle('inner', 100), circle('outer', 500), circle('next', 100, {}, 2_000)];

    const crossings = told(fences, [
      fix('08:00:00', 1_000),
      fix('08:05:00', 300),
      fix('08:06:00', 0),
      fix('08:10:00', 300),
      fix('08:10:10', 320),
      fix('08:20:00', 2_000),
      fix('08:20:20', 2_010),
    ]);

    expect(crossings).toEqual([
      'outer entered 08:05:00',
      'inner entered 08:06:00',
      'inner exited 08:10:00',
      'next entered 08:20:00',
      'outer exited 08:20:00',
    ]);
  });

  it('take their own buffer and their own accuracy', () => {
    const fixes = [fix('08:00:00', 0), fix('08:01:00', 130), fix('08:02:00', 135), fix('08:03:00', 400, 40)];

    expect(told([circle('usual', 100)], fixes)).toEqual(['usual entered 08:00:00', 'usual exited 08:01:00']);
    expect(told([circle('wide', 100, { bufferM: 60 })], fixes)).toEqual(['wide entered 08:00:00']);
    expect(told([circle('strict', 100, { accMaxM: 4 })], fixes)).toEqual([]);
  });

  it('lie on the antimeridian and over a pole as well', () => {
    const fiji = fence('fiji', { center: { lat: -18, lng: 179.9999 }, radiusM: 200 });
    const pole = fence('pole', { center: { lat: 90, lng: 0 }, radiusM: 5_000 });
    const walk = (points: Point[]) => told([fiji, pole], points);

    expect(
      walk([
        { at: at('08:00:00'), lat: -18, lng: -179.9995, accuracy: 5 },
        { at: at('08:05:00'), lat: -18, lng: -179.99, accuracy: 5 },
        { at: at('08:05:10'), lat: -18, lng: -179.99, accuracy: 5 },
        { at: at('12:00:00'), lat: 89.99, lng: 170, accuracy: 5 },
      ]),
    ).toEqual(['fiji entered 08:00:00', 'fiji exited 08:05:00', 'pole entered 12:00:00']);
  });

  it('never hear of zero and zero, which a receiver says that knows nothing', () => {
    const nowhere = fence('nowhere', { center: { lat: 0, lng: 0 }, radiusM: 100 });
    const zero = (clock: string): Point => ({ at: at(clock), lat: 0, lng: 0, accuracy: 5 });

    expect(told([nowhere, circle('yard', 100)], [fix('08:00:00', 0), zero('08:01:00'), zero('08:02:00')])).toEqual([
      'yard entered 08:00:00',
    ]);
  });
});

describe('driving through a fence without a fix inside', () => {
  it('is told with the time between the fixes at which the way met the border', () => {
    const walk = new FenceWalk(new FenceIndex([circle('yard', 100)]));

    walk.next(fix('08:00:00', -1_000));
    const [crossed] = walk.next(fix('08:01:40', 1_000));

    expect(crossed?.crossing).toEqual({
      kind: 'crossed',
      at: at('08:00:45'),
      leftAt: at('08:00:55'),
      confirmedAt: at('08:01:40'),
    });
  });

  it('is seen through a polygon, and not where the way leads past it', () => {
    const corner = (north: number, east: number) => ({ lat: north * METRE, lng: 30 + east * METRE });
    const square = fence('square', {
      corners: [corner(-100, -100), corner(-100, 100), corner(100, 100), corner(100, -100)],
    });

    expect(told([square], [fix('08:00:00', -500), fix('08:01:40', 500)])).toEqual(['square crossed 08:00:40']);
    expect(told([square], [fix('08:00:00', -500, 5, 110), fix('08:01:40', 500, 5, 110)])).toEqual([]);
  });

  it.each([
    ['more than ten minutes', fix('08:00:00', -1_000), fix('08:10:01', 1_000)],
    ['more than five kilometres', fix('08:00:00', -2_600), fix('08:05:00', 2_600)],
    ['no time at all', fix('08:00:00', -1_000), fix('08:00:00', 1_000)],
    ['a leap that nobody could drive', fix('08:00:00', -1_000), fix('08:00:10', 1_000)],
    ['fixes that are too inaccurate', fix('08:00:00', -1_000, 120), fix('08:02:00', 1_000)],
  ])('is not told over %s', (_what, from, to) => {
    expect(told([circle('yard', 100)], [from, to])).toEqual([]);
  });

  it('is told at exactly ten minutes and at just under five kilometres', () => {
    expect(told([circle('yard', 100)], [fix('08:00:00', -2_499), fix('08:10:00', 2_499)])).toHaveLength(1);
  });

  it('is no crossing for whoever was inside and is on the way out', () => {
    expect(told([circle('yard', 100)], [fix('08:00:00', 0), fix('08:00:30', -400), fix('08:01:30', 400)])).toEqual([
      'yard entered 08:00:00',
      'yard exited 08:00:30',
    ]);
  });
});

describe('staying in a fence', () => {
  const office = circle('office', 100, { dwellMs: 10 * 60_000 });

  it('is told once, for the minute in which the time was full', () => {
    const fixes = [fix('08:00:00', 0), fix('08:09:59', 5), fix('08:12:00', 5), fix('08:30:00', 5)];

    expect(told([office], fixes)).toEqual(['office entered 08:00:00', 'office dwelled 08:10:00']);
  });

  it('is told of whoever was silent inside, and before the leaving', () => {
    const fixes = [fix('08:00:00', 0), fix('09:00:00', 600), fix('09:00:10', 700)];

    expect(told([office], fixes)).toEqual([
      'office entered 08:00:00',
      'office dwelled 08:10:00',
      'office exited 09:00:00',
    ]);
  });

  it('is not told of a short visit, and counts anew for the next one', () => {
    const fixes = [
      fix('08:00:00', 0),
      fix('08:09:00', 600),
      fix('08:09:10', 700),
      fix('08:09:40', 0),
      fix('08:15:00', 0),
    ];

    expect(told([office], fixes)).not.toContainEqual(expect.stringContaining('dwelled'));
  });
});

describe('a fence with hours', () => {
  // A Tuesday; Johannesburg is two hours ahead.
  const hours = new ActiveHours([{ weekday: 2, opensAt: '08:00', closesAt: '17:00' }], 'Africa/Johannesburg');
  const shop = circle('shop', 100, { hours });

  it('sees nobody before they begin, and whoever is there when they do', () => {
    expect(told([shop], [fix('05:00:00', 0), fix('05:59:59', 0), fix('06:00:30', 0)])).toEqual([
      'shop entered 06:00:30',
    ]);
  });

  it('is left when they end, though nobody moved', () => {
    expect(told([shop], [fix('14:00:00', 0), fix('15:30:00', 0), fix('16:00:00', 0)])).toEqual([
      'shop entered 14:00:00',
      'shop exited 15:00:00',
    ]);
  });

  it('is not crossed outside them', () => {
    expect(told([shop], [fix('16:00:00', -1_000), fix('16:01:40', 1_000)])).toEqual([]);
    expect(told([shop], [fix('09:00:00', -1_000), fix('09:01:40', 1_000)])).toEqual(['shop crossed 09:00:45']);
  });
});
