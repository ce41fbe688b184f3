import type { NewShift, Shift, ShiftChange } from '@loro/contracts/attendance-rosters';
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
import { ForeignKeyConstraintError } from 'sequelize';
import { mustNotOverlap } from './overlaps';
import { found, mustStand } from './reach';
import type { RecomputingService } from './recomputing.service';
import type { RostersStore } from './rosters.store';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const MANY = 10_000;
const everywhere = { branchId: null, what: 'The organisation' };

/** Shifts: when people work, and what counts as late, as a break, as a whole day. */
export class ShiftsService {
  constructor(
    private readonly hub: Hub,
    private readonly store: RostersStore,
    private readonly recomputing: RecomputingService,
  ) {}

  async list(actor: Actor, { limit, cursor }: Paged): Promise<Page<Shift>> {
    allow(actor, 'shifts.read');
    const after = this.hub.cursors.decode('shifts', cursor);
    const rows = await this.store.shifts(
      actor.orgId,
      after ? 'name > :after' : '1 = 1',
      { after: after?.[0] },
      limit + 1,
    );
    return pageOf(
      rows,
      limit,
      ({ name }) => this.hub.cursors.encode('shifts', [name]),
      (row) => row,
    );
  }

  async get(actor: Actor, id: string): Promise<Shift> {
    allow(actor, 'shifts.read');
    return found(await this.store.shift(actor.orgId, id), 'This shift');
  }

  async create(actor: Actor, input: z.output<typeof NewShift>): Promise<Shift> {
    allow(actor, 'shifts.manage', everywhere);
    const shift: Shift = { ...input, id: ulid(), version: 1 };
    return this.hub.transact(async (after) => {
      await this.save(actor.orgId, shift);
      this.tell(after, 'shift.created', actor.orgId, shift.id, { after: shift });
      return shift;
    });
  }

  async update(actor: Actor, id: string, version: number, change: z.output<typeof ShiftChange>): Promise<Shift> {
    allow(actor, 'shifts.manage', everywhere);
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const before = found(await this.store.lockShift(orgId, id), 'This shift');
      mustStand(before, version);
      const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      const shift: Shift = { ...before, ...said, version: version + 1 };
      if (shift.minHalfDayMin > shift.minPresentMin)
        throw new HubError('VALIDATION_FAILED', 'Wrong: minHalfDayMin.', {
          errors: [{ path: 'minHalfDayMin', code: 'custom', message: 'is more than a whole day needs' }],
        });
      const assignments = await this.store.assignments(orgId, 'a.shift_id = :id', { id }, MANY);
      await this.save(orgId, shift);
      for (const assignment of assignments) {
        await this.store.lock(orgId, assignment);
        const placed = await this.store.placed(orgId, assignment);
        mustNotOverlap({ ...assignment, startLocal: shift.startLocal, endLocal: shift.endLocal }, placed);
        await this.recomputing.target(orgId, assignment, after);
      }
      this.tell(after, 'shift.updated', orgId, id, { before, after: shift });
      return shift;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    allow(actor, 'shifts.manage', everywhere);
    const { orgId } = actor;
    await this.hub.transact(async (after) => {
      const before = found(await this.store.lockShift(orgId, id), 'This shift');
      mustStand(before, version);
      await this.store.removeShift(orgId, id).catch((cause: unknown) => {
        if (!(cause instanceof ForeignKeyConstraintError)) throw cause;
        throw new Conflict('SHIFT_IN_USE', `${before.name} is or was given to somebody.`, { cause });
      });
      this.tell(after, 'shift.removed', orgId, id, { before });
    });
  }

  private async save(orgId: string, shift: Shift): Promise<void> {
    await this.store
      .saveShift(orgId, shift)
      .catch(onDuplicate((cause) => new Conflict('SHIFT_NAME_TAKEN', 'Another shift has this name.', { cause })))
      .catch((cause: unknown) => {
        if (cause instanceof ForeignKeyConstraintError) throw new NotFound('This overtime policy');
        throw cause;
      });
  }

  private tell(
    after: After,
    action: `shift.${string}`,
    orgId: string,
    id: string,
    change: { before?: object; after?: object },
  ): void {
    after.record({ action, orgId, entity: { type: 'shift', id }, ...change });
  }
}
