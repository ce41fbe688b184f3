import { branchesLive } from '@loro/contracts/branches-live';
import type {
  Allocation,
  NewAllocation,
  NewResource,
  Release,
  Resource,
  ResourceChange,
} from '@loro/contracts/branches-resources';
import { Op, type WhereOptions } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  Conflict,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import { AllocationModel } from './allocation.model';
import { peakWithin } from './allocations.policy';
import type { BranchesStore } from './branches.store';
import { ResourceModel } from './resource.model';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What a branch has and gives away: desks, rooms, vehicles, budgets. */
export class ResourcesService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
  ) {}

  async list(
    actor: Actor,
    branchId: string,
    { limit, cursor, kind }: Paged & { kind?: Resource['kind'] | undefined },
  ): Promise<Page<Resource>> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    const { orgId } = actor;
    await this.branches.find(orgId, branchId);
    const after = this.hub.cursors.decode('resources', cursor);
    const rows = await ResourceModel.findAll({
      where: {
        orgId,
        branchId,
        liveMark: 1,
        ...(kind !== undefined && { kind }),
        ...(after && { label: { [Op.gt]: after[0] } }),
      },
      order: ['label'],
      limit: limit + 1,
    });
    const given = await this.givenNow(
      orgId,
      rows.map(({ id }) => id),
    );
    return pageOf(
      rows,
      limit,
      ({ label }) => this.hub.cursors.encode('resources', [label]),
      (row) => row.toContract(given.get(row.id) ?? 0),
    );
  }

  async create(actor: Actor, branchId: string, input: z.output<typeof NewResource>): Promise<Resource> {
    allow(actor, 'branches.allocate', { branchId, what: 'This branch' });
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      await this.branches.lock(orgId, branchId);
      const row = await ResourceModel.create({ ...input, orgId, branchId, id: ulid(), liveMark: 1, version: 1 }).catch(
        onDuplicate(labelTaken),
      );
      const resource = row.toContract(0);
      this.tell(after, 'resource.created', orgId, { after: resource });
      return resource;
    });
  }

  async update(
    actor: Actor,
    { branchId, resourceId }: { branchId: string; resourceId: string },
    version: number,
    change: z.output<typeof ResourceChange>,
  ): Promise<Resource> {
    return this.changing(actor, { branchId, resourceId }, version, async (row, given, after) => {
      const before = row.toContract(given);
      const { capacity } = change;
      if (capacity !== undefined) {
        const peak = await this.peak(row, this.hub.now(), null);
        if (peak > capacity) throw full(row, capacity, peak);
      }
      const fields = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      await row.update({ ...fields, version: version + 1 }).catch(onDuplicate(labelTaken));
      const resource = row.toContract(given);
      this.tell(after, 'resource.updated', actor.orgId, { before, after: resource });
      return resource;
    });
  }

  async remove(actor: Actor, of: { branchId: string; resourceId: string }, version: number): Promise<void> {
    await this.changing(actor, of, version, async (row, given, after) => {
      if ((await this.peak(row, this.hub.now(), null)) > 0)
        throw new Conflict('RESOURCE_IN_USE', `${row.label} is given away, or will be.`);
      const before = row.toContract(given);
      await row.update({ liveMark: null, removedAt: this.hub.now(), version: version + 1 });
      this.tell(after, 'resource.removed', actor.orgId, { before });
    });
  }

  async allocations(
    actor: Actor,
    resourceId: string,
    { limit, cursor, from, to }: Paged & { from?: string | undefined; to?: string | undefined },
  ): Promise<Page<Allocation>> {
    const { orgId } = actor;
    const resource = await ResourceModel.findOne({ where: { orgId, id: resourceId } });
    if (!resource) throw new NotFound('This resource');
    allow(actor, 'branches.read', { branchId: resource.branchId, what: 'This resource' });
    const start = from === undefined ? this.hub.now() : new Date(from);
    const after = this.hub.cursors.decode('allocations', cursor);
    const that: WhereOptions[] = [{ [Op.or]: [{ toAt: null }, { toAt: { [Op.gt]: start } }] }];
    if (to !== undefined) that.push({ fromAt: { [Op.lt]: new Date(to) } });
    if (to === undefined && from === undefined) that.push({ fromAt: { [Op.lte]: start } });
    if (after) that.push({ id: { [Op.gt]: after[0] } });
    const rows = await AllocationModel.findAll({
      where: { orgId, resourceId, [Op.and]: that },
      order: ['id'],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('allocations', [id]),
      (row) => row.toContract(),
    );
  }

  /** Of two that ask at once for the last one, the second waits for the resource and then sees the first. */
  async allocate(actor: Actor, resourceId: string, input: z.output<typeof NewAllocation>): Promise<Allocation> {
    const { orgId } = actor;
    const { holderType, holderId, quantity, note } = input;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, resourceId);
      if (holderType === 'user') await this.hub.use(people).byId(orgId, holderId);
      const fromAt = input.from === undefined ? this.hub.now() : new Date(input.from);
      const toAt = input.to === null ? null : new Date(input.to);
      if (toAt && toAt <= fromAt)
        throw new HubError('VALIDATION_FAILED', 'It ends before it begins.', {
          errors: [{ path: 'to', code: 'too_small', message: 'is not after the beginning' }],
        });
      const peak = await this.peak(row, fromAt, toAt);
      if (peak + quantity > row.capacity) throw full(row, row.capacity, peak);
      const made = await AllocationModel.create({
        orgId,
        resourceId,
        holderType,
        holderId,
        quantity,
        note,
        fromAt,
        toAt,
        id: ulid(),
      });
      const allocation = made.toContract();
      this.noteAllocation(after, 'resource.allocated', row, { after: allocation });
      return allocation;
    });
  }

  async release(actor: Actor, resourceId: string, { allocationId, at }: z.output<typeof Release>): Promise<Allocation> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, resourceId);
      const held = await AllocationModel.findOne({ where: { orgId, resourceId, id: allocationId }, lock: true });
      if (!held) throw new NotFound('This allocation');
      const end = at === undefined ? this.hub.now() : new Date(at);
      if (held.toAt && held.toAt <= end)
        throw new Conflict('ALLOCATION_OVER', `It ended at ${held.toAt.toISOString()}.`);
      return this.free(row, held, end, after);
    });
  }

  /** Whoever leaves holds nothing any more. */
  async freeAll(orgId: string, userId: string, after: After): Promise<void> {
    const now = this.hub.now();
    const held = await AllocationModel.findAll({
      where: { orgId, holderType: 'user', holderId: userId, [Op.or]: [{ toAt: null }, { toAt: { [Op.gt]: now } }] },
      order: ['resourceId', 'id'],
      lock: true,
    });
    for (const one of held) {
      const row = await ResourceModel.findOne({ where: { orgId, id: one.resourceId } });
      if (row) await this.free(row, one, now, after);
    }
  }

  private async free(row: ResourceModel, held: AllocationModel, end: Date, after: After): Promise<Allocation> {
    const before = held.toContract();
    await held.update({ toAt: end > held.fromAt ? end : held.fromAt });
    const allocation = held.toContract();
    this.noteAllocation(after, 'resource.released', row, { before, after: allocation });
    return allocation;
  }

  /** The most that is given away at once in a time; the resource is locked. */
  private async peak({ orgId, id }: ResourceModel, from: Date, to: Date | null): Promise<number> {
    const rows = await AllocationModel.findAll({
      where: { orgId, resourceId: id, [Op.or]: [{ toAt: null }, { toAt: { [Op.gt]: from } }] },
      lock: true,
    });
    const given = rows.map(({ fromAt, toAt, quantity }) => ({
      from: fromAt.getTime(),
      to: toAt?.getTime() ?? Infinity,
      quantity,
    }));
    return peakWithin(given, from.getTime(), to?.getTime() ?? Infinity);
  }

  private async givenNow(orgId: string, resourceIds: readonly string[]): Promise<Map<string, number>> {
    if (resourceIds.length === 0) return new Map();
    const rows = await this.hub.select<{ id: string; given: string }>(
      `SELECT resource_id AS id, SUM(quantity) AS given FROM resource_allocations
        WHERE org_id = :orgId AND resource_id IN (:resourceIds) AND from_at <= :now AND (to_at IS NULL OR to_at > :now)
        GROUP BY resource_id`,
      { orgId, resourceIds: [...resourceIds], now: this.hub.now() },
    );
    return new Map(rows.map(({ id, given }) => [id, Number(given)]));
  }

  private async lock(actor: Actor, id: string): Promise<ResourceModel> {
    const row = await ResourceModel.findOne({ where: { orgId: actor.orgId, id, liveMark: 1 }, lock: true });
    if (!row) throw new NotFound('This resource');
    allow(actor, 'branches.allocate', { branchId: row.branchId, what: 'This resource' });
    return row;
  }

  private changing<T>(
    actor: Actor,
    { branchId, resourceId }: { branchId: string; resourceId: string },
    version: number,
    work: (row: ResourceModel, given: number, after: After) => Promise<T>,
  ): Promise<T> {
    allow(actor, 'branches.allocate', { branchId, what: 'This branch' });
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, resourceId);
      if (row.branchId !== branchId) throw new NotFound('This resource');
      const given = (await this.givenNow(actor.orgId, [resourceId])).get(resourceId) ?? 0;
      if (row.version !== version)
        throw new HubError('VERSION_CONFLICT', 'Somebody changed this resource meanwhile.', {
          current: row.toContract(given),
        });
      return work(row, given, after);
    });
  }

  private tell(
    after: After,
    action: `resource.${string}`,
    orgId: string,
    change: { before?: Resource; after?: Resource },
  ): void {
    const { id, branchId } = { id: '', branchId: '', ...change.before, ...change.after };
    after.record({ action, orgId, entity: { type: 'resource', id }, branchId, ...change });
  }

  private noteAllocation(
    after: After,
    action: `resource.${string}`,
    { orgId, branchId, id }: ResourceModel,
    change: { before?: Allocation; after: Allocation },
  ): void {
    after.publish(branchesLive, 'resource:allocated', { orgId, id: branchId }, change.after);
    after.record({ action, orgId, entity: { type: 'resource', id }, branchId, ...change });
  }
}

const labelTaken = (cause: Error): HubError =>
  new Conflict('RESOURCE_LABEL_TAKEN', 'The branch has a resource of this label.', { cause });

const full = ({ label }: ResourceModel, capacity: number, allocated: number): HubError =>
  new Conflict('RESOURCE_FULL', `Of ${capacity} ${label}, ${allocated} are given away at the fullest moment.`, {
    current: { capacity, allocated, free: Math.max(0, capacity - allocated) },
  });
