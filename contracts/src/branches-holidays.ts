import { z } from 'zod';
import { act, create, feed, get, list, PageQuery, patch, put, remove } from './kit/api';
import { Id, LocalDate, ShortText } from './kit/values';

export const holidayPortions = ['full', 'am', 'pm'] as const;
export const holidayKinds = ['public', 'optional', 'company'] as const;
const holidayShape = {
  date: LocalDate,
  name: ShortText,
  /** Which part of the date is free. */
  portion: z.enum(holidayPortions),
  /** An optional one is a name on the calendar: people work. */
  kind: z.enum(holidayKinds),
  /** A substitute day: the Saturday or Sunday it stands for counts no more, unless both are set paid. */
  observedForDate: LocalDate.nullable(),
  isPaid: z.boolean(),
};

/** `manual` ones were set by hand, and stay whatever is imported later. */
export const Holiday = z.object({ ...holidayShape, source: z.enum(['library', 'manual', 'ics']) });
export type Holiday = z.infer<typeof Holiday>;

const plain = {
  portion: holidayShape.portion.default('full'),
  kind: holidayShape.kind.default('public'),
  observedForDate: holidayShape.observedForDate.default(null),
  isPaid: holidayShape.isPaid.default(false),
};
const NewHoliday = z
  .strictObject({ date: LocalDate, name: ShortText, ...plain })
  .refine(({ date, observedForDate }) => date !== observedForDate, {
    error: 'stands for itself',
    path: ['observedForDate'],
  });
export type NewHoliday = z.output<typeof NewHoliday>;

export const HolidayCalendar = z.object({
  id: Id,
  name: ShortText,
  country: z.string().nullable(),
  /** Of the country, such as `BY`, where holidays differ. */
  region: z.string().nullable(),
  version: z.number().int(),
});
export type HolidayCalendar = z.infer<typeof HolidayCalendar>;

const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is two upper case letters')
  .nullable();
const Holidays = z.array(NewHoliday).max(1_000);

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

/** Where the holidays of countries come from, as their licence asks to be told. */
export const HOLIDAY_ATTRIBUTION =
  'Holidays: date-holidays (github.com/commenthol/date-holidays), data CC BY-SA 3.0, after Wikipedia';
export const CountryImport = z.strictObject({
  country: z.string().regex(/^[A-Z]{2}$/, 'is two upper case letters'),
  /** A state, or a state and its region: `BY`, `BY-A`. */
  region: z
    .string()
    .regex(/^[A-Z0-9]{1,6}(-[A-Z0-9]{1,8})?$/i, 'is a code such as BY')
    .optional(),
  years: z.array(z.int().min(1970).max(2100)).min(1).max(10),
  types: z
    .array(z.enum(['public', 'bank', 'optional', 'school', 'observance']))
    .min(1)
    .max(5)
    .default(['public']),
  /** By default the calendar of this country and region; where there is none yet, a new one. */
  calendarId: Id.optional(),
  name: ShortText.optional(),
  /** Of the names, such as `en`; by default as people there call them. */
  language: z
    .string()
    .regex(/^[a-z]{2}$/, 'is two small letters')
    .optional(),
});
export const CountryImportResult = ImportResult.extend({
  /** Dates that stay as somebody set them, or took them away. */
  kept: z.array(LocalDate),
  attribution: z.string(),
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
    body: z.strictObject({ name: ShortText, ...plain }),
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
  importCountry: act('/holiday-calendars/import', {
    ...manage,
    body: CountryImport,
    returns: CountryImportResult,
    errors: ['CALENDAR_NAME_TAKEN'],
    summary: 'Bring the holidays of a country or region for some years',
  }),
  calendarFile: feed('/holiday-calendars/:calendarId.ics', {
    ...read,
    summary: 'The holidays of a calendar as an iCalendar file',
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
