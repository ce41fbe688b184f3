import type { FieldError } from '@loro/contracts/kit/problem';
import type { Membership, TeamMember } from '@loro/contracts/people-teams';
import { Op } from 'sequelize';
import type { z } from 'zod';
import { Invalid } from '../../platform';
import { TeamMemberModel, type TeamModel } from './team.model';
import { UserModel } from './user.model';

type Wanted = z.output<typeof Membership>;

/** Who belongs to teams; half-open in time, and never twice at once. */
export class TeamsStore {
  /** Those who belong now or will; locked, as they stand now. */
  current(orgId: string, teamId: string, now: Date): Promise<TeamMemberModel[]> {
    return TeamMemberModel.findAll({
      where: { orgId, teamId, [Op.or]: [{ toAt: null }, { toAt: { [Op.gt]: now } }] },
      order: ['userId', 'fromAt'],
      lock: true,
    });
  }

  async at(orgId: string, teamId: string, at: Date): Promise<TeamMember[]> {
    const rows = await TeamMemberModel.findAll({
      where: { orgId, teamId, fromAt: { [Op.lte]: at }, [Op.or]: [{ toAt: null }, { toAt: { [Op.gt]: at } }] },
    });
    const people = await UserModel.findAll({
      where: { orgId, id: rows.map(({ userId }) => userId) },
      attributes: ['id', 'name'],
    });
    const names = new Map(people.map(({ id, name }) => [id, name]));
    return rows
      .map(({ userId, fromAt, toAt }) => ({
        userId,
        name: names.get(userId) ?? '',
        from: fromAt.toISOString(),
        to: toAt?.toISOString() ?? null,
      }))
      .toSorted((a, b) => (a.name === b.name ? (a.userId < b.userId ? -1 : 1) : a.name < b.name ? -1 : 1));
  }

  /** What was stays: who is left out ends now, who had not begun never does. */
  async replace(team: TeamModel, wanted: readonly Wanted[], now: Date): Promise<void> {
    const { orgId, id: teamId } = team;
    const rows = await TeamMemberModel.findAll({ where: { orgId, teamId }, order: ['userId', 'fromAt'], lock: true });
    const past = rows.filter(({ toAt }) => toAt !== null && toAt <= now);
    const current = rows.filter((row) => !past.includes(row));
    const errors = wrongMembers(wanted, { past, current, now });
    if (errors.length > 0)
      throw new Invalid('VALIDATION_FAILED', `Wrong: ${errors.map(({ path }) => path).join(', ')}.`, { errors });

    for (const row of current) {
      if (wanted.some(({ userId }) => userId === row.userId)) continue;
      if (row.fromAt >= now) await row.destroy();
      else await row.update({ toAt: now });
    }
    for (const { userId, from, to } of wanted) {
      const row = current.find((known) => known.userId === userId);
      const fromAt = from === undefined ? (row?.fromAt ?? now) : new Date(from);
      if (row) await row.destroy();
      await TeamMemberModel.create({ orgId, teamId, userId, fromAt, toAt: to === null ? null : new Date(to) });
    }
  }

  async branchesOf(orgId: string, userIds: readonly string[]): Promise<string[]> {
    const rows = await UserModel.findAll({ where: { orgId, id: [...new Set(userIds)] }, attributes: ['homeBranchId'] });
    return [...new Set(rows.flatMap(({ homeBranchId }) => (homeBranchId === null ? [] : [homeBranchId])))];
  }
}

function wrongMembers(
  wanted: readonly Wanted[],
  { past, current, now }: { past: readonly TeamMemberModel[]; current: readonly TeamMemberModel[]; now: Date },
): FieldError[] {
  const seen = new Set<string>();
  return wanted.flatMap(({ userId, from, to }, index): FieldError[] => {
    const wrong = (field: string, code: string, message: string) => [
      { path: `members.${index}.${field}`, code, message },
    ];
    if (seen.has(userId)) return wrong('userId', 'duplicate', 'is named twice');
    seen.add(userId);
    const begins = from === undefined ? (current.find((row) => row.userId === userId)?.fromAt ?? now) : new Date(from);
    if (past.some((row) => row.userId === userId && row.toAt !== null && begins < row.toAt))
      return wrong('from', 'overlaps', 'lies within an earlier time in this team');
    return to !== null && new Date(to) <= begins ? wrong('to', 'invalid_value', 'ends before it begins') : [];
  });
}
