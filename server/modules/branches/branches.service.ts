import { type Branch, type BranchChange, branchesLive, type Circle, type NewBranch } from '@loro/contracts/branches';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  HubError,
  type Hub,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { BranchModel, fenceColumns } from './branch.model';

const MAX_DEPTH = 6;
const depthOf = (path: string): number => path.split('/').length - 2;

export interface Fence {
  readonly branchId: string;
  readonly circle: Circle;
}

export class BranchesService {
  constructor(private readonly hub: Hub) {}

  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Branch>> {
    const { scope, branchIds } = reachOf(actor, 'branches.read');
    const after = this.hub.cursors.decode('branches', cursor);
    const where: WhereOptions = {
      orgId: actor.orgId,
      ...(scope !== 'org' && { id: [...branchIds] }),
      ...(after && { code: { [Op.gt]: after[0] } }),
    };
    const rows = await BranchModel.findAll({ where, order: ['code'], limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ code }) => this.hub.cursors.encode('branches', [code]),
      (row) => row.toContract(),
    );
  }

  async get(actor: Actor, branchId: string): Promise<Branch> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    return this.byId(actor.orgId, branchId);
  }

  /** For other rooms, which have asked their own permission. @throws NotFound */
  async byId(orgId: string, branchId: string): Promise<Branch> {
    const row = await BranchModel.findOne({ where: { orgId, id: branchId } });
    if (!row) throw new NotFound('This branch');
    return row.toContract();
  }

  /** Whether the organisation has this branch. */
  async exists(orgId: string, branchId: string): Promise<boolean> {
    return (await BranchModel.count({ where: { orgId, id: branchId } })) === 1;
  }

  /** The fences of an organisation's active branches. */
  async fences(orgId: string): Promise<Fence[]> {
    const rows = await BranchModel.findAll({
      where: { orgId, status: 'active', fenceRadiusM: { [Op.not]: null } },
      order: ['id'],
    });
    return rows.flatMap(({ id, fence }) => (fence ? [{ branchId: id, circle: fence }] : []));
  }

  async create(actor: Actor, input: z.output<typeof NewBranch>): Promise<Branch> {
    allow(actor, 'branches.manage');
    const { orgId } = actor;
    const { fence, ...fields } = input;
    return this.hub.transact(async (after) => {
      const parent = input.parentId === null ? null : await this.lock(orgId, input.parentId);
      const id = ulid();
      const path = `${parent?.path ?? '/'}${id}/`;
      if (depthOf(path) > MAX_DEPTH)
        throw new Conflict('BRANCH_DEPTH', `A branch stands at most ${MAX_DEPTH} levels deep.`);
      const row = await BranchModel.create({
        ...fields,
        ...fenceColumns(fence),
        orgId,
        id,
        path,
        status: 'active',
        version: 1,
      }).catch(onDuplicate((cause) => new Conflict('CODE_TAKEN', `The code ${input.code} is taken.`, { cause })));
      const branch = row.toContract();
      // Nobody can listen to a branch that is just being made; those of its parent can.
      after.publish(branchesLive, 'branch:created', { orgId, id: parent?.id ?? id }, branch);
      await this.hub.changes.record({ orgId, userId: actor.userId, sessionId: null });
      return branch;
    });
  }

  async update(
    actor: Actor,
    branchId: string,
    version: number,
    change: z.output<typeof BranchChange>,
  ): Promise<Branch> {
    allow(actor, 'branches.update', { branchId, what: 'This branch' });
    const { orgId } = actor;
    const { fence, ...fields } = change;
    return this.hub.transact(async (after) => {
      const row = await this.lock(orgId, branchId);
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this branch meanwhile.', {
          current: row.toContract(),
        });
      await row.update({
        ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
        ...(fence !== undefined && fenceColumns(fence)),
        version: version + 1,
      });
      const branch = row.toContract();
      after.publish(branchesLive, 'branch:updated', { orgId, id: branchId }, branch);
      return branch;
    });
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

  private async lock(orgId: string, branchId: string): Promise<BranchModel> {
    const row = await BranchModel.findOne({ where: { orgId, id: branchId }, lock: true });
    if (!row) throw new NotFound('This branch');
    return row;
  }
}
