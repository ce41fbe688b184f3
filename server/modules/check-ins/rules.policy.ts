import type { RuleSettings } from '@loro/contracts/check-ins-setup';
import type { CheckInType } from '@loro/contracts/check-ins-values';

const common: RuleSettings = {
  fence: 'advisory',
  allowedBranches: [],
  photo: 'never',
  photoPerMille: 100,
  maxAccuracyM: 100,
  acceptP: 0.85,
  rejectP: 0.15,
  onUncertain: 'review',
  onSpoof: 'review',
  hardBlock: true,
  offlineMaxHours: 72,
  needsPair: true,
  minSecondsBetween: 60,
  afterSevenDays: 'accept',
  payWhileFlagged: false,
  needsDevice: false,
  needsCode: false,
  autoCheckOut: false,
  challengesPerShift: 0,
};

/** What each type asks for where nobody said otherwise. */
const byType: Readonly<Record<CheckInType, Partial<RuleSettings>>> = {
  office: { fence: 'required' },
  remote: { fence: 'none', maxAccuracyM: 5_000 },
  'client-visit': { onUncertain: 'accept', maxAccuracyM: 500 },
  'field-work': { onUncertain: 'accept', maxAccuracyM: 100_000 },
  meeting: { onUncertain: 'accept', needsPair: false },
};

export interface Rule {
  readonly type: string;
  readonly branchId: string | null;
  readonly role: string | null;
  readonly settings: { readonly [Name in keyof RuleSettings]?: RuleSettings[Name] | undefined };
}

export interface RuleScope {
  readonly type: CheckInType;
  /** The branch, then those above it. */
  readonly chain: readonly string[];
  readonly roles: readonly string[];
}

/**
 * The type's own settings, then rules from the widest to the nearest: organisation, role, branches from the top down,
 * branch and role. A nearer rule changes only what it names.
 */
export function settingsFor(rules: readonly Rule[], { type, chain, roles }: RuleScope): RuleSettings {
  const fitting = rules.filter(
    (rule) =>
      rule.type === type &&
      (rule.branchId === null || chain.includes(rule.branchId)) &&
      (rule.role === null || roles.includes(rule.role)),
  );
  const nearness = ({ branchId, role }: Rule): number =>
    (branchId === null ? 0 : 2 * (chain.length - chain.indexOf(branchId))) + (role === null ? 0 : 1);
  const ordered = fitting.toSorted((a, b) => nearness(a) - nearness(b));
  return Object.assign({}, common, byType[type], ...ordered.map(({ settings }) => settings));
}

export const laneOf = (type: CheckInType): 'work' | 'visit' =>
  type === 'client-visit' || type === 'meeting' ? 'visit' : 'work';

/** Types that leave no exact place behind: where somebody lives is nobody's business. */
export const keepsPlace = (type: CheckInType): boolean => type !== 'remote';
