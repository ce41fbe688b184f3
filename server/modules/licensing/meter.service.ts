import type { UsageAnswer, UsageReport } from '@loro/contracts/licensing-usage';
import type { UsageFeature } from '@loro/contracts/licensing-values';
import { type Actor, type After, allow, type Hub, ulid } from '../../platform';
import type { CountersStore, Metered } from './counters.store';
import { dayOf } from './periods.policy';
import { exceeded, isMetered, isQuota, type Quota, type QuotasService } from './quotas.service';
import type { RedisUsage } from './redis-usage.store';
import { changed } from './rows.store';

const LATE_MS = 3 * 86_400_000;
const AHEAD_MS = 10 * 60_000;
const EVENTS_KEPT_MS = 40 * 86_400_000;
const BATCHES_KEPT_MS = 3 * 86_400_000;

interface Item extends Metered {
  readonly feature: UsageFeature;
  readonly index: number;
}

/** Items of one feature in one period, which count together. */
interface Group {
  readonly feature: UsageFeature;
  readonly quota: Quota;
  readonly items: Item[];
}

type Rejected = UsageAnswer['rejected'][number];

/** Metering what was used: each event counts once, into its own period, for good. */
export class MeterService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: { quotas: QuotasService; counters: CountersStore; redis: RedisUsage },
  ) {}

  /**
   * For other rooms.
   * @returns false where the event counted before
   * @throws HubError 429 QUOTA_EXCEEDED
   */
  async meter(orgId: string, feature: UsageFeature, quantity: number, eventId: string): Promise<boolean> {
    const now = this.hub.now();
    const { accepted, rejected } = await this.keep(orgId, [{ id: eventId, feature, quantity, at: now, index: 0 }]);
    if (rejected.length > 0) await this.refuse(orgId, feature);
    return accepted === 1;
  }

  async report(actor: Actor, events: readonly UsageReport[]): Promise<UsageAnswer> {
    allow(actor, 'license.meter');
    const now = this.hub.now();
    const items = events.map(({ at, ...event }, index) => ({
      ...event,
      index,
      at: at === undefined ? now : new Date(at),
    }));
    const wrong = items.flatMap((item) => {
      const code = wrongWith(item, now);
      return code ? [{ index: item.index, id: item.id, code }] : [];
    });
    const refused = new Set(wrong.map(({ index }) => index));
    const good = items.filter(({ index }) => !refused.has(index));
    const { orgId } = actor;
    const answer = await this.hub.transact(async (after) => {
      const kept = await this.keep(orgId, good);
      // One line for a report, whatever it holds.
      const note = { type: 'system_event', severity: 'debug', action: 'usage.reported' } as const;
      const { accepted } = kept;
      if (accepted > 0) after.record({ ...note, entity: { type: 'organisation', id: orgId }, data: { accepted } });
      return kept;
    });
    const [first] = answer.rejected;
    // Nothing came in, and only for want of room.
    if (first && answer.rejected.length === items.length) await this.refuse(orgId, good[0]?.feature ?? 'api-calls');
    const rejected = [...wrong, ...answer.rejected].toSorted((a, b) => a.index - b.index);
    return { ...answer, rejected };
  }

  /** Moves what Redis counted to MySQL. Safe to run twice: a batch has a name, and counts once. */
  async flush(): Promise<void> {
    const { redis } = this.uses;
    if (!redis.isThere) return;
    for (const orgId of await redis.waiting()) {
      const taken = await redis.take(orgId);
      if (!taken) continue;
      await this.write(orgId, taken);
      await redis.done(orgId, taken.batch);
    }
  }

  async tidy(): Promise<void> {
    const now = this.hub.now().getTime();
    const before = (ms: number) => ({ before: new Date(now - ms) });
    await changed(
      this.hub,
      'DELETE FROM usage_events WHERE received_at < :before LIMIT 100000',
      before(EVENTS_KEPT_MS),
    );
    await changed(this.hub, 'DELETE FROM usage_batches WHERE at < :before LIMIT 100000', before(BATCHES_KEPT_MS));
    await changed(
      this.hub,
      'DELETE FROM usage_people WHERE period_start < :before LIMIT 100000',
      before(400 * 86_400_000),
    );
  }

  private async write(
    orgId: string,
    { batch, sums }: NonNullable<Awaited<ReturnType<RedisUsage['take']>>>,
  ): Promise<void> {
    const { counters } = this.uses;
    await this.hub.transact(async () => {
      const rows = await changed(
        this.hub,
        'INSERT IGNORE INTO usage_batches (org_id, id, at) VALUES (:orgId, :batch, :now)',
        { orgId, batch, now: this.hub.now() },
      );
      if (rows === 0) return;
      for (const { feature, day, quantity, ...period } of sums.toSorted((a, b) => (a.feature < b.feature ? -1 : 1))) {
        await counters.add(orgId, feature, period, quantity);
        await counters.addDay(orgId, feature, day, quantity);
      }
    });
  }

  /** What is kept stays; what Redis counted for a transaction that failed is given back. */
  private async keep(orgId: string, items: readonly Item[]): Promise<UsageAnswer> {
    if (items.length === 0) return { accepted: 0, duplicates: 0, rejected: [] };
    const groups = await this.groupsOf(orgId, items);
    const spent: (() => Promise<unknown>)[] = [];
    const giveBack = async () => {
      for (const undo of spent.splice(0))
        await undo().catch((error: unknown) => this.hub.log.warn({ err: error }, 'a quota kept too much'));
    };
    try {
      return await this.hub.transact(async (after) => {
        await giveBack();
        const fresh = await this.uses.counters.note(orgId, ulid(), items);
        const seen = new Set<string>();
        const isNew = ({ id }: Item) => fresh.has(id) && !seen.has(id) && seen.add(id) !== undefined;
        let accepted = 0;
        const rejected: Rejected[] = [];
        for (const group of groups) {
          const counting = group.items.filter(isNew);
          const quantity = counting.reduce((sum, item) => sum + item.quantity, 0);
          if (quantity === 0) continue;
          const undo = await this.count(orgId, { ...group, items: counting }, quantity, after);
          if (undo) {
            spent.push(undo);
            accepted += counting.length;
            continue;
          }
          await this.uses.counters.unnote(
            orgId,
            counting.map(({ id }) => id),
          );
          rejected.push(...counting.map(({ index, id }) => ({ index, id, code: 'QUOTA_EXCEEDED' as const })));
        }
        return { accepted, duplicates: items.length - accepted - rejected.length, rejected };
      });
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  /** In the transaction. @returns what takes it back; null: it does not fit */
  private async count(
    orgId: string,
    { feature, quota, items }: Group,
    quantity: number,
    after: After,
  ): Promise<(() => Promise<unknown>) | null> {
    const { quotas, counters, redis } = this.uses;
    let undo = async (): Promise<unknown> => undefined;
    if (isQuota(feature)) {
      const used = await this.fit(orgId, { feature, quota }, quantity);
      if (used === null) return null;
      if (redis.isThere) undo = () => quotas.spend(orgId, feature, { ...quota, allowed: null }, -quantity, false);
      await quotas.tell(orgId, feature, { quota, before: used - quantity, now: used }, after);
    }
    await counters.add(orgId, feature, quota.period, quantity);
    for (const [day, sum] of byDay(items)) await counters.addDay(orgId, feature, day, sum);
    return undo;
  }

  private async fit(
    orgId: string,
    { feature, quota }: Pick<Group, 'feature' | 'quota'>,
    quantity: number,
  ): Promise<number | null> {
    const { quotas, counters, redis } = this.uses;
    if (redis.isThere) return quotas.spend(orgId, feature, quota, quantity, false);
    const used = (await counters.lockPeriod(orgId, feature, quota.period)) + quantity;
    return quota.allowed !== null && used > quota.allowed ? null : used;
  }

  private async groupsOf(orgId: string, items: readonly Item[]): Promise<Group[]> {
    const groups = new Map<string, Group>();
    for (const item of items) {
      const quota = await this.uses.quotas.of(orgId, item.feature, item.at);
      const key = `${item.feature} ${quota.period.start.toISOString()}`;
      const group = groups.get(key) ?? { feature: item.feature, quota, items: [] };
      group.items.push(item);
      groups.set(key, group);
    }
    // In one order, so that two reports do not wait for each other.
    return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }

  private async refuse(orgId: string, feature: UsageFeature): Promise<never> {
    const now = this.hub.now();
    const quota = await this.uses.quotas.of(orgId, feature, now);
    throw exceeded(feature, quota, await this.uses.quotas.used(orgId, feature, quota.period), now);
  }
}

function wrongWith({ feature, at }: Item, now: Date): Rejected['code'] | null {
  if (!isMetered(feature)) return 'NOT_METERED';
  if (now.getTime() - at.getTime() > LATE_MS) return 'TOO_LATE';
  return at.getTime() - now.getTime() > AHEAD_MS ? 'IN_THE_FUTURE' : null;
}

function byDay(items: readonly Item[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { at, quantity } of items) {
    const day = dayOf(at).start.toISOString().slice(0, 10);
    sums.set(day, (sums.get(day) ?? 0) + quantity);
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
