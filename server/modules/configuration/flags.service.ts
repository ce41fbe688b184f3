import type { Condition, Explanation, FeatureFlag } from '@loro/contracts/flags';
import type { Feature } from '@loro/contracts/kit/features';
import { type Hub, ulid } from '../../platform';
import type { FlagUsage } from './flag-usage.store';
import { evaluate, type Subject } from './flags.policy';
import { type FlagsStore, overrideKey } from './flags.store';
import type { Neighbours } from './hooks';

/** For whom a flag is asked. */
export interface FlagScope {
  readonly orgId: string;
  readonly userId?: string;
  readonly branchId?: string;
  readonly roles?: readonly string[];
  /** Of the organisation's licence; looked up where a rule asks for it and it is not given. */
  readonly plan?: string | null;
}

/** What is on for whom: the same answer in requests, sockets and workers. */
export class FlagsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: FlagsStore,
    private readonly usage: FlagUsage,
    private readonly neighbours: Neighbours,
  ) {}

  async isOn(key: string, scope: FlagScope): Promise<boolean> {
    const { isOn, variant } = await this.explain(key, scope);
    this.usage.count(key, isOn, variant);
    return isOn;
  }

  /** The same answer with its reasons, not counted as a use. */
  async explain(key: string, scope: FlagScope): Promise<Explanation> {
    const flags = await this.store.all();
    const asked = closureOf(flags, key);
    const [subject, entitled, overrides] = await Promise.all([
      this.subjectOf(scope, asked),
      this.entitledOf(scope.orgId, asked),
      this.store.overridesOf(scope.orgId),
    ]);
    const overrideOf = (flag: string, userId: string | null) => {
      const found = overrides.get(overrideKey(flag, userId));
      return found && (found.expiresAt === null || found.expiresAt > subject.now) ? found.isOn : undefined;
    };
    return evaluate(key, subject, {
      flag: (flag) => flags.get(flag),
      isEntitled: (feature) => entitled.has(feature),
      userOverride: (flag) => (scope.userId === undefined ? undefined : overrideOf(flag, scope.userId)),
      orgOverride: (flag) => overrideOf(flag, null),
    });
  }

  /** What is on of the flags that clients may know. */
  async evaluatePublic(scope: FlagScope): Promise<Explanation[]> {
    const flags = await this.store.all();
    const open = [...flags.values()].filter(({ isPublic, archivedAt }) => isPublic && archivedAt === null);
    const answers = await Promise.all(
      open
        .map(({ key }) => key)
        .toSorted()
        .map((key) => this.explain(key, scope)),
    );
    for (const { key, isOn, variant } of answers) this.usage.count(key, isOn, variant);
    return answers;
  }

  private async subjectOf(
    { orgId, userId, branchId, roles = [], plan }: FlagScope,
    asked: readonly FeatureFlag[],
  ): Promise<Subject> {
    const kinds = new Set(asked.flatMap(kindsOf));
    return {
      orgId,
      userId,
      roles,
      branchIds:
        branchId === undefined || !kinds.has('branch')
          ? [branchId].filter((id) => id !== undefined)
          : await this.neighbours.chainOf(orgId, branchId),
      plan: plan === undefined && kinds.has('plan') ? await this.neighbours.planOf(orgId) : (plan ?? null),
      now: this.hub.now(),
      random: ulid(),
    };
  }

  private async entitledOf(orgId: string, asked: readonly FeatureFlag[]): Promise<ReadonlySet<string>> {
    const features = new Set(asked.flatMap(({ requiredFeature }) => requiredFeature ?? []));
    const held = await Promise.all(
      [...features].map(async (feature: Feature) => ((await this.hub.ports.entitled(orgId, feature)) ? [feature] : [])),
    );
    return new Set(held.flat());
  }
}

/** What its rules ask about. */
const kindsOf = ({ rules }: FeatureFlag): Condition['kind'][] =>
  rules.flatMap((rule) => {
    if ('when' in rule) return [rule.when.kind];
    return 'segment' in rule ? rule.segment.map(({ when }) => when.kind) : [];
  });

/** A flag and all that it waits for. */
function closureOf(flags: ReadonlyMap<string, FeatureFlag>, key: string): FeatureFlag[] {
  const found = new Map<string, FeatureFlag>();
  const visit = (at: string): void => {
    const flag = flags.get(at);
    if (!flag || found.has(at)) return;
    found.set(at, flag);
    for (const { flag: other } of flag.prerequisites) visit(other);
  };
  visit(key);
  return [...found.values()];
}
