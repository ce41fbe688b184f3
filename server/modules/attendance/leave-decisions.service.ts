import type { LeaveRequestInFull, LeaveState } from '@loro/contracts/leave-values';
import { type Actor, addDays, type After, Forbidden, type Hub, may, NotFound } from '../../platform';
import { reachesPerson } from './leave-people.store';
import { LeaveRequestModel } from './leave-request.model';
import { type LeaveParts, notIn } from './leave-requests.service';
import { agreed, nextApprover } from './leave-rules.policy';
import { noteLeave, recomputeDays, tellLeave } from './leave-telling';

interface Change {
  readonly state: LeaveState;
  readonly action: `leave.${string}`;
  /** Null where the hub did it. */
  readonly by: string | null;
  readonly note?: string | undefined;
  /** Dates whose days of attendance are other now. */
  readonly dates: readonly string[];
  readonly toDate?: string;
  readonly lastHalf?: null;
  readonly milliDays?: number;
}

/** Deciding about leave, and giving it back. */
export class LeaveDecisionsService {
  constructor(
    private readonly hub: Hub,
    private readonly by: LeaveParts,
  ) {}

  /** @throws Forbidden SELF_APPROVAL @throws HubError STATE_INVALID, COVER_TOO_LOW */
  async approve(actor: Actor, id: string, note?: string): Promise<LeaveRequestInFull> {
    return this.hub.transact(async (after) => {
      const row = await this.toDecide(actor, id);
      const { orgId, userId } = row;
      const reachesAll = may(actor, 'leave.decide', { userId: null, branchId: null });
      const chain = agreed(row.chain, actor.userId, reachesAll, this.hub.now().toISOString());
      await row.update({ approvers: JSON.stringify(chain) });
      if (nextApprover(chain) !== null) return this.passOn(row, after);
      const days = await this.by.store.days(orgId, row.id);
      const dates = days.filter(({ milliDays }) => milliDays > 0).map(({ date }) => date);
      await this.by.mustBeOpen(orgId, userId, dates);
      await this.by.cover.mustHold(orgId, await this.by.people.find(orgId, userId), dates);
      await this.spend(row, actor.userId);
      const all = days.map(({ date }) => date);
      return this.settle(
        row,
        { state: 'approved', action: 'leave.approved', by: actor.userId, note, dates: all },
        after,
      );
    });
  }

  async reject(actor: Actor, id: string, note: string): Promise<LeaveRequestInFull> {
    return this.hub.transact(async (after) => {
      const row = await this.toDecide(actor, id);
      const at = this.hub.now().toISOString();
      const chain = row.chain.map((one) => (one.userId === actor.userId ? { ...one, state: 'rejected', at } : one));
      await row.update({ approvers: JSON.stringify(chain) });
      return this.letGo(row, { state: 'rejected', action: 'leave.rejected', by: actor.userId, note }, after);
    });
  }

  async withdraw(actor: Actor, id: string, note?: string): Promise<LeaveRequestInFull> {
    return this.hub.transact(async (after) => {
      const row = await this.toGiveBack(actor, id);
      if (row.state !== 'pending') throw notIn(row.state, 'withdrawn');
      return this.letGo(row, { state: 'withdrawn', action: 'leave.withdrawn', by: actor.userId, note }, after);
    });
  }

  async cancel(actor: Actor, id: string, note?: string): Promise<LeaveRequestInFull> {
    return this.hub.transact(async (after) => {
      const row = await this.toGiveBack(actor, id);
      if (row.state !== 'approved') throw notIn(row.state, 'cancelled');
      const person = await this.by.people.find(row.orgId, row.userId);
      if (this.by.people.today(person) >= row.fromDate) throw notIn('under way', 'cancelled: shorten it');
      return this.cancelWhole(row, actor.userId, note, after);
    });
  }

  async shorten(actor: Actor, id: string, to: string, note?: string): Promise<LeaveRequestInFull> {
    return this.hub.transact(async (after) => {
      const row = await this.toGiveBack(actor, id);
      if (row.state !== 'approved' && row.state !== 'shortened') throw notIn(row.state, 'shortened');
      const person = await this.by.people.find(row.orgId, row.userId);
      if (to < row.fromDate || to >= row.toDate) throw notIn(`from ${row.fromDate} to ${row.toDate}`, 'ended there');
      if (to < addDays(this.by.people.today(person), -1)) throw notIn('taken after that date', 'given back');
      return this.cut(row, to, { by: actor.userId, note }, after);
    });
  }

