import type { Kpi, Performance } from '@loro/contracts/activity-events';
import { type Actor, addDays, allow, type Hub, NotFound, startOfDay } from '../../platform';
import { branches } from '../branches';
import type { ActivityPlaces } from './activity-places';
import type { Scope } from './activity-scope';
import { rankBand } from './activity-usage.policy';
import type { ActivityZones } from './activity-zones';
import type { Goals } from './goals.service';
import type { MetricBook } from './metric-book';
import type { Line, MetricQueries } from './metric-query.service';
import { trendOf, type TrendPoint } from './metric-trend.policy';
import type { TimeEntryStore } from './time-entry.store';
import { splitByDay } from './time-entry.policy';

interface Span {
  readonly from: string;
  readonly to: string;
}

interface Uses {
  readonly places: ActivityPlaces;
  readonly zones: ActivityZones;
  readonly book: MetricBook;
  readonly queries: MetricQueries;
  readonly goals: Goals;
  readonly entries: TimeEntryStore;
}

const HOURS = 'work.hours';
/** What counts for a role, in the order in which it is shown. */
const EVERYBODY = ['work.visits', 'tasks.on-time', 'attendance.punctuality', HOURS, 'work.actions'];
const BY_ROLE: Readonly<Record<string, readonly string[]>> = {
  sales: ['sales.amount', 'work.visits', 'attendance.punctuality', HOURS],
  warehouse: ['tasks.on-time', 'attendance.punctuality', HOURS],
  manager: ['sales.amount', 'work.visits', 'tasks.on-time', 'attendance.punctuality', HOURS],
};
const OF_BRANCH = ['sales.amount', 'work.visits', 'tasks.on-time', 'attendance.punctuality', HOURS, 'work.actions'];

/** How people and branches do, by what counts for them. */
export class ActivityPerformance {
  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  async ofUser(actor: Actor, userId: string, span: Span): Promise<Performance> {
    const { orgId } = actor;
    allow(actor, 'activity.read', await this.by.places.thingOf(orgId, userId));
    const kpis: Kpi[] = [];
    for (const key of await this.keysOf(orgId, userId))
      kpis.push(await this.kpi(orgId, key, span, { ownerId: userId, scope: { branchIds: [], userIds: [userId] } }));
    return { ownerType: 'user', ownerId: userId, ...span, kpis };
  }

  async ofBranch(actor: Actor, branchId: string, span: Span): Promise<Performance> {
    const { orgId } = actor;
    if (!(await this.by.places.hasBranch(orgId, branchId))) throw new NotFound('This branch');
    allow(actor, 'activity.read', { branchId, what: 'This branch' });
    const scope = { branchIds: await this.hub.use(branches).subtree(orgId, [branchId]), userIds: [] };
    const kpis: Kpi[] = [];
    for (const key of OF_BRANCH) kpis.push(await this.kpi(orgId, key, span, { ownerId: branchId, scope }));
    return { ownerType: 'branch', ownerId: branchId, ...span, kpis };
  }

  private async kpi(
    orgId: string,
    key: string,
    span: Span,
    { ownerId, scope }: { ownerId: string; scope: NonNullable<Scope> },
  ): Promise<Kpi> {
    const isUser = scope.userIds.length > 0;
    const own = key === HOURS ? await this.hours(orgId, span, scope) : await this.measured(orgId, key, span, scope);
    const everybody = !isUser
      ? []
      : key === HOURS
        ? await this.hoursBy(orgId, span)
        : await this.byUser(orgId, key, span);
    const targets = await this.by.goals.targets(orgId, ownerId, span);
    const points = own.days.flatMap(({ date, value }): TrendPoint[] =>
      value === null ? [] : [{ x: Date.parse(date) / 86_400_000, y: value }],
    );
    return {
      key,
      unit: own.unit,
      value: own.value,
      target: targets.get(key) ?? null,
      band: rankBand(everybody, own.value, 'up'),
      trend: trendOf(points).direction,
      days: own.days,
    };
  }

