import type { Branch } from '@loro/contracts/branches';
import type { BranchFigures, TreeNode, ZoneSpan } from '@loro/contracts/branches-tree';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import { type Actor, allow, type Hub, may, type Page, pageOf, reachOf } from '../../platform';
import { BranchModel } from './branch.model';
import { type BranchesStore, depthOf, idsOf } from './branches.store';
import type { Neighbours } from './neighbours';
import type { ZonesService } from './zones.service';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface ListQuery extends Paged {
  readonly status?: Branch['status'] | undefined;
  readonly kind?: Branch['kind'] | undefined;
  readonly q?: string | undefined;
}

interface Uses {
  readonly store: BranchesStore;
  readonly zones: ZonesService;
  readonly neighbours: Neighbours;
}

/** Reading branches and their tree, as far as somebody sees them. */
export class DirectoryService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async list(actor: Actor, { limit, cursor, status, kind, q }: ListQuery): Promise<Page<Branch>> {
    const after = this.hub.cursors.decode('branches', cursor);
    const like = q === undefined ? undefined : `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`;
    const where: WhereOptions[] = [
      this.visible(actor),
      ...(after ? [{ code: { [Op.gt]: after[0] } }] : []),
      ...(status === undefined ? [] : [{ status }]),
      ...(kind === undefined ? [] : [{ kind }]),
      ...(like === undefined ? [] : [{ [Op.or]: [{ name: { [Op.like]: like } }, { code: { [Op.like]: like } }] }]),
    ];
    const rows = await BranchModel.findAll({ where: { [Op.and]: where }, order: ['code'], limit: limit + 1 });
    return this.page(rows, limit, ({ code }) => this.hub.cursors.encode('branches', [code]));
  }

  async get(actor: Actor, branchId: string): Promise<Branch> {
    return (await this.find(actor, branchId)).toContract(this.hub.now());
  }

  async tree(actor: Actor): Promise<{ nodes: z.output<typeof TreeNode>[] }> {
    const rows = await BranchModel.findAll({ where: this.visible(actor), order: ['code'] });
    const members = await this.membersBy(actor.orgId);
    const children = new Map<string, BranchModel[]>();
    const seen = new Set(rows.map(({ id }) => id));
    for (const row of rows) {
      // Whoever sees a part of the tree sees its highest branches as its beginnings.
      const key = row.parentId !== null && seen.has(row.parentId) ? row.parentId : '';
      children.set(key, [...(children.get(key) ?? []), row]);
    }
    const nodes: z.output<typeof TreeNode>[] = [];
    const visit = (key: string): void => {
      for (const row of children.get(key) ?? []) {
        const { id, parentId, code, name, kind, status, path } = row;
        const below = children.get(id)?.length ?? 0;
        nodes.push({
          id,
          parentId,
          code,
          name,
          kind,
          status,
          depth: depthOf(path),
          children: below,
          members: members.get(id) ?? 0,
        });
        visit(id);
      }
    };
    visit('');
    return { nodes };
  }

  async ancestors(actor: Actor, branchId: string): Promise<{ branches: Branch[] }> {
    const { orgId } = actor;
    const { path } = await this.find(actor, branchId);
    const above = idsOf(path)
      .slice(0, -1)
      .filter((id) => may(actor, 'branches.read', { branchId: id }));
    const rows = await BranchModel.findAll({ where: { orgId, id: above } });
    const now = this.hub.now();
    return {
      branches: rows.toSorted((a, b) => b.path.length - a.path.length).map((row) => row.toContract(now)),
    };
  }

  async descendants(actor: Actor, branchId: string, { limit, cursor }: Paged): Promise<Page<Branch>> {
    const { path } = await this.find(actor, branchId);
    const after = this.hub.cursors.decode(`descendants:${branchId}`, cursor);
    const rows = await BranchModel.findAll({
      where: {
        [Op.and]: [this.visible(actor), { path: { [Op.startsWith]: path, [Op.gt]: String(after?.[0] ?? path) } }],
      },
      order: ['path'],
      limit: limit + 1,
    });
    return this.page(rows, limit, (row) => this.hub.cursors.encode(`descendants:${branchId}`, [row.path]));
  }

  async zonesOf(actor: Actor, branchId: string): Promise<{ zones: z.output<typeof ZoneSpan>[] }> {
    const row = await this.find(actor, branchId);
    return { zones: [...(await this.uses.zones.spansOf(row))] };
  }

  async figures(actor: Actor, branchId: string, isSubtree: boolean): Promise<z.output<typeof BranchFigures>> {
    const { orgId } = actor;
    await this.find(actor, branchId);
    const all = isSubtree ? await this.uses.store.subtree(orgId, [branchId]) : [branchId];
    const ids = all.filter((id) => may(actor, 'branches.read', { branchId: id }));
    const [row] = await this.hub.select<{ members: number }>(
      `SELECT COUNT(DISTINCT user_id) AS members FROM branch_memberships
        WHERE org_id = :orgId AND branch_id IN (:ids) AND state = 'current'`,
      { orgId, ids },
    );
    return {
      branchId,
      isSubtree,
      branches: ids.length,
      members: row?.members ?? 0,
      figures: await this.uses.neighbours.sums(orgId, ids),
    };
  }

  /** How many people belong to each branch today. */
  async membersBy(orgId: string): Promise<Map<string, number>> {
    const rows = await this.hub.select<{ branchId: string; members: number }>(
      `SELECT branch_id AS branchId, COUNT(DISTINCT user_id) AS members FROM branch_memberships
        WHERE org_id = :orgId AND state = 'current' GROUP BY branch_id`,
      { orgId },
    );
    return new Map(rows.map(({ branchId, members }) => [branchId, members]));
  }

  /** What of the organisation somebody sees. */
  visible(actor: Actor): WhereOptions {
    const { scope, branchIds } = reachOf(actor, 'branches.read');
    return { orgId: actor.orgId, ...(scope !== 'org' && { id: [...branchIds] }) };
  }

  private async find(actor: Actor, branchId: string): Promise<BranchModel> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    return this.uses.store.find(actor.orgId, branchId);
  }

  private page(rows: readonly BranchModel[], limit: number, cursorOf: (row: BranchModel) => string): Page<Branch> {
    const now = this.hub.now();
    return pageOf(rows, limit, cursorOf, (row) => row.toContract(now));
  }
}
