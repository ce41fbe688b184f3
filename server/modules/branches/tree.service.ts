import type { Branch } from '@loro/contracts/branches';
import type { BranchMove, NewBranch } from '@loro/contracts/branches-tree';
import { ForeignKeyConstraintError } from 'sequelize';
import type { z } from 'zod';
import { type Actor, type After, allow, Conflict, dateIn, type Hub, NotFound, onDuplicate, ulid } from '../../platform';
import { licensing } from '../licensing';
import { people } from '../people';
import { BranchModel, fenceColumns, placeColumns } from './branch.model';
import { type BranchesStore, depthOf } from './branches.store';
import { detailColumns, middleOfFence, validFence } from './details';
import { tellBranch } from './telling';

const MAX_DEPTH = 6;
const LIMIT = 'branches';

/** Where branches stand: opening them, moving them, taking away what was only planned. */
export class TreeService {
  constructor(
    private readonly hub: Hub,
    private readonly store: BranchesStore,
  ) {}

  async create(actor: Actor, input: z.output<typeof NewBranch>): Promise<Branch> {
    allow(actor, 'branches.manage', { branchId: input.parentId, what: 'The branch above' });
    const { orgId } = actor;
    const { store } = this;
    const { fence, position, parentId, code, status, timezone, ...details } = input;
    const area = validFence(fence);
    return this.hub.transact(async (after) => {
      await store.lockOrganisation(orgId);
      const parent = parentId === null ? null : await store.lock(orgId, parentId);
      const id = ulid();
      const path = `${parent?.path ?? '/'}${id}/`;
      mustNotBeDeeper(depthOf(path));
      mustBeOpen(parent);
      await this.mustKnow(orgId, input);
      if (status === 'active') await this.takeLicence(orgId, after);
      const place = position ?? middleOfFence(area);
      const row = await BranchModel.create({
        ...fenceColumns(area),
        ...detailColumns(details),
        name: details.name,
        kind: details.kind,
        timezone,
        ...placeColumns(place),
        openedOn: details.openedOn ?? (status === 'active' ? dateIn(this.hub.now(), timezone) : null),
        orgId,
        id,
        parentId,
        path,
        code,
        status,
        version: 1,
      }).catch(onDuplicate((cause) => new Conflict('CODE_TAKEN', `The code ${code} is taken.`, { cause })));
      const branch = (await row.reload()).toContract(this.hub.now());
      tellBranch(after, 'created', { orgId, branch, also: [parentId] });
      await this.scopesChanged(orgId);
      return branch;
    });
  }

  async move(actor: Actor, branchId: string, { parentId }: z.output<typeof BranchMove>): Promise<Branch> {
    allow(actor, 'branches.manage', { branchId, what: 'This branch' });
    allow(actor, 'branches.manage', { branchId: parentId, what: 'The branch above' });
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      await this.store.lockOrganisation(orgId);
      return this.place(await this.store.lock(orgId, branchId), parentId, after);
    });
  }

  /** In the caller’s transaction, which holds the organisation’s lock. */
  async place(row: BranchModel, parentId: string | null, after: After): Promise<Branch> {
    const { orgId, id, path, parentId: from } = row;
    const now = this.hub.now();
    const before = row.toContract(now);
    if (from === parentId) return before;
    const parent = parentId === null ? null : await this.store.lock(orgId, parentId);
    if (parent?.path.startsWith(path))
      throw new Conflict('BRANCH_CYCLE', `${parent.name} stands below ${row.name} or is the same branch.`);
    if (row.status !== 'closed') mustBeOpen(parent);
    const rows = await this.store.lockSubtrees(orgId, [path, ...(parent ? [parent.path] : [])]);
    const to = `${parent?.path ?? '/'}${id}/`;
    const moved = rows.filter((one) => one.path.startsWith(path));
    const deepest = Math.max(...moved.map((one) => depthOf(one.path)));
    mustNotBeDeeper(deepest - depthOf(path) + depthOf(to));
    await row.update({ parentId });
    await this.store.rewritePaths(orgId, path, to);
    const branch = (await row.reload()).toContract(now);
    tellBranch(after, 'moved', { orgId, branch, before, also: [from, parentId] });
    await this.scopesChanged(orgId);
    return branch;
  }

  async remove(actor: Actor, branchId: string, version: number): Promise<void> {
    allow(actor, 'branches.manage', { branchId, what: 'This branch' });
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      await this.store.lockOrganisation(orgId);
      const row = await this.store.lockVersion(orgId, branchId, version);
      if (row.status !== 'planned')
        throw new Conflict(
          'BRANCH_STATE_INVALID',
          'Only a branch that was never opened can be removed; close this one.',
        );
      const branch = row.toContract(this.hub.now());
      await row.destroy().catch((cause: unknown) => {
        if (!(cause instanceof ForeignKeyConstraintError)) throw cause;
        throw new Conflict('BRANCH_NOT_EMPTY', 'Something refers to this branch already; close it instead.', { cause });
      });
      tellBranch(after, 'removed', { orgId, branch, before: branch });
      await this.scopesChanged(orgId);
    });
  }

  /**
   * One more branch that counts. Under the organisation’s lock: of two that ask at once for the last one, the second
   * sees the first.
   * @throws HubError LICENSE_LIMIT_REACHED
   */
  async takeLicence(orgId: string, after: After): Promise<void> {
    const used = await this.store.licensed(orgId);
    await this.hub.use(licensing).take(orgId, LIMIT, { used, adding: 1 }, after);
  }

  /** One fewer that counts: its row says so already. */
  async giveLicenceBack(orgId: string): Promise<void> {
    await this.hub.use(licensing).release(orgId, LIMIT, 1);
  }

  /** Roles at a branch reach everything below it, so a change of the tree may concern anybody. */
  scopesChanged(orgId: string): Promise<void> {
    return this.hub.changes.record({ orgId, userId: null, sessionId: null });
  }

  /** @throws NotFound for people and calendars of somebody else */
  async mustKnow(
    orgId: string,
    {
      managerId,
      holidayCalendarId,
    }: { managerId?: string | null | undefined; holidayCalendarId?: string | null | undefined },
  ): Promise<void> {
    if (managerId !== null && managerId !== undefined) {
      const { kind, status } = await this.hub.use(people).byId(orgId, managerId);
      if (kind !== 'person' || status === 'deactivated') throw new NotFound('This manager');
    }
    await this.store.mustHaveCalendar(orgId, holidayCalendarId);
  }
}

function mustNotBeDeeper(depth: number): void {
  if (depth > MAX_DEPTH) throw new Conflict('BRANCH_DEPTH', `A branch stands at most ${MAX_DEPTH} levels deep.`);
}

/** @throws Conflict BRANCH_CLOSED */
export function mustBeOpen(branch: BranchModel | null): void {
  if (branch?.status === 'closed') throw new Conflict('BRANCH_CLOSED', `${branch.name} is closed.`);
}
