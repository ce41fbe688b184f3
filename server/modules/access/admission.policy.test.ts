import type { Demands } from '@loro/contracts/kit/demands';
import { features } from '@loro/contracts/kit/features';
import { type LicenseState, type Question, refusalOf, stepsOf } from './admission.policy';

const NOW = Date.parse('2027-01-15T12:00:00Z');
const DAY_MS = 24 * 3_600_000;

const question = (
  demands: Demands,
  {
    state = 'active',
    lapsedAt = null,
    holds = true,
    isFlagOn = false,
    has = features,
    kind = 'person',
    ageMs = 0,
    ...token
  }: {
    state?: LicenseState;
    lapsedAt?: Date | null;
    holds?: boolean;
    isFlagOn?: boolean;
    has?: readonly string[];
    kind?: 'person' | 'service';
    ageMs?: number;
    only?: 'billing' | 'enrolment' | 'offline-upload';
  } = {},
): Question => ({
  demands,
  permission: 'branches.read',
  actor: { kind, grants: new Map(holds ? [['branches.read', { scope: 'org', branchIds: new Set<string>() }]] : []) },
  token: { authenticatedAt: new Date(NOW - ageMs), ...token },
  license: { state, until: null, lapsedAt, changesAt: null, features: new Set(has) },
  isFlagOn,
  now: NOW,
});
const answer = (...asked: Parameters<typeof question>) => refusalOf(question(...asked))?.code ?? 'in';

describe('whether somebody may call a row', () => {
  it.each([
    ['trial', 'in', 'in', 'in'],
    ['active', 'in', 'in', 'in'],
    ['grace', 'in', 'in', 'in'],
    ['expired', 'LICENSE_EXPIRED', 'in', 'in'],
    ['suspended', 'LICENSE_SUSPENDED', 'in', 'in'],
    ['revoked', 'LICENSE_REVOKED', 'in', 'LICENSE_REVOKED'],
    ['not_started', 'LICENSE_NOT_STARTED', 'in', 'LICENSE_NOT_STARTED'],
  ] as const)('with a licence that is %s', (state, usual, billing, exporting) => {
    const lapsedAt = new Date(NOW - DAY_MS);

    expect(answer({}, { state, lapsedAt })).toBe(usual);
    expect(answer({ license: 'any' }, { state, lapsedAt })).toBe(billing);
    expect(answer({ license: 'export' }, { state, lapsedAt })).toBe(exporting);
  });

  it('is open for exports thirty days after a licence lapsed, and not one moment longer', () => {
    const at = (ms: number) => answer({ license: 'export' }, { state: 'expired', lapsedAt: new Date(NOW - ms) });

    expect(at(30 * DAY_MS - 1)).toBe('in');
    expect(at(30 * DAY_MS)).toBe('LICENSE_EXPIRED');
  });

  it('counts a sign-in as fresh for five minutes', () => {
    expect(answer({ freshSignIn: true }, { ageMs: 300_000 })).toBe('in');
    expect(answer({ freshSignIn: true }, { ageMs: 300_001 })).toBe('REAUTH_REQUIRED');
    expect(answer({}, { ageMs: 300_001 })).toBe('in');
  });

  it('is decided by the licence, then the plan, then the flag, then the permission, then the sign-in', () => {
    const demands: Demands = { feature: 'leave', flag: 'new-leave', freshSignIn: true };
    const worst = { state: 'expired', has: [], holds: false, ageMs: DAY_MS } as const;

    const answers = [
      answer(demands, worst),
      answer(demands, { ...worst, state: 'active' }),
      answer(demands, { ...worst, state: 'active', has: ['leave'] }),
      answer(demands, { ...worst, state: 'active', has: ['leave'], isFlagOn: true }),
      answer(demands, { ...worst, state: 'active', has: ['leave'], isFlagOn: true, holds: true }),
      answer(demands, { state: 'active', has: ['leave'], isFlagOn: true }),
    ];

    expect(answers).toEqual([
      'LICENSE_EXPIRED',
      'FEATURE_NOT_LICENSED',
      'FEATURE_DISABLED',
      'FORBIDDEN',
      'REAUTH_REQUIRED',
      'in',
    ]);
  });

  it('names the plans that have what is missing', () => {
    expect(refusalOf(question({ feature: 'leave' }, { has: [] }))?.detail).toBe(
      'The plan lacks leave; business, enterprise have it.',
    );
    expect(refusalOf(question({ feature: 'fences' }, { has: [] }))?.detail).toBe(
      'The plan lacks fences; professional, business, enterprise have it.',
    );
  });

  it('is open to API keys where the row says so, and nowhere else', () => {
    expect(answer({}, { kind: 'service' })).toBe('FORBIDDEN');
    expect(answer({ apiKey: true }, { kind: 'service' })).toBe('in');
  });

  it('is open to narrowed tokens where the row says so, and nowhere else', () => {
    for (const only of ['billing', 'enrolment', 'offline-upload'] as const) {
      expect(answer({}, { only })).toBe('FORBIDDEN');
      expect(answer({ only: [only] }, { only })).toBe('in');
    }
    expect(answer({ license: 'any' }, { only: 'billing' })).toBe('in');
    expect(answer({ license: 'any' }, { only: 'enrolment' })).toBe('FORBIDDEN');
  });

  it('lets a phone hand in what it recorded before the licence lapsed, unless the licence was revoked', () => {
    const demands: Demands = { only: ['offline-upload'] };

    expect(answer(demands, { state: 'expired', only: 'offline-upload' })).toBe('in');
    expect(answer(demands, { state: 'suspended', only: 'offline-upload' })).toBe('in');
    expect(answer(demands, { state: 'revoked', only: 'offline-upload' })).toBe('LICENSE_REVOKED');
    expect(answer(demands, { state: 'expired' })).toBe('LICENSE_EXPIRED');
  });

  it('can be explained step by step, also behind the first refusal', () => {
    const steps = stepsOf(question({ feature: 'leave', freshSignIn: true }, { has: [], ageMs: DAY_MS }));

    expect(steps.map(({ step, refusal }) => [step, refusal?.code ?? null])).toEqual([
      ['caller', null],
      ['license', null],
      ['feature', 'FEATURE_NOT_LICENSED'],
      ['flag', null],
      ['permission', null],
      ['fresh-sign-in', 'REAUTH_REQUIRED'],
    ]);
  });
});
