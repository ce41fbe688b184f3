import type { ActivityEvent } from '@loro/contracts/activity-values';
import { z } from 'zod';
import type { Hub } from '../../platform';

/** An event on its way into its table. */
export interface NewActivity extends Omit<ActivityEvent, 'at' | 'receivedAt'> {
  readonly orgId: string;
  readonly at: Date;
}

export interface ActivityRow {
  readonly id: string;
  readonly actorId: string | null;
  readonly branchId: string | null;
  readonly verb: string;
  readonly objectType: string;
  readonly objectId: string | null;
  readonly at: Date;
  readonly receivedAt: Date;
  readonly sessionId: string | null;
  readonly source: ActivityEvent['source'];
  readonly props: string | null;
}

export const ACTIVITY_COLUMNS = `id, actor_id AS actorId, branch_id AS branchId, verb, object_type AS objectType,
  object_id AS objectId, at, received_at AS receivedAt, session_id AS sessionId, source, props`;

const Props = z.record(z.string(), z.unknown());

export const presentActivity = ({ at, receivedAt, props, ...row }: ActivityRow): ActivityEvent => ({
  ...row,
  at: at.toISOString(),
  receivedAt: receivedAt.toISOString(),
  props: props === null ? {} : Props.parse(JSON.parse(props)),
});

const AT_ONCE = 200;

/** What was done, and whose sessions and days have to be made anew for it. */
export class ActivityStore {
  constructor(private readonly hub: Hub) {}

  /** In the caller's transaction: what the hub saw itself, under ids of its own. */
  async add(events: readonly NewActivity[]): Promise<void> {
    await this.insert(events);
    await this.markDirty(events);
  }

  /** In the caller's transaction: what one organisation hands in, maybe again. @returns what was not there before */
  async addOnce(orgId: string, events: readonly NewActivity[]): Promise<NewActivity[]> {
    const once = [...new Map(events.map((event) => [event.id, event])).values()];
    if (once.length === 0) return [];
    // An id is part of the key beside its instant, and may come again with another one.
    const known = await this.hub.select<{ id: string }>(
      'SELECT id FROM activity_events WHERE org_id = :orgId AND id IN (:ids)',
      { orgId, ids: once.map(({ id }) => id) },
    );
    const ids = new Set(known.map(({ id }) => id));
    const fresh = once.filter(({ id }) => !ids.has(id));
    await this.insert(fresh);
    await this.markDirty(fresh);
    return fresh;
  }

  private async insert(events: readonly NewActivity[]): Promise<void> {
    for (let from = 0; from < events.length; from += AT_ONCE) await this.insertSome(events.slice(from, from + AT_ONCE));
  }

  private async insertSome(events: readonly NewActivity[]): Promise<void> {
    const receivedAt = this.hub.now();
    // Somebody else may hand in the same at this moment.
    await this.hub.sequelize.query(
      `INSERT IGNORE INTO activity_events
         (org_id, id, at, received_at, actor_id, branch_id, verb, object_type, object_id, session_id, source, props)
       VALUES ${events.map(() => '(?,?,?,?,?,?,?,?,?,?,?,?)').join(',')}`,
      {
        replacements: events.flatMap((event) => [
          event.orgId,
          event.id,
          event.at,
          receivedAt,
          event.actorId,
          event.branchId,
          event.verb,
          event.objectType,
          event.objectId,
          event.sessionId,
          event.source,
          Object.keys(event.props).length === 0 ? null : JSON.stringify(event.props),
        ]),
      },
    );
  }

  private async markDirty(events: readonly NewActivity[]): Promise<void> {
    const spans = new Map<string, { orgId: string; actorId: string; from: Date; to: Date }>();
    for (const { orgId, actorId, at } of events) {
      if (actorId === null) continue;
      const span = spans.get(orgId + actorId) ?? { orgId, actorId, from: at, to: at };
      spans.set(orgId + actorId, {
        ...span,
        from: at < span.from ? at : span.from,
        to: at > span.to ? at : span.to,
      });
    }
    if (spans.size === 0) return;
    // In one order, so that two who come at once do not wait for each other.
    const ordered = [...spans.values()].toSorted((a, b) => (a.orgId + a.actorId < b.orgId + b.actorId ? -1 : 1));
    await this.hub.sequelize.query(
      `INSERT INTO activity_dirty (org_id, actor_id, from_at, to_at) VALUES ${ordered.map(() => '(?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE from_at = LEAST(from_at, VALUES(from_at)), to_at = GREATEST(to_at, VALUES(to_at))`,
      { replacements: ordered.flatMap(({ orgId, actorId, from, to }) => [orgId, actorId, from, to]) },
    );
  }
}
