import type { Hub } from '../../platform';
import { FUTURE } from './fix.policy';
import { instant } from './fix.store';
import type { TrackFix } from './sieve.policy';
import type { DayState, DaySum } from './track-day.policy';

/** A trackable's local day. */
export interface DayOf {
  readonly orgId: string;
  readonly trackableId: string;
  readonly date: string;
}

export interface Queued {
  readonly orgId: string;
  readonly trackableId: string;
  readonly utcDay: number;
  readonly since: Date;
  readonly mark: number;
}

export interface Dirty extends DayOf {
  readonly isLate: number;
  readonly mark: number;
}

export interface DayRow {
  readonly trackableId: string;
  readonly date: string;
  readonly revision: number;
  readonly lastAt: Date | null;
  readonly tail: TrackFix | null;
  readonly state: DayState | null;
}

interface FixColumns extends Omit<TrackFix, 'at' | 'lat' | 'lng'> {
  readonly trackableId: string;
  readonly at: Date;
  readonly latE7: number;
  readonly lngE7: number;
  readonly boot: string;
  readonly n: number;
}

const FIX = `trackable_id AS trackableId, at, lat_e7 AS latE7, lng_e7 AS lngE7, accuracy_m AS accuracy,
  speed_mps AS speed, speed_accuracy_mps AS speedAccuracy, odometer_m AS odometer, device_id AS device, boot, n`;
const IN_ORDER = 'ORDER BY at, device_id, boot, n';
const CHUNK = 20_000;
const DEBOUNCE_MS = 10_000;
/** However often a day is touched again, it is not put off longer than this. */
const PUT_OFF_MS = 60_000;

const fixOf = ({ at, latE7, lngE7, accuracy, speed, speedAccuracy, odometer, device }: FixColumns): TrackFix => ({
  at: at.getTime(),
  lat: latE7 / 1e7,
  lng: lngE7 / 1e7,
  accuracy,
  speed,
  speedAccuracy,
  odometer,
  device,
});

/** Rows of days, of what waits to be added up, and the fixes that are. */
export class DayStore {
  constructor(private readonly hub: Hub) {}

  queued(limit: number): Promise<Queued[]> {
    return this.hub.select(
      `SELECT org_id AS orgId, trackable_id AS trackableId, utc_day AS utcDay, since, mark FROM day_queue
        ORDER BY org_id, trackable_id, utc_day LIMIT :limit`,
      { limit },
    );
  }

  /** Holds those of the rows that nobody holds yet, as they are now, in the caller's transaction. */
  claim(rows: readonly Queued[]): Promise<Queued[]> {
    return this.hub.select(
      `SELECT org_id AS orgId, trackable_id AS trackableId, utc_day AS utcDay, since, mark FROM day_queue
        WHERE org_id = :orgId AND trackable_id IN (:ids) AND utc_day IN (:days)
        ORDER BY org_id, trackable_id, utc_day FOR UPDATE SKIP LOCKED`,
      {
        orgId: rows[0]?.orgId ?? '',
        ids: [...new Set(rows.map(({ trackableId }) => trackableId)), ''],
        days: [...new Set(rows.map(({ utcDay }) => utcDay))],
      },
    );
  }

  /** Only what nobody added to meanwhile; a late fix lowers `since`, a new one raises the mark. */
  async dequeue(done: readonly Queued[]): Promise<void> {
    if (done.length === 0) return;
    await this.write(
      `DELETE FROM day_queue WHERE ${done.map(() => '(org_id = ? AND trackable_id = ? AND utc_day = ? AND mark = ?)').join(' OR ')}`,
      done.flatMap(({ orgId, trackableId, utcDay, mark }) => [orgId, trackableId, utcDay, mark]),
    );
  }

  async enqueue(touched: readonly Omit<Queued, 'mark'>[]): Promise<void> {
    if (touched.length === 0) return;
    await this.write(
      `INSERT INTO day_queue (org_id, trackable_id, utc_day, since) VALUES ${touched.map(() => '(?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE since = LEAST(since, VALUES(since)), mark = mark + 1`,
      touched.flatMap(({ orgId, trackableId, utcDay, since }) => [orgId, trackableId, utcDay, since]),
    );
  }

