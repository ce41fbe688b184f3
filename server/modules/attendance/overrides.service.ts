import type { NewOverride, Override, OverrideChange } from '@loro/contracts/attendance-rosters';
import type { z } from 'zod';
import {
  type Actor,
  addDays,
  type After,
  allow,
  Conflict,
  type Hub,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { people } from '../people';
import { mustNotOverlap } from './overlaps';
import { found, mustStand, reachSql } from './reach';
import type { RecomputingService } from './recomputing.service';
import type { Placed, RostersStore } from './rosters.store';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Dates on which somebody works otherwise than planned. */
export class OverridesService {
  constructor(
    private readonly hub: Hub,
    private readonly store: RostersStore,
    private readonly recomputing: RecomputingService,
  ) {}

  async list(actor: Actor, { limit, cursor, userId, from, to }: ListQuery): Promise<Page<Override>> {
    const home =
      '(SELECT p.home_branch_id FROM attendance_people p WHERE p.org_id = roster_overrides.org_id AND p.user_id = roster_overrides.user_id)';
    const reach = reachSql(actor, 'shifts.read', { user: 'user_id', branch: home });
    const after = this.hub.cursors.decode('roster-overrides', cursor);
    const where = [
      reach.sql,
      ...(userId === undefined ? [] : ['user_id = :userId']),
      ...(from === undefined ? [] : ['roster_overrides.date >= :from']),
      ...(to === undefined ? [] : ['roster_overrides.date < :to']),
      ...(after ? ['(roster_overrides.date, user_id) > (:afterDate, :afterUser)'] : []),
    ];
    const values = { ...reach.values, userId, from, to, afterDate: after?.[0], afterUser: after?.[1] };
    const rows = await this.store.overrides(actor.orgId, where.join(' AND '), values, limit + 1);
    return pageOf(
      rows,
      limit,
      (row) => this.hub.cursors.encode('roster-overrides', [row.date, row.userId]),
      (row) => row,
    );
  }

  async create(actor: Actor, input: z.output<typeof NewOverride>): Promise<Override> {
    await this.mayPlan(actor, input.userId);
    const override: Override = { ...input, id: ulid(), version: 1 };
    return this.hub.transact(async (after) => {
      await this.save(actor.orgId, override);
      await this.changed(actor.orgId, override, 'roster-override.made', { after: override }, after);
      return override;
    });
  }

  async update(actor: Actor, id: string, version: number, change: z.output<typeof OverrideChange>): Promise<Override> {
    const { orgId } = actor;
    const known = await this.find(orgId, id);
    await this.mayPlan(actor, known.userId);
    return this.hub.transact(async (after) => {
      await this.store.lock(orgId, targetOf(known));
      const before = await this.find(orgId, id);
      mustStand(before, version);
      const { shiftId = before.shiftId, note = before.note } = change;
      const override: Override = { ...before, shiftId, note, version: version + 1 };
      await this.save(orgId, override);
      await this.changed(orgId, override, 'roster-override.changed', { before, after: override }, after);
      return override;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    const { orgId } = actor;
    const known = await this.find(orgId, id);
    await this.mayPlan(actor, known.userId);
    await this.hub.transact(async (after) => {
      await this.store.lock(orgId, targetOf(known));
      const before = await this.find(orgId, id);
      mustStand(before, version);
      await this.store.removeOverride(orgId, id);
      await this.changed(orgId, before, 'roster-override.removed', { before }, after);
    });
  }

  /** The dates around it are looked at too: a night shift reaches into the next. */
  private async save(orgId: string, override: Override): Promise<void> {
    const { userId, date, shiftId } = override;
    await this.store.lock(orgId, targetOf(override));
    const near = await this.store.overrides(
      orgId,
      'user_id = :userId AND roster_overrides.date BETWEEN :from AND :to',
      { userId, from: addDays(date, -1), to: addDays(date, 1) },
      3,
      'FOR UPDATE',
    );
    const others = await Promise.all(
      near.filter(({ id }) => id !== override.id).map((one) => this.placedOf(orgId, one)),
    );
    const wanted = await this.placedOf(orgId, override);
    if (shiftId !== null && wanted)
      mustNotOverlap(
        wanted,
        others.filter((one) => one !== null),
      );
    await this.store
      .saveOverride(orgId, override)
      .catch(onDuplicate((cause) => new Conflict('OVERRIDE_EXISTS', `There is one for ${date} already.`, { cause })));
  }

  private async placedOf(orgId: string, { id, userId, date, shiftId, version }: Override): Promise<Placed | null> {
    if (shiftId === null) return null;
    const { startLocal, endLocal } = found(await this.store.shift(orgId, shiftId), 'This shift');
    const span = { from: date, to: addDays(date, 1), cycle: null };
    return { id, targetType: 'user', targetId: userId, shiftId, startLocal, endLocal, version, ...span };
  }

  private async changed(
    orgId: string,
    { id, userId, date }: Override,
    action: `roster-override.${string}`,
    change: { before?: object; after?: object },
    after: After,
  ): Promise<void> {
    await this.recomputing.people(orgId, [userId], { from: date, to: date }, after);
    after.record({ action, orgId, entity: { type: 'roster-override', id }, ...change });
  }

  private async find(orgId: string, id: string): Promise<Override> {
    const [row] = await this.store.overrides(orgId, 'id = :id', { id }, 1);
    return found(row, 'This override');
  }

  private async mayPlan(actor: Actor, userId: string): Promise<void> {
    const user = await this.hub.use(people).byId(actor.orgId, userId);
    allow(actor, 'shifts.manage', { userId: user.id, branchId: user.homeBranchId, what: 'This person' });
  }
}

const targetOf = ({ userId }: Override) => ({ targetType: 'user' as const, targetId: userId });
