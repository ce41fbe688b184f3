import { type AlertLife, type AlertLook, type AlertRuleLife, calm, isBeyond, isQuiet, look } from './alert-life.policy';

const rule: AlertRuleLife = { forSec: 60, keepFiringSec: 120, noData: 'ok' };

/** Looks at these seconds; answers what was told, and when. */
function watch(
  looks: readonly (readonly [sec: number, holds: boolean | null, more?: Partial<AlertLook>])[],
  rules: AlertRuleLife = rule,
) {
  let life: AlertLife = calm(0);
  const told: [number, string][] = [];
  for (const [sec, holds, more] of looks) {
    const next = look(rules, life, { at: sec * 1_000, holds, isMuted: false, isAcknowledged: false, ...more });
    life = next.life;
    if (next.notice) told.push([sec, next.notice]);
  }
  return { life, told };
}
const every = (from: number, to: number, holds: boolean | null, step = 10) =>
  Array.from({ length: (to - from) / step + 1 }, (_, n) => [from + n * step, holds] as const);

describe('acceptance: an alert above 500 ms for a minute, kept for two', () => {
  it('is silent below a minute, fires once, and is over two minutes after its last sign', () => {
    const { told, life } = watch([
      ...every(0, 50, true),
      [60, false],
      ...every(100, 170, true),
      ...every(180, 250, false),
      [260, true],
      ...every(300, 420, false),
    ]);

    expect(told).toEqual([
      [160, 'fired'],
      [420, 'resolved'],
    ]);
    expect(life.state).toBe('inactive');
  });
});

describe('an alert', () => {
  it('waits as long as its rule says before it fires, and before it is over', () => {
    const rules = { ...rule, forSec: 0, keepFiringSec: 0 };
    expect(
      watch(
        [
          [5, true],
          [6, false],
          [7, true],
        ],
        rules,
      ).told,
    ).toEqual([
      [5, 'fired'],
      [6, 'resolved'],
      [7, 'fired'],
    ]);
    expect(watch(every(0, 299, true, 1), { ...rule, forSec: 300 }).told).toEqual([]);
  });

  it('is told again every four hours, until somebody takes care of it', () => {
    const hours = every(0, 12 * 3_600, true, 600);
    expect(watch(hours).told).toEqual([
      [600, 'fired'],
      [600 + 4 * 3_600, 'repeated'],
      [600 + 8 * 3_600, 'repeated'],
    ]);
    const cared = hours.map(([sec, holds]) => [sec, holds, { isAcknowledged: sec > 5 * 3_600 }] as const);
    expect(watch(cared).told).toHaveLength(2);
  });

  it('that was silent all the while says neither that it fires nor that it is over', () => {
    const muted = every(0, 300, true).map(([sec, holds]) => [sec, holds, { isMuted: true }] as const);
    expect(watch([...muted, ...every(310, 500, false)]).told).toEqual([]);
    // Still on when the silence ends, it is told then, once.
    expect(watch([...muted, ...every(310, 400, true)]).told).toEqual([[310, 'fired']]);
  });

  it('without data is well, unwell or what it was, as its rule says', () => {
    const looks = [...every(0, 60, true), ...every(70, 400, null)];
    expect(watch(looks).told).toEqual([
      [60, 'fired'],
      [190, 'resolved'],
    ]);
    expect(watch(looks, { ...rule, noData: 'keep' })).toMatchObject({
      told: [[60, 'fired']],
      life: { state: 'firing', hasNoData: true },
    });
    expect(watch(every(0, 60, null), { ...rule, noData: 'alert' }).told).toEqual([[60, 'fired']]);
    expect(watch(every(0, 600, null), { ...rule, noData: 'keep' }).told).toEqual([]);
  });

  it('that fires is well again only past its other threshold', () => {
    const test = { op: '>' as const, threshold: 90, clear: 80 };
    expect(isBeyond(85, test, false)).toBe(false);
    expect(isBeyond(85, test, true)).toBe(true);
    expect(isBeyond(80, test, true)).toBe(false);
    expect(isBeyond(10, { op: '<', threshold: 5, clear: 12 }, true)).toBe(true);
    expect(isBeyond(5, { op: '<=', threshold: 5 }, false)).toBe(true);
    expect(isBeyond(5, { op: '>=', threshold: 5 }, false)).toBe(true);
  });

  it('is silent in its weekly hours, over midnight too', () => {
    const nights = [{ days: [5, 6], from: '22:00', to: '06:00' }];
    const at = (weekday: number, time: string) => isQuiet(nights, { weekday, time });
    expect([at(5, '21:59'), at(5, '22:00'), at(6, '05:59'), at(6, '06:00'), at(7, '03:00'), at(1, '03:00')]).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(isQuiet([{ days: [7], from: '20:00', to: '04:00' }], { weekday: 1, time: '03:59' })).toBe(true);
  });
});
