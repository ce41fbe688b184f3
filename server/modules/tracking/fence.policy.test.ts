import { shapeOf, usualBufferM } from '../branches';
import { type Border, type FenceState, step } from './fence.policy';

const around = (radiusM: number): Border => ({
  ...shapeOf({ center: { lat: 0, lng: 0 }, radiusM }),
  bufferM: usualBufferM(radiusM),
  accMaxM: 100,
  hours: null,
  dwellMs: null,
});
const METRE = 180 / (Math.PI * 6_371_008.8);
const at = (clock: string): number => Date.parse(`2026-11-24T${clock}Z`);

/** Runs fixes given as time, distance from the centre in metres, and accuracy. */
function run(radiusM: number, fixes: readonly [clock: string, d: number, accuracy: number][]): string[] {
  let state: FenceState | undefined;
  return fixes.flatMap(([clock, d, accuracy]) => {
    const { after, crossings } = step(state, around(radiusM), { at: at(clock), lat: d * METRE, lng: 0, accuracy });
    state = after;
    return crossings.map((crossing) => `${crossing.kind} ${new Date(crossing.at).toISOString().slice(11, 19)}`);
  });
}

describe('crossing a fence', () => {
  it('is not fooled by fixes that jump out and back', () => {
    const crossings = run(50, [
      ['09:54:06', 8.2, 5],
      ['09:54:18', 200.2, 1.9],
      ['09:54:30', 9.6, 5],
      ['09:55:25', 198.1, 1.7],
      ['09:55:46', 10.1, 5],
      ['09:56:33', 198.1, 9.1],
      ['09:56:38', 45.3, 5],
      ['10:00:00', 82, 5],
      ['10:00:12', 160, 6],
      ['10:00:24', 240, 6],
    ]);

    expect(crossings).toEqual(['entered 09:54:06', 'exited 10:00:00']);
  });

  it.each([
    ['nothing, when it begins outside', [['10:00:00', 500, 5]], []],
    [
      'nothing within the buffer',
      [
        ['10:00:00', 0, 5],
        ['10:01:00', 69, 5],
        ['10:02:00', 70, 5],
      ],
      ['entered 10:00:00'],
    ],
    [
      'nothing, when the second look is too soon',
      [
        ['10:00:00', 0, 5],
        ['10:01:00', 200, 5],
        ['10:01:07', 200, 5],
      ],
      ['entered 10:00:00'],
    ],
    [
      'a departure after eight seconds',
      [
        ['10:00:00', 0, 5],
        ['10:01:00', 200, 5],
        ['10:01:08', 200, 5],
      ],
      ['entered 10:00:00', 'exited 10:01:00'],
    ],
    [
      'a departure that a fix in the buffer does not cancel',
      [
        ['10:00:00', 0, 5],
        ['10:01:00', 200, 5],
        ['10:01:05', 60, 5],
        ['10:01:09', 200, 5],
      ],
      ['entered 10:00:00', 'exited 10:01:00'],
    ],
    ['nothing by a fix too vague to tell', [['10:00:00', 0, 101]], []],
    [
      'coming back',
      [
        ['10:00:00', 0, 5],
        ['10:01:00', 200, 5],
        ['10:01:10', 200, 5],
        ['10:09:00', 3, 5],
      ],
      ['entered 10:00:00', 'exited 10:01:00', 'entered 10:09:00'],
    ],
  ] as const)('sees %s', (_what, fixes, expected) => {
    expect(run(50, fixes as unknown as [string, number, number][])).toEqual(expected);
  });
});
