import type {
  CalendarChange,
  Holiday,
  HolidayCalendar,
  NewCalendar,
  NewHoliday,
} from '@loro/contracts/branches-holidays';
import { ForeignKeyConstraintError, Op } from 'sequelize';
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
import { HolidayCalendarModel } from './holiday-calendar.model';
import type { HolidaysStore } from './holidays.store';
import type { HoursService } from './hours.service';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What a higher room does when dates become holidays or are none any more; in the transaction that changes them. */
export type HolidayHook = (
  change: { readonly orgId: string; readonly branchIds: readonly string[]; readonly dates: readonly string[] },
  after: After,
) => Promise<void>;

/** Calendars of days on which branches that keep them do not work. */
export class HolidaysService {
  private readonly hooks: HolidayHook[] = [];

  constructor(
    private readonly hub: Hub,
    private readonly hours: HoursService,
    private readonly store: HolidaysStore,
  ) {}

  hook(hook: HolidayHook): void {
    this.hooks.push(hook);
  }

  async calendars(actor: Actor, { limit, cursor }: Paged): Promise<Page<HolidayCalendar>> {
    allow(actor, 'branches.read');
    const after = this.hub.cursors.decode('holiday-calendars', cursor);
    const rows = await HolidayCalendarModel.findAll({
      where: { orgId: actor.orgId, ...(after && { name: { [Op.gt]: after[0] } }) },
      order: ['name'],
      limit: limit + 1,
    });
    return pageOf(
      rows,
      limit,
      ({ name }) => this.hub.cursors.encode('holiday-calendars', [name]),
      (row) => row.toContract(),
    );
  }

  async calendar(actor: Actor, id: string): Promise<HolidayCalendar> {
    allow(actor, 'branches.read');
    const row = await HolidayCalendarModel.findOne({ where: { orgId: actor.orgId, id } });
    if (!row) throw new NotFound('This calendar');
    return row.toContract();
  }

  async holidays(
    actor: Actor,
    id: string,
    { limit, cursor, from, to }: Paged & { from?: string | undefined; to?: string | undefined },
  ): Promise<Page<Holiday>> {
    await this.calendar(actor, id);
    const after = this.hub.cursors.decode('holidays', cursor)?.[0];
    const rows = await this.store.page(
      { orgId: actor.orgId, id },
      { from: from ?? '1000-01-01', to: to ?? '9999-12-31', after: String(after ?? '1000-01-01'), limit: limit + 1 },
    );
    return pageOf(
      rows,
      limit,
      ({ date }) => this.hub.cursors.encode('holidays', [date]),
      (row) => row,
    );
  }

  async create(actor: Actor, { name, country, holidays }: z.output<typeof NewCalendar>): Promise<HolidayCalendar> {
    allow(actor, 'holidays.manage', { branchId: null, what: 'The organisation' });
    const { orgId } = actor;
    return this.hub.transact(async (after) => {
      const row = await HolidayCalendarModel.create({
        orgId,
        id: ulid(),
        name,
        country,
        region: null,
        version: 1,
      }).catch(onDuplicate(nameTaken));
      await this.store.write(row, holidays, 'manual');
      const calendar = row.toContract();
      this.tell(after, 'holiday-calendar.created', row, { after: { ...calendar, holidays: holidays.length } });
      return calendar;
    });
  }

  async update(
    actor: Actor,
    id: string,
    version: number,
    { name, country }: z.output<typeof CalendarChange>,
  ): Promise<HolidayCalendar> {
    return this.changing(actor, id, async (row, after) => {
      mustStand(row, version);
      const before = row.toContract();
      await row
        .update({
          ...(name !== undefined && { name }),
          ...(country !== undefined && { country }),
          version: version + 1,
        })
        .catch(onDuplicate(nameTaken));
      this.tell(after, 'holiday-calendar.updated', row, { before, after: row.toContract() });
      return row.toContract();
    });
  }

  async remove(actor: Actor, id: string, version: number): Promise<void> {
    await this.changing(actor, id, async (row, after) => {
      mustStand(row, version);
      const before = row.toContract();
      await row.destroy().catch((cause: unknown) => {
        if (!(cause instanceof ForeignKeyConstraintError)) throw cause;
        throw new Conflict('CALENDAR_IN_USE', `Branches keep ${row.name}.`, { cause });
      });
      this.tell(after, 'holiday-calendar.removed', row, { before });
    });
  }

  async set(actor: Actor, id: string, holiday: NewHoliday): Promise<Holiday> {
    const { date } = holiday;
    return this.changing(actor, id, async (row, after) => {
      const before = (await this.store.of(row, [date])).get(date);
      await this.store.write(row, [holiday], 'manual');
      await this.changed(row, after, { [date]: holiday.name }, before && { [date]: before.name });
      return { ...holiday, source: 'manual' };
    });
  }

  async take(actor: Actor, id: string, date: string): Promise<void> {
    await this.changing(actor, id, async (row, after) => {
      const known = (await this.store.of(row, [date])).get(date);
      if (!known) throw new NotFound('This holiday');
      await this.store.remove(row, [date]);
      if (known.source === 'library') await this.store.noteRemoval(row, date);
      await this.changed(row, after, { [date]: null }, { [date]: known.name });
    });
  }

  /** Tells of dates that are other now: the name of each, or null. The calendar is locked. */
  async changed(
    row: HolidayCalendarModel,
    after: After,
    now: Readonly<Record<string, string | null>>,
    before?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { orgId, id } = row;
    await row.update({ version: row.version + 1 });
    this.tell(after, 'holiday-calendar.holidays-set', row, { ...(before && { before }), after: now });
    await this.hours.settleCalendar(orgId, id, after);
    const branchIds = await this.store.keepers(row);
    const dates = Object.keys(now).toSorted();
    if (branchIds.length > 0 && dates.length > 0) await this.told({ orgId, branchIds, dates }, after);
  }

  /** Higher rooms hear of dates that may be holidays at these branches, or were. */
  async told(change: Parameters<HolidayHook>[0], after: After): Promise<void> {
    for (const hook of this.hooks) await hook(change, after);
  }

  /** Works on a calendar that nobody else changes meanwhile. @throws NotFound */
  changing<T>(actor: Actor, id: string, work: (row: HolidayCalendarModel, after: After) => Promise<T>): Promise<T> {
    allow(actor, 'holidays.manage', { branchId: null, what: 'The organisation' });
    return this.hub.transact(async (after) => {
      const row = await HolidayCalendarModel.findOne({ where: { orgId: actor.orgId, id }, lock: true });
      if (!row) throw new NotFound('This calendar');
      return work(row, after);
    });
  }

  private tell(
    after: After,
    action: `holiday-calendar.${string}`,
    { orgId, id }: HolidayCalendarModel,
    change: { before?: object; after?: object },
  ): void {
    after.record({ action, orgId, entity: { type: 'holiday-calendar', id }, ...change });
  }
}

const nameTaken = (cause: Error): HubError =>
  new Conflict('CALENDAR_NAME_TAKEN', 'Another calendar has this name.', { cause });

/** @throws HubError VERSION_CONFLICT */
function mustStand(row: HolidayCalendarModel, version: number): void {
  if (row.version === version) return;
  throw new HubError('VERSION_CONFLICT', 'Somebody changed this calendar meanwhile.', { current: row.toContract() });
}
