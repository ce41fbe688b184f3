import type { Permission } from '@loro/contracts/catalog';
import { type Actor, dateIn, type Hub, may, NotFound, reachOf } from '../../platform';

/** What leave needs to know of somebody. */
export interface LeavePerson {
  readonly userId: string;
  readonly name: string;
  readonly status: string;
  readonly branchId: string | null;
  readonly managerId: string | null;
  readonly jobTitle: string | null;
  readonly startedOn: string | null;
  readonly endedOn: string | null;
  readonly timezone: string;
}

const COLUMNS = `user_id AS userId, name, status, home_branch_id AS branchId, manager_id AS managerId, job_title AS jobTitle,
  DATE_FORMAT(started_on, '%Y-%m-%d') AS startedOn, DATE_FORMAT(ended_on, '%Y-%m-%d') AS endedOn, timezone`;

/** People, as far as leave is concerned. */
export class LeavePeopleStore {
  constructor(private readonly hub: Hub) {}

  /** @throws NotFound */
  async find(orgId: string, userId: string): Promise<LeavePerson> {
    const [row] = await this.hub.select<LeavePerson>(
      `SELECT ${COLUMNS} FROM leave_people WHERE org_id = :orgId AND user_id = :userId`,
      { orgId, userId },
    );
    if (!row) throw new NotFound('This person');
    return row;
  }

  /** Those of a zone who are there or come back, a page at a time. */
  async ofZone(orgId: string, timezone: string, after: string, limit: number): Promise<LeavePerson[]> {
    return this.hub.select<LeavePerson>(
      `SELECT ${COLUMNS} FROM leave_people WHERE org_id = :orgId AND timezone = :timezone AND user_id > :after
         AND status IN ('active', 'suspended') ORDER BY user_id LIMIT ${limit}`,
      { orgId, timezone, after },
    );
  }

  async byIds(orgId: string, userIds: readonly string[]): Promise<Map<string, LeavePerson>> {
    if (userIds.length === 0) return new Map();
    const rows = await this.hub.select<LeavePerson>(
      `SELECT ${COLUMNS} FROM leave_people WHERE org_id = :orgId AND user_id IN (:userIds)`,
      { orgId, userIds: [...userIds] },
    );
    return new Map(rows.map((row) => [row.userId, row]));
  }

  /** Managers above somebody, nearest first; those who left are passed over. */
  async managersOf(orgId: string, person: LeavePerson, most: number): Promise<string[]> {
    const found: string[] = [];
    const seen = new Set([person.userId]);
    let next = person.managerId;
    while (next !== null && found.length < most && !seen.has(next)) {
      seen.add(next);
      const manager: LeavePerson | undefined = (await this.byIds(orgId, [next])).get(next);
      if (manager?.status === 'active') found.push(next);
      next = manager?.managerId ?? null;
    }
    return found;
  }

  /** Today, where the person is. */
  today({ timezone }: Pick<LeavePerson, 'timezone'>): string {
    return dateIn(this.hub.now(), timezone);
  }
}

/** Whether a permission of somebody reaches a person. */
export const reachesPerson = (
  actor: Actor,
  permission: Permission,
  { userId, branchId }: Pick<LeavePerson, 'userId' | 'branchId'>,
): boolean => may(actor, permission, { userId, branchId });

/** Conditions of a list for whom a permission reaches; `u` and `b` are the columns of person and branch. */
export function reachable(
  actor: Actor,
  permission: Permission,
  { u, b }: { readonly u: string; readonly b: string },
): { readonly sql: string; readonly values: Record<string, unknown> } {
  const { scope, branchIds, userIds } = reachOf(actor, permission);
  if (scope === 'org') return { sql: 'TRUE', values: {} };
  const conditions = [
    `${u} = :reachMe`,
    ...(userIds && userIds.size > 0 ? [`${u} IN (:reachUsers)`] : []),
    ...((scope === 'branch' || scope === 'subtree') && branchIds.size > 0 ? [`${b} IN (:reachBranches)`] : []),
  ];
  return {
    sql: `(${conditions.join(' OR ')})`,
    values: { reachMe: actor.userId, reachUsers: [...(userIds ?? [])], reachBranches: [...branchIds] },
  };
}
