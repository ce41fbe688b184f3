import type { Condition, FeatureFlag, FlagRule } from '@loro/contracts/flags';
import { ulid } from '../../platform';
import { byWeight, cycleIn, evaluate, type FlagFacts, isStale, type Subject } from './flags.policy';
import { bucketOf, murmur3, variantBucketOf } from './murmur.policy';

const now = new Date('2026-11-25T10:00:00Z');
const subject: Subject = { orgId: ulid(), branchIds: [], roles: [], plan: null, now, random: 'dice' };

const flag = (change: Partial<FeatureFlag>): FeatureFlag => ({
  id: ulid(),
  key: 'f',
  type: 'release',
  description: 'A flag',
  isEnabled: true,
  isPublic: true,
  isTenantControllable: false,
  isPermanent: false,
  prerequisites: [],
  requiredFeature: null,
  expiresOn: null,
  variants: [],
  rules: [],
  ownerId: ulid(),
  createdAt: now.toISOString(),
  archivedAt: null,
  version: 1,
  ...change,
});

const factsOf = (flags: readonly FeatureFlag[], change: Partial<FlagFacts> = {}): FlagFacts => ({
  flag: (key) => flags.find((one) => one.key === key),
  isEntitled: () => true,
  userOverride: () => undefined,
  orgOverride: () => undefined,
  ...change,
});

const share = (percent: number, stickiness: 'org' | 'user' | 'branch' | 'random' = 'user') => ({ percent, stickiness });

describe('acceptance: buckets of a share', () => {
  it.each([
    ['gr1', '123', 73],
    ['groupX', '999', 25],
    ['new-dashboard', 'user-1', 31],
    ['new-dashboard', 'user-2', 34],
    ['new-dashboard', 'user-42', 65],
    ['new-dashboard', 'org-7', 25],
  ])('puts %s:%s into bucket %i', (key, id, bucket) => {
    expect(bucketOf(key, id)).toBe(bucket);
  });

  it('lets one in at 31 %, and both at 34 %', () => {
    const isIn = (percent: number, userId: string) =>
      evaluate(
        'new-dashboard',
        { ...subject, userId },
        factsOf([flag({ key: 'new-dashboard', rules: [share(percent)] })]),
      ).isOn;

    expect([isIn(31, 'user-1'), isIn(31, 'user-2')]).toEqual([true, false]);
    expect([isIn(34, 'user-1'), isIn(34, 'user-2')]).toEqual([true, true]);
  });

  it('lets 2 451 of ten thousand in at 25 %', () => {
    const isIn = Array.from({ length: 10_000 }, (_, n) => bucketOf('f', `u${n}`) <= 25);

    expect(isIn.filter(Boolean)).toHaveLength(2_451);
  });

  it('lets nobody in at none, everybody at all, and takes nobody out while it grows', () => {
    let before = new Set<string>();
    for (let percent = 0; percent <= 100; percent += 1) {
      const facts = factsOf([flag({ rules: [share(percent)] })]);
      const inside = new Set(
        Array.from({ length: 500 }, (_, n) => `u${n}`).filter(
          (userId) => evaluate('f', { ...subject, userId }, facts).isOn,
        ),
      );
      expect([...before].filter((id) => !inside.has(id))).toEqual([]);
      if (percent === 0) expect(inside.size).toBe(0);
      if (percent === 100) expect(inside.size).toBe(500);
      before = inside;
    }
  });

  it('hashes texts of any length and alphabet as the reference does', () => {
    expect(['', 'a', 'ab', 'abc', 'abcd', 'hello, world'].map((text) => murmur3(text))).toEqual([
      0, 1_009_084_850, 2_613_040_991, 3_017_643_002, 1_139_631_978, 345_750_399,
    ]);
    expect([murmur3('', 1), murmur3('aaaa', 0x9747b28c), murmur3('ππππππππ', 0x9747b28c)]).toEqual([
      0x514e28b7, 0x5a97808a, 0xd58063c1,
    ]);
  });
});

