import type { Branch } from '@loro/contracts/branches';
import type { BranchLocation } from '@loro/contracts/branches-places';
import type { BranchChange } from '@loro/contracts/branches-tree';
import type { z } from 'zod';
import { type Actor, type After, allow, distanceM, type Hub } from '../../platform';
import { configuration } from '../configuration';
import { BranchModel, fenceColumns, placeColumns } from './branch.model';
import { type BranchesStore, idsOf } from './branches.store';
import { detailColumns, middleOfFence, mustConfirmFar, validFence } from './details';
import type { HoursService } from './hours.service';
import { tellBranch } from './telling';
import type { TreeService } from './tree.service';
import type { ZonesService } from './zones.service';

const SAME_PLACE_M = 1;

interface Uses {
  readonly store: BranchesStore;
  readonly tree: TreeService;
  readonly hours: HoursService;
  readonly zones: ZonesService;
}

/** What is known of a branch: its details, its place, its fence and its zone. */
export class DetailsService {
  constructor(
    private readonly hub: Hub,
    private readonly uses: Uses,
  ) {}

  async update(
    actor: Actor,
    branchId: string,
    version: number,
    change: z.output<typeof BranchChange>,
  ): Promise<Branch> {
    allow(actor, 'branches.update', { branchId, what: 'This branch' });
    const { confirm = false, timezone, timezoneFrom, fence, ...details } = change;
    const area = fence === undefined ? undefined : validFence(fence);
    return this.changing(actor.orgId, branchId, version, async (row) => {
      await this.uses.tree.mustKnow(actor.orgId, details);
      return {
        ...detailColumns(details),
        ...(timezone !== undefined && (await this.uses.zones.change(row, timezone, timezoneFrom))),
        ...(area !== undefined && fencedColumns(row, area, { confirm, farM: await this.farM(row) })),
      };
    });
  }

  async locate(
    actor: Actor,
    branchId: string,
    version: number,
    { position, fence, timezone, confirm }: z.output<typeof BranchLocation>,
  ): Promise<Branch> {
    allow(actor, 'branches.update', { branchId, what: 'This branch' });
    const area = fence === undefined ? undefined : validFence(fence);
    return this.changing(actor.orgId, branchId, version, async (row) => {
      const farM = await this.farM(row);
      mustConfirmFar({ from: row.position, to: position, farM }, confirm);
      // A fence around another place than the one named is as far a move.
      mustConfirmFar({ from: position ?? row.position, to: middleOfFence(area ?? null), farM }, confirm);
      return {
        ...placeColumns(position),
        ...(area !== undefined && fenceColumns(area)),
        ...(timezone !== undefined && (await this.uses.zones.change(row, timezone, undefined))),
      };
    });
  }

  /** A planned zone that has begun stands in the row from now on. */
  async settleZone(orgId: string, branchId: string): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.uses.store.lock(orgId, branchId);
      const before = row.toContract(this.hub.now());
      if (!(await this.uses.zones.settle(row))) return;
      tellBranch(after, 'updated', { orgId, branch: row.toContract(this.hub.now()), before });
      await this.uses.hours.settle(row, after);
    });
  }

  /** Branches whose manager left have none. */
  async withoutManager(orgId: string, managerId: string, after: After): Promise<void> {
    const now = this.hub.now();
    for (const row of await BranchModel.findAll({ where: { orgId, managerId }, order: ['id'], lock: true })) {
      const before = row.toContract(now);
      await row.update({ managerId: null, version: row.version + 1 });
      tellBranch(after, 'updated', { orgId, branch: row.toContract(now), before });
    }
  }

  private farM({ orgId, path }: BranchModel): Promise<number> {
    const branchIds = idsOf(path).toReversed();
    return this.hub.use(configuration).value('branches.confirm-move-m', { orgId, branchIds });
  }

  private changing(
    orgId: string,
    branchId: string,
    version: number,
    columnsOf: (row: BranchModel, after: After) => Promise<object>,
  ): Promise<Branch> {
    const { store, zones, hours, tree } = this.uses;
    return this.hub.transact(async (after) => {
      const row = await store.lockVersion(orgId, branchId, version);
      const now = this.hub.now();
      const before = row.toContract(now);
      await zones.settle(row);
      await row.update({ ...(await columnsOf(row, after)), version: version + 1 });
      const branch = row.toContract(now);
      tellBranch(after, 'updated', { orgId, branch, before });
      // Other nodes remember the zone.
      if (!sameZones(before, branch)) await tree.scopesChanged(orgId);
      if (!sameZones(before, branch) || before.holidayCalendarId !== branch.holidayCalendarId)
        await hours.settle(row, after);
      return branch;
    });
  }
}

const sameZones = (a: Branch, b: Branch): boolean =>
  a.timezone === b.timezone && JSON.stringify(a.nextTimezone) === JSON.stringify(b.nextTimezone);

/** A branch whose place is only known by its fence moves with it. */
function fencedColumns(row: BranchModel, area: Branch['fence'], { confirm, farM }: { confirm: boolean; farM: number }) {
  const middle = middleOfFence(area);
  mustConfirmFar({ from: row.position, to: middle, farM }, confirm);
  const { position } = row;
  const old = middleOfFence(row.fence);
  const follows = position === null || (old !== null && distanceM(old, position) < SAME_PLACE_M);
  return { ...fenceColumns(area), ...(middle && follows && placeColumns(middle)) };
}
