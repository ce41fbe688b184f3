import { type Checked, validationOf } from './validation.policy';

const good: Checked = {
  state: 'active',
  isExpired: false,
  isExpiring: false,
  features: new Set(['tracking']),
  wantedFeature: 'tracking',
  activation: 'alive',
  overLimits: [],
  overQuotas: [],
};
const answer = (more: Partial<Checked>) => {
  const { valid, code, warnings } = validationOf({ ...good, ...more });
  return { valid, code, warnings: warnings.map((one) => one.code) };
};

describe('validating', () => {
  it('says that all is well, and what is near its end', () => {
    expect(answer({})).toEqual({ valid: true, code: 'VALID', warnings: [] });
    expect(answer({ isExpiring: true })).toEqual({ valid: true, code: 'VALID', warnings: ['EXPIRING'] });
    expect(answer({ state: 'grace' })).toEqual({ valid: true, code: 'GRACE', warnings: ['GRACE'] });
    expect(answer({ state: null })).toEqual({ valid: false, code: 'NOT_FOUND', warnings: ['NOT_FOUND'] });
  });

  it('names the gravest thing first and all others beside it', () => {
    const worst = {
      state: 'revoked',
      isExpired: true,
      wantedFeature: 'leave',
      activation: 'dead',
      overLimits: [{ limit: 'storage-bytes', allowed: 1, used: 2 }],
      overQuotas: [{ feature: 'api-calls', allowed: 1, used: 1 }],
    } as const;

    expect(answer(worst)).toEqual({
      valid: false,
      code: 'REVOKED',
      warnings: [
        'REVOKED',
        'EXPIRED',
        'FEATURE_MISSING',
        'ACTIVATION_DEAD',
        'TOO_MANY_STORAGE_BYTES',
        'QUOTA_EXCEEDED',
      ],
    });
  });

  it.each([
    [{ state: 'suspended' }, 'SUSPENDED'],
    [{ state: 'not_started' }, 'NOT_STARTED'],
    [{ state: 'expired', isExpired: true }, 'EXPIRED'],
    [{ wantedFeature: 'leave' }, 'FEATURE_MISSING'],
    [{ activation: 'none' }, 'NO_ACTIVATION'],
    [{ overLimits: [{ limit: 'users', allowed: 1, used: 2 }] }, 'TOO_MANY_USERS'],
    [{ state: 'grace', overQuotas: [{ feature: 'api-calls', allowed: 1, used: 1 }] }, 'QUOTA_EXCEEDED'],
  ] as const)('takes %j for %s', (more, code) => {
    expect(answer(more as Partial<Checked>)).toMatchObject({ valid: false, code });
  });
});
