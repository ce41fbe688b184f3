import type {
  CalendarChange,
  Holiday,
  HolidayCalendar,
  ImportResult,
  NewCalendar,
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
import type { HoursService } from './hours.service';
import { holidaysOfIcs } from './ics.policy';

interface Paged {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Imported = z.output<typeof ImportResult>;

/** Calendars of days on which branches that keep them do not work. */
export class HolidaysService {
  constructor(
    private readonly hub: Hub,
    private readonly hours: HoursService,
  ) {}

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
    const rows = await this.hub.select<Holiday>(
      `SELECT DATE_FORMAT(date, '%Y-%m-%d') AS date, name FROM holidays
        WHERE org_id = :orgId AND calendar_id = :id AND date >= :from AND date < :to AND date > :after
        ORDER BY date LIMIT ${limit + 1}`,
      { orgId: actor.orgId, id, from: from ?? '1000-01-01', to: to ?? '9999-12-31', after: after ?? '1000-01-01' },
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
      const row = await HolidayCalendarModel.create({ orgId, id: ulid(), name, country, version: 1 }).catch(
        onDuplicate(nameTaken),
      );
      await this.write(row, holidays);
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

  async set(actor: Actor, id: string, holiday: Holiday): Promise<Holiday> {
    await this.replace(actor, id, [holiday], false);
    return holiday;
  }

  async take(actor: Actor, id: string, date: string): Promise<void> {
    const { orgId } = actor;
    await this.changing(actor, id, async (row, after) => {
      const [known] = await this.hub.select<{ name: string }>(
        'SELECT name FROM holidays WHERE org_id = :orgId AND calendar_id = :id AND date = :date FOR UPDATE',
        { orgId, id, date },
      );
      if (!known) throw new NotFound('This holiday');
      await this.hub.sequelize.query('DELETE FROM holidays WHERE org_id = ? AND calendar_id = ? AND date = ?', {
        replacements: [orgId, id, date],
      });
      await this.changed(row, after, { before: { [date]: known.name }, after: { [date]: null } });
    });
  }

  async import(actor: Actor, id: string, holidays: readonly Holiday[], isWhole: boolean): Promise<Imported> {
    const calendar = await this.replace(actor, id, holidays, isWhole);
    return { calendar, imported: new Set(holidays.map(({ date }) => date)).size, skipped: [] };
  }

  /** @throws HubError ICS_MALFORMED */
  async importIcs(actor: Actor, id: string, ics: string, isWhole: boolean): Promise<Imported> {
    const found = holidaysOfIcs(ics);
    if (!found) throw new HubError('ICS_MALFORMED', 'This is no whole iCalendar file.');
    const { skipped } = found;
    // Two events of one date are one day off; a file of nothing but skipped events changes nothing.
    const byDate = new Map(found.holidays.toReversed().map((holiday) => [holiday.date, holiday]));
    if (byDate.size === 0) return { calendar: await this.calendar(actor, id), imported: 0, skipped };
    return { ...(await this.import(actor, id, [...byDate.values()], isWhole)), skipped };
  }

  private replace(actor: Actor, id: string, holidays: readonly Holiday[], isWhole: boolean): Promise<HolidayCalendar> {
    return this.changing(actor, id, async (row, after) => {
      if (isWhole)
        await this.hub.sequelize.query('DELETE FROM holidays WHERE org_id = ? AND calendar_id = ?', {
          replacements: [row.orgId, id],
        });
      await this.write(row, holidays);
      await this.changed(row, after, { after: Object.fromEntries(holidays.map(({ date, name }) => [date, name])) });
      return row.toContract();
    });
  }

  private async write({ orgId, id }: HolidayCalendarModel, holidays: readonly Holiday[]): Promise<void> {
    if (holidays.length === 0) return;
    await this.hub.sequelize.query(
      `INSERT INTO holidays (org_id, calendar_id, date, name) VALUES ${holidays.map(() => '(?, ?, ?, ?)').join(', ')}
        ON DUPLICATE KEY UPDATE name = VALUES(name)`,
      { replacements: holidays.flatMap(({ date, name }) => [orgId, id, date, name]) },
    );
  }

  private async changed(
    row: HolidayCalendarModel,
    after: After,
    change: { before?: object; after: object },
  ): Promise<void> {
    await row.update({ version: row.version + 1 });
    this.tell(after, 'holiday-calendar.holidays-set', row, change);
    await this.hours.settleCalendar(row.orgId, row.id, after);
  }

  private changing<T>(
    actor: Actor,
    id: string,
    work: (row: HolidayCalendarModel, after: After) => Promise<T>,
  ): Promise<T> {
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
