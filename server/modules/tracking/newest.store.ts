import type { PoolConnection } from 'mysql2/promise';
import type { Hub } from '../../platform';
import { FUTURE } from './fix.policy';
import { type FixRow, instant } from './fix.store';

/** Of a trackable: what its newest position is raised to. */
export type Newest = Pick<
  FixRow,
  | 'orgId'
  | 'trackableId'
  | 'at'
  | 'receivedAt'
  | 'latE7'
  | 'lngE7'
  | 'accuracy'
  | 'speed'
  | 'heading'
  | 'battery'
  | 'flags'
>;

const DAY_MS = 86_400_000;
const LEFT_BEHIND_MS = 2_000;
const GROUPS_A_ROUND = 100;
/** Fixes are received before their group is made: they waited to be stored. */
const RECEIVED_BEFORE_MS = 60_000;

const keyOf = ({ orgId, trackableId }: { orgId: string; trackableId: string }): string => `${orgId}:${trackableId}`;

/** The newest position of each trackable, raised behind the stored fixes: often, and for many fixes at once. */
export class NewestStore {
  private newest = new Map<string, Newest>();
  private groups = new Set<string>();
  /** By organisation, trackable and UTC day: the oldest fix that came. */
  private touched = new Map<string, number>();
  private raising: Promise<void> = Promise.resolve();

  constructor(private readonly hub: Hub) {}

  /** Takes rows that are stored, and the group they were stored in. */
  note(rows: readonly FixRow[], group: string): void {
    this.groups.add(group);
    this.touch(rows);
    for (const row of rows) {
      const known = this.newest.get(keyOf(row));
      // What lies ahead of our clock must never stand in the way of what comes.
      if ((row.flags & FUTURE) === 0 && (!known || row.at > known.at)) this.newest.set(keyOf(row), row);
    }
  }

  /** Most batches are of one day, and in order. */
  private touch(rows: readonly FixRow[]): void {
    const [first] = rows;
    const last = rows.at(-1);
    if (!first || !last) return;
    const day = Math.floor(first.at / DAY_MS);
    if (day === Math.floor(last.at / DAY_MS)) return this.touchDay(first, day);
    for (const row of rows) this.touchDay(row, Math.floor(row.at / DAY_MS));
  }

  private touchDay({ orgId, trackableId, at }: FixRow, day: number): void {
    const key = `${orgId}:${trackableId}:${day}`;
    const since = this.touched.get(key);
    if (since === undefined || at < since) this.touched.set(key, at);
  }

  /**
   * Raises what was noted so far, and waits for what is being raised already: afterwards the table holds whatever this
   * node has acknowledged. On an error it is kept for the next time.
   */
  raise(): Promise<void> {
    const before = this.raising;
    const raised = before.catch(() => {}).then(() => this.raiseNoted());
    // Whoever asked hears of an error; the next one in line only waits.
    raised.catch(() => {});
    this.raising = raised;
    return raised;
  }

  private async raiseNoted(): Promise<void> {
    if (this.groups.size === 0) return;
    const { newest, groups, touched } = this;
    this.newest = new Map();
    this.groups = new Set();
    this.touched = new Map();
    try {
      await this.write([...newest.values()], [...groups], touched);
    } catch (error) {
      for (const group of groups) this.groups.add(group);
      for (const [key, at] of touched) this.touched.set(key, Math.min(at, this.touched.get(key) ?? at));
      for (const [key, row] of newest) if ((this.newest.get(key)?.at ?? 0) < row.at) this.newest.set(key, row);
      throw error;
    }
  }

  /** Raises what a node stored and did not live to raise. @returns how many groups there were */
  async repair(): Promise<number> {
    const left = await this.hub.select<{ id: string; trackables: string; madeAt: Date }>(
      'SELECT id, trackables, made_at AS madeAt FROM fix_groups WHERE made_at < :before ORDER BY made_at LIMIT :limit',
      { before: new Date(this.hub.now().getTime() - LEFT_BEHIND_MS), limit: GROUPS_A_ROUND },
    );
    if (left.length === 0) return 0;
    const trackables = new Set(left.flatMap((group) => group.trackables.split(',')));
    const rows: Newest[] = [];
    const touched = new Map<string, number>();
    const [oldest] = left;
    for (const key of trackables) {
      const [orgId = '', trackableId = ''] = key.split(':');
      const row = await this.stored(orgId, trackableId);
      if (row) rows.push(row);
      for (const since of await this.storedSince(orgId, trackableId, oldest?.madeAt ?? this.hub.now()))
        touched.set(`${key}:${Math.floor(since / DAY_MS)}`, since);
    }
    await this.write(
      rows,
      left.map(({ id }) => id),
      touched,
    );
    return left.length;
  }