  /** Fixes of some instants, a track after another, each in order; at most `limit` of them. */
  async between(
    orgId: string,
    spans: readonly { trackableId: string; from: number; to: number }[],
    limit: number,
  ): Promise<Map<string, TrackFix[]>> {
    const found = new Map<string, TrackFix[]>();
    if (spans.length === 0) return found;
    const rows = await this.hub.reads.all<FixColumns>(
      `SELECT ${FIX} FROM fixes WHERE org_id = ? AND flags & ? = 0
         AND (${spans.map(() => '(trackable_id = ? AND at > ? AND at < ?)').join(' OR ')})
       ORDER BY trackable_id, at, device_id, boot, n LIMIT ?`,
      [
        orgId,
        FUTURE,
        ...spans.flatMap(({ trackableId, from, to }) => [trackableId, instant(from), instant(to)]),
        limit,
      ],
    );
    for (const row of rows) {
      const own = found.get(row.trackableId);
      if (own) own.push(fixOf(row));
      else found.set(row.trackableId, [fixOf(row)]);
    }
    return found;
  }

  /** All fixes from one instant to another, in order, a part at a time. */
  async *fixes(orgId: string, trackableId: string, from: number, to: number): AsyncGenerator<TrackFix> {
    let after: FixColumns | undefined;
    for (;;) {
      const rows: FixColumns[] = await this.hub.reads.all<FixColumns>(
        `SELECT ${FIX} FROM fixes WHERE org_id = ? AND trackable_id = ? AND at >= ? AND at < ? AND flags & ? = 0
         ${after ? 'AND (at, device_id, boot, n) > (?, ?, ?, ?)' : ''} ${IN_ORDER} LIMIT ${CHUNK}`,
        [
          orgId,
          trackableId,
          instant(after?.at.getTime() ?? from),
          instant(to),
          FUTURE,
          ...(after ? [instant(after.at.getTime()), after.device, after.boot, after.n] : []),
        ],
      );
      for (const row of rows) yield fixOf(row);
      after = rows.at(-1);
      if (rows.length < CHUNK || !after) return;
    }
  }

  /** Makes the rows of days where there are none, and holds them. */
  async lock(orgId: string, days: readonly { trackableId: string; date: string; zone: string }[]): Promise<DayRow[]> {
    if (days.length === 0) return [];
    const sorted = days.toSorted((a, b) => (a.trackableId + a.date < b.trackableId + b.date ? -1 : 1));
    await this.write(
      `INSERT INTO tracked_days (org_id, trackable_id, on_date, zone) VALUES ${sorted.map(() => '(?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE zone = VALUES(zone)`,
      sorted.flatMap(({ trackableId, date, zone }) => [orgId, trackableId, date, zone]),
    );
    return this.days(orgId, sorted, 'FOR UPDATE');
  }

  async days(
    orgId: string,
    days: readonly { trackableId: string; date: string }[],
    lock: '' | 'FOR UPDATE' = '',
  ): Promise<DayRow[]> {
    if (days.length === 0) return [];
    const rows = await this.hub.select<Omit<DayRow, 'tail' | 'state'> & { tail: string | null; state: string | null }>(
      `SELECT trackable_id AS trackableId, DATE_FORMAT(on_date, '%Y-%m-%d') AS date, revision, last_at AS lastAt, tail, state
         FROM tracked_days WHERE org_id = :orgId AND (trackable_id, on_date) IN (:days) ORDER BY trackable_id, on_date ${lock}`,
      { orgId, days: days.map(({ trackableId, date }) => [trackableId, date]) },
    );
    // Both columns are written below, from the same types.
    return rows.map(({ tail, state, ...row }) => ({
      ...row,
      tail: tail === null ? null : (JSON.parse(tail) as TrackFix),
      state: state === null ? null : (JSON.parse(state) as DayState),
    }));
  }

  /** The newest day of each track that was added up. */
  async newestDates(orgId: string, trackableIds: readonly string[]): Promise<Map<string, string>> {
    if (trackableIds.length === 0) return new Map();
    const rows = await this.hub.select<{ trackableId: string; date: string }>(
      `SELECT trackable_id AS trackableId, DATE_FORMAT(MAX(on_date), '%Y-%m-%d') AS date FROM tracked_days
        WHERE org_id = :orgId AND trackable_id IN (:trackableIds) GROUP BY trackable_id`,
      { orgId, trackableIds },
    );
    return new Map(rows.map(({ trackableId, date }) => [trackableId, date]));
  }

