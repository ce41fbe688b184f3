import type { Assignment, AssignmentChange, NewAssignment, targetTypes } from '@loro/contracts/attendance-rosters';
import type { z } from 'zod';
import {
  type Actor,
  type After,
  allow,
  type Hub,
  Invalid,
  NotFound,
  type Page,
  pageOf,
  reachOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import { mustNotOverlap } from './overlaps';
import { found, mustStand } from './reach';
import type { RecomputingService } from './recomputing.service';
import type { RostersStore } from './rosters.store';

type Target = Pick<Assignment, 'targetType' | 'targetId'>;

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly targetType?: (typeof targetTypes)[number] | undefined;
  readonly targetId?: string | undefined;
  readonly shiftId?: string | undefined;
  readonly on?: string | undefined;
}

/** Who was given which shift, from when to when. */
export class AssignmentsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: RostersStore,
    private readonly recomputing: RecomputingService,
  ) {}

  async list(actor: Actor, query: ListQuery): Promise<Page<Assignment>> {
    const { limit, cursor, targetType, targetId, shiftId, on } = query;
    const { scope, branchIds } = reachOf(actor, 'shifts.read');
    const after = this.hub.cursors.decode('shift-assignments', cursor);
    const where = [
      ...(scope === 'org' ? [] : [VISIBLE]),
      ...(targetType === undefined ? [] : ['a.target_type = :targetType']),
      ...(targetId === undefined ? [] : ['a.target_id = :targetId']),
      ...(shiftId === undefined ? [] : ['a.shift_id = :shiftId']),
      ...(on === undefined ? [] : ['a.from_date <= :on AND (a.to_date IS NULL OR a.to_date > :on)']),
      ...(after ? ['a.id < :after'] : []),
      '1 = 1',
    ];
    const rows = await this.store.assignments(
      actor.orgId,
      where.join(' AND '),
      {
        targetType,
        targetId,
        shiftId,
        on,
        after: after?.[0],
        self: actor.userId,
        branches: branchIds.size > 0 ? [...branchIds] : [''],
      },
      limit + 1,
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => this.hub.cursors.encode('shift-assignments', [id]),
      (row) => row,
    );
  }

  async assign(actor: Actor, input: z.output<typeof NewAssignment>): Promise<Assignment> {
    await this.mayPlan(actor, input);
    const assignment: Assignment = { ...input, id: ulid(this.hub.now().getTime()), version: 1 };
    return this.hub.transact(async (after) => {
      await this.save(actor.orgId, assignment);
      await this.changed(actor.orgId, [assignment], 'shift-assignment.made', { after: assignment }, after);
      return assignment;
    });
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof AssignmentChange>,
  ): Promise<Assignment> {
    const { orgId } = actor;
    const known = await this.find(orgId, id);
    await this.mayPlan(actor, known);
    return this.hub.transact(async (after) => {
      await this.store.lock(orgId, known);
      const before = found(
        (await this.store.placed(orgId, known)).find((one) => one.id === id),
        'This assignment',
      );
      const { startLocal: _, endLocal: __, ...plain } = before;
      mustStand(plain, version);
      const { shiftId = plain.shiftId, from = plain.from, to = plain.to, cycle = plain.cycle } = change;
      if (to !== null && from >= to)
        throw new Invalid('VALIDATION_FAILED', 'Wrong: to.', {
          errors: [{ path: 'to', code: 'custom', message: 'ends before it begins' }],
        });
      const assignment: Assignment = { ...plain, shiftId, from, to, cycle, version: version + 1 };
      await this.save(orgId, assignment);
      await this.changed(
        orgId,
        [plain, assignment],
        'shift-assignment.changed',
        { before: plain, after: assignment },
        after,
      );
      return assignment;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const { orgId } = actor;
    const known = await this.find(orgId, id);
    await this.mayPlan(actor, known);
    await this.hub.transact(async (after) => {
      await this.store.lock(orgId, known);
      const before = await this.find(orgId, id);
      mustStand(before, version);
      await this.store.removeAssignment(orgId, id);
      await this.changed(orgId, [before], 'shift-assignment.removed', { before }, after);
    });
  }

  /** The target is locked first, then what is planned for it is looked at. */
  private async save(orgId: string, assignment: Assignment): Promise<void> {
    const shift = found(await this.store.shift(orgId, assignment.shiftId), 'This shift');
    await this.store.lock(orgId, assignment);
    const { startLocal, endLocal } = shift;
    mustNotOverlap({ ...assignment, startLocal, endLocal }, await this.store.placed(orgId, assignment));
    await this.store.saveAssignment(orgId, assignment);
  }

  private async changed(
    orgId: string,
    spans: readonly Assignment[],
    action: `shift-assignment.${string}`,
    change: { before?: object; after?: object },
    after: After,
  ): Promise<void> {
    for (const span of spans) await this.recomputing.target(orgId, span, after);
    after.record({ action, orgId, entity: { type: 'shift-assignment', id: spans[0]?.id ?? '' }, ...change });
  }

  private async find(orgId: string, id: string): Promise<Assignment> {
    const [row] = await this.store.assignments(orgId, 'a.id = :id', { id }, 1);
    return found(row, 'This assignment');
  }

  /** @throws NotFound for people, teams and branches that somebody does not plan for */
  private async mayPlan(actor: Actor, { targetType, targetId }: Target): Promise<void> {
    const { orgId } = actor;
    if (targetType === 'user') {
      const user = await this.hub.use(people).byId(orgId, targetId);
      allow(actor, 'shifts.manage', { userId: user.id, branchId: user.homeBranchId, what: 'This person' });
      return;
    }
    if (targetType === 'team') {
      const team = await this.hub.use(people).teams.get(actor, targetId);
      allow(actor, 'shifts.manage', { branchId: team.branchId, what: 'This team' });
      return;
    }
    allow(actor, 'shifts.manage', { branchId: targetId, what: 'This branch' });
    if (!(await this.hub.ports.hasBranch(orgId, targetId))) throw new NotFound('This branch');
  }
}

/** One’s own, those of one’s teams, and those of branches and people within reach. */
const VISIBLE = `(
  (a.target_type = 'user' AND (a.target_id = :self OR EXISTS (
    SELECT 1 FROM attendance_people p WHERE p.org_id = a.org_id AND p.user_id = a.target_id AND p.home_branch_id IN (:branches))))
  OR (a.target_type = 'branch' AND (a.target_id IN (:branches) OR EXISTS (
    SELECT 1 FROM attendance_people p WHERE p.org_id = a.org_id AND p.user_id = :self AND p.home_branch_id = a.target_id)))
  OR (a.target_type = 'team' AND EXISTS (
    SELECT 1 FROM attendance_teams t WHERE t.org_id = a.org_id AND t.team_id = a.target_id AND t.user_id = :self)))`;
