import type { Validation, ValidationCode } from '@loro/contracts/licensing-nodes';
import type { LicenseState } from '@loro/contracts/licensing-values';

/** Everything that a validation looks at, whoever asks. */
export interface Checked {
  /** Null: there is no such licence. */
  readonly state: LicenseState | null;
  readonly isExpired: boolean;
  readonly isExpiring: boolean;
  readonly features: ReadonlySet<string>;
  readonly wantedFeature: string | undefined;
  /** `none`: an activation was asked for and there is none; undefined: nobody asked. */
  readonly activation: 'alive' | 'dead' | 'none' | undefined;
  readonly overLimits: readonly { readonly limit: string; readonly allowed: number; readonly used: number }[];
  readonly overQuotas: readonly { readonly feature: string; readonly allowed: number; readonly used: number }[];
}

type Finding = Validation['warnings'][number];

const screaming = (name: string): string => name.toUpperCase().replaceAll('-', '_');
const finding = (code: ValidationCode, detail: string): Finding => ({ code, detail });

/** All that is to be said, in the order of weight: whoever is over a limit and expired hears of both. */
function findingsOf(checked: Checked): Finding[] {
  const { state, wantedFeature, features, activation } = checked;
  if (state === null) return [finding('NOT_FOUND', 'There is no such licence.')];
  const ifSo = (isSo: boolean, code: ValidationCode, detail: string): Finding[] =>
    isSo ? [finding(code, detail)] : [];
  return [
    ...ifSo(state === 'revoked', 'REVOKED', 'The licence was revoked.'),
    ...ifSo(state === 'suspended', 'SUSPENDED', 'The licence is suspended.'),
    ...ifSo(state === 'not_started', 'NOT_STARTED', 'The licence has not begun.'),
    ...ifSo(checked.isExpired, 'EXPIRED', 'The licence has run out.'),
    ...ifSo(state === 'grace', 'GRACE', 'The licence has run out and works for the days of its grace.'),
    ...ifSo(
      wantedFeature !== undefined && !features.has(wantedFeature),
      'FEATURE_MISSING',
      `The licence does not hold ${wantedFeature ?? ''}.`,
    ),
    ...ifSo(activation === 'none', 'NO_ACTIVATION', 'This machine is not activated.'),
    ...ifSo(activation === 'dead', 'ACTIVATION_DEAD', 'This machine was not heard of for too long.'),
    ...checked.overLimits.map(({ limit, allowed, used }) =>
      finding(`TOO_MANY_${screaming(limit)}`, `${used} are used, ${allowed} are allowed.`),
    ),
    ...checked.overQuotas.map(({ feature, allowed, used }) =>
      finding('QUOTA_EXCEEDED', `${used} of ${allowed} ${feature} are used in this period.`),
    ),
    ...ifSo(checked.isExpiring, 'EXPIRING', 'The licence ends within thirty days.'),
  ];
}

const isHarmless = ({ code }: Finding): boolean => code === 'GRACE' || code === 'EXPIRING';

/** The answer of every validation, its shape the same whatever is wrong; the first that is wrong gives the code. */
export function validationOf(checked: Checked): Pick<Validation, 'valid' | 'code' | 'detail' | 'warnings'> {
  const findings = findingsOf(checked);
  const wrong = findings.find((one) => !isHarmless(one));
  const { code, detail } =
    wrong ?? findings.find((one) => one.code === 'GRACE') ?? finding('VALID', 'The licence is valid.');
  return { valid: wrong === undefined, code, detail, warnings: findings };
}