  async keep(
    orgId: string,
    kept: readonly {
      readonly trackableId: string;
      readonly date: string;
      readonly revision: number;
      readonly sum: Omit<DaySum, 'trips' | 'stops' | 'gaps' | 'speedings'>;
      readonly state: DayState;
      /** More may come; one that is not is ended. */
      readonly isOpen: boolean;
    }[],
  ): Promise<void> {
    if (kept.length === 0) return;
    const at = (ms: number | null) => (ms === null ? null : new Date(ms));
    const columns = `distance_m, estimated_m, moving_sec, fixes, left_out, first_at, last_at, revision, tail, state, is_open`;
    await this.write(
      `INSERT INTO tracked_days (org_id, trackable_id, on_date, zone, ${columns})
       VALUES ${kept.map(() => `(?,?,?,'UTC',?,?,?,?,?,?,?,?,?,?,?)`).join(',')}
       ON DUPLICATE KEY UPDATE ${columns
         .split(', ')
         .map((name) => `${name} = VALUES(${name})`)
         .join(', ')}`,
      kept.flatMap(({ trackableId, date, revision, sum, state, isOpen }) => [
        orgId,
        trackableId,
        date,
        sum.metres,
        sum.estimatedMetres,
        Math.round(sum.movingMs / 1_000),
        sum.counted,
        sum.leftOut,
        at(sum.firstAt),
        at(sum.lastAt),
        revision,
        sum.tail && JSON.stringify(sum.tail),
        JSON.stringify(state),
        isOpen,
      ]),
    );
  }

  /** Days that may go on, and of which nothing was heard since an instant. */
  open(before: Date, limit: number): Promise<DayOf[]> {
    return this.hub.select(
      `SELECT org_id AS orgId, trackable_id AS trackableId, DATE_FORMAT(on_date, '%Y-%m-%d') AS date
         FROM tracked_days WHERE is_open AND last_at < :before ORDER BY last_at LIMIT :limit`,
      { before, limit },
    );
  }

  async shut({ orgId, trackableId, date }: DayOf): Promise<void> {
    await this.write('UPDATE tracked_days SET is_open = FALSE WHERE org_id = ? AND trackable_id = ? AND on_date = ?', [
      orgId,
      trackableId,
      date,
    ]);
  }

  /** Days to make anew in a moment; one that is touched again and again is put off, and not for ever. */
  async soil(days: readonly (DayOf & { isLate: boolean })[]): Promise<void> {
    if (days.length === 0) return;
    const now = this.hub.now().getTime();
    await this.write(
      `INSERT INTO dirty_days (org_id, trackable_id, on_date, due_at, latest_at, is_late) VALUES ${days.map(() => '(?,?,?,?,?,?)').join(',')}
       ON DUPLICATE KEY UPDATE due_at = LEAST(latest_at, VALUES(due_at)), is_late = is_late OR VALUES(is_late), mark = mark + 1`,
      days.flatMap(({ orgId, trackableId, date, isLate }) => [
        orgId,
        trackableId,
        date,
        new Date(now + DEBOUNCE_MS),
        new Date(now + PUT_OFF_MS),
        isLate,
      ]),
    );
  }

  due(limit: number): Promise<Dirty[]> {
    return this.hub.select(
      `SELECT org_id AS orgId, trackable_id AS trackableId, DATE_FORMAT(on_date, '%Y-%m-%d') AS date, is_late AS isLate, mark
         FROM dirty_days WHERE due_at <= :now ORDER BY due_at LIMIT :limit`,
      { now: this.hub.now(), limit },
    );
  }

  async clean({ orgId, trackableId, date, mark }: Dirty): Promise<void> {
    await this.write('DELETE FROM dirty_days WHERE org_id = ? AND trackable_id = ? AND on_date = ? AND mark = ?', [
      orgId,
      trackableId,
      date,
      mark,
    ]);
  }

  private async write(sql: string, replacements: unknown[]): Promise<void> {
    await this.hub.sequelize.query(sql, { replacements });
  }
}
