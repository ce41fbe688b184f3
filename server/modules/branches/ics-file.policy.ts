import type { Holiday } from '@loro/contracts/branches-holidays';
import { addDays } from '../../platform';

const FOLD = 74;

/** The lines of an iCalendar file: each holiday is an event of its whole date, or of the half that is free. */
export function* icsOf(
  { id, name }: { readonly id: string; readonly name: string },
  holidays: readonly Holiday[],
  at: Date,
  attribution: string | null,
): Generator<string> {
  yield* lines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Loro Hub//Holidays//EN',
    'CALSCALE:GREGORIAN',
    `X-WR-CALNAME:${escape(name)}`,
  ]);
  if (attribution !== null) yield* lines([`X-WR-CALDESC:${escape(attribution)}`]);
  for (const holiday of holidays) yield* lines(eventOf(id, holiday, at));
  yield* lines(['END:VCALENDAR']);
}

function eventOf(calendarId: string, { date, name, portion, kind }: Holiday, at: Date): string[] {
  const day = compact(date);
  // Without a zone: the wall time of wherever the calendar is read.
  const times =
    portion === 'full'
      ? [`DTSTART;VALUE=DATE:${day}`, `DTEND;VALUE=DATE:${compact(addDays(date, 1))}`]
      : portion === 'am'
        ? [`DTSTART:${day}T000000`, `DTEND:${day}T120000`]
        : [`DTSTART:${day}T120000`, `DTEND:${compact(addDays(date, 1))}T000000`];
  return [
    'BEGIN:VEVENT',
    `UID:${date}-${calendarId.toLowerCase()}@loro-hub`,
    `DTSTAMP:${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`,
    ...times,
    `SUMMARY:${escape(name)}`,
    `CATEGORIES:${kind.toUpperCase()}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

const compact = (date: string): string => date.replaceAll('-', '');

const escape = (text: string): string =>
  text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll(/\r?\n/g, String.raw`\n`);

/** Lines of at most 75 bytes; the rest goes on behind a blank, and no letter is cut. */
function* lines(all: readonly string[]): Generator<string> {
  for (const line of all) {
    let part = '';
    for (const sign of line) {
      if (Buffer.byteLength(part) + Buffer.byteLength(sign) > FOLD) {
        yield `${part}\r\n`;
        part = ' ';
      }
      part += sign;
    }
    yield `${part}\r\n`;
  }
}