  private async stored(orgId: string, trackableId: string): Promise<Newest | null> {
    const [row] = await this.hub.select<Omit<Newest, 'at' | 'receivedAt'> & { at: Date; receivedAt: Date }>(
      `SELECT org_id AS orgId, trackable_id AS trackableId, at, received_at AS receivedAt, lat_e7 AS latE7, lng_e7 AS lngE7,
         accuracy_m AS accuracy, speed_mps AS speed, heading_deg AS heading, battery, flags FROM fixes
       WHERE org_id = :orgId AND trackable_id = :trackableId AND flags & :future = 0 ORDER BY at DESC LIMIT 1`,
      { orgId, trackableId, future: FUTURE },
    );
    return row ? { ...row, at: row.at.getTime(), receivedAt: row.receivedAt.getTime() } : null;
  }

  /** Of each UTC day that fixes came for since an instant: the oldest of them. */
  private async storedSince(orgId: string, trackableId: string, since: Date): Promise<number[]> {
    const rows = await this.hub.select<{ since: Date }>(
      `SELECT MIN(at) AS since FROM fixes WHERE org_id = :orgId AND trackable_id = :trackableId AND received_at >= :since
        GROUP BY TO_DAYS(at)`,
      { orgId, trackableId, since: new Date(since.getTime() - RECEIVED_BEFORE_MS) },
    );
    return rows.map((row) => row.since.getTime());
  }

  private async write(
    rows: readonly Newest[],
    groups: readonly string[],
    touched: ReadonlyMap<string, number>,
  ): Promise<void> {
    // In order of their keys, so that nodes do not wait for each other in a circle.
    const sorted = rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const connection = await this.hub.pool.getConnection();
    try {
      await connection.beginTransaction();
      if (sorted.length > 0) await lift(connection, sorted);
      if (touched.size > 0) await connection.query(queueDays(touched));
      await connection.query('DELETE FROM fix_groups WHERE id IN (?)', [groups]);
      await connection.commit();
    } catch (error) {
      await connection.rollback().catch(() => connection.destroy());
      throw error;
    } finally {
      connection.release();
    }
  }
}

const COLUMNS = ['received_at', 'lat_e7', 'lng_e7', 'accuracy_m', 'speed_mps', 'heading_deg', 'battery', 'flags'];
const INSERT = `INSERT INTO last_positions (org_id, trackable_id, at, heard_at, ${COLUMNS.join(', ')}) VALUES `;
// `at` is raised last: the conditions before it compare with the old value.
const RAISE = ` ON DUPLICATE KEY UPDATE ${COLUMNS.map((name) => `${name} = IF(VALUES(at) > at, VALUES(${name}), ${name})`).join(', ')},
  heard_at = GREATEST(heard_at, VALUES(heard_at)), at = GREATEST(at, VALUES(at))`;

/** Written here for the reason that the fixes are: ten times a second, a row for everybody who moved. */
async function lift(connection: PoolConnection, rows: readonly Newest[]): Promise<void> {
  const positions = rows.map((row) => {
    const receivedAt = instant(row.receivedAt);
    return `('${row.orgId}','${row.trackableId}','${instant(row.at)}','${receivedAt}','${receivedAt}',${row.latE7},${row.lngE7},${row.accuracy},${row.speed},${row.heading},${row.battery},${row.flags})`;
  });
  await connection.query(INSERT + positions.join(',') + RAISE);
  const tracks = rows.map(({ orgId, trackableId }) => `('${orgId}','${trackableId}')`);
  await connection.query(
    `INSERT INTO track_queue (org_id, trackable_id) VALUES ${tracks.join(',')} ON DUPLICATE KEY UPDATE mark = mark + 1`,
  );
}

/** In order of their keys, as above. */
function queueDays(touched: ReadonlyMap<string, number>): string {
  const days = [...touched]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, since]) => {
      const [orgId, trackableId, day] = key.split(':');
      return `('${orgId}','${trackableId}',${day},'${instant(since)}')`;
    });
  return `INSERT INTO day_queue (org_id, trackable_id, utc_day, since) VALUES ${days.join(',')}
    ON DUPLICATE KEY UPDATE since = LEAST(since, VALUES(since)), mark = mark + 1`;
}
