import type { Pool, PoolConnection } from 'mysql2/promise';
import { type Hub, Unavailable, ulid } from '../../platform';

/** A fix as its row; degrees × 10⁷, metres, metres a second, degrees; instants in milliseconds since 1970. */
export interface FixRow {
  readonly orgId: string;
  readonly trackableId: string;
  readonly device: string;
  readonly boot: string;
  readonly n: number;
  readonly at: number;
  readonly receivedAt: number;
  readonly segment: number;
  readonly latE7: number;
  readonly lngE7: number;
  readonly accuracy: number;
  readonly altitude: number | null;
  readonly speed: number | null;
  readonly heading: number | null;
  readonly battery: number | null;
  readonly flags: number;
  readonly speedAccuracy: number | null;
  readonly odometer: number | null;
}

interface Submission {
  /** The rows as they stand in the statement, and how many they are. */
  readonly values: string;
  readonly rows: number;
  /** `<organisation>:<trackable>` */
  readonly track: string;
  readonly stored: (group: string) => void;
  readonly failed: (error: unknown) => void;
}

const GROUP_ROWS = 500;
/** A commit costs the database as much as a hundred rows do, and a phone does not mind this. */
const GATHER_MS = 25;
const COMMITS_AT_ONCE = 2;
const BUFFER_ROWS = 20_000;
const RETRIES = 5;
const ID = /^[0-9A-Za-z]{26}$/;

/**
 * Group commit: fixes gather for a moment, or until there are enough of them, and share a commit. The buffer is bounded: beyond it phones are told to wait.
 */
export class FixStore {
  private queue: Submission[] = [];
  private queuedRows = 0;
  private committing = 0;
  private gathering: NodeJS.Timeout | undefined;
  private readonly pool: Pool;

  constructor(private readonly hub: Hub) {
    this.pool = hub.pool;
  }

  /**
   * Stores the rows of one device and start. `stored` is told when they are in MySQL, with the id of their group: its row stands for what is not
   * yet known of the newest positions, and is removed by whoever raises them. `failed` is told the error; then nothing
   * of `rows` is known to be stored. Two functions and no promise: this is what a hub does most.
   */
  add(rows: readonly FixRow[], failed: Submission['failed'], stored: Submission['stored']): void {
    if (this.queuedRows + rows.length > BUFFER_ROWS)
      return failed(
        new Unavailable('DEPENDENCY_DOWN', 'Too many fixes are waiting to be stored.', { retryAfterMs: 2_000 }),
      );
    const [first] = rows;
    if (!first) throw new Error('there is nothing to store');
    const track = `${first.orgId}:${first.trackableId}`;
    this.queue.push({ values: valuesOf(first, rows), rows: rows.length, track, stored, failed });
    this.queuedRows += rows.length;
    if (this.queuedRows >= GROUP_ROWS) this.pump();
    else this.gathering ??= setTimeout(() => this.pump(), GATHER_MS);
  }

  private pump(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    while (this.committing < COMMITS_AT_ONCE && this.queue.length > 0) {
      const group = this.takeGroup();
      this.committing += 1;
      void this.settle(group).finally(() => {
        this.committing -= 1;
        if (this.gathering === undefined || this.queuedRows >= GROUP_ROWS) this.pump();
      });
    }
  }

  private takeGroup(): Submission[] {
    let rows = 0;
    let taken = 0;
    for (const submission of this.queue) {
      if (taken > 0 && rows + submission.rows > GROUP_ROWS) break;
      rows += submission.rows;
      taken += 1;
    }
    this.queuedRows -= rows;
    return this.queue.splice(0, taken);
  }

  private async settle(group: Submission[]): Promise<void> {
    try {
      const id = await this.commit(group);
      for (const { stored } of group) stored(id);
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only) return only.failed(error);
      // One bad submission must not fail its neighbours.
      for (const submission of group) await this.settle([submission]);
    }
  }

  private async commit(group: readonly Submission[]): Promise<string> {
    const id = ulid();
    const trackables = new Set(group.map(({ track }) => track));
    const insert = INSERT + group.map(({ values }) => values).join(',') + UNLESS_KNOWN;
    for (let attempt = 1; ; attempt += 1) {
      const connection = await this.pool.getConnection();
      try {
        await connection.beginTransaction();
        await connection.query(insert);
        await connection.query(groupOf(id, this.hub.now().getTime(), trackables));
        await connection.commit();
        this.hub.metrics.groupCommit.observe(group.reduce((sum, { rows }) => sum + rows, 0));
        return id;
      } catch (error) {
        await undo(connection);
        const retry = error instanceof Error && 'errno' in error && (error.errno === 1213 || error.errno === 1205);
        if (!retry || attempt >= RETRIES) throw error;
      } finally {
        connection.release();
      }
    }
  }
}

async function undo(connection: PoolConnection): Promise<void> {
  await connection.rollback().catch(() => connection.destroy());
}

const INSERT = `INSERT INTO fixes (org_id, device_id, boot, n, at, trackable_id, received_at, segment, lat_e7, lng_e7,
  accuracy_m, altitude_m, speed_mps, heading_deg, battery, flags, speed_accuracy_mps, odometer_m) VALUES `;
// A repeat meets its own key and changes nothing. IGNORE would also swallow what is really wrong.
const UNLESS_KNOWN = ' ON DUPLICATE KEY UPDATE n = VALUES(n)';

/**
 * The statement is written here and not by the driver: five hundred rows of eighteen values are most of what a commit
 * costs this process. Only numbers and checked ids enter it.
 */
function valuesOf({ orgId, device, boot, trackableId, receivedAt }: FixRow, rows: readonly FixRow[]): string {
  for (const id of [orgId, device, boot, trackableId])
    if (!ID.test(id)) throw new Error('an id that is none reached the store of fixes');
  const before = `('${orgId}','${device}','${boot}',`;
  const between = `,'${trackableId}','${recently(receivedAt)}',`;
  let values = '';
  for (const row of rows)
    values += `${values === '' ? '' : ','}${before}${row.n},'${instant(row.at)}'${between}${row.segment},${row.latE7},${row.lngE7},${row.accuracy},${row.altitude},${row.speed},${row.heading},${row.battery},${row.flags},${row.speedAccuracy},${row.odometer})`;
  return values;
}

const groupOf = (id: string, madeAt: number, trackables: ReadonlySet<string>): string =>
  `INSERT INTO fix_groups (id, made_at, trackables) VALUES ('${id}', '${instant(madeAt)}', '${[...trackables].join(',')}')`;

/** As both engines read it; a `Z` at the end is no part of their DATETIME. */
export const instant = (ms: number): string => new Date(ms).toISOString().slice(0, 23);

let recent = { ms: 0, text: '' };

/** Many fixes are received in the same millisecond. */
function recently(ms: number): string {
  if (recent.ms !== ms) recent = { ms, text: instant(ms) };
  return recent.text;
}
