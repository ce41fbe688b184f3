import { activityLive } from '@loro/contracts/activity-live';
import type { ActivitySession } from '@loro/contracts/activity-events';
import type { ActivityEvent } from '@loro/contracts/activity-values';
import { streamName } from '@loro/contracts/kit/live';
import { type Actor, allow, type Hub, NotFound, type Page, pageOf, type WireEvent } from '../../platform';
import { ACTIVITY_COLUMNS, type ActivityRow, type NewActivity, presentActivity } from './activity-events.store';
import type { ActivityPlaces } from './activity-places';
import { scopeOf, scopeSql, scopeValues } from './activity-scope';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly actorId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly objectType?: string | undefined;
  readonly objectId?: string | undefined;
  readonly verb?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const SHOWN_AT_FIRST = 20;

/** What was done, as people read and hear it. */
export class ActivityFeed {
  constructor(
    private readonly hub: Hub,
    private readonly places: ActivityPlaces,
  ) {
    hub.watchers.follow('activity');
  }

  async list(actor: Actor, query: ListQuery): Promise<Page<ActivityEvent>> {
    const { orgId } = actor;
    const scope = scopeOf(actor, 'activity.read');
    await this.mustExist(actor, query);
    const before = this.hub.cursors.decode('activity', query.cursor);
    const conditions = [
      'org_id = :orgId',
      scopeSql(scope, { branch: 'branch_id', user: 'actor_id' }),
      ...(before ? ['(at < :beforeAt OR (at = :beforeAt AND id < :beforeId))'] : []),
      ...(query.actorId === undefined ? [] : ['actor_id = :actorId']),
      ...(query.branchId === undefined ? [] : ['branch_id = :branchId']),
      ...(query.objectType === undefined ? [] : ['object_type = :objectType']),
      ...(query.objectId === undefined ? [] : ['object_id = :objectId']),
      ...(query.verb === undefined ? [] : ['verb = :verb']),
      ...(query.from === undefined ? [] : ['at >= :from']),
      ...(query.to === undefined ? [] : ['at < :to']),
    ];
    const rows = await this.hub.select<ActivityRow>(
      `SELECT ${ACTIVITY_COLUMNS} FROM activity_events WHERE ${conditions.join(' AND ')}
        ORDER BY at DESC, id DESC LIMIT ${query.limit + 1}`,
      {
        ...query,
        ...scopeValues(scope),
        orgId,
        from: new Date(query.from ?? 0),
        to: new Date(query.to ?? 0),
        beforeAt: new Date(before?.[0] ?? 0),
        beforeId: before?.[1],
      },
    );
    return pageOf(
      rows,
      query.limit,
      ({ at, id }) => this.hub.cursors.encode('activity', [at.getTime(), id]),
      presentActivity,
    );
  }

  async sessions(actor: Actor, query: ListQuery): Promise<Page<ActivitySession>> {
    const { orgId } = actor;
    const actorId = query.actorId ?? actor.userId;
    allow(actor, 'activity.read', await this.places.thingOf(orgId, actorId));
    const before = this.hub.cursors.decode('activity-sessions', query.cursor);
    const rows = await this.hub.select<{ startedAt: Date; endedAt: Date; events: number; activeSec: number }>(
      `SELECT started_at AS startedAt, ended_at AS endedAt, events, active_sec AS activeSec FROM activity_sessions
        WHERE org_id = :orgId AND actor_id = :actorId AND started_at < :before
          ${query.from === undefined ? '' : 'AND ended_at >= :from'} ${query.to === undefined ? '' : 'AND started_at < :to'}
        ORDER BY started_at DESC LIMIT ${query.limit + 1}`,
      {
        orgId,
        actorId,
        from: new Date(query.from ?? 0),
        to: new Date(query.to ?? 0),
        before: new Date(before?.[0] ?? '9999-01-01T00:00:00Z'),
      },
    );
    return pageOf(
      rows,
      query.limit,
      ({ startedAt }) => this.hub.cursors.encode('activity-sessions', [startedAt.getTime()]),
      ({ startedAt, endedAt, events, activeSec }) => ({
        actorId,
        start: startedAt.toISOString(),
        end: endedAt.toISOString(),
        events,
        activeSec,
      }),
    );
  }

  /** Tells those who watch the branches where it was done; nobody is told of what nobody watches. */
  tell(events: readonly NewActivity[]): void {
    const receivedAt = this.hub.now().toISOString();
    for (const { orgId, at, ...event } of events) {
      const { branchId: id } = event;
      if (id === null || !this.hub.watchers.isWatched(streamName(orgId, 'activity', id))) continue;
      const told = { ...event, at: at.toISOString(), receivedAt };
      this.hub.emitLatest(activityLive, 'activity:new', { orgId, id }, told);
    }
  }

  /** What a watcher of a branch sees first, oldest first. */
  async latest({ orgId }: Actor, branchId: string): Promise<WireEvent[]> {
    const rows = await this.hub.select<ActivityRow>(
      `SELECT ${ACTIVITY_COLUMNS} FROM activity_events WHERE org_id = :orgId AND branch_id = :branchId
        ORDER BY at DESC LIMIT ${SHOWN_AT_FIRST}`,
      { orgId, branchId },
    );
    const stream = streamName(orgId, 'activity', branchId);
    return rows
      .toReversed()
      .map((row) => ['activity:new', presentActivity(row), { stream, at: row.receivedAt.toISOString() }]);
  }

  private async mustExist({ orgId }: Actor, { actorId, branchId }: ListQuery): Promise<void> {
    if (actorId !== undefined) await this.places.homeOf(orgId, actorId);
    if (branchId !== undefined && !(await this.places.hasBranch(orgId, branchId))) throw new NotFound('This branch');
  }
}
