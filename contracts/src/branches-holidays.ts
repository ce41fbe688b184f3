import { z } from 'zod';
import { act, create, get, list, PageQuery, patch, put, remove } from './kit/api';
import { Id, LocalDate, ShortText } from './kit/values';

export const Holiday = z.object({ date: LocalDate, name: ShortText });
export type Holiday = z.infer<typeof Holiday>;

export const HolidayCalendar = z.object({
  id: Id,
  name: ShortText,
  country: z.string().nullable(),
  version: z.number().int(),
});
export type HolidayCalendar = z.infer<typeof HolidayCalendar>;

const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is two upper case letters')
  .nullable();
const Holidays = z.array(Holiday.strict()).max(1_000);

export const NewCalendar = z.strictObject({
  name: ShortText,
  country: Country.default(null),
  holidays: Holidays.default([]),
});
export const CalendarChange = z
  .strictObject({ name: ShortText, country: Country })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'names nothing to change' });

export const ImportResult = z.object({
  calendar: HolidayCalendar,
  imported: z.number().int(),
  /** What the file holds and cannot be a holiday, and why. */
  skipped: z.array(z.object({ line: z.number().int(), reason: z.string() })),
});

const manage = { permission: 'holidays.manage' } as const;
const read = { permission: 'branches.read', apiKey: true } as const;
const onDate = z.object({ calendarId: Id, date: LocalDate });

export const holidayRows = {
  calendars: list('/holiday-calendars', {
    ...read,
    query: PageQuery,
    returns: HolidayCalendar,
    summary: 'List holiday calendars by name',
  }),
  calendar: get('/holiday-calendars/:calendarId', { ...read, returns: HolidayCalendar, summary: 'Read one calendar' }),
  holidays: list('/holiday-calendars/:calendarId/holidays', {
    ...read,
    query: PageQuery.extend({ from: LocalDate.optional(), to: LocalDate.optional() }),
    returns: Holiday,
    summary: 'List the holidays of a calendar by date',
  }),
  createCalendar: create('/holiday-calendars', {
    ...manage,
    body: NewCalendar,
    returns: HolidayCalendar,
    errors: ['CALENDAR_NAME_TAKEN'],
    summary: 'Make a calendar, with its holidays or without',
  }),
  updateCalendar: patch('/holiday-calendars/:calendarId', {
    ...manage,
    body: CalendarChange,
    returns: HolidayCalendar,
    versioned: true,
    errors: ['CALENDAR_NAME_TAKEN'],
    summary: 'Rename a calendar',
  }),
  removeCalendar: remove('/holiday-calendars/:calendarId', {
    ...manage,
    versioned: true,
    errors: ['CALENDAR_IN_USE'],
    summary: 'Remove a calendar that no branch uses',
  }),
  setHoliday: put('/holiday-calendars/:calendarId/holidays/:date', {
    ...manage,
    params: onDate,
    body: z.strictObject({ name: ShortText }),
    returns: Holiday,
    summary: 'Add a holiday, or name it otherwise',
  }),
  removeHoliday: remove('/holiday-calendars/:calendarId/holidays/:date', {
    ...manage,
    params: onDate,
    summary: 'Take a holiday away',
  }),
  importHolidays: act('/holiday-calendars/:calendarId/import', {
    ...manage,
    body: z.strictObject({
      holidays: Holidays.min(1),
      /** Holidays that are not among these stay, unless `true`. */
      isWhole: z.boolean().default(false),
    }),
    returns: ImportResult,
    summary: 'Bring many holidays at once',
  }),
  importIcs: act('/holiday-calendars/:calendarId/import-ics', {
    ...manage,
    body: z.strictObject({ ics: z.string().min(1).max(500_000), isWhole: z.boolean().default(false) }),
    returns: ImportResult,
    errors: ['ICS_MALFORMED'],
    maxBytes: 1_048_576,
    summary: 'Bring the all-day events of an iCalendar file',
  }),
};
