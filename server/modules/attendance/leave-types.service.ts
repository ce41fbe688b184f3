import type { LeaveType, LeaveTypeChange, NewLeaveType } from '@loro/contracts/leave-values';
import { ForeignKeyConstraintError, Op, UniqueConstraintError } from 'sequelize';
import type { z } from 'zod';
import {
  type Actor,
  allow,
  Conflict,
  dateIn,
  type Hub,
  HubError,
  NotFound,
  onDuplicate,
  type Page,
  pageOf,
  ulid,
} from '../../platform';
import { branches } from '../branches';
import { people } from '../people';
import { LeaveTypeModel, policyOf } from './leave-type.model';

/** Types of leave, each with its policy. */
export class LeaveTypesService {
  constructor(private readonly hub: Hub) {}

  async list(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<LeaveType>> {
    allow(actor, 'leave.read');
    const after = this.hub.cursors.decode('leave-types', cursor);
    const rows = await LeaveTypeModel.findAll({
      where: { orgId: actor.orgId, ...(after && { code: { [Op.gt]: after[0] } }) },
      order: ['code'],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ code }) => this.hub.cursors.encode('leave-types', [code]),
      (row) => row.toContract(),
    );
  }

  async get(actor: Actor, id: string): Promise<LeaveType> {
    allow(actor, 'leave.read');
    return this.byId(actor.orgId, id);
  }

  /** @throws NotFound */
  async byId(orgId: string, id: string): Promise<LeaveType> {
    const row = await LeaveTypeModel.findOne({ where: { orgId, id } });
    if (!row) throw new NotFound('This type of leave');
    return row.toContract();
  }

  /** Every type that people have or may have something of. */
  async counted(orgId: string): Promise<LeaveType[]> {
    const rows = await LeaveTypeModel.findAll({ where: { orgId, needsBalance: true }, order: ['code'] });
    return rows.map((row) => row.toContract());
  }

  /** The type that gets time off in lieu, if there is one. */
  async timeOff(orgId: string): Promise<LeaveType | null> {
    const row = await LeaveTypeModel.findOne({ where: { orgId, timeOffMark: 1 } });
    return row?.toContract() ?? null;
  }

  async create(actor: Actor, input: z.output<typeof NewLeaveType>): Promise<LeaveType> {
    const { orgId } = actor;
    allow(actor, 'leave.configure', { branchId: null, what: 'The organisation' });
    const startsOn = input.startsOn ?? (await this.today(orgId));
    return this.hub.transact(async (after) => {
      await this.mustKnow(orgId, input.eligibility);
      const { code, name, unit, isPaid, needsBalance, isTimeOff } = input;
      const row = await LeaveTypeModel.create({
        orgId,
        id: ulid(this.hub.now().getTime()),
        code,
        name,
        unit,
        isPaid,
        needsBalance,
        isTimeOff,
        timeOffMark: isTimeOff ? 1 : null,
        startsOn,
        policy: JSON.stringify(policyOf(input)),
        isActive: true,
        version: 1,
      }).catch(onDuplicate(taken));
      const type = row.toContract();
      after.record({ action: 'leave-type.created', entity: { type: 'leave-type', id: type.id }, after: type });
      return type;
    });
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof LeaveTypeChange>,
  ): Promise<LeaveType> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.lock(actor, id, version);
      const before = row.toContract();
      if (change.eligibility) await this.mustKnow(orgId, change.eligibility);
      const next = { ...before, ...defined(change) };
      if (before.isTimeOff && !next.needsBalance)
        throw new HubError('VALIDATION_FAILED', 'Time off in lieu is counted.', {
          errors: [{ path: 'needsBalance', code: 'custom', message: 'is true for time off in lieu' }],
        });
      const { code, name, unit, isPaid, needsBalance, isActive } = next;
      await row
        .update({
          code,
          name,
          unit,
          isPaid,
          needsBalance,
          isActive,
          timeOffMark: before.isTimeOff && isActive ? 1 : null,
          policy: JSON.stringify(policyOf(next)),
          version: version + 1,
        })
        .catch(onDuplicate(taken));
      const type = row.toContract();
      after.record({ action: 'leave-type.updated', entity: { type: 'leave-type', id }, before, after: type });
      return type;
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async (after) => {
      const row = await this.lock(actor, id, version);
      const before = row.toContract();
      await row.destroy().catch((cause: unknown) => {
        if (!(cause instanceof ForeignKeyConstraintError)) throw cause;
        throw new Conflict('LEAVE_TYPE_IN_USE', `People have or had ${before.name}.`, { cause });
      });
      after.record({ action: 'leave-type.removed', entity: { type: 'leave-type', id }, before });
    });
  }

  /** Branches and people of a rule must be the organisation’s own. */
  private async mustKnow(orgId: string, { branchIds = [], userIds = [] }: LeaveType['eligibility']): Promise<void> {
    for (const id of branchIds)
      if (!(await this.hub.use(branches).exists(orgId, id))) throw new NotFound('This branch');
    const names = await this.hub.use(people).namesOf(orgId, userIds);
    if (userIds.some((id) => !names.has(id))) throw new NotFound('This person');
  }

  private async lock(actor: Actor, id: string, version: number): Promise<LeaveTypeModel> {
    allow(actor, 'leave.configure', { branchId: null, what: 'The organisation' });
    const row = await LeaveTypeModel.findOne({ where: { orgId: actor.orgId, id }, lock: true });
    if (!row) throw new NotFound('This type of leave');
    if (row.version === version) return row;
    throw new HubError('VERSION_CONFLICT', 'Somebody changed this type meanwhile.', { current: row.toContract() });
  }

  private async today(orgId: string): Promise<string> {
    const { timezone } = await this.hub.use(people).organisationOf(orgId);
    return dateIn(this.hub.now(), timezone);
  }
}

function taken(cause: Error): HubError {
  return cause instanceof UniqueConstraintError && cause.parent.message.includes('one_time_off')
    ? new Conflict('TIME_OFF_TAKEN', 'Another type gets time off in lieu.', { cause })
    : new Conflict('LEAVE_CODE_TAKEN', 'Another type of leave has this code.', { cause });
}

/** Only what was said: a change leaves the rest as it is. */
function defined<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Entries that are undefined are left out, which is what the type then says.
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
