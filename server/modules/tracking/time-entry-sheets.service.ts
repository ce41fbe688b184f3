import type { TimeEntry, Timesheet } from '@loro/contracts/activity-time';
import {
  type Actor,
  addDays,
  allow,
  Conflict,
  Forbidden,
  type Hub,
  type Page,
  pageOf,
  reachOf,
  startOfDay,
} from '../../platform';
import type { ActivityPlaces } from './activity-places';
import { scopeOf, scopeSql, scopeValues } from './activity-scope';
import type { ActivityZones } from './activity-zones';
import type { TimeEntryReports } from './time-entry-reports.service';
import type { TimeEntryStore } from './time-entry.store';
import { splitByDay, weekOf } from './time-entry.policy';

interface Uses {
  readonly store: TimeEntryStore;
  readonly places: ActivityPlaces;
  readonly zones: ActivityZones;
  readonly reports: TimeEntryReports;
}

/** Seconds that attendance has of somebody, by date; dates that it does not keep are not there. */
export type AttendanceOf = (
  orgId: string,
  userId: string,
  span: { readonly from: string; readonly to: string },
) => Promise<ReadonlyMap<string, number>>;

interface Difference {
  readonly date: string;
  readonly entriesSec: number;
  readonly attendanceSec: number | null;
  readonly differenceSec: number | null;
  readonly bySource: Record<TimeEntry['source'], number>;
}

