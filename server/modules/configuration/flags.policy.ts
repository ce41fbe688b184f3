import type { Condition, Explanation, FeatureFlag, FlagRule } from '@loro/contracts/flags';
import { bucketOf, variantBucketOf } from './murmur.policy';

/** Of whom, where and when it is asked. */
export interface Subject {
  readonly orgId: string;
  readonly userId?: string | undefined;
  /** A branch, then those above it. */
  readonly branchIds: readonly string[];
  readonly roles: readonly string[];
  readonly plan: string | null;
  readonly now: Date;
  /** Whatever stays together with nothing: another text at every question. */
  readonly random: string;
}

/** What an evaluation looks up; the same code runs in requests, sockets and workers. */
export interface FlagFacts {
  flag(key: string): FeatureFlag | undefined;
  isEntitled(feature: string): boolean;
  /** Undefined where nobody switched it, or the switch ran out. */
  userOverride(key: string): boolean | undefined;
  orgOverride(key: string): boolean | undefined;
}

type Facts = Pick<Explanation, 'isOn' | 'reason'> &
  Partial<Pick<Explanation, 'variant' | 'payload' | 'rule' | 'prerequisite'>>;

/** Decides a flag; every step of it is in the answer. */
export function evaluate(key: string, subject: Subject, facts: FlagFacts): Explanation {
  const buckets: Explanation['buckets'][number][] = [];
  const answer = decide(key, subject, facts, buckets);
  return { key, variant: null, rule: null, prerequisite: null, ...answer, buckets };
}

function decide(key: string, subject: Subject, facts: FlagFacts, buckets: Explanation['buckets']): Facts {
  const flag = facts.flag(key);
  if (!flag) return { isOn: false, reason: 'unknown' };
  if (flag.archivedAt !== null) return { isOn: false, reason: 'archived' };
  if (!flag.isEnabled) return { isOn: false, reason: flag.type === 'kill_switch' ? 'killed' : 'disabled' };
  if (flag.requiredFeature !== null && !facts.isEntitled(flag.requiredFeature))
    return { isOn: false, reason: 'not_licensed' };
  const unmet = flag.prerequisites.find(({ flag: other, variant }) => {
    const { isOn, variant: given } = evaluate(other, subject, facts);
    return !isOn || (variant !== undefined && variant !== given);
  });
  if (unmet) return { isOn: false, reason: 'prerequisite', prerequisite: unmet.flag };

  const [own, org] = [facts.userOverride(key), facts.orgOverride(key)];
  const override = own ?? org;
  if (override !== undefined) {
    const reason = own === undefined ? 'org_override' : 'user_override';
    return override ? { isOn: true, reason, ...variantOf(flag, subject, 'org') } : { isOn: false, reason };
  }
  const rule = flag.rules.findIndex((candidate, at) => matches(flag.key, candidate, subject, at, buckets));
  const matched = flag.rules[rule];
  if (!matched) return { isOn: false, reason: 'default' };
  return { isOn: true, reason: 'rule', rule, ...variantOf(flag, subject, matched.stickiness, matched.variant) };
}

function matches(key: string, rule: FlagRule, subject: Subject, at: number, buckets: Explanation['buckets']): boolean {
  if ('when' in rule && !holds(rule.when, subject)) return false;
  if ('segment' in rule && !rule.segment.every(({ when, isNot }) => holds(when, subject) !== isNot)) return false;
  if (rule.percent === undefined) return true;
  const stickyId = stickyIdOf(rule.stickiness, subject);
  const bucket = stickyId === null ? null : bucketOf(key, stickyId);
  buckets.push({ rule: at, stickyId, bucket });
  return bucket !== null && bucket <= rule.percent;
}

function holds(condition: Condition, { orgId, userId, branchIds, roles, plan, now }: Subject): boolean {
  switch (condition.kind) {
    case 'org':
      return condition.orgIds.includes(orgId);
    case 'plan':
      return plan !== null && condition.plans.includes(plan);
    case 'role':
      return condition.roles.some((role) => roles.includes(role));
    case 'branch':
      return condition.branchIds.some((id) => branchIds.includes(id));
    case 'user':
      return userId !== undefined && condition.userIds.includes(userId);
    case 'date_window':
      return (
        (condition.from === undefined || now >= new Date(condition.from)) &&
        (condition.until === undefined || now < new Date(condition.until))
      );
  }
}

const stickyIdOf = (
  stickiness: FlagRule['stickiness'],
  { orgId, userId, branchIds, random }: Pick<Subject, 'orgId' | 'userId' | 'branchIds' | 'random'>,
): string | null => ({ org: orgId, branch: branchIds[0] ?? null, user: userId ?? null, random })[stickiness];

function variantOf(
  { key, variants }: FeatureFlag,
  subject: Subject,
  stickiness: FlagRule['stickiness'],
  named?: string,
): Partial<Pick<Explanation, 'variant' | 'payload'>> {
  const stickyId = stickyIdOf(stickiness, subject);
  const chosen =
    variants.find(({ name }) => name === named) ??
    (stickyId === null ? undefined : byWeight(variants, variantBucketOf(key, stickyId)));
  if (!chosen) return {};
  return { variant: chosen.name, ...(chosen.payload !== undefined && { payload: chosen.payload }) };
}

/** The variant whose part of the thousand the bucket falls into. */
export function byWeight<V extends { readonly weight: number }>(variants: readonly V[], bucket: number): V | undefined {
  let upTo = 0;
  return variants.find(({ weight }) => {
    upTo += weight;
    return bucket <= upTo;
  });
}

/** The keys of a circle that prerequisites make, in their order; null where following them always ends. */
export function cycleIn(flags: ReadonlyMap<string, Pick<FeatureFlag, 'prerequisites'>>, from: string): string[] | null {
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): string[] | null => {
    if (path.includes(key)) return [...path.slice(path.indexOf(key)), key];
    if (done.has(key)) return null;
    for (const { flag } of flags.get(key)?.prerequisites ?? []) {
      const found = visit(flag, [...path, key]);
      if (found) return found;
    }
    done.add(key);
    return null;
  };
  return visit(from, []);
}

const DAY_MS = 86_400_000;
const livesDays: Partial<Record<FeatureFlag['type'], number>> = { release: 40, experiment: 40, operational: 7 };

/** A flag outlives what flags of its type are for, or its own date. */
export function isStale(
  {
    type,
    createdAt,
    isPermanent,
    archivedAt,
    expiresOn,
  }: Pick<FeatureFlag, 'type' | 'createdAt' | 'isPermanent' | 'archivedAt' | 'expiresOn'>,
  now: Date,
): boolean {
  if (archivedAt !== null) return false;
  if (expiresOn !== null && now >= new Date(expiresOn)) return true;
  const days = livesDays[type];
  return !isPermanent && days !== undefined && now.getTime() - new Date(createdAt).getTime() >= days * DAY_MS;
}
