import { activityLive } from '@loro/contracts/activity-live';
import type { Goal, GoalAtRisk, GoalChange, NewGoal } from '@loro/contracts/activity-goals';
import type { z } from 'zod';
import {
  type Actor,
  addDays,
  type After,
  allow,
  Conflict,
  dateIn,
  type Hub,
  HubError,
  Invalid,
  NotFound,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import type { ActivityPlaces } from './activity-places';
import { scopeOf, scopeSql, scopeValues } from './activity-scope';
import type { ActivityZones } from './activity-zones';
import type { GoalProgress } from './goal-progress.service';
import { progressOf } from './goal.policy';
import type { GoalRow, GoalStore } from './goal.store';
import type { MetricBook } from './metric-book';

interface Uses {
  readonly store: GoalStore;
  readonly places: ActivityPlaces;
  readonly zones: ActivityZones;
  readonly book: MetricBook;
  readonly progress: GoalProgress;
}

/** What people, branches and the organisation want to reach, and how far they are. */
export class Goals {
  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  async list(
    actor: Actor,
    query: {
      limit: number;
      cursor?: string | undefined;
      ownerType?: Goal['ownerType'] | undefined;
      ownerId?: string | undefined;
    },
  ): Promise<Page<Goal>> {
    const { orgId } = actor;
    const { limit, cursor, ownerType, ownerId } = query;
    const scope = scopeOf(actor, 'activity.read');
    const before = this.hub.cursors.decode('goals', cursor);
    const rows = await this.by.store.goals(
      `org_id = :orgId AND id < :before AND ${scopeSql(scope, { branch: 'branch_id', user: 'user_id' })}
        ${ownerType === undefined ? '' : 'AND owner_type = :ownerType'} ${ownerId === undefined ? '' : 'AND owner_id = :ownerId'}`,
      { orgId, before: before?.[0] ?? 'Z', ownerType, ownerId, ...scopeValues(scope) },
      `ORDER BY id DESC LIMIT ${limit + 1}`,
    );
    const shown = new Map<string, Goal>();
    for (const row of rows.slice(0, limit)) shown.set(row.id, await this.present(orgId, row));
    const page = pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('goals', [id]),
      ({ id }) => shown.get(id),
    );
    return { ...page, items: page.items.flatMap((goal) => goal ?? []) };
  }

  async get(actor: Actor, id: string): Promise<Goal> {
    return this.present(actor.orgId, await this.seen(actor, id));
  }

  async burnUp(actor: Actor, id: string): Promise<{ points: { date: string; value: number; planned: number }[] }> {
    const row = await this.seen(actor, id);
    const tolerance = await this.by.progress.tolerance(actor.orgId);
    const readings = await this.by.progress.readings(actor.orgId, row);
    const points = readings.map((reading) => ({
      ...reading,
      // The plan of a date is what should be reached by its end.
      planned: progressOf(row, [], addDays(reading.date, 1), tolerance).planned,
    }));
    return { points };
  }

  async create(actor: Actor, { ownerType, ownerId: whose, ...plan }: NewGoal): Promise<Goal> {
    const { orgId, userId } = actor;
    const ownerId = ownerType === 'organisation' ? orgId : (whose ?? userId);
    if (ownerType === 'organisation' && whose !== undefined && whose !== orgId) throw new NotFound('This organisation');
    const place = await this.placeOf(orgId, ownerType, ownerId);
    allow(actor, 'goals.manage', { ...place, what: 'Its owner' });
    if (plan.metric !== null) await this.by.book.get(orgId, plan.metric);
    const now = this.hub.now();
    const row: GoalRow = {
      ...plan,
      ...place,
      id: ulid(now.getTime()),
      ownerType,
      ownerId,
      atRiskSince: null,
      createdBy: userId,
      createdAt: now,
      version: 1,
    };
    return this.hub.transact(async (after) => {
      await this.by.store.put(orgId, row);
      const goal = await this.judge(orgId, row, after);
      after.record({
        action: 'goal.created',
        entity: { type: 'goal', id: row.id },
        branchId: row.branchId,
        after: goal,
      });
      return goal;
    });
  }

  async update(actor: Actor, id: string, version: number, change: z.output<typeof GoalChange>): Promise<Goal> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = await this.managed(actor, id, version);
      const next: GoalRow = {
        ...before,
        name: change.name ?? before.name,
        unit: change.unit ?? before.unit,
        start: change.start ?? before.start,
        target: change.target ?? before.target,
        from: change.from ?? before.from,
        to: change.to ?? before.to,
        version: version + 1,
      };
      if (next.from > next.to) throw wrong('to', 'is before `from`');
      if (next.start === next.target) throw wrong('target', 'is where it starts');
      await this.by.store.put(orgId, next);
      const goal = await this.judge(orgId, next, after);
      after.record({
        action: 'goal.updated',
        entity: { type: 'goal', id },
        branchId: next.branchId,
        before: { ...before, createdAt: before.createdAt.toISOString(), atRiskSince: null },
        after: goal,
      });
      return goal;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const { name, branchId } = await this.managed(actor, id, version);
      await this.by.store.remove(orgId, id);
      after.record({ action: 'goal.removed', entity: { type: 'goal', id }, branchId, before: { name } });
    });
  }

  async tell(actor: Actor, id: string, { date, value }: { date?: string | undefined; value: number }): Promise<Goal> {
    const { orgId } = actor;
    const today = dateIn(this.hub.now(), await this.by.zones.of(orgId));
    if (date !== undefined && date > today) throw wrong('date', 'is still to come');
    return this.hub.transact(async (after) => {
      const row = await this.managed(actor, id);
      if (row.metric !== null) throw new Conflict('GOAL_MEASURED', `It is read from ${row.metric}.`);
      await this.by.store.putReading(orgId, id, { date: date ?? today, value });
      const goal = await this.judge(orgId, row, after);
      after.record({
        action: 'goal.told',
        entity: { type: 'goal', id },
        branchId: row.branchId,
        data: { date: date ?? today, value },
      });
      return goal;
    });
  }

  /** Goals that read a metric. */
  async readers(orgId: string, metric: string): Promise<string[]> {
    const rows = await this.by.store.goals('org_id = :orgId AND metric = :metric', { orgId, metric });
    return rows.map(({ name }) => `the goal ${name}`);
  }

  /** Of these owners and metrics the targets of goals that are on within a span. */
  async targets(
    orgId: string,
    ownerId: string,
    { from, to }: { from: string; to: string },
  ): Promise<Map<string, number>> {
    const rows = await this.by.store.goals(
      'org_id = :orgId AND owner_id = :ownerId AND metric IS NOT NULL AND from_date < :to AND to_date >= :from',
      { orgId, ownerId, from, to },
      'ORDER BY id',
    );
    return new Map(rows.map(({ metric, target }) => [metric ?? '', target]));
  }

  /** Every night: readings of metrics are kept, and who fell behind is told. */
  async night(orgId: string): Promise<void> {
    const yesterday = addDays(dateIn(this.hub.now(), await this.by.zones.of(orgId)), -1);
    const rows = await this.by.store.goals('org_id = :orgId AND from_date <= :yesterday AND to_date >= :yesterday', {
      orgId,
      yesterday,
    });
    for (const { id } of rows)
      await this.hub.transact(async (after) => {
        const row = await this.by.store.goal(orgId, id, 'FOR UPDATE');
        if (row.metric !== null)
          for (const reading of await this.by.progress.measured(orgId, row))
            if (reading.date <= yesterday) await this.by.store.putReading(orgId, id, reading);
        await this.judge(orgId, row, after);
      });
  }

  /** How it stands now; told once each time that it falls behind. */
  private async judge(orgId: string, row: GoalRow, after: After): Promise<Goal> {
    const goal = await this.present(orgId, row);
    const isAtRisk = goal.progress.state === 'at-risk';
    if (isAtRisk === (row.atRiskSince !== null)) return goal;
    await this.by.store.put(orgId, { ...row, atRiskSince: isAtRisk ? this.hub.now() : null });
    if (!isAtRisk) return goal;
    const told: GoalAtRisk = {
      goalId: row.id,
      name: row.name,
      gapPct: Math.round(goal.progress.gap * 1_000) / 10,
      forecastAt: goal.progress.forecastOn,
      goal,
    };
    after.publish(activityLive, 'goal:at-risk', { orgId, id: row.ownerId }, told);
    return goal;
  }

  private async present(orgId: string, row: GoalRow): Promise<Goal> {
    const { atRiskSince: _since, userId: _user, branchId: _branch, createdBy: _by, createdAt, ...shown } = row;
    return {
      ...shown,
      direction: row.target > row.start ? 'up' : 'down',
      createdAt: createdAt.toISOString(),
      progress: await this.by.progress.of(orgId, row),
    };
  }

  /** What permissions and lists ask about; goals of the organisation are nobody's and nowhere. */
  private async placeOf(orgId: string, ownerType: Goal['ownerType'], ownerId: string) {
    if (ownerType === 'user') return { userId: ownerId, branchId: await this.by.places.homeOf(orgId, ownerId) };
    if (ownerType === 'branch' && !(await this.by.places.hasBranch(orgId, ownerId))) throw new NotFound('This branch');
    return { userId: null, branchId: ownerType === 'branch' ? ownerId : null };
  }

  private async seen(actor: Actor, id: string): Promise<GoalRow> {
    const row = await this.by.store.goal(actor.orgId, id);
    allow(actor, 'activity.read', { userId: row.userId, branchId: row.branchId, what: 'This goal' });
    return row;
  }

  private async managed(actor: Actor, id: string, version?: number): Promise<GoalRow> {
    const row = await this.by.store.goal(actor.orgId, id, 'FOR UPDATE');
    allow(actor, 'goals.manage', { userId: row.userId, branchId: row.branchId, what: 'This goal' });
    if (version !== undefined && row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this goal meanwhile.', {
        current: await this.present(actor.orgId, row),
      });
    return row;
  }
}

const wrong = (path: string, message: string): Invalid =>
  new Invalid('VALIDATION_FAILED', `Wrong: ${path}.`, { errors: [{ path, code: 'custom', message }] });
