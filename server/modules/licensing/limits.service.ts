import { licensingLive } from '@loro/contracts/licensing-live';
import { limitKinds, licenseLimits, type LicenseLimit, type OverLimit } from '@loro/contracts/licensing-values';
import { type After, type Hub, HubError } from '../../platform';
import { ALWAYS, type CountersStore } from './counters.store';
import type { LicenseBook } from './license-book';
import { works } from './licensing.policy';
import { allowedOf, crossed, thresholdsOf, uncrossed } from './limits.policy';
import { type Standing, standingOf } from './terms.policy';

/** Counts rows of a room as they stand. */
export type Count = (orgId: string) => Promise<number>;

/** How many there are before, and how many more. */
export interface Taking {
  /**
   * As the caller counted; a function is asked only where nobody has counted yet. Whoever takes so releases what goes.
   */
  readonly used?: number | (() => Promise<number>);
  /** As plain reads of the caller’s own transaction see it: what others take meanwhile is added, and nothing needs releasing. */
  readonly seen?: number;
  readonly adding: number;
}

const counted = licenseLimits.filter((limit) => limitKinds[limit].kind === 'limit');

/** What the plan limits by number. Counters are rows that are held until the commit: of two at once, one wins. */
export class LimitsService {
  private readonly counts = new Map<LicenseLimit, Count>();

  constructor(
    private readonly hub: Hub,
    private readonly book: LicenseBook,
    private readonly counters: CountersStore,
  ) {}

  /** A room says how what it keeps is counted: counters are put right by it every night. */
  count(limit: LicenseLimit, count: Count): void {
    this.counts.set(limit, count);
  }

  /**
   * In the caller’s transaction: makes room for more, or refuses.
   * @throws HubError 402 LICENSE_LIMIT_REACHED, or what the licence has become
   */
  async take(orgId: string, limit: LicenseLimit, { used = 0, seen, adding }: Taking, after: After): Promise<void> {
    const standing = await this.working(orgId);
    const count = async () => seen ?? (typeof used === 'number' ? used : used());
    const { kept, before: earlier } = await this.counters.lock(orgId, limit, count);
    const before = beforeOf({ used, seen, kept, earlier });
    const now = before + adding;
    const allowed = allowedOf(standing.limits[limit], standing.overage, standing.state);
    if (adding > 0 && standing.state === 'grace') throw full(limit, standing.limits[limit], before, before);
    if (adding > 0 && allowed !== null && now > allowed) throw full(limit, standing.limits[limit], allowed, before);
    await this.counters.set(orgId, limit, now);
    await this.tell(orgId, limit, { before, now, standing }, after);
  }

  /** In the caller’s transaction: there are fewer. */
  async release(orgId: string, limit: LicenseLimit, removing: number): Promise<void> {
    const count = this.counts.get(limit);
    // What a room counts anew, it counts without what has just gone.
    const { kept } = await this.counters.lock(orgId, limit, async () => (count ? (await count(orgId)) + removing : 0));
    await this.settle(orgId, limit, Math.max(0, kept - removing));
  }

  /** What there is of everything that is counted. */
  async usedOf(orgId: string, limit: LicenseLimit): Promise<number> {
    const count = this.counts.get(limit);
    return count ? count(orgId) : this.counters.used(orgId, limit, ALWAYS);
  }

  /** Where there is more than the licence allows: nothing is taken away, and nothing can be added. */
  async overLimits(orgId: string): Promise<OverLimit[]> {
    const held = await this.book.current(orgId);
    return held ? this.over(orgId, standingOf(held, this.hub.now())) : [];
  }

  /** The same under limits that may come to hold. */
  async over(orgId: string, standing: Pick<Standing, 'limits' | 'overage' | 'state'>): Promise<OverLimit[]> {
    const found: OverLimit[] = [];
    for (const limit of counted) {
      const allowed = allowedOf(standing.limits[limit], standing.overage, standing.state);
      if (allowed === null) continue;
      const used = await this.usedOf(orgId, limit);
      if (used > allowed) found.push({ limit, allowed, used });
    }
    return found;
  }

  /** Puts counters right by what there really is, every night. */
  async reconcile(orgId: string): Promise<void> {
    for (const [limit, count] of this.counts)
      await this.hub.transact(async () => {
        await this.counters.lock(orgId, limit, async () => 0);
        await this.settle(orgId, limit, await count(orgId));
      });
  }

  private async settle(orgId: string, limit: LicenseLimit, used: number): Promise<void> {
    await this.counters.set(orgId, limit, used);
    const held = await this.book.current(orgId);
    if (held)
      await this.counters.unalert(orgId, limit, uncrossed(standingOf(held, this.hub.now()).limits[limit], used));
  }

  private async working(orgId: string): Promise<Standing> {
    const held = await this.book.current(orgId);
    if (!held) throw new HubError('LICENSE_EXPIRED', 'The organisation has no licence.');
    const standing = standingOf(held, this.hub.now());
    if (!works(standing)) throw lapsed(standing);
    return standing;
  }

  private async tell(
    orgId: string,
    limit: LicenseLimit,
    { before, now, standing }: { before: number; now: number; standing: Standing },
    after: After,
  ): Promise<void> {
    const most = standing.limits[limit];
    const allowed = allowedOf(most, standing.overage, standing.state);
    const to = { orgId, id: orgId };
    for (const threshold of crossed(most, before, now, thresholdsOf(standing.overage, standing.state)))
      if (await this.counters.alert(orgId, limit, ALWAYS, threshold))
        after.publish(licensingLive, 'license:usage', to, {
          feature: limit,
          used: now,
          limit: most,
          threshold,
          allowed,
        });
    if (allowed !== null && before < allowed && now >= allowed)
      after.publish(licensingLive, 'license:limit-reached', to, { feature: limit, used: now, limit: most });
  }
}

/** A caller who counted before it was his turn has missed what came in between. */
function beforeOf({
  used,
  seen,
  kept,
  earlier,
}: {
  used: NonNullable<Taking['used']>;
  seen: number | undefined;
  kept: number;
  earlier: number | null;
}): number {
  if (seen !== undefined) return earlier === null ? Math.max(kept, seen) : Math.max(0, seen + kept - earlier);
  return typeof used === 'number' ? Math.max(kept, used) : kept;
}

const full = (limit: LicenseLimit, most: number | null, allowed: number, used: number): HubError =>
  new HubError('LICENSE_LIMIT_REACHED', `The licence allows ${allowed} ${limit}; ${used} are used.`, {
    current: { feature: limit, limit: most, allowed, used },
  });

/** What the guard of every call would say. */
export function lapsed({ state }: Pick<Standing, 'state'>): HubError {
  if (state === 'revoked') return new HubError('LICENSE_REVOKED', 'The licence was revoked.');
  if (state === 'suspended') return new HubError('LICENSE_SUSPENDED', 'The licence is suspended.');
  if (state === 'not_started') return new HubError('LICENSE_NOT_STARTED', 'The licence has not begun.');
  return new HubError('LICENSE_EXPIRED', 'The licence has run out.');
}
