import { Op } from 'sequelize';
import { type Hub, HubError, NotFound } from '../../platform';
import { BranchModel } from './branch.model';

/**
 * Branches as they are written. Whoever changes the tree takes the organisation’s row first: changes of one tree come
 * one after another, and nobody waits in a circle.
 */
export class BranchesStore {
  constructor(private readonly hub: Hub) {}

  async lockOrganisation(orgId: string): Promise<void> {
    await this.hub.select('SELECT id FROM organisations WHERE id = :orgId FOR UPDATE', { orgId });
  }

  /** @throws NotFound */
  async lock(orgId: string, id: string): Promise<BranchModel> {
    const row = await BranchModel.findOne({ where: { orgId, id }, lock: true });
    if (!row) throw new NotFound('This branch');
    return row;
  }

  /** @throws NotFound, HubError VERSION_CONFLICT */
  async lockVersion(orgId: string, id: string, version: number): Promise<BranchModel> {
    const row = await this.lock(orgId, id);
    if (row.version === version) return row;
    throw new HubError('VERSION_CONFLICT', 'Somebody changed this branch meanwhile.', {
      current: row.toContract(this.hub.now()),
    });
  }

  /** Everything at and below these paths, locked in one statement and therefore in one order. */
  async lockSubtrees(orgId: string, paths: readonly string[]): Promise<BranchModel[]> {
    return BranchModel.findAll({
      where: { orgId, [Op.or]: paths.map((path) => ({ path: { [Op.startsWith]: path } })) },
      order: ['path'],
      lock: true,
    });
  }

  /** @throws NotFound */
  async find(orgId: string, id: string): Promise<BranchModel> {
    const row = await BranchModel.findOne({ where: { orgId, id } });
    if (!row) throw new NotFound('This branch');
    return row;
  }

  /** Ids of these branches and everything below them. */
  async subtree(orgId: string, branchIds: readonly string[]): Promise<string[]> {
    if (branchIds.length === 0) return [];
    const roots = await BranchModel.findAll({ where: { orgId, id: [...branchIds] }, attributes: ['path'] });
    if (roots.length === 0) return [];
    const rows = await BranchModel.findAll({
      where: { orgId, [Op.or]: roots.map(({ path }) => ({ path: { [Op.startsWith]: path } })) },
      attributes: ['id'],
    });
    return rows.map(({ id }) => id);
  }

  /** How many count towards the licence. Under the organisation’s lock; a locking read, so that it sees the newest. */
  async licensed(orgId: string): Promise<number> {
    const rows = await BranchModel.findAll({
      where: { orgId, status: ['active', 'suspended'] },
      attributes: ['id'],
      lock: true,
    });
    return rows.length;
  }

  /** Children that are not closed; a locking read. */
  childrenOf(orgId: string, parentId: string): Promise<BranchModel[]> {
    return BranchModel.findAll({
      where: { orgId, parentId, status: { [Op.ne]: 'closed' } },
      order: ['code'],
      lock: true,
    });
  }

  /** Puts a locked subtree elsewhere: of each row the beginning of its path changes. */
  async rewritePaths(orgId: string, from: string, to: string): Promise<void> {
    await this.hub.sequelize.query(
      `UPDATE branches SET path = CONCAT(:to, SUBSTRING(path, CHAR_LENGTH(:from) + 1)), version = version + 1
        WHERE org_id = :orgId AND path LIKE CONCAT(:from, '%')`,
      { replacements: { orgId, from, to } },
    );
  }

  /** @throws NotFound for a calendar of somebody else */
  async mustHaveCalendar(orgId: string, calendarId: string | null | undefined): Promise<void> {
    if (calendarId === null || calendarId === undefined) return;
    const [found] = await this.hub.select(
      'SELECT id FROM holiday_calendars WHERE org_id = :orgId AND id = :calendarId LOCK IN SHARE MODE',
      { orgId, calendarId },
    );
    if (!found) throw new NotFound('This holiday calendar');
  }
}

export const depthOf = (path: string): number => path.split('/').length - 2;
/** Ids from the root to the branch. */
export const idsOf = (path: string): string[] => path.split('/').filter((id) => id !== '');
