import { type Hub, ulid } from '../../platform';
import type { DayOf } from './day.store';

export type JourneyTable = 'trips' | 'track_stops' | 'track_gaps' | 'speed_events';

/** A trip, stop, silence or speeding as its row. */
export interface JourneyRow {
  readonly startAt: number;
  readonly endAt: number;
  readonly isOpen: boolean;
  /** What tells two apart that begin and end together, to a tenth. */
  readonly measure: number;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

interface Known {
  readonly id: string;
  readonly startAt: Date;
  readonly endAt: Date;
  readonly isOpen: number;
  readonly measure: number;
  /** A trip whose way was not drawn yet. */
  readonly isBare: number;
}

/** What became of one row; `id` stays with whatever covers the same time. */
export interface Change {
  readonly kind: 'added' | 'changed' | 'same';
  readonly id: string;
  readonly row: JourneyRow;
  readonly wasOpen: boolean;
}

export interface Reconciled {
  readonly changes: readonly Change[];
  readonly gone: readonly string[];
}

const OPEN: Readonly<Record<JourneyTable, string>> = {
  trips: "state = 'open'",
  track_stops: 'is_open',
  track_gaps: 'FALSE',
  speed_events: 'is_open',
};
const MEASURE: Readonly<Record<JourneyTable, string>> = {
  trips: 'distance_m',
  track_stops: 'fixes',
  track_gaps: 'distance_m',
  speed_events: 'max_kmh',
};

const tenths = (value: number): number => Math.round(value * 10);

/** Rows of what a day's track is made of. */
export class JourneyStore {
  constructor(private readonly hub: Hub) {}

  /** Writes those of a day that began since the last time, or go on; others are left as they are. */
  append(day: DayOf, table: JourneyTable, rows: readonly JourneyRow[]): Promise<Reconciled> {
    return this.put(day, table, rows, 'append');
  }

  /** Makes the day's rows these, and no others. */
  replace(day: DayOf, table: JourneyTable, rows: readonly JourneyRow[]): Promise<Reconciled> {
    return this.put(day, table, rows, 'replace');
  }

  private async put(
    day: DayOf,
    table: JourneyTable,
    rows: readonly JourneyRow[],
    how: 'append' | 'replace',
  ): Promise<Reconciled> {
    if (rows.length === 0 && how === 'append') return { changes: [], gone: [] };
    const known = await this.known(day, table);
    const left = new Map(known.map((one) => [one.id, one]));
    const changes: Change[] = [];
    const unmatched: JourneyRow[] = [];
    for (const row of rows) {
      const before = [...left.values()].find(({ startAt }) => startAt.getTime() === row.startAt);
      if (!before) {
        unmatched.push(row);
        continue;
      }
      left.delete(before.id);
      changes.push(changeOf(before, row));
    }
    for (const row of unmatched) {
      const before = how === 'replace' ? mostOverlapping(row, [...left.values()]) : undefined;
      if (before) left.delete(before.id);
      changes.push(before ? changeOf(before, row) : added(row));
    }
    const gone = how === 'replace' ? [...left.keys()] : [];
    await this.remove(day, table, gone);
    for (const change of changes) if (change.kind === 'changed') await this.update(day, table, change);
    const bare = new Set(known.filter(({ isBare }) => isBare === 1).map(({ id }) => id));
    for (const change of changes) if (change.kind === 'same' && bare.has(change.id)) await this.draw(day, change);
    for (const change of changes) if (change.kind === 'added') await this.insert(day, table, change);
    return { changes: changes.toSorted((a, b) => a.row.startAt - b.row.startAt), gone };
  }

  private known({ orgId, trackableId, date }: DayOf, table: JourneyTable): Promise<Known[]> {
    return this.hub.select(
      `SELECT id, start_at AS startAt, end_at AS endAt, ${OPEN[table]} AS isOpen, ${MEASURE[table]} AS measure,
         ${table === 'trips' ? 'polyline IS NULL' : 'FALSE'} AS isBare FROM ${table}
        WHERE org_id = :orgId AND trackable_id = :trackableId AND on_date = :date ORDER BY start_at FOR UPDATE`,
      { orgId, trackableId, date },
    );
  }

  private async remove({ orgId }: DayOf, table: JourneyTable, ids: readonly string[]): Promise<void> {
    if (ids.length > 0)
      await this.hub.sequelize.query(`DELETE FROM ${table} WHERE org_id = :orgId AND id IN (:ids)`, {
        replacements: { orgId, ids: [...ids] },
      });
  }

  private async draw({ orgId }: DayOf, { id, row }: Change): Promise<void> {
    const polyline = row.values['polyline'] ?? null;
    if (polyline === null) return;
    await this.hub.sequelize.query('UPDATE trips SET polyline = :polyline WHERE org_id = :orgId AND id = :id', {
      replacements: { polyline, orgId, id },
    });
  }

  private async update({ orgId }: DayOf, table: JourneyTable, { id, row, wasOpen }: Change): Promise<void> {
    const isTrip = table === 'trips';
    const values = isTrip && !wasOpen && !row.isOpen ? { ...row.values, state: 'recomputed' } : row.values;
    const columns = Object.entries(values);
    await this.hub.sequelize.query(
      `UPDATE ${table} SET start_at = ?, end_at = ?${columns.map(([name]) => `, ${name} = ?`).join('')}
       ${isTrip && !row.isOpen ? ', version = version + 1' : ''} WHERE org_id = ? AND id = ?`,
      { replacements: [new Date(row.startAt), new Date(row.endAt), ...columns.map(([, value]) => value), orgId, id] },
    );
  }

  private async insert({ orgId, trackableId, date }: DayOf, table: JourneyTable, { id, row }: Change): Promise<void> {
    const columns = Object.entries(row.values);
    await this.hub.sequelize.query(
      `INSERT INTO ${table} (org_id, id, trackable_id, on_date, start_at, end_at${columns.map(([name]) => `, ${name}`).join('')})
       VALUES (?,?,?,?,?,?${columns.map(() => ',?').join('')})`,
      {
        replacements: [
          orgId,
          id,
          trackableId,
          date,
          new Date(row.startAt),
          new Date(row.endAt),
          ...columns.map(([, value]) => value),
        ],
      },
    );
  }
}

const added = (row: JourneyRow): Change => ({ kind: 'added', id: ulid(row.startAt), row, wasOpen: false });

function changeOf(before: Known, row: JourneyRow): Change {
  const isSame =
    before.startAt.getTime() === row.startAt &&
    before.endAt.getTime() === row.endAt &&
    tenths(before.measure) === tenths(row.measure) &&
    (before.isOpen === 1) === row.isOpen;
  return { kind: isSame ? 'same' : 'changed', id: before.id, row, wasOpen: before.isOpen === 1 };
}

/** The one that covers at least half of the shorter of the two, so that what people said of it stays with it. */
function mostOverlapping(row: JourneyRow, known: readonly Known[]): Known | undefined {
  let best: Known | undefined;
  let most = 0;
  for (const one of known) {
    const [start, end] = [one.startAt.getTime(), one.endAt.getTime()];
    const common = Math.min(end, row.endAt) - Math.max(start, row.startAt);
    const share = common / Math.max(1, Math.min(end - start, row.endAt - row.startAt));
    if (share >= 0.5 && common > most) [best, most] = [one, common];
  }
  return best;
}
