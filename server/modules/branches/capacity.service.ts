import type { Capacity, Simulation } from '@loro/contracts/branches-figures';
import { Op } from 'sequelize';
import type { z } from 'zod';
import { type Actor, allow, type Hub } from '../../platform';
import type { BranchModel } from './branch.model';
import type { BranchesStore } from './branches.store';
import { capacityOn, datesOf, type Post, type Sized } from './capacity.policy';
import { MembershipModel } from './membership.model';
import type { Neighbours } from './neighbours';

interface Span {
  readonly from: string;
  readonly to: string;
}

type Planned = z.output<typeof Capacity>;

/** Who is there on which day, and how much of a branch's capacity that is. */
export class CapacityService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
    private readonly neighbours: Neighbours,
  ) {}

  async of(actor: Actor, branchId: string, span: Span): Promise<Planned> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    const row = await this.branches.find(actor.orgId, branchId);
    return this.plan(row, span, await this.posts(actor.orgId, [branchId], span), sizeOf(row));
  }

  async simulate(actor: Actor, branchId: string, input: z.output<typeof Simulation>): Promise<Planned> {
    allow(actor, 'branches.staff', { branchId, what: 'This branch' });
    const row = await this.branches.find(actor.orgId, branchId);
    const leaving = new Map(input.leavers.map(({ userId, from }) => [userId, from]));
    const posts = (await this.posts(actor.orgId, [branchId], input)).map((post) => {
      const last = leaving.get(post.userId);
      return last !== undefined && (post.to === null || last < post.to) ? { ...post, to: last } : post;
    });
    const joining = input.joiners.flatMap(({ fte, count, from, to }, group) =>
      Array.from({ length: count }, (_, at) => ({
        userId: `joiner ${group} ${at}`,
        fteCenti: Math.round(fte * 100),
        from,
        to,
      })),
    );
    const known = sizeOf(row);
    const size = {
      capacityHeads: input.capacityHeads === undefined ? known.capacityHeads : input.capacityHeads,
      capacityFte: input.capacityFte === undefined ? known.capacityFte : input.capacityFte,
    };
    return this.plan(row, input, [...posts, ...joining], size);
  }

  /** Memberships of branches that share a date with a span. */
  async posts(
    orgId: string,
    branchIds: readonly string[],
    { from, to }: Span,
  ): Promise<(Post & { branchId: string })[]> {
    const rows = await MembershipModel.findAll({
      where: {
        orgId,
        branchId: [...branchIds],
        fromDate: { [Op.lt]: to },
        [Op.or]: [{ toDate: null }, { toDate: { [Op.gt]: from } }],
      },
    });
    return rows.map(({ branchId, userId, fteCenti, fromDate, toDate }) => ({
      branchId,
      userId,
      fteCenti,
      from: fromDate,
      to: toDate,
    }));
  }

  private async plan({ orgId, id }: BranchModel, span: Span, posts: readonly Post[], size: Sized): Promise<Planned> {
    const people = [...new Set(posts.map(({ userId }) => userId))];
    const leave = await this.neighbours.leave(orgId, people, span);
    return { branchId: id, ...size, days: datesOf(span).map((date) => capacityOn(date, posts, leave, size)) };
  }
}

const sizeOf = ({ capacityHeads, capacityFteCenti }: BranchModel): Sized => ({
  capacityHeads: capacityHeads ?? null,
  capacityFte: typeof capacityFteCenti === 'number' ? capacityFteCenti / 100 : null,
});