  /** Days on which somebody worked after all: the leave stays, and costs nothing for them. */
  async giveBack(actor: Actor, id: string, dates: readonly string[], note?: string): Promise<LeaveRequestInFull> {
    return this.hub.transact(async (after) => {
      const row = await this.reached(actor, id);
      if (!['approved', 'taken', 'shortened'].includes(row.state)) throw notIn(row.state, 'given back');
      const days = await this.by.store.days(row.orgId, row.id);
      const open = days.filter(({ date, isReleased }) => !isReleased && dates.includes(date)).map(({ date }) => date);
      if (open.length < new Set(dates).size) throw new NotFound('One of these days of the leave');
      await this.release(row, open, actor.userId);
      const milliDays = leftOf(days, open);
      const change = {
        state: row.state,
        action: 'leave.given-back',
        by: actor.userId,
        note,
        dates: open,
        milliDays,
      } as const;
      return this.settle(row, change, after);
    });
  }

  /** Whoever leaves takes no leave any more: what waits is withdrawn, what is to come is given back. */
  async releaseFuture(orgId: string, userId: string, after: After): Promise<void> {
    const rows = await LeaveRequestModel.findAll({
      where: { orgId, userId, state: ['pending', 'approved', 'shortened'] },
      order: ['id'],
      lock: true,
    });
    if (rows.length === 0) return;
    const today = this.by.people.today(await this.by.people.find(orgId, userId));
    const why = { by: null, note: 'left the organisation' } as const;
    for (const row of rows) {
      if (row.state === 'pending')
        await this.letGo(row, { state: 'withdrawn', action: 'leave.withdrawn', ...why }, after);
      else if (row.fromDate > today) await this.cancelWhole(row, null, why.note, after);
      else if (row.toDate > today) await this.cut(row, today, why, after);
    }
  }

  private async cut(
    row: LeaveRequestModel,
    to: string,
    { by, note }: { readonly by: string | null; readonly note: string | undefined },
    after: After,
  ): Promise<LeaveRequestInFull> {
    const days = await this.by.store.days(row.orgId, row.id);
    const dates = days.filter(({ date, isReleased }) => date > to && !isReleased).map(({ date }) => date);
    await this.by.mustBeOpen(row.orgId, row.userId, dates);
    await this.release(row, dates, by);
    const milliDays = leftOf(days, dates);
    const change = {
      state: 'shortened',
      action: 'leave.shortened',
      by,
      note,
      dates,
      toDate: to,
      lastHalf: null,
      milliDays,
    } as const;
    return this.settle(row, change, after);
  }

  private async cancelWhole(
    row: LeaveRequestModel,
    by: string | null,
    note: string | undefined,
    after: After,
  ): Promise<LeaveRequestInFull> {
    const days = await this.by.store.days(row.orgId, row.id);
    const dates = days.filter(({ isReleased }) => !isReleased).map(({ date }) => date);
    await this.by.mustBeOpen(row.orgId, row.userId, dates);
    await this.release(row, dates, by);
    return this.settle(row, { state: 'cancelled', action: 'leave.cancelled', by, note, dates }, after);
  }

  /** What was held is taken now, from the very lots that held it. */
  private async spend(row: LeaveRequestModel, actorId: string): Promise<void> {
    const { orgId, userId, typeId, id } = row;
    const account = { orgId, userId, typeId };
    await this.by.accounts.lock(account);
    const held = await this.by.accounts.unreserve(orgId, id);
    const on = this.by.people.today(await this.by.people.find(orgId, userId));
    await this.by.accounts.enter(
      account,
      held.map(({ date, lotId, milliDays }) => ({
        lotId,
        delta: -milliDays,
        reason: 'consume',
        on,
        requestId: id,
        leaveDate: date,
        actorId,
      })),
    );
    // What was taken ahead may be there meanwhile.
    await this.by.accounts.payBack(account, on);
  }