  private async measured(orgId: string, key: string, span: Span, scope: Scope) {
    const [line] = await this.lines(orgId, key, span, [], scope);
    const { unit } = await this.by.book.get(orgId, key);
    const days = datesOf(span).map((date) => ({ date, value: line?.points.get(`${date} 00:00:00`) ?? null }));
    return { unit, value: line?.whole ?? null, days };
  }

  private async byUser(orgId: string, key: string, span: Span): Promise<number[]> {
    const lines = await this.lines(orgId, key, span, ['userId'], null);
    return lines.flatMap(({ dims, whole }) => (dims['userId'] === '' || whole === null ? [] : [whole]));
  }

  private async lines(orgId: string, key: string, { from, to }: Span, by: string[], scope: Scope): Promise<Line[]> {
    const metric = await this.by.book.get(orgId, key);
    const span = { res: '1d' as const, from: `${from} 00:00:00`, to: `${to} 00:00:00` };
    return this.by.queries.lines(orgId, metric, { agg: 'natural', where: {}, by }, span, scope);
  }

  /** From entries and not from a metric: an entry may be changed later. */
  private async hours(orgId: string, span: Span, { branchIds, userIds }: NonNullable<Scope>) {
    const zone = await this.by.zones.of(orgId);
    const sums = new Map<string, number>();
    for (const entry of await this.entries(orgId, span, zone, { branchIds, userIds }))
      for (const { date, sec } of splitByDay(entry, zone)) sums.set(date, (sums.get(date) ?? 0) + sec);
    const days = datesOf(span).map((date) => ({ date, value: hoursOf(sums.get(date)) }));
    const total = days.reduce((sum, { value }) => sum + (value ?? 0), 0);
    return { unit: 'hours', value: sums.size === 0 ? null : Math.round(total * 100) / 100, days };
  }

  private async hoursBy(orgId: string, span: Span): Promise<number[]> {
    const zone = await this.by.zones.of(orgId);
    const sums = new Map<string, number>();
    for (const { userId, start, end } of await this.entries(orgId, span, zone, null))
      sums.set(userId, (sums.get(userId) ?? 0) + (end.getTime() - start.getTime()) / 1_000);
    return [...sums.values()].flatMap((sec) => hoursOf(sec) ?? []);
  }

  private async entries(orgId: string, { from, to }: Span, zone: string, scope: Scope) {
    const [first, last] = [startOfDay(from, zone), startOfDay(to, zone)];
    const rows = await this.by.entries.entries(
      `org_id = :orgId AND kind IN ('work', 'travel') AND started_at < :last AND ended_at > :first
        ${scope === null ? '' : 'AND (user_id IN (:userIds) OR branch_id IN (:branchIds))'}`,
      { orgId, first, last, userIds: ['', ...(scope?.userIds ?? [])], branchIds: ['', ...(scope?.branchIds ?? [])] },
    );
    return rows.map(({ userId, start, end }) => ({
      userId,
      start: start < first ? first : start,
      end: end === null || end > last ? last : end,
    }));
  }

  private async keysOf(orgId: string, userId: string): Promise<readonly string[]> {
    const rows = await this.hub.select<{ role: string }>(
      'SELECT role FROM role_grants WHERE org_id = :orgId AND user_id = :userId',
      { orgId, userId },
    );
    return rows.flatMap(({ role }) => (BY_ROLE[role] ? [BY_ROLE[role]] : []))[0] ?? EVERYBODY;
  }
}

const hoursOf = (sec: number | undefined): number | null => (sec === undefined ? null : Math.round(sec / 36) / 100);

function datesOf({ from, to }: Span): string[] {
  const dates: string[] = [];
  for (let date = from; date < to; date = addDays(date, 1)) dates.push(date);
  return dates;
}
