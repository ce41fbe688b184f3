import { catalog } from '@loro/contracts/catalog';
import { type Feature } from '@loro/contracts/kit/features';
import type { UsageFeature } from '@loro/contracts/licensing-values';
import type { Actor, Answered, Hub } from '../../platform';
import type { CountersStore } from './counters.store';
import { exceeded, type Quota, type QuotasService } from './quotas.service';

const HAND_OVER_MS = 1_000;
/** Without Redis keys are let through for so long; then MySQL, which is a minute behind, is asked. */
const OPEN_MS = 5 * 60_000;
const CALLS = 'api-calls';
const PEOPLE_KEPT = 100_000;

/** What one process knows of an organisation’s calls. */
interface Known {
  quota: Quota;
  used: number;
  /** Made since, and not handed over yet. */
  pending: number;
}

/** Organisation, feature, people. */
type People = Map<string, Map<UsageFeature, Set<string>>>;
type Sums = Map<string, Map<UsageFeature, number>>;

/** Every route that needs a feature of the plan, as the log of requests names it. */
const featureOf: ReadonlyMap<string, Feature> = new Map(
  catalog.flatMap(({ api }) =>
    Object.values(api?.endpoints ?? {}).flatMap(({ method, path, demands }) => {
      const route = `/api/v1${api?.prefix ?? ''}${path === '/' ? '' : path}`;
      return demands.feature === undefined ? [] : [[`${method} ${route}`, demands.feature] as const];
    }),
  ),
);

/**
 * Calls of the REST side, counted after they are answered: each process adds up in memory and hands its sums to Redis
 * every second. Programs are refused when the quota is used up; people go on, and their owner is told.
 */
export class CallsService {
  private sums: Sums = new Map();
  private readonly known = new Map<string, Known>();
  private people: People = new Map();
  /** Who is written down already, so that most calls write nothing. */
  private readonly noted = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private heardAt = performance.now();

  constructor(
    private readonly hub: Hub,
    private readonly quotas: QuotasService,
    private readonly counters: CountersStore,
  ) {}

  start(): void {
    this.hub.onAnswered((answer) => this.count(answer));
    this.hub.ports.quota = (actor) => this.admit(actor);
    this.timer = setInterval(() => void this.handOver(), HAND_OVER_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.handOver();
  }

  /** Answers at once where the use is known. @throws HubError 429 QUOTA_EXCEEDED */
  private admit({ orgId }: Actor): void | Promise<void> {
    const known = this.known.get(orgId);
    if (!known || known.quota.period.end <= this.hub.now()) return this.learn(orgId);
    this.refuseOver(known);
  }

  private async learn(orgId: string): Promise<void> {
    const quota = await this.quotas.of(orgId, CALLS, this.hub.now());
    const used = await this.usedNow(orgId, quota);
    const known = { quota, used, pending: this.known.get(orgId)?.pending ?? 0 };
    this.known.set(orgId, known);
    this.refuseOver(known);
  }

  private refuseOver({ quota, used, pending }: Known): void {
    if (quota.allowed !== null && used + pending >= quota.allowed)
      throw exceeded(CALLS, quota, used + pending, this.hub.now());
  }

  private async usedNow(orgId: string, { period }: Quota): Promise<number> {
    if (this.hub.redis.status === 'ready') return this.quotas.used(orgId, CALLS, period);
    const isOpen = performance.now() - this.heardAt < OPEN_MS;
    return isOpen ? 0 : this.counters.used(orgId, CALLS, period.start);
  }

  private count({ method, route, status, caller }: Answered): void {
    const { actor } = caller;
    // What the hub refused for its own sake is nobody's use.
    if (!actor || status === 429 || status >= 500) return;
    const { orgId } = actor;
    this.add(orgId, CALLS);
    const known = this.known.get(orgId);
    if (known) known.pending += 1;
    const feature = featureOf.get(`${method} ${route}`);
    if (feature === undefined) return;
    this.add(orgId, feature);
    this.meet(actor, feature);
  }

  private add(orgId: string, feature: UsageFeature): void {
    let sums = this.sums.get(orgId);
    if (!sums) this.sums.set(orgId, (sums = new Map()));
    sums.set(feature, (sums.get(feature) ?? 0) + 1);
  }

  private meet({ orgId, userId, kind }: Actor, feature: Feature): void {
    if (kind !== 'person') return;
    let met = this.people.get(orgId);
    if (!met) this.people.set(orgId, (met = new Map()));
    let users = met.get(feature);
    if (!users) met.set(feature, (users = new Set()));
    users.add(userId);
  }

  /** The licence changed: what is allowed is asked anew. */
  forget(orgId: string): void {
    this.known.delete(orgId);
  }

  /** Moves the sums of this process to Redis; while Redis is away they stay where they are. */
  async handOver(): Promise<void> {
    if (this.hub.redis.status !== 'ready') return;
    const { sums, people } = this;
    this.sums = new Map();
    this.people = new Map();
    try {
      for (const [orgId, of] of sums)
        for (const [feature, quantity] of of)
          await this.hand(orgId, feature, quantity, [...(people.get(orgId)?.get(feature) ?? [])]);
      this.heardAt = performance.now();
    } catch (error) {
      this.hub.log.warn({ err: error }, 'counts of calls were lost');
    }
  }

  private async hand(orgId: string, feature: UsageFeature, quantity: number, users: readonly string[]): Promise<void> {
    const quota = await this.quotas.of(orgId, feature, this.hub.now());
    const used = (await this.quotas.spend(orgId, feature, quota, quantity, true)) ?? 0;
    const before = used - quantity;
    if (feature === CALLS) {
      const pending = Math.max(0, (this.known.get(orgId)?.pending ?? 0) - quantity);
      this.known.set(orgId, { quota, used, pending });
    }
    await this.note(orgId, feature, quota.period.start, users);
    if (!this.quotas.tells(quota, before, used)) return;
    await this.hub.transact((after) => this.quotas.tell(orgId, feature, { quota, before, now: used }, after));
  }

  private async note(orgId: string, feature: string, start: Date, users: readonly string[]): Promise<void> {
    const nameOf = (userId: string) => [orgId, feature, start.getTime(), userId].join();
    const fresh = users.filter((userId) => !this.noted.has(nameOf(userId)));
    await this.counters.notePeople(fresh.map((userId) => [orgId, feature, start, userId] as const));
    if (this.noted.size > PEOPLE_KEPT) this.noted.clear();
    for (const userId of fresh) this.noted.add(nameOf(userId));
  }
}