/** Weekly sheets: handed in, decided by somebody else, and locked from then on. */
export class TimeEntrySheets {
  private attendance: AttendanceOf | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly by: Uses,
  ) {}

  /** A room of a higher floor that keeps attendance says what it has. */
  compareWith(attendance: AttendanceOf): void {
    this.attendance = attendance;
  }

  async list(
    actor: Actor,
    query: {
      limit: number;
      cursor?: string | undefined;
      userId?: string | undefined;
      branchId?: string | undefined;
      state?: Timesheet['state'] | undefined;
      week?: string | undefined;
    },
  ): Promise<Page<Timesheet>> {
    const { orgId } = actor;
    const { limit, cursor, userId, branchId, state, week } = query;
    const scope = scopeOf(actor, 'activity.read');
    if (userId !== undefined) allow(actor, 'activity.read', await this.by.places.thingOf(orgId, userId));
    const before = this.hub.cursors.decode('timesheets', cursor);
    const sheets = await this.by.store.sheets(
      [
        'org_id = :orgId',
        scopeSql(scope, { branch: 'branch_id', user: 'user_id' }),
        ...(before ? ['(week < :beforeWeek OR (week = :beforeWeek AND id < :beforeId))'] : []),
        ...(userId === undefined ? [] : ['user_id = :userId']),
        ...(branchId === undefined ? [] : ['branch_id = :branchId']),
        ...(state === undefined ? [] : ['state = :state']),
        ...(week === undefined ? [] : ['week = :week']),
      ].join(' AND '),
      {
        orgId,
        userId,
        branchId,
        state,
        week: week === undefined ? week : weekOf(week),
        beforeWeek: before?.[0],
        beforeId: before?.[1],
        ...scopeValues(scope),
      },
      `ORDER BY week DESC, id DESC LIMIT ${limit + 1}`,
    );
    return pageOf(
      sheets,
      limit,
      ({ week: monday, id }) => this.hub.cursors.encode('timesheets', [monday, id]),
      (sheet) => sheet,
    );
  }

  async open(actor: Actor, { userId: whose, week }: { userId?: string | undefined; week: string }): Promise<Timesheet> {
    const { orgId } = actor;
    const userId = whose ?? actor.userId;
    const thing = await this.by.places.thingOf(orgId, userId);
    allow(actor, 'time.write', thing);
    return this.hub.transact(async () => {
      await this.by.store.lockPerson(orgId, userId);
      return this.by.store.openSheet(orgId, { userId, branchId: thing.branchId }, weekOf(week));
    });
  }

  async get(actor: Actor, id: string) {
    const sheet = await this.seen(actor, id);
    const { week: from, userId } = sheet;
    const sums = await this.by.reports.sums(actor.orgId, { from, to: addDays(from, 7), userIds: [userId] });
    return { ...sheet, ...sums };
  }

  async submit(actor: Actor, id: string): Promise<Timesheet> {
    return this.change(actor, id, 'submitted', async (sheet) => {
      allow(actor, 'time.write', { userId: sheet.userId, branchId: sheet.branchId, what: 'This sheet' });
      if (sheet.state !== 'open') throw wrongState(sheet);
      await this.mustBeStill(actor.orgId, sheet);
      return { ...sheet, state: 'submitted', submittedAt: this.hub.now().toISOString(), reason: null };
    });
  }

  /** Its entries are locked in the same transaction. */
  async approve(actor: Actor, id: string): Promise<Timesheet> {
    return this.change(actor, id, 'approved', (sheet) => {
      this.mayDecide(actor, sheet);
      if (sheet.state !== 'submitted') throw wrongState(sheet);
      return { ...sheet, state: 'approved', ...this.decided(actor), reason: null };
    });
  }

  async reopen(actor: Actor, id: string, reason: string): Promise<Timesheet> {
    return this.change(actor, id, 'reopened', (sheet) => {
      this.mayDecide(actor, sheet);
      if (sheet.state === 'open') throw wrongState(sheet);
      return { ...sheet, state: 'open', ...this.decided(actor), reason };
    });
  }

  async differences(actor: Actor, id: string): Promise<{ days: Difference[] }> {
    const { orgId } = actor;
    const { userId, week } = await this.seen(actor, id);
    const zone = await this.by.zones.of(orgId);
    const span = { from: week, to: addDays(week, 7) };
    const entries = await this.by.reports.between(orgId, { ...span, userIds: [userId] });
    const attendance = await this.attendance?.(orgId, userId, span);
    const days = Array.from({ length: 7 }, (_, day): Difference => {
      const date = addDays(week, day);
      const bySource = { timer: 0, manual: 0, attendance: 0, trip: 0 };
      for (const entry of entries)
        for (const part of splitByDay(entry, zone))
          if (part.date === date && (entry.kind === 'work' || entry.kind === 'travel'))
            bySource[entry.source] += part.sec;
      const entriesSec = Object.values(bySource).reduce((sum, sec) => sum + sec, 0);
      const attendanceSec = attendance?.get(date) ?? null;
      const differenceSec = attendanceSec === null ? null : entriesSec - attendanceSec;
      return { date, entriesSec, attendanceSec, differenceSec, bySource };
    });
    return { days };
  }

  private async change(
    actor: Actor,
    id: string,
    verb: 'submitted' | 'approved' | 'reopened',
    decide: (sheet: Timesheet) => Timesheet | Promise<Timesheet>,
  ): Promise<Timesheet> {
    const { orgId } = actor;
    const { userId } = await this.by.store.sheet(orgId, id);
    return this.hub.transact(async (after) => {
      // The same order as whoever writes entries, so that nobody waits in a circle.
      await this.by.store.lockPerson(orgId, userId);
      const before = await this.by.store.sheet(orgId, id, 'FOR UPDATE');
      const next = { ...(await decide(before)), version: before.version + 1 };
      await this.by.store.updateSheet(orgId, next);
      if (verb !== 'submitted') await this.lockEntries(orgId, next);
      after.record({
        action: `timesheet.${verb}`,
        entity: { type: 'timesheet', id },
        branchId: next.branchId,
        before,
        after: next,
      });
      return next;
    });
  }

  /** An entry over the edge of two weeks stays locked while either is approved. */
  private async lockEntries(orgId: string, { userId, week, state }: Timesheet): Promise<void> {
    const zone = await this.by.zones.of(orgId);
    const values = [startOfDay(addDays(week, 7), zone), startOfDay(week, zone)];
    const lockedAt = state === 'approved' ? this.hub.now() : null;
    await this.hub.sequelize.query(
      'UPDATE time_entries SET locked_at = ? WHERE org_id = ? AND user_id = ? AND started_at < ? AND (ended_at IS NULL OR ended_at > ?)',
      { replacements: [lockedAt, orgId, userId, ...values] },
    );
    if (lockedAt !== null) return;
    const neighbours = await this.by.store.sheets(
      "org_id = :orgId AND user_id = :userId AND week IN (:weeks) AND state = 'approved'",
      { orgId, userId, weeks: [addDays(week, -7), addDays(week, 7)] },
    );
    for (const neighbour of neighbours) await this.lockEntries(orgId, neighbour);
  }

  /** A timer of that week could not be stopped any more. */
  private async mustBeStill(orgId: string, { userId, week }: Timesheet): Promise<void> {
    const running = await this.by.store.running(orgId, userId);
    const end = startOfDay(addDays(week, 7), await this.by.zones.of(orgId));
    if (running && running.start < end)
      throw new Conflict('TIMER_RUNNING', 'A timer of that week still runs. Stop it first.');
  }

  private async seen(actor: Actor, id: string): Promise<Timesheet> {
    const sheet = await this.by.store.sheet(actor.orgId, id);
    const { userId, branchId } = sheet;
    allow(actor, 'activity.read', { userId, branchId, what: 'This sheet' });
    return sheet;
  }

  /** Nobody decides on his own time, but who answers for the whole organisation. */
  private mayDecide(actor: Actor, { userId, branchId }: Timesheet): void {
    allow(actor, 'time.approve', { userId, branchId, what: 'This sheet' });
    if (userId === actor.userId && reachOf(actor, 'time.approve').scope !== 'org')
      throw new Forbidden('OWN_TIMESHEET', 'Somebody else decides on your sheet.');
  }

  private decided({ userId }: Actor): Pick<Timesheet, 'decidedAt' | 'decidedBy'> {
    return { decidedAt: this.hub.now().toISOString(), decidedBy: userId };
  }
}

const wrongState = (sheet: Timesheet): Conflict =>
  new Conflict('TIMESHEET_STATE_INVALID', `The sheet is ${sheet.state}.`, { current: sheet });
