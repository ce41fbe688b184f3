import {
  type CountryImport,
  type CountryImportResult,
  HOLIDAY_ATTRIBUTION,
  type ImportResult,
  type NewHoliday,
} from '@loro/contracts/branches-holidays';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { type Actor, allow, Conflict, type Feed, type Hub, HubError, onDuplicate, ulid } from '../../platform';
import { HolidayCalendarModel } from './holiday-calendar.model';
import { holidaysOfLibrary } from './holidays.policy';
import type { HolidaysService } from './holidays.service';
import type { HolidaysStore } from './holidays.store';
import { icsOf } from './ics-file.policy';
import { holidaysOfIcs } from './ics.policy';

type Imported = z.output<typeof ImportResult>;
type Asked = z.output<typeof CountryImport>;

const MOST_IN_A_FILE = 10_000;
const plain = { portion: 'full', kind: 'public', observedForDate: null, isPaid: false } as const;

/** Calendars that come from elsewhere and go elsewhere: rows, iCalendar files, the holidays of countries. */
export class HolidayImportsService {
  constructor(
    private readonly hub: Hub,
    private readonly calendars: HolidaysService,
    private readonly store: HolidaysStore,
  ) {}

  async rows(actor: Actor, id: string, holidays: readonly NewHoliday[], isWhole: boolean): Promise<Imported> {
    const calendar = await this.calendars.changing(actor, id, async (row, after) => {
      const gone = isWhole ? (await this.store.dates(row)).map(({ date }) => date) : [];
      await this.store.remove(row, gone);
      await this.store.write(row, holidays, 'manual');
      await this.calendars.changed(row, after, changeOf(holidays, gone));
      return row.toContract();
    });
    return { calendar, imported: new Set(holidays.map(({ date }) => date)).size, skipped: [] };
  }

  /** @throws HubError ICS_MALFORMED */
  async ics(actor: Actor, id: string, ics: string, isWhole: boolean): Promise<Imported> {
    const found = holidaysOfIcs(ics);
    if (!found) throw new HubError('ICS_MALFORMED', 'This is no whole iCalendar file.');
    const { skipped } = found;
    // Two events of one date are one day off; a file of nothing but skipped events changes nothing.
    const byDate = new Map(found.holidays.toReversed().map(({ date, name }) => [date, { ...plain, date, name }]));
    if (byDate.size === 0) return { calendar: await this.calendars.calendar(actor, id), imported: 0, skipped };
    const { calendar, written } = await this.calendars.changing(actor, id, async (row, after) => ({
      written: await this.bring(row, [...byDate.values()], { source: 'ics', isWhole: () => isWhole }, after),
      calendar: row.toContract(),
    }));
    return { calendar: { ...calendar, version: calendar.version }, imported: written.imported, skipped };
  }

  /**
   * Holidays of a country for some years, over those that came from there before. What somebody set by hand stays, and
   * what he took away stays away.
   */
  async country(actor: Actor, asked: Asked): Promise<z.output<typeof CountryImportResult>> {
    const holidays = await countryHolidays(asked);
    return this.hub.transact(async () => {
      const calendarId = asked.calendarId ?? (await this.calendarFor(actor, asked));
      return this.calendars.changing(actor, calendarId, async (row, after) => {
        const isOfYears = (date: string): boolean => asked.years.includes(Number(date.slice(0, 4)));
        const { country, region = null } = asked;
        if (row.country === null) await row.update({ country, region });
        const { imported, kept } = await this.bring(row, holidays, { source: 'library', isWhole: isOfYears }, after);
        return { calendar: row.toContract(), imported, kept, skipped: [], attribution: HOLIDAY_ATTRIBUTION };
      });
    });
  }

  async file(actor: Actor, id: string): Promise<Feed> {
    const calendar = await this.calendars.calendar(actor, id);
    const holidays = await this.store.page(
      { orgId: actor.orgId, id },
      { from: '1000-01-01', to: '9999-12-31', after: '1000-01-01', limit: MOST_IN_A_FILE },
    );
    const attribution = holidays.some(({ source }) => source === 'library') ? HOLIDAY_ATTRIBUTION : null;
    return {
      status: 200,
      type: 'text/calendar; charset=utf-8',
      headers: { 'Content-Disposition': `attachment; filename="holidays-${id}.ics"`, ETag: `"${calendar.version}"` },
      body: Readable.from(icsOf(calendar, holidays, this.hub.now(), attribution), { objectMode: false }),
    };
  }

