import { Transaction } from 'sequelize';
import { Conflict, NotFound } from '../../platform';
import { circleOf, MOST_LEVELS } from './managers.policy';
import { UserModel } from './user.model';

const { SHARE } = Transaction.LOCK;

/**
 * Who reports to whom. Everything here is read as it stands now, not as the transaction first saw it, and counts only
 * under the lock of the organisation, without which two changes at once could close a circle between them.
 */
export class ManagersService {
  /**
   * Whether somebody may report to somebody, by the rules of the tree. `userId` is null for who is being invited.
   * @returns everybody above the person then, nearest first
   * @throws Conflict MANAGER_CYCLE, MANAGER_DEPTH
   * @throws NotFound for a manager of another organisation, or one who left
   */
  async place(orgId: string, userId: string | null, managerId: string): Promise<string[]> {
    const manager = await this.find(orgId, managerId);
    if (!manager || manager.kind === 'service' || manager.status === 'deactivated') throw new NotFound('This manager');
    const above = await this.above(orgId, manager);
    const circle = userId === null ? null : circleOf(userId, managerId, above);
    if (circle) throw await this.refuseCircle(orgId, circle);
    const below = userId === null ? 0 : await this.levelsBelow(orgId, userId);
    if (above.length + 2 + below > MOST_LEVELS)
      throw new Conflict('MANAGER_DEPTH', `From the top to the last person there are at most ${MOST_LEVELS} levels.`);
    return [managerId, ...above];
  }

  /** Everybody above somebody, nearest first. */
  async managersOf(orgId: string, userId: string): Promise<string[]> {
    const user = await this.find(orgId, userId);
    return user ? this.above(orgId, user) : [];
  }

  private async above(orgId: string, user: UserModel): Promise<string[]> {
    const above: string[] = [];
    let at = user.managerId ?? null;
    while (at !== null && !above.includes(at)) {
      above.push(at);
      at = (await this.find(orgId, at))?.managerId ?? null;
    }
    return above;
  }

  private async levelsBelow(orgId: string, userId: string): Promise<number> {
    let ids = [userId];
    for (let levels = 0; levels < MOST_LEVELS; levels += 1) {
      const rows = await UserModel.findAll({ where: { orgId, managerId: ids }, attributes: ['id'], lock: SHARE });
      if (rows.length === 0) return levels;
      ids = rows.map(({ id }) => id);
    }
    return MOST_LEVELS;
  }

  private async refuseCircle(orgId: string, circle: readonly string[]): Promise<Conflict> {
    const rows = await UserModel.findAll({ where: { orgId, id: [...circle] }, attributes: ['id', 'name'] });
    const names = circle.map((id) => rows.find((row) => row.id === id)?.name ?? id);
    return new Conflict('MANAGER_CYCLE', `This would close a circle: ${names.join(' → ')}.`, {
      errors: [{ path: 'managerId', code: 'manager_cycle', message: circle.join(' → ') }],
    });
  }

  private find(orgId: string, id: string): Promise<UserModel | null> {
    return UserModel.findOne({ where: { orgId, id }, lock: SHARE });
  }
}
