import { addDays, dateIn, type Hub } from '../../platform';
import { branches } from '../branches';
import { configuration } from '../configuration';
import type { Scope } from './activity-scope';
import type { ActivityZones } from './activity-zones';
import { type GoalReading, type Progress, progressOf } from './goal.policy';
import type { GoalRow, GoalStore } from './goal.store';
import type { MetricBook } from './metric-book';
import type { MetricQueries } from './metric-query.service';

interface Uses {
  readonly store: GoalStore;
  readonly zones: ActivityZones;
  readonly book: MetricBook;
  readonly queries: MetricQueries;
}

/** How far goals are: by what was told by hand, or what their metric came to. */
export class GoalProgress {
  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  async of(orgId: string, row: GoalRow): Promise<Progress> {
    const today = dateIn(this.hub.now(), await this.by.zones.of(orgId));
    return progressOf(row, await this.readings(orgId, row), today, await this.tolerance(orgId));
  }

  readings(orgId: string, row: GoalRow): Promise<GoalReading[]> {
    return row.metric === null ? this.by.store.readings(orgId, row.id) : this.measured(orgId, row);
  }

  /** What a counter came to since the beginning, and what anything else was, by date. */
  async measured(orgId: string, row: GoalRow): Promise<GoalReading[]> {
    const metric = row.metric === null ? undefined : await this.by.book.find(orgId, row.metric);
    if (!metric) return this.by.store.readings(orgId, row.id);
    const span = { res: '1d' as const, from: `${row.from} 00:00:00`, to: `${addDays(row.to, 1)} 00:00:00` };
    const scope = await this.scopeOfOwner(orgId, row);
    const [line] = await this.by.queries.lines(orgId, metric, { agg: 'natural', where: {}, by: [] }, span, scope);
    let sum = row.start;
    return [...(line?.points ?? [])].flatMap(([at, value]): GoalReading[] => {
      if (value === null) return [];
      sum += value;
      return [{ date: at.slice(0, 10), value: metric.kind === 'counter' ? sum : value }];
    });
  }

  private async scopeOfOwner(orgId: string, { userId, branchId, ownerType }: GoalRow): Promise<Scope> {
    if (ownerType === 'organisation') return null;
    if (ownerType === 'user') return { branchIds: [], userIds: userId === null ? [] : [userId] };
    const ids = branchId === null ? [] : await this.hub.use(branches).subtree(orgId, [branchId]);
    return { branchIds: ids, userIds: [] };
  }

  async tolerance(orgId: string): Promise<number> {
    return (await this.hub.use(configuration).value('goals.tolerance-percent', { orgId })) / 100;
  }
}
