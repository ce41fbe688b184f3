import { Transaction } from 'sequelize';
import type { Known, Planned } from './import-plan.policy';
import { UserModel } from './user.model';

/** Everybody of an organisation at once, as a file is held against them. */
export class ImportStore {
  /** As they stand now, whatever the transaction read before. */
  async known(orgId: string): Promise<Known[]> {
    const rows = await UserModel.findAll({ where: { orgId }, lock: Transaction.LOCK.SHARE });
    return rows.map((row) => row.toContract());
  }

  async setManagers(orgId: string, planned: readonly Planned[]): Promise<void> {
    const byManager = new Map<string, string[]>();
    for (const { id, fields } of planned)
      if (fields.managerId) byManager.set(fields.managerId, [...(byManager.get(fields.managerId) ?? []), id]);
    for (const [managerId, ids] of byManager) await UserModel.update({ managerId }, { where: { orgId, id: ids } });
  }
}
