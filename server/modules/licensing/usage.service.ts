import type { Usage, UsageAnalysis } from '@loro/contracts/licensing-usage';
import { limitKinds, licenseLimits, type LicenseLimit, measured, UsageFeature } from '@loro/contracts/licensing-values';
import type { z } from 'zod';
import { type Actor, allow, type Hub, type Page, pageOf } from '../../platform';
import type { CountersStore } from './counters.store';
import type { LicenseBook } from './license-book';
import { allowedOf } from './limits.policy';
import type { LimitsService } from './limits.service';
import type { Period } from './periods.policy';
import type { QuotasService } from './quotas.service';
import type { SeatsService } from './seats.service';
import { type Standing, standingOf } from './terms.policy';
import { adoption, forecast } from './usage.policy';

interface Asked {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly feature?: UsageFeature | undefined;
  readonly from?: string | undefined;
}

interface Counted {
  readonly feature: UsageFeature;
  readonly kind: Usage['kind'];
  readonly period: Period | null;
  readonly used: number;
}

const isLimit = (feature: UsageFeature): feature is LicenseLimit => licenseLimits.some((limit) => limit === feature);
const kindOf = (feature: UsageFeature): Usage['kind'] => (isLimit(feature) ? limitKinds[feature].kind : 'measure');
/** Shown whether used or not; what the plan holds as a feature is shown once somebody used it. */
const ALWAYS_SHOWN: readonly UsageFeature[] = [...licenseLimits, ...measured];

/** What is used, as people read it. */
export class UsageService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: {
      book: LicenseBook;
      counters: CountersStore;
      limits: LimitsService;
      quotas: QuotasService;
      seats: SeatsService;
    },
  ) {}

  async list(actor: Actor, asked: Asked): Promise<Page<Usage>> {
    allow(actor, 'license.read');
    const { orgId } = actor;
    const standing = await this.standing(orgId);
    const counted = asked.from === undefined ? await this.now(orgId) : await this.since(orgId, new Date(asked.from));
    return this.page(
      'usage',
      asked,
      counted.map((one) => usageOf(one, standing)),
    );
  }

  async analyse(actor: Actor, asked: Asked): Promise<Page<z.output<typeof UsageAnalysis>>> {
    allow(actor, 'license.read');
    const { orgId } = actor;
    const standing = await this.standing(orgId);
    const counted = await this.now(orgId);
    const seats = await this.uses.seats.used(orgId);
    const page = this.page('usage-analytics', asked, counted);
    const items = await Promise.all(
      page.items.map((one) => this.analysis(orgId, one, { standing, seats, from: asked.from })),
    );
    return { ...page, items };
  }

  private async analysis(
    orgId: string,
    counted: Counted,
    { standing, seats, from }: { standing: Standing | null; seats: number; from: string | undefined },
  ): Promise<z.output<typeof UsageAnalysis>> {
    const usage = usageOf(counted, standing);
    const { feature, period, used } = counted;
    const since = from === undefined ? (period?.start ?? this.hub.now()) : new Date(from);
    const users = period ? await this.uses.counters.people(orgId, feature, period.start) : 0;
    const seen = period ? forecast(used, usage.limit, period, this.hub.now()) : null;
    return {
      ...usage,
      trend: await this.uses.counters.days(orgId, feature, since),
      forecast: seen && { ...seen, exhaustedAt: seen.exhaustedAt?.toISOString() ?? null },
      users,
      adoptionPercent: adoption(users, seats),
    };
  }

  /** What stands, and what is used in the period under way. */
  private async now(orgId: string): Promise<Counted[]> {
    const { counters, limits, quotas } = this.uses;
    const at = this.hub.now();
    const rows = await counters.since(orgId, at);
    const shown = new Set<UsageFeature>([
      ...ALWAYS_SHOWN,
      ...rows.flatMap(({ feature }) => UsageFeature.safeParse(feature).data ?? []),
    ]);
    return Promise.all(
      [...shown].map(async (feature): Promise<Counted> => {
        const kind = kindOf(feature);
        if (isLimit(feature) && kind === 'limit')
          return { feature, kind, period: null, used: await limits.usedOf(orgId, feature) };
        const { period } = await quotas.of(orgId, feature, at);
        return { feature, kind, period, used: await quotas.used(orgId, feature, period) };
      }),
    );
  }

  private async since(orgId: string, from: Date): Promise<Counted[]> {
    const rows = await this.uses.counters.since(orgId, from);
    return rows.flatMap(({ feature: name, periodStart, periodEnd, used }) => {
      const feature = UsageFeature.safeParse(name).data;
      if (feature === undefined) return [];
      const period = periodEnd === null ? null : { start: periodStart, end: periodEnd };
      return [{ feature, kind: kindOf(feature), period, used }];
    });
  }

  private async standing(orgId: string): Promise<Standing | null> {
    const held = await this.uses.book.of(orgId);
    return held ? standingOf(held, this.hub.now()) : null;
  }

  private page<T extends { feature: UsageFeature; periodStart?: string | null; period?: Period | null }>(
    list: string,
    { limit, cursor, feature }: Asked,
    rows: readonly T[],
  ): Page<T> {
    const keyOf = (row: T) => `${row.feature} ${row.periodStart ?? row.period?.start.toISOString() ?? ''}`;
    const [after = ''] = this.hub.cursors.decode(list, cursor) ?? [];
    const wanted = rows
      .filter((row) => (feature === undefined || row.feature === feature) && keyOf(row) > String(after))
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return pageOf(
      wanted,
      limit,
      (row) => this.hub.cursors.encode(list, [keyOf(row)]),
      (row) => row,
    );
  }
}

function usageOf({ feature, kind, period, used }: Counted, standing: Standing | null): Usage {
  const limit = isLimit(feature) ? (standing ? standing.limits[feature] : 0) : null;
  const allowed = standing ? allowedOf(limit, standing.overage, standing.state) : limit;
  return {
    feature,
    kind,
    periodStart: period?.start.toISOString() ?? null,
    periodEnd: period?.end.toISOString() ?? null,
    used,
    limit,
    allowed,
    percent: limit === null || limit === 0 ? null : Math.floor((used * 100) / limit),
  };
}
