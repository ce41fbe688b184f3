import type { LeaveRequestChange, NewLeaveRequest } from '@loro/contracts/leave-requests';
import type { LeaveRequestInFull, LeaveType } from '@loro/contracts/leave-values';
import type { z } from 'zod';
import { type Actor, addDays, type After, allow, type Hub, HubError, NotFound, ulid } from '../../platform';
import { branches } from '../branches';
import { documents } from '../documents';
import type { LeaveAccountsStore } from './leave-accounts.store';
import type { LeaveCoverService } from './leave-cover.service';
import { type Asked, type CountedDay, leaveDays, partFault } from './leave-days.policy';
import { consume } from './leave-lots.policy';
import { type LeavePeopleStore, type LeavePerson, reachesPerson } from './leave-people.store';
import { LeaveRequestModel } from './leave-request.model';
import type { LeaveRequestsStore } from './leave-requests.store';
import { mustFollowRules } from './leave-rules.policy';
import { noteLeave, tellLeave } from './leave-telling';
import type { LeaveTypesService } from './leave-types.service';
import type { LeaveViewsService } from './leave-views.service';
import type { WorkDaysService } from './work-days.service';

export interface LeaveParts {
  readonly accounts: LeaveAccountsStore;
  readonly people: LeavePeopleStore;
  readonly store: LeaveRequestsStore;
  readonly types: LeaveTypesService;
  readonly workDays: WorkDaysService;
  readonly cover: LeaveCoverService;
  readonly views: LeaveViewsService;
  /** Refuses a change of days that were locked for pay. */
  readonly mustBeOpen: (orgId: string, userId: string, dates: readonly string[]) => Promise<void>;
}

/** How far around a request is looked for leave that it joins. */
const AROUND_DAYS = 60;
const LONGEST_DAYS = 370;

/** Asking for leave, and seeing it. */
export class LeaveRequestsService {
  constructor(
    private readonly hub: Hub,
    private readonly by: LeaveParts,
  ) {}

  async request(actor: Actor, input: z.output<typeof NewLeaveRequest>): Promise<LeaveRequestInFull> {
    const { orgId, userId: actorId } = actor;
    const person = await this.whose(actor, input.userId ?? actorId);
    const type = await this.activeType(orgId, input.typeId);
    await this.mustSeeDocuments(actor, input.documentIds);
    const days = await this.daysFor(orgId, person, type, input);
    return this.hub.transact(async (after) => {
      await this.by.accounts.lock({ orgId, userId: person.userId, typeId: type.id });
      const row = await LeaveRequestModel.create({
        orgId,
        id: ulid(this.hub.now().getTime()),
        userId: person.userId,
        typeId: type.id,
        branchId: person.branchId,
        fromDate: input.from,
        toDate: input.to,
        firstHalf: input.firstHalf,
        lastHalf: input.lastHalf,
        minutes: input.minutes,
        milliDays: sumOf(days),
        state: 'draft',
        approvers: '[]',
        reason: input.reason,
        documentIds: JSON.stringify(input.documentIds),
        requestedBy: actorId,
        requestedAt: null,
      });
      await this.by.store.replaceDays(row, days);
      if (input.isDraft) return this.by.views.inFull(row);
      return this.send(actor, { row, person, type, days }, after);
    });
  }

  /** @throws Conflict STATE_INVALID for what is no draft any more */
  async change(
    actor: Actor,
    id: string,
    version: number,
    change: z.output<typeof LeaveRequestChange>,
  ): Promise<LeaveRequestInFull> {
    const { orgId } = actor;
    if (change.documentIds) await this.mustSeeDocuments(actor, change.documentIds);
    return this.hub.transact(async () => {
      const row = await this.draft(actor, id, version);
      const person = await this.by.people.find(orgId, row.userId);
      const next = {
        from: change.from ?? row.fromDate,
        to: change.to ?? row.toDate,
        firstHalf: change.firstHalf === undefined ? row.firstHalf : change.firstHalf,
        lastHalf: change.lastHalf === undefined ? row.lastHalf : change.lastHalf,
        minutes: change.minutes === undefined ? row.minutes : change.minutes,
      };
      if (next.from > next.to) throw wrong('to', 'ends before it begins');
      const type = await this.activeType(orgId, change.typeId ?? row.typeId);
      const days = await this.daysFor(orgId, person, type, next);
      await this.by.accounts.lock({ orgId, userId: person.userId, typeId: type.id });
      await row.update({
        typeId: type.id,
        fromDate: next.from,
        toDate: next.to,
        firstHalf: next.firstHalf,
        lastHalf: next.lastHalf,
        minutes: next.minutes,
        milliDays: sumOf(days),
        ...(change.reason !== undefined && { reason: change.reason }),
        ...(change.documentIds && { documentIds: JSON.stringify(change.documentIds) }),
        version: version + 1,
      });
      await this.by.store.replaceDays(row, days);
      return this.by.views.inFull(row);
    });
  }