  /** Gives dates back to the lots that paid for them. */
  private async release(row: LeaveRequestModel, dates: readonly string[], actorId: string | null): Promise<void> {
    const { orgId, userId, typeId, id } = row;
    const account = { orgId, userId, typeId };
    await this.by.accounts.lock(account);
    const on = this.by.people.today(await this.by.people.find(orgId, userId));
    const taken = await this.by.accounts.taken(orgId, id, dates);
    await this.by.accounts.enter(
      account,
      taken.map(({ date, lotId, milliDays }) => ({
        lotId,
        delta: milliDays,
        reason: 'release',
        on,
        requestId: id,
        leaveDate: date,
        actorId,
      })),
    );
    await this.by.accounts.payBack(account, on);
    await this.by.store.markReleased(row, dates);
    await this.by.store.free(row, dates);
  }

  /** A request that is not to become leave holds nothing any more. */
  private async letGo(
    row: LeaveRequestModel,
    change: Omit<Change, 'dates'>,
    after: After,
  ): Promise<LeaveRequestInFull> {
    const { orgId, userId, typeId, id } = row;
    await this.by.accounts.lock({ orgId, userId, typeId });
    await this.by.accounts.unreserve(orgId, id);
    await this.by.store.free(row);
    return this.settle(row, { ...change, dates: [] }, after);
  }

  private async settle(row: LeaveRequestModel, change: Change, after: After): Promise<LeaveRequestInFull> {
    const { orgId, userId } = row;
    const [before] = await this.by.store.present([row]);
    await row.update({
      state: change.state,
      decidedBy: change.by,
      decidedAt: this.hub.now(),
      note: change.note ?? null,
      ...(change.toDate !== undefined && { toDate: change.toDate, lastHalf: null }),
      ...(change.milliDays !== undefined && { milliDays: change.milliDays }),
      version: (row.version ?? 1) + 1,
    });
    const [request] = await this.by.store.present([row]);
    if (!request) throw new NotFound('This request');
    tellLeave(after, 'leave:decided', { orgId, request, approvers: row.chain.map((approver) => approver.userId) });
    noteLeave(after, change.action, { orgId, request, ...(before && { before }) });
    recomputeDays(after, orgId, userId, change.dates);
    return this.by.views.inFull(row);
  }

  /** The next one is asked. */
  private async passOn(row: LeaveRequestModel, after: After): Promise<LeaveRequestInFull> {
    const { orgId } = row;
    await row.update({ version: (row.version ?? 1) + 1 });
    const [request] = await this.by.store.present([row]);
    const next = nextApprover(row.chain);
    if (request && next !== null) {
      tellLeave(after, 'leave:requested', { orgId, request, approvers: [next] });
      noteLeave(after, 'leave.agreed', { orgId, request });
    }
    return this.by.views.inFull(row);
  }

  private async toDecide(actor: Actor, id: string): Promise<LeaveRequestModel> {
    const row = await this.reached(actor, id);
    if (row.userId === actor.userId)
      throw new Forbidden('SELF_APPROVAL', 'Somebody else has to decide about your own leave.');
    if (row.state !== 'pending') throw notIn(row.state, 'decided');
    return row;
  }

  /** Locked, if somebody is to decide: by the reach of the permission, or as one who was asked. */
  private async reached(actor: Actor, id: string): Promise<LeaveRequestModel> {
    const row = await this.by.store.find(actor.orgId, id, { lock: true });
    const { userId, branchId, state } = row;
    const isAsked = row.chain.some((approver) => approver.userId === actor.userId);
    const sees = isAsked || reachesPerson(actor, 'leave.decide', { userId, branchId });
    if (!sees || state === 'draft') throw new NotFound('This request');
    return row;
  }

  /** One's own, or one about which one decides for the whole organisation. */
  private async toGiveBack(actor: Actor, id: string): Promise<LeaveRequestModel> {
    const row = await this.by.store.find(actor.orgId, id, { lock: true });
    const isOwn = row.userId === actor.userId || row.requestedBy === actor.userId;
    if (!isOwn && !reachesPerson(actor, 'leave.decide', row)) throw new NotFound('This request');
    return row;
  }
}

function leftOf(
  days: readonly { readonly date: string; readonly milliDays: number; readonly isReleased: boolean }[],
  released: readonly string[],
): number {
  return days
    .filter(({ date, isReleased }) => !isReleased && !released.includes(date))
    .reduce((sum, { milliDays }) => sum + milliDays, 0);
}
