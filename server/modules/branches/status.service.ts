import type { Branch } from '@loro/contracts/branches';
import type { BranchStep } from '@loro/contracts/branches-tree';
import type { z } from 'zod';
import { type Actor, type After, allow, Conflict, dateIn, type Hub } from '../../platform';
import type { BranchModel } from './branch.model';
import type { BranchesStore } from './branches.store';
import type { HoursService } from './hours.service';
import type { MembersService } from './members.service';
import type { Neighbours } from './neighbours';
import { tellBranch } from './telling';
import { mustBeOpen, type TreeService } from './tree.service';

type Status = Branch['status'];

const steps: Readonly<Record<Status, readonly Status[]>> = {
  planned: ['active'],
  active: ['suspended', 'closed'],
  suspended: ['active', 'closed'],
  closed: ['active'],
};
const isLicensed = (status: Status): boolean => status === 'active' || status === 'suspended';

interface Uses {
  readonly store: BranchesStore;
  readonly tree: TreeService;
  readonly members: MembersService;
  readonly hours: HoursService;
  readonly neighbours: Neighbours;
}

/** Whether a branch works: opening, pausing, closing, and what becomes of what is there. */
export class StatusService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async blockers(actor: Actor, branchId: string): Promise<{ blockers: Record<string, number> }> {
    allow(actor, 'branches.manage', { branchId, what: 'This branch' });
    const row = await this.uses.store.find(actor.orgId, branchId);
    return { blockers: await this.count(row) };
  }

  async set(actor: Actor, branchId: string, input: z.output<typeof BranchStep>): Promise<Branch> {
    allow(actor, 'branches.manage', { branchId, what: 'This branch' });
    const { orgId } = actor;
    const { status, reassignTo, reason } = input;
    if (reassignTo !== undefined)
      allow(actor, 'branches.manage', { branchId: reassignTo, what: 'The branch that takes over' });
    const { store, tree, hours } = this.uses;
    return this.hub.transact(async (after) => {
      await store.lockOrganisation(orgId);
      const row = await store.lock(orgId, branchId);
      if (!steps[row.status].includes(status))
        throw new Conflict('BRANCH_STATE_INVALID', `A ${row.status} branch does not become ${status}.`);
      const now = this.hub.now();
      const before = row.toContract(now);
      const today = dateIn(now, row.zoneAt(now));
      if (status === 'active' && row.parentId !== null) mustBeOpen(await store.lock(orgId, row.parentId));
      if (isLicensed(status) && !isLicensed(row.status)) await tree.takeLicence(orgId, after);
      if (status === 'closed') await this.empty(row, reassignTo, after);
      await row.reload();
      await row.update({
        status,
        closedOn: status === 'closed' ? today : null,
        ...(status === 'active' && !row.openedOn && { openedOn: today }),
        version: row.version + 1,
      });
      if (!isLicensed(status) && isLicensed(before.status)) await tree.giveLicenceBack(orgId);
      const branch = row.toContract(now);
      tellBranch(after, 'status-changed', { orgId, branch, before, also: [row.parentId], reason });
      await hours.settle(row, after);
      await tree.scopesChanged(orgId);
      return branch;
    });
  }

  /** Hands over what is there, or refuses with what that is. */
  private async empty(row: BranchModel, heirId: string | undefined, after: After): Promise<void> {
    const { orgId, id } = row;
    const { store, tree, members, neighbours } = this.uses;
    if (heirId !== undefined) {
      const heir = await store.lock(orgId, heirId);
      if (heir.path.startsWith(row.path))
        throw new Conflict('BRANCH_CYCLE', `${heir.name} is the branch that closes, or stands below it.`);
      if (heir.status !== 'active') throw new Conflict('BRANCH_CLOSED', `${heir.name} is ${heir.status}.`);
      for (const child of await store.childrenOf(orgId, id)) await tree.place(child, heirId, after);
      await members.reassign(row, heir, after);
      for (const { count, reassign } of neighbours.blockers)
        if ((await count(orgId, id)) > 0) await reassign?.(orgId, { from: id, to: heirId }, after);
    }
    const left = await this.count(row);
    const inTheWay = Object.entries(left).filter(([, number]) => number > 0);
    if (inTheWay.length === 0) return;
    const named = inTheWay.map(([name, number]) => `${number} ${name}`).join(', ');
    throw new Conflict('BRANCH_NOT_EMPTY', `${row.name} still has ${named}.`, {
      current: left,
      errors: inTheWay.map(([name, number]) => ({ path: name, code: 'not_empty', message: `are ${number}` })),
    });
  }

  private async count({ orgId, id }: BranchModel): Promise<Record<string, number>> {
    const { store, members, neighbours } = this.uses;
    const others: [string, number][] = [];
    for (const { name, count } of neighbours.blockers) others.push([name, await count(orgId, id)]);
    return {
      members: await members.countAt(orgId, id),
      children: (await store.childrenOf(orgId, id)).length,
      ...Object.fromEntries(others),
    };
  }
}
