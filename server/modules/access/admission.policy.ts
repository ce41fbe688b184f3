import type { ErrorCode, Permission } from '@loro/contracts/catalog';
import type { Demands } from '@loro/contracts/kit/demands';
import { type Feature, featuresByPlan, planCodes } from '@loro/contracts/kit/features';
import type { AccessToken, Actor } from '../../platform';

export type LicenseState = 'trial' | 'active' | 'grace' | 'expired' | 'suspended' | 'revoked' | 'not_started';

/** What a licence gives at this moment. */
export interface Standing {
  readonly state: LicenseState;
  /** When the state ends by itself. */
  readonly until: Date | null;
  /** When it stopped working; null while it works. */
  readonly lapsedAt: Date | null;
  /** The next instant at which any of this is another by itself; null: never. */
  readonly changesAt: Date | null;
  readonly features: ReadonlySet<string>;
}

/** Everything that decides whether somebody may call a row. */
export interface Question {
  readonly demands: Demands;
  readonly permission: Permission | undefined;
  readonly actor: Pick<Actor, 'kind' | 'grants'>;
  readonly token: Pick<AccessToken, 'only' | 'authenticatedAt'>;
  readonly license: Standing;
  /** Whether the flag that the row demands is on for the actor. */
  readonly isFlagOn: boolean;
  readonly now: number;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

export type Step = 'caller' | 'license' | 'feature' | 'flag' | 'permission' | 'fresh-sign-in';
type Guard = (question: Question) => Refusal | null;

export const FRESH_MS = 5 * 60_000;
const EXPORT_MS = 30 * 24 * 3_600_000;

export const works = ({ state }: Standing): boolean => state === 'active' || state === 'trial' || state === 'grace';

const caller: Guard = ({ demands, actor, token: { only } }) => {
  if (actor.kind === 'service' && !demands.apiKey)
    return { code: 'FORBIDDEN', detail: 'API keys do not open this; a person has to do it.' };
  if (only === undefined || demands.only?.includes(only)) return null;
  if (only === 'billing' && demands.license !== undefined) return null;
  return { code: 'FORBIDDEN', detail: `A token that is for ${only} only does not open this.` };
};

const license: Guard = ({ demands, token, license: standing, now }) => {
  if (works(standing) || demands.license === 'any') return null;
  const { state, lapsedAt } = standing;
  if (state === 'revoked') return { code: 'LICENSE_REVOKED', detail: 'The licence was revoked: only billing is open.' };
  // What was recorded while the licence worked may still be handed in.
  if (token.only === 'offline-upload' && demands.only?.includes('offline-upload')) return null;
  if (state === 'not_started') return { code: 'LICENSE_NOT_STARTED', detail: 'The licence has not begun.' };
  if (demands.license === 'export' && lapsedAt !== null && now < lapsedAt.getTime() + EXPORT_MS) return null;
  if (state === 'suspended') return { code: 'LICENSE_SUSPENDED', detail: 'The licence is suspended.' };
  return { code: 'LICENSE_EXPIRED', detail: 'The licence has run out.' };
};

const feature: Guard = ({ demands: { feature: wanted }, license: { features } }) => {
  if (wanted === undefined || features.has(wanted)) return null;
  const plans = plansWith(wanted);
  return { code: 'FEATURE_NOT_LICENSED', detail: `The plan lacks ${wanted}; ${plans.join(', ')} have it.` };
};

const flag: Guard = ({ demands, isFlagOn }) =>
  demands.flag === undefined || isFlagOn
    ? null
    : { code: 'FEATURE_DISABLED', detail: `${demands.flag} is not switched on for you.` };

const permission: Guard = ({ permission: wanted, actor }) =>
  wanted === undefined || actor.grants.has(wanted)
    ? null
    : { code: 'FORBIDDEN', detail: `This needs the permission ${wanted}.` };

const freshSignIn: Guard = ({ demands, token: { authenticatedAt }, now }) =>
  demands.freshSignIn !== true || now - authenticatedAt.getTime() <= FRESH_MS
    ? null
    : { code: 'REAUTH_REQUIRED', detail: 'Prove once more who you are: the last time is over five minutes ago.' };

/** In their order: the first that refuses is the answer. */
const guards: readonly (readonly [Step, Guard])[] = [
  ['caller', caller],
  ['license', license],
  ['feature', feature],
  ['flag', flag],
  ['permission', permission],
  ['fresh-sign-in', freshSignIn],
];

/** The answer to a call: null lets it in. */
export function refusalOf(question: Question): Refusal | null {
  for (const [, guard] of guards) {
    const refusal = guard(question);
    if (refusal) return refusal;
  }
  return null;
}

/** Every step with its own answer, for somebody who asks why. */
export const stepsOf = (question: Question): { step: Step; refusal: Refusal | null }[] =>
  guards.map(([step, guard]) => ({ step, refusal: guard(question) }));

/** Plans that hold a feature, lowest first. */
function plansWith(wanted: Feature): string[] {
  const from = planCodes.findIndex((plan) => featuresByPlan[plan].some((held) => held === wanted));
  return planCodes.slice(from);
}
