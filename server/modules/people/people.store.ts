import type { User } from '@loro/contracts/people';
import type { Profile } from '@loro/contracts/people-values';
import type { QueryValues } from 'mysql2/promise';
import { context, type Hub } from '../../platform';
import { emptyProfile } from './profile.model';

const SEEN_EVERY_MS = 60_000;
const COLUMNS = `u.id, u.email, u.name, u.phone, u.status, u.kind, u.home_branch_id AS homeBranchId,
  u.manager_id AS managerId, u.job_title AS jobTitle, u.employee_no AS employeeNo, u.timezone, u.locale,
  u.avatar_document_id AS avatarDocumentId, CAST(u.started_on AS CHAR) AS startedOn, CAST(u.ended_on AS CHAR) AS endedOn,
  u.deactivated_at AS deactivatedAt, u.last_seen_at AS lastSeenAt, u.version`;

const ONE = `SELECT ${COLUMNS} FROM users u`;

/** A person as the driver reads him. */
type Row = Omit<User, 'deactivatedAt' | 'lastSeenAt'> & {
  readonly deactivatedAt: Date | null;
  readonly lastSeenAt: Date | null;
};

interface ProfileColumns {
  readonly profileOf: string | null;
  readonly address: string | null;
  readonly birthday: string | null;
  readonly emergencyContact: string | null;
  readonly skills: string | null;
  readonly customFields: string | null;
}

const toUser = (row: Row): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  phone: row.phone,
  status: row.status,
  kind: row.kind,
  homeBranchId: row.homeBranchId,
  managerId: row.managerId,
  jobTitle: row.jobTitle,
  employeeNo: row.employeeNo,
  timezone: row.timezone,
  locale: row.locale,
  avatarDocumentId: row.avatarDocumentId,
  startedOn: row.startedOn,
  endedOn: row.endedOn,
  deactivatedAt: row.deactivatedAt?.toISOString() ?? null,
  lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  version: row.version,
});

export interface PeopleFilter {
  readonly orgId: string;
  readonly status: User['status'] | undefined;
  readonly branchId: string | undefined;
  /** Who belongs to the team at `now`. */
  readonly team: { readonly id: string; readonly now: Date } | undefined;
  /** A pattern of LIKE; addresses and numbers are looked through where they may be seen. */
  readonly like: { readonly pattern: string; readonly everywhere: boolean } | undefined;
  /** Only these people; undefined: anybody. */
  readonly ids: readonly string[] | undefined;
  /** Only people of these branches, and this person. */
  readonly reach: { readonly branchIds: readonly string[]; readonly userIds: readonly string[] } | undefined;
  /** Name and id of the last one that was seen. */
  readonly after: readonly [name: string, id: string] | undefined;
}

/** Somebody below somebody by manager. */
export type ReportRow = User & { readonly managerId: string; readonly depth: number };

/** Reading people where it is done all day. */
export class PeopleStore {
  constructor(private readonly hub: Hub) {}

  async byId(orgId: string, id: string): Promise<User | null> {
    // Rooms ask in their transactions too, about people whom these have just brought.
    const user = context().unit
      ? (await this.hub.select<Row>(`${ONE} WHERE u.org_id = :orgId AND u.id = :id`, { orgId, id }))[0]
      : await this.hub.reads.one<Row>(`${ONE} WHERE u.org_id = ? AND u.id = ?`, [orgId, id]);
    return user ? toUser(user) : null;
  }

  async withProfile(orgId: string, id: string): Promise<{ user: User; profile: Profile } | null> {
    const row = await this.hub.reads.one<Row & ProfileColumns>(
      `SELECT ${COLUMNS}, p.user_id AS profileOf, p.address, CAST(p.birthday AS CHAR) AS birthday,
         p.emergency_contact AS emergencyContact, p.skills, p.custom_fields AS customFields
       FROM users u LEFT JOIN profiles p ON p.org_id = u.org_id AND p.user_id = u.id WHERE u.org_id = ? AND u.id = ?`,
      [orgId, id],
    );
    if (!row) return null;
    const { address, birthday, emergencyContact, skills, customFields } = row;
    const user = toUser(row);
    if (row.profileOf === null) return { user, profile: emptyProfile };
    const json = (text: string | null) => (text === null ? null : JSON.parse(text));
    return {
      user,
      profile: {
        address: json(address),
        birthday,
        emergencyContact: json(emergencyContact),
        skills: json(skills),
        customFields: json(customFields),
      },
    };
  }

