import { Temporal } from 'temporal-polyfill';

/** The instant at which a local date begins in a zone; not always midnight. */
export const startOfDay = (date: string, timeZone: string): Date =>
  new Date(Temporal.PlainDate.from(date).toZonedDateTime({ timeZone }).epochMilliseconds);

/** The date after. */
export const nextDate = (date: string): string => Temporal.PlainDate.from(date).add({ days: 1 }).toString();

/** Which local date an instant falls on: a function for one zone, quick for many instants in order. */
export function localDates(timeZone: string): (at: Date) => string {
  let date = '';
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  return (at) => {
    const ms = at.getTime();
    if (ms < from || ms >= to) {
      date = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate().toString();
      from = startOfDay(date, timeZone).getTime();
      to = startOfDay(nextDate(date), timeZone).getTime();
    }
    return date;
  };
}

/** The instant of a wall time: a time that a change of the clocks skips moves forward by the gap, one that comes twice is the earlier. */
export const wallTime = (date: string, time: string, timeZone: string): Date =>
  new Date(
    Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(timeZone, { disambiguation: 'compatible' })
      .epochMilliseconds,
  );

/** The local date of an instant. */
export const dateIn = (at: Date, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString();

/** The date so many days later, or earlier. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** 1 is Monday. */
export const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
