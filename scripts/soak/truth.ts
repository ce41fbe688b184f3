import type { Pool, RowDataPacket } from 'mysql2/promise';
import { FenceIndex, shapeOf, usualBufferM } from '../../server/modules/branches';
import { FenceWalk } from '../../server/modules/tracking/fence-walk.policy';

export interface LoggedEvent {
  readonly n: number;
  readonly id: string;
  readonly epoch: string;
  readonly event: string;
  readonly at: number;
}

/** Jobs that the clock makes are younger than this at any moment. */
const YOUNG_JOB_MS = 8_000;

async function rows<Row>(pool: Pool, sql: string, values: unknown[] = []): Promise<Row[]> {
  const [found] = await pool.query<RowDataPacket[]>(sql, values);
  // Whoever writes the statement knows its columns.
  return found as Row[];
}

/** What MySQL says of how things stand: the truth that everybody else is held to. */
export class Truth {
  constructor(private readonly pool: Pool) {}

  async streams(): Promise<Map<string, LoggedEvent[]>> {
    const all = await rows<LoggedEvent & { stream: string; at: Date }>(
      this.pool,
      'SELECT stream, n, id, epoch, event, at FROM stream_events ORDER BY stream, n',
    );
    const streams = new Map<string, LoggedEvent[]>();
    for (const { stream, at, ...event } of all) {
      const events = streams.get(stream) ?? [];
      streams.set(stream, events);
      events.push({ ...event, at: at.getTime() });
    }
    return streams;
  }

  /** Streams whose numbers have a hole, or do not end where their head says. */
  async holes(): Promise<string[]> {
    const found = await rows<{ stream: string; n: number; events: number; newest: number }>(
      this.pool,
      `SELECT h.stream, h.n, COUNT(DISTINCT e.n) AS events, COALESCE(MAX(e.n), 0) AS newest FROM stream_heads h
       LEFT JOIN stream_events e ON e.stream = h.stream AND e.epoch = h.epoch GROUP BY h.stream, h.n
       HAVING events <> h.n OR newest <> h.n`,
    );
    return found.map(({ stream, n, events }) => `${stream}: the head says ${n}, the log holds ${events}`);
  }

  /** How often each command made a check-in, by the note that it left. */
  async checkIns(): Promise<{ id: string; note: string; endedAt: Date | null }[]> {
    return rows(this.pool, 'SELECT id, note, ended_at AS endedAt FROM check_ins');
  }

  /** How often a check-in's end was told, by its id. */
  async ends(): Promise<Map<string, number>> {
    const found = await rows<{ id: string; times: number }>(
      this.pool,
      `SELECT JSON_VALUE(data, '$.id') AS id, COUNT(*) AS times FROM stream_events WHERE event = 'check-in:ended' GROUP BY 1`,
    );
    return new Map(found.map(({ id, times }) => [id, times]));
  }

  async runs(): Promise<{ id: string; status: string }[]> {
    return rows(this.pool, 'SELECT id, status FROM report_runs');
  }

  async runningReports(): Promise<number> {
    const [row] = await rows<{ running: number }>(
      this.pool,
      "SELECT COUNT(*) AS running FROM report_runs WHERE status = 'running'",
    );
    return row?.running ?? 0;
  }

  async openJobs(): Promise<string[]> {
    const found = await rows<{ id: string; name: string; createdAt: Date; handedAt: Date | null }>(
      this.pool,
      `SELECT id, name, created_at AS createdAt, handed_at AS handedAt FROM outbox_jobs
       WHERE state = 'open' AND due_at < ?`,
      [new Date(Date.now() - YOUNG_JOB_MS)],
    );
    return found.map(
      ({ id, name, createdAt, handedAt }) =>
        `${name} ${id}, of ${createdAt.toISOString()}, handed ${handedAt?.toISOString() ?? 'never'}`,
    );
  }

  async deadJobs(): Promise<string[]> {
    const found = await rows<{ id: string; name: string }>(
      this.pool,
      "SELECT id, name FROM outbox_jobs WHERE state = 'dead'",
    );
    return found.map(({ id, name }) => `${name} ${id}`);
  }

  /** Events that were committed and are still to be marked as sent. */
  async unsentEvents(): Promise<number> {
    const [row] = await rows<{ unsent: number }>(
      this.pool,
      'SELECT COUNT(*) AS unsent FROM stream_events WHERE pending = 1',
    );
    return row?.unsent ?? 0;
  }

  async fixes(device: string, boot: string): Promise<number> {
    const [row] = await rows<{ fixes: number }>(
      this.pool,
      'SELECT COUNT(DISTINCT n) AS fixes FROM fixes WHERE device_id = ? AND boot = ?',
      [device, boot],
    );
    return row?.fixes ?? 0;
  }

  /** Crossings that the stored fixes of a device make, and how many of them were told. */
  async crossings(
    device: string,
    circle: { center: { lat: number; lng: number }; radiusM: number },
  ): Promise<{ made: number; told: number }> {
    const fixes = await rows<{ at: Date; latE7: number; lngE7: number; accuracy: number; trackableId: string }>(
      this.pool,
      `SELECT at, lat_e7 AS latE7, lng_e7 AS lngE7, accuracy_m AS accuracy, trackable_id AS trackableId
       FROM fixes WHERE device_id = ? ORDER BY at, n`,
      [device],
    );
    const shape = shapeOf(circle);
    const branch = { id: 'branch', isBranch: true, branchId: 'branch', clientId: null, name: 'branch' };
    const usual = { accMaxM: 100, hours: null, speedLimitKmh: null, dwellMs: null };
    const walk = new FenceWalk(
      new FenceIndex([{ ...shape, ...branch, ...usual, bufferM: usualBufferM(circle.radiusM) }]),
    );
    let made = 0;
    for (const { at, latE7, lngE7, accuracy } of fixes)
      made += walk.next({ at: at.getTime(), lat: latE7 / 1e7, lng: lngE7 / 1e7, accuracy }).length;
    const [row] = await rows<{ told: number }>(
      this.pool,
      `SELECT COUNT(*) AS told FROM stream_events WHERE event LIKE 'geofence:%' AND JSON_VALUE(data, '$.trackableId') = ?`,
      [fixes[0]?.trackableId ?? ''],
    );
    return { made, told: row?.told ?? 0 };
  }
}
