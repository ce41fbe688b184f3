import { setting } from '@loro/contracts/kit/settings';
import { z } from 'zod';
import { type Candidate, resolve, wrongSettings } from './settings.policy';

const at = (level: Candidate['level'], value: unknown, more: Partial<Candidate> = {}): Candidate => ({
  level,
  ownerId: null,
  isSet: value !== undefined,
  isValid: value !== undefined,
  value,
  last4: null,
  isLocked: false,
  version: 1,
  ...more,
});

const chain = (...values: (number | undefined | Partial<Candidate>)[]) => {
  const levels = ['default', 'environment', 'platform', 'organisation', 'branch', 'branch', 'user'] as const;
  const [first = at('default', 0), ...rest] = values.map((value, n) =>
    typeof value === 'object' ? at(levels[n] ?? 'user', value.value, value) : at(levels[n] ?? 'user', value),
  );
  return [first, ...rest] as const;
};

const plain = {};
const floored = { isAtLeast: (value: unknown, floor: unknown) => Number(value) >= Number(floor) };

describe('which of several values holds', () => {
  it('acceptance: a branch without its own takes its parent’s, before the organisation’s', () => {
    const { counts, outcomes } = resolve(plain, chain(500, undefined, undefined, 300, 150, undefined));

    expect(counts).toMatchObject({ level: 'branch', value: 150 });
    expect(outcomes).toEqual(['overridden', 'not-set', 'not-set', 'overridden', 'counts', 'not-set']);
  });

  it('each level wins over the ones before it', () => {
    const all = [1, 2, 3, 4, 5, 6, 7];

    for (let set = 1; set <= all.length; set += 1) {
      const values = all.map((value, n) => (n < set ? value : undefined));
      expect(resolve(plain, chain(...values)).counts.value).toBe(set);
    }
  });

  it('a lock stops every level below it, and is told', () => {
    const { counts, isLocked, outcomes } = resolve(plain, chain(1, 2, 3, { value: 4, isLocked: true }, 5, 6, 7));

    expect([counts.value, isLocked]).toEqual([4, true]);
    expect(outcomes.slice(4)).toEqual(['locked-above', 'locked-above', 'locked-above']);
  });

  it('a lock of the hub stops an organisation that locked its own', () => {
    const { counts } = resolve(plain, chain(1, undefined, { value: 3, isLocked: true }, { value: 4, isLocked: true }));

    expect(counts).toMatchObject({ level: 'platform', value: 3 });
  });

  it('a lock on nothing locks nothing', () => {
    const { counts, isLocked } = resolve(plain, chain(1, undefined, { value: undefined, isLocked: true }, 4));

    expect([counts.value, isLocked]).toEqual([4, false]);
  });

  it('what is weaker than the hub does not count, at any level below it', () => {
    const { counts, outcomes } = resolve(floored, chain(8, undefined, 15, 12, 20, 14));

    expect(counts.value).toBe(20);
    expect(outcomes).toEqual(['overridden', 'not-set', 'overridden', 'below-floor', 'counts', 'below-floor']);
  });

  it('the hub itself may choose less than the default', () => {
    expect(resolve(floored, chain(12, undefined, 8, 10)).counts.value).toBe(10);
  });

  it('a value that no longer fits its schema is passed by', () => {
    const { counts, outcomes } = resolve(plain, chain(1, undefined, undefined, { value: 4, isValid: false }));

    expect(counts.value).toBe(1);
    expect(outcomes.at(-1)).toBe('no-longer-valid');
  });
});

describe('declaring settings', () => {
  const good = setting(z.int().min(1), { preset: 5, levels: ['organisation'], description: 'A number' });

  it('is refused for a name twice, a strange name, a preset that does not fit, and no level', () => {
    const wrong = wrongSettings([
      { name: 'first', settings: { 'a.b': good, Strange: good } },
      { name: 'second', settings: { 'a.b': good, 'a.c': { ...good, preset: 0 }, 'a.d': { ...good, levels: [] } } },
    ]);

    expect(wrong).toEqual([
      'the setting Strange is not named like area.name',
      'the setting a.b is declared by first and by second',
      'the preset of a.c does not fit its schema',
      'the setting a.d can be set nowhere',
    ]);
  });

  it('is accepted otherwise', () => {
    expect(wrongSettings([{ name: 'first', settings: { 'a.b': good } }, { name: 'second' }])).toEqual([]);
  });
});
