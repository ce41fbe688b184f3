import type { Pool, PoolConnection } from 'mysql2/promise';
import { type Hub, Unavailable } from '../../platform';
import { FUTURE } from './fix.policy';

/** A fix as its row; degrees × 10⁷, metres, metres a second, degrees. */
export interface FixRow {
  readonly orgId: string;
  readonly trackableId: string;
  readonly device: string;
  readonly boot: string;
  readonly n: number;
  readonly at: Date;
  readonly receivedAt: Date;
  readonly segment: number;
  readonly latE7: number;
  readonly lngE7: number;
  readonly accuracy: number;
  readonly altitude: number | null;
  readonly speed: number | null;
  readonly heading: number | null;
  readonly battery: number | null;
  readonly flags: number;
}

interface Submission {
  readonly rows: readonly FixRow[];
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

const GROUP_ROWS = 500;
const COMMITS_AT_ONCE = 2;
const BUFFER_ROWS = 20_000;
const RETRIES = 5;

/**
 * Group commit: while one commit is under way the next group gathers, so a lone fix waits for nobody and a crowd shares
 * its commits. `add` resolves when the rows are in MySQL. The buffer is bounded: beyond it phones are told to wait.
 */
export class FixStore {
  private queue: Submission[] = [];
  private queuedRows = 0;
  private committing = 0;
  private readonly pool: Pool;

  constructor(private readonly hub: Hub) {
    this.pool = hub.pool;
  }

  /** @throws Unavailable DEPENDENCY_DOWN; then nothing of `rows` is known to be stored */
  async add(rows: readonly FixRow[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.queuedRows + rows.length > BUFFER_ROWS)
      throw new Unavailable('DEPENDENCY_DOWN', 'Too many fixes are waiting to be stored.', { retryAfterMs: 2_000 });
    await new Promise<void>((stored, failed) => {
      this.queue.push({ rows, stored, failed });
      this.queuedRows += rows.length;
      // In the next turn, so that what arrives in this one joins.
      setImmediate(() => this.pump());
    });
  }

  private pump(): void {
    while (this.committing < COMMITS_AT_ONCE && this.queue.length > 0) {
      const group = this.takeGroup();
      this.committing += 1;
      void this.settle(group).finally(() => {
        this.committing -= 1;
        this.pump();
      });
    }
  }

  private takeGroup(): Submission[] {
    const group: Submission[] = [];
    let rows = 0;
    for (
      let next = this.queue[0];
      next && (rows === 0 || rows + next.rows.length <= GROUP_ROWS);
      next = this.queue[0]
    ) {
      group.push(next);
      rows += next.rows.length;
      this.queue.shift();
    }
    this.queuedRows -= rows;
    return group;
  }

  private async settle(group: Submission[]): Promise<void> {
    try {
      await this.commit(group.flatMap(({ rows }) => rows));
      for (const { stored } of group) stored();
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only) return only.failed(error);
      // One bad submission must not fail its neighbours.
      for (const submission of group) await this.settle([submission]);
    }
  }

  private async commit(rows: readonly FixRow[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const connection = await this.pool.getConnection();
      try {
        await connection.beginTransaction();
        await insertFixes(connection, rows);
        await raiseLast(connection, rows);
        await connection.commit();
        this.hub.metrics.groupCommit.observe(rows.length);
        return;
      } catch (error) {
        await connection.rollback().catch(() => {});
        const retry = error instanceof Error && 'errno' in error && (error.errno === 1213 || error.errno === 1205);
        if (!retry || attempt >= RETRIES) throw error;
      } finally {
        connection.release();
      }
    }
  }
}

const marks = (rows: number, columns: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(',')})`).join(',');

async function insertFixes(connection: PoolConnection, rows: readonly FixRow[]): Promise<void> {
  // A repeat meets its own key and changes nothing. IGNORE would also swallow what is really wrong.
  await connection.query(
    `INSERT INTO fixes (org_id, device_id, boot, n, at, trackable_id, received_at, segment, lat_e7, lng_e7, accuracy_m,
       altitude_m, speed_mps, heading_deg, battery, flags) VALUES ${marks(rows.length, 16)}
     ON DUPLICATE KEY UPDATE n = VALUES(n)`,
    rows.flatMap((row) => [
      row.orgId,
      row.device,
      row.boot,
      row.n,
      row.at,
      row.trackableId,
      row.receivedAt,
      row.segment,
      row.latE7,
      row.lngE7,
      row.accuracy,
      row.altitude,
      row.speed,
      row.heading,
      row.battery,
      row.flags,
    ]),
  );
}

/** Lifts the newest positions and marks their tracks as grown; rows in order of their keys, so that nodes do not deadlock. */
async function raiseLast(connection: PoolConnection, rows: readonly FixRow[]): Promise<void> {
  const newest = new Map<string, FixRow>();
  for (const row of rows) {
    const known = newest.get(row.trackableId);
    if ((row.flags & FUTURE) === 0 && (!known || row.at > known.at)) newest.set(row.trackableId, row);
  }
  const sorted = [...newest.values()].toSorted((a, b) => (a.orgId + a.trackableId < b.orgId + b.trackableId ? -1 : 1));
  if (sorted.length === 0) return;
  const columns = ['received_at', 'lat_e7', 'lng_e7', 'accuracy_m', 'speed_mps', 'heading_deg', 'battery', 'flags'];
  // `at` is raised last: the conditions before it compare with the old value.
  await connection.query(
    `INSERT INTO last_positions (org_id, trackable_id, at, heard_at, ${columns.join(', ')}) VALUES ${marks(sorted.length, 12)}
     ON DUPLICATE KEY UPDATE ${columns.map((name) => `${name} = IF(VALUES(at) > at, VALUES(${name}), ${name})`).join(', ')},
       heard_at = GREATEST(heard_at, VALUES(heard_at)), at = GREATEST(at, VALUES(at))`,
    sorted.flatMap((row) => [
      row.orgId,
      row.trackableId,
      row.at,
      row.receivedAt,
      row.receivedAt,
      row.latE7,
      row.lngE7,
      row.accuracy,
      row.speed,
      row.heading,
      row.battery,
      row.flags,
    ]),
  );
  await connection.query(
    `INSERT INTO track_queue (org_id, trackable_id) VALUES ${marks(sorted.length, 2)} ON DUPLICATE KEY UPDATE mark = mark + 1`,
    sorted.flatMap((row) => [row.orgId, row.trackableId]),
  );
}