  async drop(actor: Actor, id: string, version: number): Promise<void> {
    await this.hub.transact(async () => (await this.draft(actor, id, version)).destroy());
  }

  async submit(actor: Actor, id: string): Promise<LeaveRequestInFull> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.own(actor, id);
      if (row.state !== 'draft') throw notIn(row.state, 'sent');
      const person = await this.by.people.find(orgId, row.userId);
      const type = await this.activeType(orgId, row.typeId);
      const days = await this.daysFor(orgId, person, type, { ...row.get(), from: row.fromDate, to: row.toDate });
      await this.by.accounts.lock({ orgId, userId: person.userId, typeId: type.id });
      await this.by.store.replaceDays(row, days);
      return this.send(actor, { row, person, type, days }, after);
    });
  }

  /** A draft becomes a request: rules, the dates, the days that pay for it, and whoever is to decide. */
  private async send(
    actor: Actor,
    wanted: { row: LeaveRequestModel; person: LeavePerson; type: LeaveType; days: readonly CountedDay[] },
    after: After,
  ): Promise<LeaveRequestInFull> {
    const { row, person, type, days } = wanted;
    const { orgId, id } = row;
    await this.mustFollow(actor, wanted);
    const costing = days.filter(({ milliDays }) => milliDays > 0);
    const dates = costing.map(({ date }) => date);
    await this.by.mustBeOpen(orgId, person.userId, dates);
    await this.by.store.claim(row, days);
    await this.by.cover.mustHold(orgId, person, dates);
    if (type.needsBalance) await this.reserve(row, type, costing);
    const chain = await this.by.people.managersOf(orgId, person, type.approvalLevels);
    await row.update({
      state: 'pending',
      milliDays: sumOf(days),
      requestedAt: this.hub.now(),
      approvers: JSON.stringify(chain.map((userId) => ({ userId, state: 'waiting', at: null }))),
      version: (row.version ?? 1) + 1,
    });
    const [request] = await this.by.store.present([row]);
    if (!request) throw new NotFound('This request');
    tellLeave(after, 'leave:requested', { orgId, request, approvers: chain.slice(0, 1) });
    noteLeave(after, 'leave.requested', { orgId, request });
    return {
      ...request,
      days: await this.by.store.days(orgId, id),
      warnings: await this.by.views.warnings(row, costing),
    };
  }

  private async mustFollow(
    actor: Actor,
    {
      row,
      person,
      type,
      days,
    }: { row: LeaveRequestModel; person: LeavePerson; type: LeaveType; days: readonly CountedDay[] },
  ): Promise<void> {
    const { orgId, fromDate, toDate, userId } = row;
    const [from, to] = [addDays(fromDate, -AROUND_DAYS), addDays(toDate, AROUND_DAYS)];
    const isLimited = type.maxConsecutiveDays !== null;
    mustFollowRules({
      type,
      person,
      days,
      documentIds: row.documents,
      today: this.by.people.today(person),
      branchIds: person.branchId === null ? [] : await this.hub.use(branches).chainOf(orgId, person.branchId),
      around: isLimited ? await this.by.workDays.of(orgId, person, from, to) : [],
      away: isLimited
        ? await this.by.store.awayDates(orgId, { userId, typeId: type.id, except: row.id }, from, to)
        : new Set(),
      isEntered: actor.userId !== userId,
    });
  }

  /** @throws HubError LEAVE_INSUFFICIENT */
  private async reserve(row: LeaveRequestModel, type: LeaveType, costing: readonly CountedDay[]): Promise<void> {
    const account = { orgId: row.orgId, userId: row.userId, typeId: type.id };
    const lots = await this.by.accounts.lots(account);
    const ahead = type.negativeLimitMilliDays + (lots.find(({ kind }) => kind === 'overdraft')?.free ?? 0);
    const { takes, missing } = consume(
      lots.filter(({ kind, free }) => kind !== 'overdraft' || free > 0),
      costing,
      Math.max(0, Math.min(ahead, type.negativeLimitMilliDays)),
    );
    if (missing > 0) throw insufficient(sumOf(costing), missing);
    const overdraft = takes.some(({ lotId }) => lotId === null)
      ? await this.by.accounts.overdraft(
          account,
          this.by.people.today(await this.by.people.find(row.orgId, row.userId)),
        )
      : null;
    const held = new Map<string, { date: string; lotId: string; milliDays: number }>();
    for (const { date, lotId, milliDays } of takes) {
      const id = lotId ?? overdraft ?? '';
      const key = `${date}:${id}`;
      held.set(key, { date, lotId: id, milliDays: milliDays + (held.get(key)?.milliDays ?? 0) });
    }
    await this.by.accounts.reserve(row.orgId, row.id, [...held.values()]);
  }

  /** @throws HubError HALF_DAY_INVALID */
  private async daysFor(orgId: string, person: LeavePerson, type: LeaveType, asked: Asked): Promise<CountedDay[]> {
    const { from, to, firstHalf, lastHalf, minutes } = asked;
    const fault = partFault({ from, to, firstHalf, lastHalf, minutes }, type.unit);
    if (fault !== null) throw new HubError('HALF_DAY_INVALID', fault);
    if (Date.parse(to) - Date.parse(from) > LONGEST_DAYS * 86_400_000) throw wrong('to', 'is more than a year after');
    const plan = await this.by.workDays.of(orgId, person, from, to);
    const planned = plan[0]?.minutes ?? 0;
    if (minutes !== null && planned > 0 && minutes > planned)
      throw wrong('minutes', `is more than the ${planned} of this date`);
    const days = leaveDays({ from, to, firstHalf, lastHalf, minutes }, plan, type.countsHolidays);
    const isOff = (date: string): boolean => days.find((day) => day.date === date)?.milliDays === 0;
    if ((firstHalf !== null && isOff(from)) || (lastHalf !== null && isOff(to)))
      throw new HubError('HALF_DAY_INVALID', 'Half of a day off cannot be taken.');
    return days;
  }

  private async activeType(orgId: string, typeId: string): Promise<LeaveType> {
    const type = await this.by.types.byId(orgId, typeId);
    if (!type.isActive) throw new NotFound('This type of leave');
    return type;
  }

  /** For whom somebody asks: himself, or those about whom he decides. @throws NotFound */
  private async whose(actor: Actor, userId: string): Promise<LeavePerson> {
    allow(actor, 'leave.request');
    const person = await this.by.people.find(actor.orgId, userId);
    const isOthers = userId !== actor.userId;
    if (isOthers && !reachesPerson(actor, 'leave.decide', person)) throw new NotFound('This person');
    if (person.status !== 'active' && person.status !== 'suspended') throw new NotFound('This person');
    return person;
  }

  private async own(actor: Actor, id: string): Promise<LeaveRequestModel> {
    const row = await this.by.store.find(actor.orgId, id, { lock: true });
    if (row.userId !== actor.userId && row.requestedBy !== actor.userId) throw new NotFound('This request');
    return row;
  }

  private async draft(actor: Actor, id: string, version: number): Promise<LeaveRequestModel> {
    allow(actor, 'leave.request');
    const row = await this.own(actor, id);
    if (row.version !== version)
      throw new HubError('VERSION_CONFLICT', 'Somebody changed this request meanwhile.', {
        current: await this.by.views.inFull(row),
      });
    if (row.state !== 'draft') throw notIn(row.state, 'changed');
    return row;
  }

  private async mustSeeDocuments(actor: Actor, documentIds: readonly string[]): Promise<void> {
    for (const id of documentIds) await this.hub.use(documents).documents.get(actor, id);
  }
}

const sumOf = (days: readonly { milliDays: number }[]): number =>
  days.reduce((sum, { milliDays }) => sum + milliDays, 0);

const wrong = (path: string, message: string): HubError =>
  new HubError('VALIDATION_FAILED', `Wrong: ${path}.`, { errors: [{ path, code: 'custom', message }] });

/** @returns the error of something that only another state allows */
export const notIn = (state: string, done: string): HubError =>
  new HubError('STATE_INVALID', `It is ${state}, and cannot be ${done}.`);

/** @returns the error of somebody who wants more than there is */
export const insufficient = (requested: number, missing: number): HubError =>
  new HubError('LEAVE_INSUFFICIENT', `${(requested - missing) / 1_000} of ${requested / 1_000} days are there.`, {
    current: { available: requested - missing, requested },
  });
