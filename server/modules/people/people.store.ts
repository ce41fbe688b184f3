import type { User } from '@loro/contracts/people';
import type { Hub } from '../../platform';

const SEEN_EVERY_MS = 60_000;
/** As the contract names them, so that a row is a person. */
const COLUMNS = `u.id, u.email, u.name, u.status, u.kind, u.home_branch_id AS homeBranchId, u.job_title AS jobTitle,
  u.employee_no AS employeeNo, u.version`;

export interface PeopleFilter {
  readonly orgId: string;
  readonly status: User['status'] | undefined;
  readonly branchId: string | undefined;
  /** A pattern of LIKE. */
  readonly nameLike: string | undefined;
  /** Name and id of the last one that was seen. */
  readonly after: readonly [name: string, id: string] | undefined;
}

/** Reading people where it is done all day. */
export class PeopleStore {
  constructor(private readonly hub: Hub) {}

  async byId(orgId: string, id: string): Promise<User | null> {
    const user = await this.hub.reads.one<User>(`SELECT ${COLUMNS} FROM users u WHERE u.org_id = ? AND u.id = ?`, [
      orgId,
      id,
    ]);
    return user ?? null;
  }

  async byName({ orgId, status, branchId, nameLike, after }: PeopleFilter, limit: number): Promise<User[]> {
    const where = ['u.org_id = ?'];
    const values = [orgId];
    const and = (condition: string, ...more: string[]) => {
      where.push(condition);
      values.push(...more);
    };
    if (status !== undefined) and('u.status = ?', status);
    if (branchId !== undefined) and('u.home_branch_id = ?', branchId);
    if (nameLike !== undefined) and('u.name LIKE ?', nameLike);
    if (after) and('(u.name > ? OR (u.name = ? AND u.id > ?))', after[0], after[0], after[1]);
    return this.hub.reads.all<User>(
      `SELECT ${COLUMNS} FROM users u WHERE ${where.join(' AND ')} ORDER BY u.name, u.id LIMIT ${limit}`,
      values,
    );
  }

  names(orgId: string, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
    return this.hub.reads.all('SELECT id, name FROM users WHERE org_id = ? AND id IN (?)', [orgId, [...ids]]);
  }

  /** Of one organisation at a time: pairs of organisation and person would be looked for in the whole table, and lock it. */
  async seen(orgId: string, ids: readonly string[], at: Date): Promise<void> {
    await this.hub.pool.query(
      'UPDATE users SET last_seen_at = ? WHERE org_id = ? AND id IN (?) AND (last_seen_at IS NULL OR last_seen_at <= ?)',
      [at, orgId, [...ids], new Date(at.getTime() - SEEN_EVERY_MS)],
    );
  }
}
