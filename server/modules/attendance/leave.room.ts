import { type After, type Hub, grouped } from '../../platform';
import { branches } from '../branches';
import { documents } from '../documents';
import { people } from '../people';
import { LeaveAccountsStore } from './leave-accounts.store';
import { LeaveBalancesService } from './leave-balances.service';
import { LeaveClockService } from './leave-clock.service';
import { LeaveCoverService } from './leave-cover.service';
import { LeaveDaysStore } from './leave-days.store';
import { LeaveDecisionsService } from './leave-decisions.service';
import { LeaveLiabilityService } from './leave-liability.service';
import { LeavePeopleStore, reachesPerson } from './leave-people.store';
import { type LeaveParts, LeaveRequestsService } from './leave-requests.service';
import { LeaveRequestsStore } from './leave-requests.store';
import { LeaveTypesService } from './leave-types.service';
import { LeaveViewsService } from './leave-views.service';
import { LeaveYearService } from './leave-year.service';
import type { Neighbours } from './neighbours';
import { TimeOffService } from './time-off.service';
import { type Roster, WorkDaysService } from './work-days.service';

/** Leave: types, balances, requests. */
export class LeaveRoom {
  readonly types: LeaveTypesService;
  readonly requests: LeaveRequestsService;
  readonly views: LeaveViewsService;
  readonly decisions: LeaveDecisionsService;
  readonly balances: LeaveBalancesService;
  readonly liability: LeaveLiabilityService;
  readonly year: LeaveYearService;
  readonly clock: LeaveClockService;
  readonly days: LeaveDaysStore;
  readonly timeOff: TimeOffService;
  readonly workDays: WorkDaysService;
  private readonly people: LeavePeopleStore;
  private readonly store: LeaveRequestsStore;
  private locked: LeaveParts['mustBeOpen'] = async () => {};

  constructor(private readonly hub: Hub) {
    this.people = new LeavePeopleStore(hub);
    const accounts = new LeaveAccountsStore(hub);
    this.store = new LeaveRequestsStore(hub, this.people);
    const cover = new LeaveCoverService(hub);
    this.types = new LeaveTypesService(hub);
    this.workDays = new WorkDaysService(hub);
    this.views = new LeaveViewsService(hub, this.store, this.people, cover);
    const { people: known, types, workDays, store, views } = this;
    const parts: LeaveParts = {
      accounts,
      people: known,
      store,
      types,
      workDays,
      cover,
      views,
      mustBeOpen: (orgId, userId, dates) => this.locked(orgId, userId, dates),
    };
    this.requests = new LeaveRequestsService(hub, parts);
    this.decisions = new LeaveDecisionsService(hub, parts);
    this.balances = new LeaveBalancesService(hub, { accounts, people: known, types });
    this.liability = new LeaveLiabilityService(hub, this.balances);
    this.year = new LeaveYearService(hub, { accounts, people: known, types });
    this.clock = new LeaveClockService(hub, store);
    this.days = new LeaveDaysStore(hub);
    this.timeOff = new TimeOffService(hub, accounts, types);
  }

  /** What attendance, beside it in this folder, knows: who works when, and which days were locked for pay. */
  follow({ roster, mustBeOpen }: { readonly roster: Roster; readonly mustBeOpen: LeaveParts['mustBeOpen'] }): void {
    this.workDays.roster = roster;
    this.locked = mustBeOpen;
  }

  /** What attendance asks of leave. */
  supplies(): Pick<Neighbours, 'leave' | 'holidays' | 'timeOff'> {
    return {
      leave: {
        daysOf: async (orgId, userIds, from, to) =>
          grouped(await this.days.daysOfMany(orgId, userIds, from, to), ({ userId }) => userId),
      },
      holidays: this.hub.use(branches),
      timeOff: this.timeOff,
    };
  }

  start(): void {
    this.hub.use(people).hook({
      onLeave: async (user, after) => {
        if (user.status === 'deactivated') await this.release(user.orgId, user.id, after);
      },
      onErase: (user, after) => this.release(user.orgId, user.id, after),
      onExport: async ({ orgId, id }) => ({ leave: await this.everythingOf(orgId, id) }),
    });
    this.hub.use(branches).branchFigures({
      name: 'leave',
      onLeave: async (orgId, userIds, { from, to }) => {
        const days = await this.days.daysOfMany(orgId, userIds, from, to);
        return days.filter(({ milliDays, date }) => milliDays > 0 && date < to);
      },
    });
    this.hub.use(documents).linksTo('leave-request', async (actor, id) => {
      const row = await this.store.find(actor.orgId, id).catch(() => null);
      return row !== null && reachesPerson(actor, 'leave.read', row);
    });
  }

  private async release(orgId: string, userId: string, after: After): Promise<void> {
    await this.decisions.releaseFuture(orgId, userId, after);
  }

  private async everythingOf(orgId: string, userId: string) {
    return {
      requests: await this.hub.select(
        `SELECT id, from_date AS \`from\`, to_date AS \`to\`, milli_days AS milliDays, state, reason, note FROM leave_requests
          WHERE org_id = :orgId AND user_id = :userId ORDER BY id`,
        { orgId, userId },
      ),
      ledger: await this.hub.select(
        `SELECT delta, reason, on_date AS \`on\`, leave_date AS leaveDate, note FROM leave_entries
          WHERE org_id = :orgId AND user_id = :userId ORDER BY id`,
        { orgId, userId },
      ),
    };
  }
}