describe('who is in', () => {
  it('answers the first rule that matches, and off where none does', () => {
    const userId = ulid();
    const f = flag({
      variants: [
        { name: 'red', weight: 500 },
        { name: 'blue', weight: 500 },
      ],
      rules: [
        { when: { kind: 'role', roles: ['owner'] }, stickiness: 'org', variant: 'red' },
        { when: { kind: 'user', userIds: [userId] }, stickiness: 'org', variant: 'blue' },
      ],
    });
    const ask = (change: Partial<Subject>) => evaluate('f', { ...subject, ...change }, factsOf([f]));

    expect(ask({ userId, roles: ['owner'] })).toMatchObject({ isOn: true, rule: 0, variant: 'red' });
    expect(ask({ userId })).toMatchObject({ isOn: true, rule: 1, variant: 'blue', reason: 'rule' });
    expect(ask({})).toMatchObject({ isOn: false, reason: 'default', variant: null });
  });

  it('matches organisations, plans, branches below a named one, and windows of time that end before their end', () => {
    const parent = ulid();
    const isOn = (when: Condition, change: Partial<Subject> = {}) =>
      evaluate('f', { ...subject, ...change }, factsOf([flag({ rules: [holdsRule(when)] })])).isOn;

    expect(isOn({ kind: 'org', orgIds: [subject.orgId] })).toBe(true);
    expect(isOn({ kind: 'org', orgIds: [ulid()] })).toBe(false);
    expect(isOn({ kind: 'plan', plans: ['business'] }, { plan: 'business' })).toBe(true);
    expect(isOn({ kind: 'plan', plans: ['business'] })).toBe(false);
    expect(isOn({ kind: 'branch', branchIds: [parent] }, { branchIds: [ulid(), parent] })).toBe(true);
    expect(isOn({ kind: 'date_window', from: now.toISOString() })).toBe(true);
    expect(isOn({ kind: 'date_window', until: now.toISOString() })).toBe(false);
  });

  it('matches a segment when all of it holds, what is excluded too', () => {
    const f = flag({
      rules: [
        {
          stickiness: 'org',
          segment: [
            { when: { kind: 'role', roles: ['manager'] }, isNot: false },
            { when: { kind: 'plan', plans: ['starter'] }, isNot: true },
          ],
        },
      ],
    });
    const isOn = (roles: string[], plan: string) => evaluate('f', { ...subject, roles, plan }, factsOf([f])).isOn;

    expect([isOn(['manager'], 'business'), isOn(['manager'], 'starter'), isOn(['staff'], 'business')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('matches no share for somebody without what stays together', () => {
    const answer = evaluate('f', subject, factsOf([flag({ rules: [share(100, 'user')] })]));

    expect(answer).toMatchObject({ isOn: false, buckets: [{ rule: 0, stickyId: null, bucket: null }] });
  });

  it('keeps an organisation together unless a rule says otherwise', () => {
    const facts = factsOf([flag({ rules: [share(50, 'org')] })]);
    const answers = Array.from({ length: 20 }, () => evaluate('f', { ...subject, userId: ulid() }, facts).isOn);

    expect(new Set(answers).size).toBe(1);
  });

  it('obeys in this order: archive, switch, licence, prerequisite, person, organisation, rules', () => {
    const everybody = { rules: [share(100, 'org')], prerequisites: [{ flag: 'base' }] };
    const base = flag({ key: 'base', rules: [share(100, 'org')] });
    const overridden = { userOverride: () => true, orgOverride: () => false } as const;
    const reasonOf = (change: Partial<FeatureFlag>, more: Partial<FlagFacts> = {}, below = base) => {
      const facts = factsOf([flag({ ...everybody, ...change }), below], { ...overridden, ...more });
      return evaluate('f', subject, {
        ...facts,
        userOverride: (key) => (key === 'f' ? facts.userOverride(key) : undefined),
        orgOverride: (key) => (key === 'f' ? facts.orgOverride(key) : undefined),
      }).reason;
    };

    expect(reasonOf({ archivedAt: now.toISOString(), isEnabled: false })).toBe('archived');
    expect(reasonOf({ isEnabled: false, requiredFeature: 'rewards' }, { isEntitled: () => false })).toBe('disabled');
    expect(reasonOf({ isEnabled: false, type: 'kill_switch' })).toBe('killed');
    expect(
      reasonOf({ requiredFeature: 'rewards' }, { isEntitled: () => false }, flag({ key: 'base', isEnabled: false })),
    ).toBe('not_licensed');
    expect(reasonOf({}, {}, flag({ key: 'base', isEnabled: false }))).toBe('prerequisite');
    expect(reasonOf({})).toBe('user_override');
    expect(reasonOf({}, { userOverride: () => undefined })).toBe('org_override');
    expect(reasonOf({}, { userOverride: () => undefined, orgOverride: () => undefined })).toBe('rule');
  });

  it('needs the variant that a prerequisite names', () => {
    const base = flag({ key: 'base', variants: [{ name: 'red', weight: 1_000 }], rules: [share(100, 'org')] });
    const isOn = (variant: string) =>
      evaluate(
        'f',
        subject,
        factsOf([flag({ prerequisites: [{ flag: 'base', variant }], rules: [share(100, 'org')] }), base]),
      ).isOn;

    expect([isOn('red'), isOn('blue')]).toEqual([true, false]);
  });
});

describe('variants', () => {
  const variants = [
    { name: 'a', weight: 200 },
    { name: 'b', weight: 0 },
    { name: 'c', weight: 800 },
  ];

  it('share the thousand by their weights', () => {
    expect([1, 200, 201, 1_000].map((bucket) => byWeight(variants, bucket)?.name)).toEqual(['a', 'a', 'c', 'c']);
  });

  it('do not follow from how early somebody was in', () => {
    const early = Array.from({ length: 5_000 }, (_, n) => `u${n}`).filter((id) => bucketOf('f', id) <= 10);
    const inA = early.filter((id) => byWeight(variants, variantBucketOf('f', id))?.name === 'a').length;

    expect(inA / early.length).toBeGreaterThan(0.1);
    expect(inA / early.length).toBeLessThan(0.3);
  });
});

describe('prerequisites', () => {
  const graph = (edges: Record<string, string[]>) =>
    new Map(
      Object.entries(edges).map(([key, needs]) => [key, { prerequisites: needs.map((other) => ({ flag: other })) }]),
    );

  it('are followed to a circle wherever it closes', () => {
    expect(cycleIn(graph({ a: ['b'], b: ['c'], c: ['a'] }), 'a')).toEqual(['a', 'b', 'c', 'a']);
    expect(cycleIn(graph({ a: ['a'] }), 'a')).toEqual(['a', 'a']);
  });

  it('may meet again without being a circle', () => {
    expect(cycleIn(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), 'a')).toBeNull();
  });
});

describe('a flag that outlived its use', () => {
  const after = (days: number) => new Date(now.getTime() + days * 86_400_000);

  it.each([
    ['release', 40],
    ['experiment', 40],
    ['operational', 7],
  ] as const)('of type %s is stale after %i days, and not before', (type, days) => {
    expect(isStale(flag({ type }), new Date(after(days).getTime() - 1))).toBe(false);
    expect(isStale(flag({ type }), after(days))).toBe(true);
    expect(isStale(flag({ type, isPermanent: true }), after(days))).toBe(false);
  });

  it('is never a kill switch or a permission, unless its own date has come', () => {
    expect(isStale(flag({ type: 'kill_switch' }), after(4_000))).toBe(false);
    expect(isStale(flag({ type: 'permission', expiresOn: after(3).toISOString() }), after(3))).toBe(true);
  });
});

const holdsRule = (when: Condition): FlagRule => ({ when, stickiness: 'org' });
