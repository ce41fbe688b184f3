import type { RecordCheckIn } from '@loro/contracts/check-ins-values';
import type { Actor, Hub } from '../../platform';
import { suggest } from './visits.policy';

const LOOKED_AT = 5;

/** What a check-in is probably about, by what the person said of those before. */
export class Suggestions {
  constructor(private readonly hub: Hub) {}

  async of(
    { orgId, userId }: Actor,
    { type, kind, target, category }: RecordCheckIn,
    branchId: string,
  ): Promise<string | null> {
    if (category !== undefined || kind === 'out') return null;
    const before = await this.hub.select<{ category: string }>(
      `SELECT category FROM check_in_marks WHERE org_id = :orgId AND user_id = :userId AND type = :type AND category IS NOT NULL
         AND ${target ? 'target_id = :targetId' : 'branch_id = :branchId'} ORDER BY occurred_at DESC LIMIT ${LOOKED_AT}`,
      { orgId, userId, type, branchId, targetId: target?.id ?? null },
    );
    return suggest({ type, kind, targetType: target?.type ?? null, before: before.map((row) => row.category) });
  }
}
