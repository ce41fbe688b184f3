import type { CheckIn } from '@loro/contracts/check-ins';
import type { StreamPosition } from '@loro/contracts/kit/api';
import type { Hub } from '../../platform';
import type { CheckInRow } from './check-in.row';

const COLUMNS = `c.org_id AS orgId, c.id, c.branch_id AS branchId, c.user_id AS userId, c.started_at AS startedAt,
  c.started_lat_e7 AS startedLatE7, c.started_lng_e7 AS startedLngE7, c.started_accuracy_m AS startedAccuracyM,
  c.ended_at AS endedAt, c.ended_lat_e7 AS endedLatE7, c.ended_lng_e7 AS endedLngE7, c.ended_accuracy_m AS endedAccuracyM,
  c.note, c.started_place AS startedPlace, c.ended_place AS endedPlace, c.ended_by AS endedBy,
  c.type`;

export interface CheckInFilter {
  readonly orgId: string;
  readonly branchId: string | undefined;
  readonly userId: string | undefined;
  readonly open: boolean | undefined;
  readonly before: string | undefined;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  readonly type: string | undefined;
  readonly status: string | undefined;
  /** Only what belongs to this person or these branches; null for everything of the organisation. */
  readonly visible: { readonly userId: string; readonly branchIds: readonly string[] } | null;
}

type Value = string | string[] | Date;
type Present = (row: CheckInRow) => Promise<CheckIn>;

/** Reading stays where it is done all day. */
export class CheckInsStore {
  constructor(private readonly hub: Hub) {}

  async byId(orgId: string, id: string): Promise<CheckInRow | undefined> {
    return this.hub.reads.one<CheckInRow>(`SELECT ${COLUMNS} FROM check_ins c WHERE c.org_id = ? AND c.id = ?`, [
      orgId,
      id,
    ]);
  }

  /** As the caller’s transaction sees it. */
  async within(orgId: string, id: string): Promise<CheckInRow | undefined> {
    const [row] = await this.hub.select<CheckInRow>(
      `SELECT ${COLUMNS} FROM check_ins c WHERE c.org_id = :orgId AND c.id = :id`,
      { orgId, id },
    );
    return row;
  }

  /** `limit` rows, newest first, and the stream's position as of the same moment. */
  async newest(
    filter: CheckInFilter,
    limit: number,
    stream: string | null,
    presentAll: (rows: readonly CheckInRow[]) => Promise<Present>,
  ): Promise<{ items: CheckIn[]; streams: StreamPosition[] }> {
    const { sql, values } = select(filter, limit);
    const { rows, streams } =
      stream === null
        ? { rows: await this.hub.reads.all<CheckInRow>(sql, values), streams: [] }
        : await this.hub.reads.beside<CheckInRow>(stream, sql, values);
    const present = await presentAll(rows);
    return { items: await Promise.all(rows.map(present)), streams };
  }
}

function select(filter: CheckInFilter, limit: number) {
  const { orgId, branchId, userId, open, before, visible, from, to, type, status } = filter;
  const where = ['c.org_id = ?'];
  const values: Value[] = [orgId];
  const and = (condition: string, ...more: Value[]) => {
    where.push(condition);
    values.push(...more);
  };
  if (branchId !== undefined) and('c.branch_id = ?', branchId);
  if (userId !== undefined) and('c.user_id = ?', userId);
  if (open !== undefined) and(open ? 'c.open_for IS NOT NULL' : 'c.open_for IS NULL');
  if (from !== undefined) and('c.started_at >= ?', from);
  if (to !== undefined) and('c.started_at < ?', to);
  if (type !== undefined) and('c.type = ?', type);
  if (status !== undefined) and('c.status = ?', status);
  if (before !== undefined) and('c.id < ?', before);
  // IN () is not SQL; no branch has an empty id.
  if (visible) and('(c.user_id = ? OR c.branch_id IN (?))', visible.userId, [...visible.branchIds, '']);
  const sql = `SELECT ${COLUMNS} FROM check_ins c WHERE ${where.join(' AND ')} ORDER BY c.id DESC LIMIT ${limit}`;
  return { sql, values };
}