  /** Writes over what came the same way before; `isWhole` says of which dates nothing else of it stays. */
  private async bring(
    row: HolidayCalendarModel,
    holidays: readonly NewHoliday[],
    { source, isWhole }: { source: 'library' | 'ics'; isWhole: (date: string) => boolean },
    after: Parameters<HolidaysService['changed']>[1],
  ): Promise<{ imported: number; kept: string[] }> {
    const known = await this.store.dates(row);
    const removed = source === 'library' ? await this.store.removals(row) : new Set<string>();
    const byHand = new Set(known.flatMap(({ date, source: from }) => (from === 'manual' ? [date] : [])));
    const isKept = ({ date }: { date: string }): boolean => byHand.has(date) || removed.has(date);
    const written = holidays.filter((holiday) => !isKept(holiday));
    const dates = new Set(written.map(({ date }) => date));
    const gone = known.flatMap(({ date, source: from }) =>
      from !== 'manual' && (source === 'ics' || from === source) && isWhole(date) && !dates.has(date) ? [date] : [],
    );
    await this.store.remove(row, gone);
    await this.store.write(row, written, source);
    await this.calendars.changed(row, after, changeOf(written, gone));
    return { imported: written.length, kept: holidays.filter(isKept).map(({ date }) => date) };
  }

  private async calendarFor(actor: Actor, { country, name, ...asked }: Asked): Promise<string> {
    const { orgId } = actor;
    const region = asked.region ?? null;
    allow(actor, 'holidays.manage', { branchId: null, what: 'The organisation' });
    const known = await HolidayCalendarModel.findOne({
      where: { orgId, country, region, ...(name !== undefined && { name }) },
      order: ['id'],
    });
    if (known) return known.id;
    const called = name ?? `Holidays ${country}${region === null ? '' : ` ${region}`}`;
    const row = await HolidayCalendarModel.create({
      orgId,
      id: ulid(),
      name: called,
      country,
      region,
      version: 1,
    }).catch(onDuplicate((cause) => new Conflict('CALENDAR_NAME_TAKEN', 'Another calendar has this name.', { cause })));
    return row.id;
  }
}

/** @throws HubError VALIDATION_FAILED for a country or region that nobody knows holidays of */
async function countryHolidays({ country, region, years, types, language }: Asked): Promise<NewHoliday[]> {
  // Every country of the world: large, and rarely asked for.
  const { default: Holidays } = await import('date-holidays');
  const [state, ...rest] = (region ?? '').split('-');
  const library = new Holidays();
  if (!(country in library.getCountries())) throw unknown('country');
  const states = library.getStates(country);
  if (state !== undefined && state !== '' && !(state in (states ?? {}))) throw unknown('region');
  if (rest.length > 0 && !(rest.join('-') in (library.getRegions(country, state ?? '') ?? {}))) throw unknown('region');
  library.init({ country, ...(state && { state }), ...(rest.length > 0 && { region: rest.join('-') }) }, { types });
  // A substitute may lie in the year before or after the day it stands for.
  const all = new Set(years.flatMap((year) => [year - 1, year, year + 1]));
  const days = [...all].toSorted((a, b) => a - b).flatMap((year) => library.getHolidays(year, language));
  return holidaysOfLibrary(days, years);
}

const unknown = (path: string): HubError =>
  new HubError('VALIDATION_FAILED', `Wrong: ${path}.`, {
    errors: [{ path, code: 'custom', message: 'has no holidays that this hub knows' }],
  });

const changeOf = (written: readonly NewHoliday[], gone: readonly string[]): Record<string, string | null> =>
  Object.fromEntries([
    ...gone.map((date) => [date, null] as const),
    ...written.map(({ date, name }) => [date, name] as const),
  ]);
