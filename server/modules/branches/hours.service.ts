import type {
  BranchHours,
  HoursException,
  hoursKinds,
  NewException,
  NewHours,
  Openness,
} from '@loro/contracts/branches-hours';
import { branchesLive } from '@loro/contracts/branches-live';
import { Op } from 'sequelize';
import type { z } from 'zod';
import { type Actor, addDays, type After, allow, type Hub, HubError } from '../../platform';
import { BranchModel } from './branch.model';
import type { BranchesStore } from './branches.store';
import { openingAt, overlapsInDay, overlapsInWeek, type Plan } from './hours.policy';
import type { HoursStore } from './hours.store';
import { tellBranch } from './telling';
import type { ZonesService } from './zones.service';

type Kind = (typeof hoursKinds)[number];
type Hours = z.output<typeof BranchHours>;

/** Looked at again by then, whatever is known of the next change. */
const LOOK_AGAIN_MS = 30 * 86_400_000;
const AT_ONCE = 200;
const SHOWN_DAYS = 31;

/** When branches are open, and telling that they open and close. */
export class HoursService {
  constructor(
    private readonly hub: Hub,
    private readonly branches: BranchesStore,
    private readonly store: HoursStore,
    private readonly zones: ZonesService,
  ) {}

  async read(actor: Actor, branchId: string): Promise<Hours> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    return this.present(await this.branches.find(actor.orgId, branchId));
  }

  async set(actor: Actor, branchId: string, version: number, input: z.output<typeof NewHours>): Promise<Hours> {
    allow(actor, 'branches.update', { branchId, what: 'This branch' });
    const { orgId } = actor;
    const { weekly, closedOnHolidays } = input;
    for (const kind of ['public', 'staff'] as const) {
      const own = weekly.flatMap((interval, index) => (interval.kind === kind ? [{ ...interval, index }] : []));
      refuseOverlaps(overlapsInWeek(own).map((at) => `weekly.${own[at]?.index ?? 0}`));
    }
    return this.hub.transact(async (after) => {
      const row = await this.branches.lockVersion(orgId, branchId, version);
      const before = await this.present(row);
      await this.store.replaceWeek(orgId, branchId, weekly);
      await row.update({ closedOnHolidays, version: version + 1 });
      const hours = await this.present(row);
      this.told(after, row, { before: plain(before), after: plain(hours) });
      await this.settle(row, after);
      return hours;
    });
  }

  async setException(
    actor: Actor,
    branchId: string,
    date: string,
    { intervals, cutTail, reason }: z.output<typeof NewException>,
  ): Promise<HoursException> {
    allow(actor, 'branches.update', { branchId, what: 'This branch' });
    refuseOverlaps(overlapsInDay(intervals).map((at) => `intervals.${at}`));
    const exception = { date, isClosed: intervals.length === 0, intervals, cutTail, reason };
    return this.changeDate(actor, branchId, date, async () => {
      await this.store.setException(actor.orgId, branchId, exception);
      return exception;
    });
  }

  async removeException(actor: Actor, branchId: string, date: string): Promise<void> {
    allow(actor, 'branches.update', { branchId, what: 'This branch' });
    await this.changeDate(actor, branchId, date, async () => {
      await this.store.removeException(actor.orgId, branchId, date);
      return undefined;
    });
  }

  async open(actor: Actor, branchId: string, { at, kind }: { at?: string | undefined; kind: Kind }): Promise<Openness> {
    allow(actor, 'branches.read', { branchId, what: 'This branch' });
    const row = await this.branches.find(actor.orgId, branchId);
    return this.opennessOf(row, at === undefined ? this.hub.now() : new Date(at), kind);
  }

  /** For other rooms, which have asked their own permission. @throws NotFound */
  async isOpen(orgId: string, branchId: string, at: Date): Promise<Openness> {
    return this.opennessOf(await this.branches.find(orgId, branchId), at, 'public');
  }

  /** Tells that branches opened and closed; each once, whichever worker looks first. */
  async tick(): Promise<void> {
    for (;;) {
      const due = await this.store.dueOpenings(this.hub.now(), AT_ONCE);
      for (const { orgId, branchId } of due)
        await this.hub.transact(async (after) => this.settle(await this.branches.lock(orgId, branchId), after));
      if (due.length < AT_ONCE) return;
    }
  }

  /** The branches that keep a calendar which changed. */
  async settleCalendar(orgId: string, holidayCalendarId: string, after: After): Promise<void> {
    const rows = await BranchModel.findAll({
      where: { orgId, holidayCalendarId, status: { [Op.ne]: 'planned' } },
      order: ['id'],
      lock: true,
    });
    for (const row of rows) await this.settle(row, after);
  }

  async staffWeek(orgId: string, branchId: string): Promise<ReadonlyMap<number, number> | null> {
    const week = (await this.store.week(orgId, branchId)).filter(({ kind }) => kind === 'staff');
    if (week.length === 0) return null;
    const minutes = new Map<number, number>();
    for (const { weekday, ...interval } of week)
      minutes.set(weekday, (minutes.get(weekday) ?? 0) + minutesOf(interval));
    return minutes;
  }

  /** Tells whether the branch opened or closed since that was told last; its row is locked. */
  async settle(row: BranchModel, after: After): Promise<void> {
    const { orgId, id: branchId } = row;
    const now = this.hub.now();
    const was = await this.store.lockOpening(orgId, branchId);
    const openness = await this.opennessOf(row, now, 'public');
    if (was === undefined && openness.reason === 'no-hours') return;
    const { isOpen } = openness;
    const next = Math.min(
      now.getTime() + LOOK_AGAIN_MS,
      ...[openness.opensAt, openness.closesAt].flatMap((at) => (at === null ? [] : Date.parse(at))),
    );
    await this.store.keepOpening(orgId, branchId, isOpen, new Date(next));
    if (was === undefined || was === isOpen) return;
    after.publish(branchesLive, isOpen ? 'branch:opened' : 'branch:closed', { orgId, id: branchId }, openness);
  }

  private async opennessOf(row: BranchModel, at: Date, kind: Kind): Promise<Openness> {
    const plan = await this.planOf(row, at, kind);
    const { closesAt, opensAt, ...opening } = openingAt(plan, at);
    const said = { branchId: row.id, at: at.toISOString(), timezone: plan.calendar.zoneAt(at) };
    if (row.status !== 'active')
      return {
        ...said,
        localDate: opening.localDate,
        isOpen: false,
        closesAt: null,
        opensAt: null,
        reason: 'not-active',
      };
    return { ...said, ...opening, closesAt: closesAt?.toISOString() ?? null, opensAt: opensAt?.toISOString() ?? null };
  }

  /** Everything that says when it is open around an instant and after it. */
  private async planOf(row: BranchModel, at: Date, kind: Kind): Promise<Plan> {
    const { orgId, id, holidayCalendarId, closedOnHolidays } = row;
    const calendar = await this.zones.read(row);
    const from = addDays(calendar.dateOf(at), -3);
    const weekly = (await this.store.week(orgId, id)).filter((interval) => interval.kind === kind);
    const exceptions = await this.store.exceptions(orgId, id, from);
    const keepsHolidays = closedOnHolidays !== false && holidayCalendarId;
    const holidays = keepsHolidays ? await this.store.holidays(orgId, holidayCalendarId, from) : [];
    return {
      weekly,
      exceptions: new Map(exceptions.map((exception) => [exception.date, exception])),
      holidays: new Set(holidays),
      calendar,
    };
  }

  private async changeDate<T>(actor: Actor, branchId: string, date: string, change: () => Promise<T>): Promise<T> {
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await this.branches.lock(orgId, branchId);
      const of = async () => (await this.store.exceptions(orgId, branchId, date)).find((one) => one.date === date);
      const before = await of();
      const result = await change();
      const now = await of();
      if (before === undefined && now === undefined) return result;
      await row.update({ version: row.version + 1 });
      this.told(after, row, { before: { [date]: before ?? null }, after: { [date]: now ?? null } });
      await this.settle(row, after);
      return result;
    });
  }

  private told(after: After, row: BranchModel, change: { before: object; after: object }): void {
    const { orgId } = row;
    const branch = row.toContract(this.hub.now());
    tellBranch(after, 'updated', { orgId, branch, action: 'branch.hours-set', change });
  }

  private async present(row: BranchModel): Promise<Hours> {
    const { orgId, id, holidayCalendarId, closedOnHolidays, version } = row;
    const now = this.hub.now();
    const calendar = await this.zones.read(row);
    return {
      branchId: id,
      timezone: row.zoneAt(now),
      weekly: await this.store.week(orgId, id),
      closedOnHolidays: closedOnHolidays !== false,
      holidayCalendarId: holidayCalendarId ?? null,
      exceptions: await this.store.exceptions(orgId, id, addDays(calendar.dateOf(now), -SHOWN_DAYS)),
      version,
    };
  }
}

function minutesOf({ opensAt, closesAt }: { readonly opensAt: string; readonly closesAt: string }): number {
  const of = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const minutes = of(closesAt) - of(opensAt);
  return minutes > 0 ? minutes : minutes + 1_440;
}

const plain = ({ weekly, closedOnHolidays }: Hours) => ({ weekly, closedOnHolidays });

/** @throws HubError HOURS_OVERLAP */
function refuseOverlaps(paths: readonly string[]): void {
  if (paths.length === 0) return;
  throw new HubError('HOURS_OVERLAP', 'Two intervals cover the same time.', {
    errors: paths.map((path) => ({ path, code: 'overlap', message: 'covers time that another interval covers' })),
  });
}
