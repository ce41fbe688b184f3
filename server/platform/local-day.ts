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