  async byName(filter: PeopleFilter, limit: number): Promise<User[]> {
    const { orgId, status, branchId, team, like, ids, reach, after } = filter;
    const where = ["u.org_id = ? AND u.kind <> 'service'"];
    const values: QueryValues[] = [orgId];
    const and = (condition: string, ...more: QueryValues[]) => {
      where.push(condition);
      values.push(...more);
    };
    if (ids?.length === 0) return [];
    if (status !== undefined) and('u.status = ?', status);
    if (branchId !== undefined) and('u.home_branch_id = ?', branchId);
    if (like?.everywhere === false) and('u.name LIKE ?', like.pattern);
    if (like?.everywhere === true)
      and(
        '(u.name LIKE ? OR u.email LIKE ? OR u.employee_no LIKE ?)',
        ...Array.from({ length: 3 }, () => like.pattern),
      );
    if (team)
      and(
        `u.id IN (SELECT m.user_id FROM team_members m WHERE m.org_id = ? AND m.team_id = ? AND ${IS_NOW})`,
        orgId,
        team.id,
        team.now,
        team.now,
      );
    if (ids) and('u.id IN (?)', [...ids]);
    if (reach) and('(u.home_branch_id IN (?) OR u.id IN (?))', [...reach.branchIds, ''], [...reach.userIds, '']);
    if (after) and('(u.name > ? OR (u.name = ? AND u.id > ?))', after[0], after[0], after[1]);
    const rows = await this.hub.reads.all<Row>(
      `SELECT ${COLUMNS} FROM users u WHERE ${where.join(' AND ')} ORDER BY u.name, u.id LIMIT ${limit}`,
      values,
    );
    return rows.map(toUser);
  }

  names(orgId: string, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
    return this.hub.reads.all('SELECT id, name FROM users WHERE org_id = ? AND id IN (?)', [orgId, [...ids]]);
  }

  /** Everybody below somebody, level by level. */
  async below(
    { orgId, id }: { orgId: string; id: string },
    page: { limit: number; after: readonly [depth: number, name: string, id: string] | null },
  ): Promise<ReportRow[]> {
    const [depth = 0, name = '', last = ''] = page.after ?? [];
    const rows = await this.hub.reads.all<Row & { managerId: string; depth: number }>(
      `${BELOW} SELECT ${COLUMNS}, b.depth FROM below b JOIN users u ON u.org_id = ? AND u.id = b.id
       WHERE b.depth > ? OR (b.depth = ? AND (u.name > ? OR (u.name = ? AND u.id > ?)))
       ORDER BY b.depth, u.name, u.id LIMIT ${page.limit}`,
      [orgId, id, orgId, orgId, depth, depth, name, name, last],
    );
    return rows.map((row) => ({ ...toUser(row), managerId: row.managerId, depth: row.depth }));
  }

  /** Who belongs to teams that somebody leads, and everybody below him. */
  async teamOf(orgId: string, userId: string, now: Date): Promise<string[]> {
    const rows = await this.hub.reads.all<{ id: string }>(
      `${BELOW} SELECT b.id FROM below b
       UNION SELECT m.user_id FROM teams t JOIN team_members m ON m.org_id = t.org_id AND m.team_id = t.id
       WHERE t.org_id = ? AND t.lead_id = ? AND m.user_id <> ? AND ${IS_NOW}`,
      [orgId, userId, orgId, orgId, userId, userId, now, now],
    );
    return rows.map(({ id }) => id);
  }

  /** Of one organisation at a time: pairs of organisation and person would be looked for in the whole table, and lock it. */
  async seen(orgId: string, ids: readonly string[], at: Date): Promise<void> {
    await this.hub.pool.query(
      'UPDATE users SET last_seen_at = ? WHERE org_id = ? AND id IN (?) AND (last_seen_at IS NULL OR last_seen_at <= ?)',
      [at, orgId, [...ids], new Date(at.getTime() - SEEN_EVERY_MS)],
    );
  }
}

const IS_NOW = 'm.from_at <= ? AND (m.to_at IS NULL OR m.to_at > ?)';

/** Organisation, person, organisation. The depth ends a circle, which the writes do not let come to be. */
const BELOW = `WITH RECURSIVE below (id, depth) AS (
    SELECT u.id, 1 FROM users u WHERE u.org_id = ? AND u.manager_id = ?
    UNION ALL SELECT u.id, b.depth + 1 FROM below b JOIN users u ON u.org_id = ? AND u.manager_id = b.id WHERE b.depth < 12
  )`;
