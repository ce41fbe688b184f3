import { dateIn, type Hub, localDates, nextDate, startOfDay } from '../../platform';
import { SESSION_GAP_MS, sessionsOf } from './activity-sessions.policy';
import type { ActivityZones } from './activity-zones';

const AT_ONCE = 20;

interface Dirty {
  readonly orgId: string;
  readonly actorId: string;
  readonly from: Date;
  readonly to: Date;
}

/**
 * Sessions and days of people, made anew from all their events of that time whenever one comes: any order and repetition
 * gives the same.
 */
export class ActivityDigest {
  constructor(
    private readonly hub: Hub,
    private readonly zones: ActivityZones,
  ) {}

  /** @returns whether there may be more */
  async digest(): Promise<boolean> {
    return this.hub.transact(async () => {
      // Whoever hands in more meanwhile waits for this row, and makes another one.
      const rows = await this.hub.select<Dirty>(
        `SELECT org_id AS orgId, actor_id AS actorId, from_at AS \`from\`, to_at AS \`to\` FROM activity_dirty
          ORDER BY org_id, actor_id LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
      );
      for (const row of rows) {
        await this.sessions(row);
        await this.days(row);
        await this.hub.sequelize.query('DELETE FROM activity_dirty WHERE org_id = ? AND actor_id = ?', {
          replacements: [row.orgId, row.actorId],
        });
      }
      return rows.length === AT_ONCE;
    });
  }

  private async sessions({ orgId, actorId, from, to }: Dirty): Promise<void> {
    const span = await this.touched(orgId, actorId, { from, to });
    const events = await this.hub.select<{ at: Date }>(
      `SELECT at FROM activity_events WHERE org_id = :orgId AND actor_id = :actorId AND at >= :from AND at <= :to`,
      { orgId, actorId, ...span },
    );
    const made = sessionsOf(events.map(({ at }) => at.getTime()));
    await this.hub.sequelize.query(
      'DELETE FROM activity_sessions WHERE org_id = ? AND actor_id = ? AND started_at >= ? AND started_at <= ?',
      { replacements: [orgId, actorId, span.from, span.to] },
    );
    if (made.length === 0) return;
    await this.hub.sequelize.query(
      `INSERT INTO activity_sessions (org_id, actor_id, started_at, ended_at, events, active_sec)
       VALUES ${made.map(() => '(?,?,?,?,?,?)').join(',')}`,
      {
        replacements: made.flatMap((one) => [
          orgId,
          actorId,
          new Date(one.start),
          new Date(one.end),
          one.events,
          one.activeSec,
        ]),
      },
    );
  }

  /** From the beginning of the first session that new events may join to the end of the last one. */
  private async touched(orgId: string, actorId: string, { from, to }: { from: Date; to: Date }) {
    const [row] = await this.hub.select<{ from: Date | null; to: Date | null }>(
      `SELECT MIN(started_at) AS \`from\`, MAX(ended_at) AS \`to\` FROM activity_sessions
        WHERE org_id = :orgId AND actor_id = :actorId AND ended_at > :early AND started_at < :late`,
      {
        orgId,
        actorId,
        early: new Date(from.getTime() - SESSION_GAP_MS),
        late: new Date(to.getTime() + SESSION_GAP_MS),
      },
    );
    return {
      from: row?.from && row.from < from ? row.from : from,
      to: row?.to && row.to > to ? row.to : to,
    };
  }

  private async days({ orgId, actorId, from, to }: Dirty): Promise<void> {
    const zone = await this.zones.of(orgId);
    const first = dateIn(from, zone);
    const last = dateIn(to, zone);
    const rows = await this.hub.select<{ at: Date; objectType: string; verb: string }>(
      `SELECT at, object_type AS objectType, verb FROM activity_events
        WHERE org_id = :orgId AND actor_id = :actorId AND at >= :from AND at < :to`,
      { orgId, actorId, from: startOfDay(first, zone), to: startOfDay(nextDate(last), zone) },
    );
    const dateOf = localDates(zone);
    const counts = new Map<string, [date: string, objectType: string, verb: string, events: number]>();
    for (const { at, objectType, verb } of rows) {
      const date = dateOf(at);
      const key = `${date} ${objectType} ${verb}`;
      counts.set(key, [date, objectType, verb, (counts.get(key)?.[3] ?? 0) + 1]);
    }
    if (counts.size === 0) return;
    await this.hub.sequelize.query(
      `INSERT INTO activity_days (org_id, actor_id, date, object_type, verb, events)
       VALUES ${[...counts].map(() => '(?,?,?,?,?,?)').join(',')} ON DUPLICATE KEY UPDATE events = VALUES(events)`,
      { replacements: [...counts.values()].flatMap((count) => [orgId, actorId, ...count]) },
    );
  }
}
